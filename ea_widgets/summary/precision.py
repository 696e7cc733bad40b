"""Counts and average precision of classes, from their predictions or their histogram."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.average_precision import average_precision, matches_needed
from ea_widgets.core.matching.binned_precision import EVENLY, binned_average_precision
from ea_widgets.summary.counts.class_counts import bit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.summary.counts.class_counts import ClassCounts, Entries
    from ea_widgets.summary.settings import Settings


@dataclass(frozen=True)
class Ranked:
    """What scores need of a class.

    Attributes
    ----------
    found, counted, labels : int
        True positives; true and false positives; labels that are not ignored.
    precision : float
        AP, NaN without labels.
    """

    found: int
    counted: int
    labels: int
    precision: float


def ranked(
    chosen: Sequence[tuple[ClassCounts | None, int]],
    settings: Settings,
    tick: int,
    where: int = EVENLY,
) -> list[Ranked]:
    """Score classes at an IoU tick.

    Parameters
    ----------
    chosen : sequence of (ClassCounts or None, int)
        Each with the number of its confidence level; None is a class without objects.
    settings : Settings
    tick : int
    where : int, default EVENLY
        Where in their bin of confidence true positives are taken to be, of classes that are
        counted by these.

    Returns
    -------
    list of Ranked
    """
    found: dict[int, Ranked] = {}
    kept: dict[int, tuple[Entries, int, float]] = {}
    binned: dict[int, tuple[ClassCounts, int]] = {}
    for at, (counts, level) in enumerate(chosen):
        if counts is None:
            found[at] = Ranked(0, 0, 0, math.nan)
        elif counts.entries is None:
            binned[at] = counts, level
        else:
            threshold = settings.confidence_thresholds[level - 1] if level else -math.inf
            kept[at] = counts.entries, int(counts.sums["labels"][0]), threshold
    found |= zip(kept, ranked_exactly([*kept.values()], tick), strict=True)
    found |= zip(binned, ranked_in_bins([*binned.values()], settings, tick, where), strict=True)
    return [found[at] for at in range(len(chosen))]


def ranked_in_bins(
    chosen: Sequence[tuple[ClassCounts, int]], settings: Settings, tick: int, where: int
) -> list[Ranked]:
    """Score classes that are counted by bin of confidence."""
    if not chosen:
        return []
    right, counted, labels = binned_counts(chosen, settings, tick)
    precision = binned_average_precision(right, counted, labels, where)
    totals = (part.sum(axis=1).astype(np.int64).tolist() for part in (right, counted))
    return [Ranked(*one) for one in zip(*totals, labels.tolist(), precision.tolist(), strict=True)]


def binned_counts(
    chosen: Sequence[tuple[ClassCounts, int]], settings: Settings, tick: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Count true positives, and all that count, by falling confidence; and labels.

    Returns
    -------
    right, counted : ndarray of float64, shape (n_classes, n_bins)
    labels : ndarray of int64, shape (n_classes,)
    """
    edges = settings.confidence_edges
    cuts = np.searchsorted(edges, settings.confidence_thresholds) + 1
    right, counted = np.zeros((2, len(chosen), len(edges) + 1))
    for row, (counts, level) in enumerate(chosen):
        sums, first = counts.sums, int(cuts[level - 1]) if level else 0
        right[row, first:] = sums["histogram.found"][tick, first:]
        counted[row, first:] = sums["histogram.counted"][first:]
        counted[row, first:] -= sums["histogram.excluded"][tick, first:]
    labels = np.array([int(counts.sums["labels"][0]) for counts, _ in chosen])
    return right[:, ::-1], counted[:, ::-1], labels


def counting_entries(
    entries: Entries, tick: int, threshold: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark the predictions that count; and of these, those that are right."""
    there = ~bit_of(entries.excluded, tick)
    if threshold > -math.inf:
        there &= ~(entries.confidence < threshold)
    return there, bit_of(entries.found, tick)[there]


def ranked_exactly(kept: Sequence[tuple[Entries, int, float]], tick: int) -> list[Ranked]:
    """Score classes from each of their predictions: with their labels and threshold."""
    ranks, sizes = [np.zeros(0, np.intp)], []
    for entries, _, threshold in kept:
        _, hits = counting_entries(entries, tick, threshold)
        ranks.append(np.flatnonzero(hits))
        sizes.append(len(hits))
    n_found = [len(rank) for rank in ranks[1:]]
    labels = np.array([one[1] for one in kept], np.int64)
    code = np.repeat(np.arange(len(kept)), n_found)
    precision = average_precision(np.concatenate(ranks), code, labels, matches_needed(labels))
    scored = zip(n_found, sizes, labels.tolist(), precision.tolist(), strict=True)
    return [Ranked(*one) for one in scored]
