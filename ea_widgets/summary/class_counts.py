"""What is counted of one class, and how it adds up."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ea_widgets.summary.settings import Settings

KEPT = 5000
"""Classes of fewer predictions keep each confidence."""

HISTOGRAM = ("histogram.counted", "histogram.found", "histogram.excluded")


@dataclass(frozen=True, eq=False)
class Entries:
    """Predictions of one class, one by one: by falling confidence, then image, then as given.

    Attributes
    ----------
    confidence : ndarray of float64, shape (n,)
    image : ndarray of uint64, shape (n,)
        In the order of the image ids.
    place : ndarray of uint32, shape (n,)
        How many predictions of the image and class stand before it.
    found, excluded : ndarray of uint32, shape (n,)
        A bit for each IoU threshold: whether it took a label there, and whether it counts nowhere.
    """

    confidence: NDArray[np.float64]
    image: NDArray[np.uint64]
    place: NDArray[np.uint32]
    found: NDArray[np.uint32]
    excluded: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.confidence)

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __add__(self, other: Entries) -> Entries:
        """Merge the predictions of other images."""
        both = other.columns
        joined = {name: np.concatenate([own, both[name]]) for name, own in self.columns.items()}
        return Entries(**joined).ordered()

    def ordered(self) -> Entries:
        """Put them in their order; images of which only hashes are known go by these."""
        order = np.lexsort((self.place, self.image, -self.confidence))
        return Entries(**{name: column[order] for name, column in self.columns.items()})

    def in_bins(self, settings: Settings) -> dict[str, NDArray[np.int64]]:
        """Count the predictions by bin of confidence; without a confidence, in the last bin."""
        edges = settings.confidence_edges
        n_bins, n_ticks = len(edges) + 1, len(settings.iou_thresholds)
        code = np.searchsorted(edges, self.confidence, side="right")
        code = np.minimum(code, n_bins - 1)
        counts = np.bincount(code, minlength=n_bins).astype(np.int64)
        found, excluded = (np.zeros((n_ticks, n_bins), np.int64) for _ in range(2))
        for tick in range(n_ticks):
            for bits, total in ((self.found, found), (self.excluded, excluded)):
                total[tick] = np.bincount(code[bit_of(bits, tick)], minlength=n_bins)
        return dict(zip(HISTOGRAM, (counts, found, excluded), strict=True))


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
    entries : Entries or None
        The predictions one by one, of a class with few; None where there is a histogram.
    """

    sums: Mapping[str, NDArray[np.int64]]
    entries: Entries | None

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
            sums[name] = sums[name] + part if name in sums else part
        return ClassCounts(sums, entries)

    def binned(self, settings: Settings) -> ClassCounts:
        """Count the predictions by bin of confidence in place of keeping each."""
        if self.entries is None:
            return self
        return ClassCounts({**self.sums, **self.entries.in_bins(settings)}, None)
