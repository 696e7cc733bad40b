"""Outcomes by confidence, which is known better than in the bins of a metric."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.binning import RankedColumn
from ea_widgets.summary.counts.class_counts import KEPT, bit_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.summary.counts.class_counts import ClassCounts
    from ea_widgets.summary.settings import Settings

    Counts = tuple[NDArray[np.int64], NDArray[np.int64]]

CONFIDENCE = "Model Confidence (P)"


def confidence_counts(
    classes: Sequence[tuple[ClassCounts, int]], settings: Settings, tick: int
) -> Counts:
    """Count predictions that are right, and that count, by confidence.

    Parameters
    ----------
    classes : sequence of (ClassCounts, int)
        Chosen classes, each with the number of its confidence level.
    settings : Settings
    tick : int
        Number of the IoU threshold.

    Returns
    -------
    successes, totals : ndarray of int64, shape (n_bins,)
        By each confidence, of less than 5,000 predictions of classes that keep them; else by bin
        of confidence.
    """
    edges = settings.confidence_edges
    cuts = (-math.inf, *settings.confidence_thresholds)
    successes, totals = np.zeros((2, len(edges) + 1), np.int64)
    values, hits = [np.zeros(0)], [np.zeros(0, bool)]
    only_kept = True
    for counts, level in classes:
        if counts.entries is not None:
            entries = counts.entries
            there = (entries.confidence >= cuts[level]) & ~bit_of(entries.excluded, tick)
            values.append(entries.confidence[there])
            hits.append(bit_of(entries.found, tick)[there])
            continue
        only_kept = False
        first = int(np.searchsorted(edges, cuts[level])) + 1 if level else 0
        sums = counts.sums
        counted = sums["histogram.counted"] - sums["histogram.excluded"][tick]
        successes[first:] += sums["histogram.found"][tick, first:]
        totals[first:] += counted[first:]
    confidence, hit = np.concatenate(values), np.concatenate(hits)
    if only_kept and len(confidence) < KEPT:
        column = RankedColumn.of(confidence)
        n = len(column.values)
        found, counted = (
            np.bincount(rank, minlength=n) for rank in (column.rank[hit], column.rank)
        )
        return found, counted
    code = np.searchsorted(edges, confidence, side="right")
    successes += np.bincount(code[hit], minlength=len(totals))
    totals += np.bincount(code, minlength=len(totals))
    return successes, totals
