"""What is counted of one class, and how it adds up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.summary.counts.clusters import sketch
from ea_widgets.summary.counts.compact import add_counts, compact
from ea_widgets.summary.counts.rows import Rows
from ea_widgets.summary.settings import N_GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ea_widgets.summary.counts.kept_rows import KeptRows
    from ea_widgets.summary.settings import Settings

KEPT = 5000
"""Classes of fewer predictions keep each with its confidence and metrics; so do labels."""

HISTOGRAM = ("histogram.counted", "histogram.found", "histogram.excluded")
GROUP_HISTOGRAM = tuple(name.replace("histogram", "histogram.groups") for name in HISTOGRAM)


@dataclass(frozen=True, eq=False)
class Entries(Rows):
    """Predictions of one class, one by one: by falling confidence, then image, then as given.

    Attributes
    ----------
    confidence : ndarray of float64, shape (n,)
    image : ndarray of uint64, shape (n,)
        In the order of the image ids.
    place : ndarray of uint32, shape (n,)
        How many predictions of the image and class stand before it.
    group : ndarray of uint8, shape (n,)
        Random group of the cluster.
    found, excluded : ndarray of uint32, shape (n,)
        A bit for each IoU threshold: whether it took a label there, and whether it counts nowhere.
    """

    confidence: NDArray[np.float64]
    image: NDArray[np.uint64]
    place: NDArray[np.uint32]
    group: NDArray[np.uint8]
    found: NDArray[np.uint32]
    excluded: NDArray[np.uint32]

    def __add__(self, other: Entries) -> Entries:
        """Merge the predictions of other images."""
        return self.joined(other).ordered()

    def ordered(self) -> Entries:
        """Put them in their order; images of which only hashes are known go by these."""
        return self[np.lexsort((self.place, self.image, -self.confidence))]

    def in_bins(self, settings: Settings) -> dict[str, NDArray[Any]]:
        """Count the predictions by bin of confidence; those without a confidence in the last one.

        And in coarse bins by group.
        """
        nothing = np.zeros(len(self), np.intp)
        fine = self._histogram(settings, settings.confidence_edges, nothing, 1)
        group = self.group.astype(np.intp)
        coarse = self._histogram(settings, settings.coarse_edges, group, N_GROUPS)
        by_group = (compact(coarse[0]), *(compact(part.swapaxes(0, 1)) for part in coarse[1:]))
        whole = (fine[0][0], *(part[:, 0] for part in fine[1:]))
        return {
            name: np.ascontiguousarray(part)
            for name, part in zip((*HISTOGRAM, *GROUP_HISTOGRAM), (*whole, *by_group), strict=True)
        }

    def _histogram(
        self, settings: Settings, edges: NDArray[np.float64], group: NDArray[np.intp], n_groups: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Count by group and bin: all, and by IoU threshold, first, those found and excluded."""
        n_bins, n_ticks = len(edges) + 1, len(settings.iou_thresholds)
        code = np.minimum(np.searchsorted(edges, self.confidence, side="right"), n_bins - 1)
        cell, shape = group * n_bins + code, (n_groups, n_bins)
        counts = np.bincount(cell, minlength=n_groups * n_bins).astype(np.int64)
        found, excluded = (np.zeros((n_ticks, *shape), np.int64) for _ in range(2))
        for tick in range(n_ticks):
            for bits, total in ((self.found, found), (self.excluded, excluded)):
                of_tick = np.bincount(cell[bit_of(bits, tick)], minlength=n_groups * n_bins)
                total[tick] = of_tick.reshape(shape)
        return counts.reshape(shape), found, excluded


def bit_of(bits: NDArray[np.uint32], tick: int) -> NDArray[np.bool_]:
    """Whether the bit of an IoU threshold is set."""
    return (bits >> np.uint32(tick) & np.uint32(1)).astype(bool)


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """Counts of one class.

    Attributes
    ----------
    sums : mapping of str to ndarray of int64
        Whole numbers that add up; what is not there is 0. `labels` (1,): those not ignored.
        `histogram.counted` (n_confidence_bins,), `histogram.found`, `histogram.excluded`
        (n_ticks, n_confidence_bins): predictions by confidence, of classes with many. Of each side
        ("P" predictions, "O" labels), with the levels of confidence, and all bins of all metrics
        in a row: `P.totals` and `P.values` (n_levels, n_bins) rows and sums of their values,
        `P.squares` (n_levels, n_metrics, 2) of their squares; `P.found` (n_ticks, n_levels,
        n_bins) and `P.found_values` (n_ticks, n_levels, n_metrics) of those that took a label or
        were taken; and `P.excluded`, `P.excluded_values`, `P.excluded_squares` of those that count
        nowhere.

        And of 100 random groups of clusters, in the smallest kind of whole numbers:
        `groups.labels` (n_groups,), and `histogram.groups.counted` (n_groups, n_coarse_bins),
        `.found`, `.excluded` (n_groups, n_ticks, n_coarse_bins). Of each side, by level, but of
        rows whose highest level is that one: `P.groups.rows` (n_displayed, n_levels, n_groups),
        `.values` (n_levels, n_groups, n_metrics) and `.squares` (..., 2) of all rows (labels have
        one level); `.found` and `.excluded` (n_group_ticks, n_displayed, n_levels, n_groups), with
        their `_values` (n_group_ticks, n_levels, n_groups, n_metrics) and `_squares`.
    entries : Entries or None
        The predictions one by one, of a class with few; None where there is a histogram.
    kept : mapping of str to KeptRows
        The rows of a side, "P" or "O", that has few, with their metrics.
    clusters : mapping of str to ndarray of uint64
        The smallest hashes of clusters, at most 64: with labels, "O0", and with predictions from
        each confidence level up, "P0", "P1", ...
    """

    sums: Mapping[str, NDArray[Any]]
    entries: Entries | None
    kept: Mapping[str, KeptRows]
    clusters: Mapping[str, NDArray[np.uint64]]

    @property
    def n_predictions(self) -> int:
        """Predictions that can count."""
        if self.entries is not None:
            return len(self.entries)
        return int(self.sums["histogram.counted"].sum())

    def add(self, other: ClassCounts, settings: Settings) -> ClassCounts:
        """Add the counts of other images, made with the same settings."""
        one, two = self, other
        entries = None
        if one.entries is not None and two.entries is not None:
            entries = one.entries + two.entries
        if entries is None or len(entries) >= KEPT:
            one, two = one.binned(settings), two.binned(settings)
            entries = None
        sums = dict(one.sums)
        for name, part in two.sums.items():
            sums[name] = add_counts(sums[name], part) if name in sums else part
        kept = {}
        for side, rows in one.kept.items():
            if side in two.kept and len(rows) + len(two.kept[side]) < KEPT:
                kept[side] = rows + two.kept[side]
        clusters = dict(one.clusters)
        for name, hashes in two.clusters.items():
            known = clusters.get(name)
            both = hashes if known is None else sketch(np.concatenate([known, hashes]))
            clusters[name] = both
        return ClassCounts(sums, entries, kept, clusters)

    def binned(self, settings: Settings) -> ClassCounts:
        """Count the predictions by bin of confidence in place of keeping each."""
        if self.entries is None:
            return self
        sums = {**self.sums, **self.entries.in_bins(settings)}
        return replace(self, sums=sums, entries=None)
