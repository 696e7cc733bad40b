"""Intervals of importance and correlation, and what noise would give, from groups of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.importance.uncertainty import compare_with_null
from ea_widgets.core.importance.importance import BinCounts, importance
from ea_widgets.core.importance.moments import MomentSums, pearson
from ea_widgets.core.statistics.bootstrap import (
    RESAMPLES,
    Cuts,
    correlation_interval,
    cut_metrics,
    drop_doubtful_cuts,
    explained_share,
    resampled_correlation,
    share_interval,
)
from ea_widgets.core.statistics.null_distribution import LEVEL, adjusted_p_values, null_importance
from ea_widgets.core.statistics.resampling import draw_clusters, stop_if
from ea_widgets.core.statistics.swaps import numbered_signs
from ea_widgets.summary.settings import N_GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from ea_widgets.summary.uncertainty.group_tables import GroupTable


def uncertainty(
    table: GroupTable,
    counted: GroupTable,
    columns: Mapping[str, slice],
    categorical: NDArray[np.bool_],
    observed: NDArray[np.float64],
    correlations: NDArray[np.float64],
    should_stop: Callable[[], bool] | None = None,
) -> dict[str, NDArray[np.float64] | NDArray[np.bool_]]:
    """Compute what tells importance and correlation from chance.

    Parameters
    ----------
    table, counted : GroupTable
        At the IoU threshold, and at that at which the groups were counted.
    columns : mapping of str to slice
        The few bins of each metric.
    categorical : ndarray of bool, shape (n_metrics,)
        Whether its bins are categories.
    observed, correlations : ndarray of float64, shape (n_metrics,)
        From all bins.
    should_stop : callable, optional
        Asked between metrics.

    Returns
    -------
    dict of str to ndarray, shape (n_metrics,)
        See :func:`ea_widgets.analysis.importance.uncertainty.uncertainty`.
    """
    n_metrics = len(columns)
    n_clusters = min(table.n_clusters, N_GROUPS)
    weights = draw_clusters(N_GROUPS, RESAMPLES).astype(np.float64)
    counts = padded(table, columns, categorical)
    of_few = importance(counts)
    ends = np.zeros((n_metrics, 2))
    cuts = cut_metrics(counts)
    for number, where in enumerate(columns.values()):
        stop_if(should_stop)
        # What finer bins tell beyond the few is added to both ends.
        finer = observed[number] - of_few[number]
        ends[number] = importance_interval(table, where, cuts[number], weights, n_clusters)
        ends[number] = np.clip(ends[number] + finer, 0.0, 1.0)
    sums = counted.sums(columns)
    drawn = resampled_correlation(weights.astype(np.float32), sums)
    n, x, xx, y, xy = np.split(sums.sum(axis=0), 5)
    center = pearson(MomentSums(n=n, x=x, xx=xx, y=y, yy=y, xy=xy))
    low, high = moved(correlation_interval(center, drawn, n_clusters), center, correlations)
    varies = (counts.successes.sum(axis=1) > 0) & ((counts.totals > 0).sum(axis=1) > 1)
    varies &= counts.successes.sum(axis=1) < counts.totals.sum(axis=1)
    floor, p_value = np.zeros(n_metrics), np.ones(n_metrics)
    judged = np.flatnonzero(varies)
    if len(judged):
        null = SignedGroups(table, columns, counts)
        floor[judged], p_value[judged] = compare_with_null(
            lambda metrics, numbers: null.importance(judged[metrics], numbers),
            of_few[judged],
            table.n_clusters,
            should_stop,
            1,
        )
    distinguishable = adjusted_p_values(p_value) <= LEVEL
    least = np.where(distinguishable, np.minimum(ends[:, 0], observed), 0.0)
    return {
        "importance_low": np.where(varies, least, 0.0),
        "importance_high": np.where(varies, np.maximum(ends[:, 1], observed), 0.0),
        "correlation_low": low,
        "correlation_high": high,
        "noise_floor": floor,
        "p_value": p_value,
        "distinguishable": distinguishable,
    }


def padded(
    table: GroupTable, columns: Mapping[str, slice], categorical: NDArray[np.bool_]
) -> BinCounts:
    """Count all groups together, by metric."""
    width = max((where.stop - where.start for where in columns.values()), default=0)
    successes, totals = np.zeros((2, len(columns), width), np.int64)
    rows, hits = table.rows.sum(axis=0), table.hits.sum(axis=0)
    for number, where in enumerate(columns.values()):
        totals[number, : where.stop - where.start] = np.rint(rows[where])
        successes[number, : where.stop - where.start] = np.rint(hits[where])
    kinds = categorical if categorical.any() else None
    return BinCounts(np.clip(successes, 0, totals), totals, kinds)


def importance_interval(
    table: GroupTable, where: slice, cuts: Cuts, weights: NDArray[np.float64], n_clusters: int
) -> tuple[float, float]:
    """95 % interval of the share that segments of a metric explain, by drawing groups again."""
    segment = cuts.segment[: where.stop - where.start]
    start = np.flatnonzero(np.diff(segment, prepend=-1))
    parts = [np.add.reduceat(part[:, where], start, axis=1) for part in (table.hits, table.rows)]
    hits, rows = (np.rint(part).astype(np.int64) for part in parts)
    first = drop_doubtful_cuts(hits, rows, cuts.chosen[: len(start) - 1])
    drawn = []
    for part in parts:
        own = np.add.reduceat(part, first, axis=1)
        drawn.append(np.rint(np.vstack([own.sum(axis=0)[None], weights @ own])).astype(np.int64))
    hits, rows = np.clip(drawn[0], 0, drawn[1]), drawn[1]
    share = explained_share(hits, rows)
    return share_interval(float(share[0]), share[1:], n_clusters)


def moved(
    ends: tuple[NDArray[np.float64], NDArray[np.float64]],
    center: NDArray[np.float64],
    correlations: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Move intervals of correlations to other ones, on Fisher's scale; those are within them."""
    limit = 1 - 1e-12

    def scale(values: NDArray[np.float64]) -> NDArray[np.float64]:
        limited: NDArray[np.float64] = np.arctanh(np.clip(values, -limit, limit))
        return limited

    by = scale(correlations) - scale(center)
    low, high = (np.tanh(scale(end) + by) for end in ends)
    return np.minimum(low, correlations), np.maximum(high, correlations)


