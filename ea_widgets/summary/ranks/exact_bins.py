"""Outcomes in the bins that an evaluation makes of few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.binning import RankedColumn, bin_of_ranks
from ea_widgets.core.importance.importance import fine_bins
from ea_widgets.summary.counts.kept_rows import MISSING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.summary.counts.kept_rows import KeptRows
    from ea_widgets.summary.ranks.confidence_counts import Counts

MOST_ROWS = 5000
"""Rows of a choice up to which each is looked at; 64 bins are good enough for more."""


def exact_bins(
    chosen: Sequence[tuple[KeptRows, int]], names: Sequence[str], tick: int, *, missed: bool
) -> dict[str, Counts]:
    """Count rows by the bins of their own values.

    Parameters
    ----------
    chosen : sequence of (KeptRows, int)
        One side of each class, and the number of its confidence level.
    names : sequence of str
        Of the metrics.
    tick : int
        Number of the IoU threshold.
    missed : bool
        Whether the outcome is missed, of labels; else right.

    Returns
    -------
    dict of str to (ndarray of int64, ndarray of int64)
        Rows with the outcome, and all that count, by bin of each metric. Empty for more than 5,000
        rows.
    """
    there = [np.flatnonzero(rows.level >= (0 if missed else at)) for rows, at in chosen]
    if not 0 < sum(map(len, there)) <= MOST_ROWS:
        return {}
    hits, counted, values = [], [], []
    for (rows, at), own in zip(chosen, there, strict=True):
        found = rows.found[own, tick] >= at
        hits.append(~found if missed else found)
        counted.append(np.ones(len(own), bool) if missed else rows.excluded[own, tick] < at)
        values.append(rows.values[own])
    hit, counts = np.concatenate(hits), np.concatenate(counted)
    return {
        name: counts_of(column, hit & counts, counts)
        for name, column in zip(names, np.concatenate(values).T, strict=True)
    }


def counts_of(
    steps: NDArray[np.int32], hit: NDArray[np.bool_], counts: NDArray[np.bool_]
) -> Counts:
    """Count the rows of one metric, those of equal values together."""
    known = steps != MISSING
    column = RankedColumn.of(steps[known].astype(np.float64))
    of_rank, used = bin_of_ranks(column.counts, fine_bins(len(column.rank)))
    code = of_rank[column.rank]
    successes, totals = (np.bincount(code[which[known]], minlength=used) for which in (hit, counts))
    return successes, totals
