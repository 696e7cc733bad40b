"""Counts and average precision of one class, from its predictions or their histogram."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.average_precision import average_precision, matches_needed
from ea_widgets.core.matching.binned_precision import binned_average_precision
from ea_widgets.summary.counts.class_counts import bit_of

if TYPE_CHECKING:
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


def ranked(counts: ClassCounts | None, settings: Settings, tick: int, level: int) -> Ranked:
    """Score a class at an IoU tick and a confidence level; None is a class without objects."""
    if counts is None:
        return Ranked(0, 0, 0, math.nan, math.nan, math.nan)
    labels = int(counts.sums["labels"][0])
    threshold = settings.confidence_thresholds[level - 1] if level else -math.inf
    if counts.entries is not None:
        return ranked_exactly(counts.entries, labels, tick, threshold)
    sums, edges = counts.sums, settings.confidence_edges
    first = int(np.searchsorted(edges, threshold)) + 1 if level else 0
    found = sums["histogram.found"][tick, first:][::-1]
    counted = (sums["histogram.counted"] - sums["histogram.excluded"][tick])[first:][::-1]
    bounds = binned_average_precision(found, counted, labels)
    return Ranked(int(found.sum()), int(counted.sum()), labels, *bounds)


def ranked_exactly(entries: Entries, labels: int, tick: int, threshold: float) -> Ranked:
    """Score a class from each of its predictions."""
    there = ~(entries.confidence < threshold) & ~bit_of(entries.excluded, tick)
    hits = bit_of(entries.found, tick)[there]
    rank, n_labels = np.flatnonzero(hits), np.array([labels])
    code = np.zeros(len(rank), np.int64)
    precision = float(average_precision(rank, code, n_labels, matches_needed(n_labels))[0])
    return Ranked(len(rank), int(there.sum()), labels, precision, precision, precision)
