"""Counts and average precision of classes, from their predictions or their histogram."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.average_precision import average_precision, matches_needed
from ea_widgets.core.matching.binned_precision import binned_average_precision
from ea_widgets.summary.counts.class_counts import bit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    low, high : float
        AP is between these.
    """

    found: int
    counted: int
    labels: int
    precision: float
    low: float
    high: float


def ranked(
    chosen: Sequence[tuple[ClassCounts | None, int]], settings: Settings, tick: int
) -> list[Ranked]:
    """Score classes at an IoU tick.

    Parameters
    ----------
    chosen : sequence of (ClassCounts or None, int)
        Each with the number of its confidence level; None is a class without objects.
    settings : Settings
    tick : int

    Returns
    -------
    list of Ranked
    """
    found: dict[int, Ranked] = {}
    kept: list[tuple[int, Entries, int, float]] = []
    for at, (counts, level) in enumerate(chosen):
        if counts is None:
            found[at] = Ranked(0, 0, 0, math.nan, math.nan, math.nan)
            continue
        labels = int(counts.sums["labels"][0])
        threshold = settings.confidence_thresholds[level - 1] if level else -math.inf
        if counts.entries is not None:
            kept.append((at, counts.entries, labels, threshold))
            continue
        first = int(np.searchsorted(settings.confidence_edges, threshold)) + 1 if level else 0
        right = counts.sums["histogram.found"][tick, first:][::-1]
        excluded = counts.sums["histogram.excluded"][tick, first:]
        counted = (counts.sums["histogram.counted"][first:] - excluded)[::-1]
        bounds = binned_average_precision(right, counted, labels)
        found[at] = Ranked(int(right.sum()), int(counted.sum()), labels, *bounds)
    exact = ranked_exactly([one[1:] for one in kept], tick)
    found |= {one[0]: score for one, score in zip(kept, exact, strict=True)}
    return [found[at] for at in range(len(chosen))]


def ranked_exactly(kept: Sequence[tuple[Entries, int, float]], tick: int) -> list[Ranked]:
    """Score classes from each of their predictions: with their labels and threshold."""
    ranks, sizes = [np.zeros(0, np.intp)], []
    for entries, _, threshold in kept:
        hits = bit_of(entries.found, tick)
        there = ~bit_of(entries.excluded, tick)
        if threshold > -math.inf:
            there &= ~(entries.confidence < threshold)
        if not there.all():
            hits = hits[there]
        ranks.append(np.flatnonzero(hits))
        sizes.append(len(hits))
    n_found = [len(rank) for rank in ranks[1:]]
    labels = np.array([one[1] for one in kept], np.int64)
    code = np.repeat(np.arange(len(kept)), n_found)
    precision = average_precision(np.concatenate(ranks), code, labels, matches_needed(labels))
    scored = zip(n_found, sizes, labels.tolist(), precision.tolist(), strict=True)
    return [Ranked(right, n, of, exact, exact, exact) for right, n, of, exact in scored]