class SignedGroups:
    """Numbered data sets in which no metric has anything to do with the outcome.

    What each group of clusters has more or less of the outcome in each bin than the average rate
    gives is turned round, or not, at random: for all bins and metrics of a group together. So
    everything that clusters have in common stays in common, and no bin has a tendency.

    Parameters
    ----------
    table : GroupTable
    columns : mapping of str to slice
    counts : BinCounts
        Of all groups.
    """

    def __init__(self, table: GroupTable, columns: Mapping[str, slice], counts: BinCounts) -> None:
        self._counts = counts
        n, width = counts.totals.sum(axis=1), counts.totals.shape[1]
        rate = counts.successes.sum(axis=1) / np.maximum(n, 1)
        self._expected = counts.totals * rate[:, None]
        self._more = np.zeros((len(columns), N_GROUPS, width))
        for number, where in enumerate(columns.values()):
            more = table.hits[:, where] - table.rows[:, where] * rate[number]
            self._more[number, :, : where.stop - where.start] = more

    def importance(self, metrics: NDArray[np.intp], numbers: range) -> NDArray[np.float64]:
        """Compute the importance of metrics in some of the data sets.

        Returns
        -------
        ndarray of float64, shape (len(metrics), len(numbers))
        """
        signs = numbered_signs(numbers, N_GROUPS)
        result = np.zeros((len(metrics), len(numbers)))
        for row, metric in enumerate(metrics.tolist()):
            totals, kinds = self._counts.totals[[metric]], self._counts.categorical
            made = np.rint(self._expected[metric] + signs @ self._more[metric]).astype(np.int64)
            kind = None if kinds is None else kinds[[metric]]
            result[row] = null_importance(BinCounts(np.clip(made, 0, totals), totals, kind))
        return result
