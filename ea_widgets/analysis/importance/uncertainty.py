"""Intervals of importance and correlation, and what noise would give: the settled phase."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.blas import one_blas_thread
from ea_widgets.analysis.importance.cluster_tables import (
    counts_by_cluster,
    pooled,
    sums_by_cluster,
)
from ea_widgets.analysis.importance.correlations import rank_tables
from ea_widgets.analysis.importance.null_datasets import NullDatasets
from ea_widgets.core.importance.importance import importance
from ea_widgets.core.importance.moments import MomentSums, pearson
from ea_widgets.core.statistics.bootstrap import (
    RESAMPLES,
    correlation_interval,
    cut_metrics,
    draw_counts,
    drop_doubtful_cuts,
    explained_share,
    resampled_correlation,
    share_interval,
)
from ea_widgets.core.statistics.null_distribution import (
    LEVEL,
    adjusted_p_values,
    needs_more,
    null_quantile,
    stopping_points,
)
from ea_widgets.core.statistics.resampling import (
    MOST_DRAWN,
    draw_clusters,
    run_blocks,
    stop_if,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.importance.cluster_tables import Ranks
    from ea_widgets.analysis.sample import Sample

FEWEST_CLUSTERS = 10
"""With fewer clusters nothing is told from noise: there are too few ways to exchange them."""

NULLS_PER_BLOCK, MOST_PER_BLOCK = 150, 16
"""Importances, and data sets, made between two questions; about 20 ms at 500,000 predictions."""

METRICS_PER_BLOCK = 5
"""Metrics whose counts are drawn again in one matrix product."""

RESAMPLES_PER_BLOCK = 64
"""Resamples of the sums made between two questions whether to stop."""

SUMS = ("n", "x", "xx", "y", "xy")

UNCERTAINTY_COLUMNS = (
    "importance_low",
    "importance_high",
    "correlation_low",
    "correlation_high",
    "noise_floor",
    "p_value",
    "distinguishable",
)


def compare_with_null(
    make: Callable[[NDArray[np.intp], range], NDArray[np.float64]],
    observed: NDArray[np.float64],
    n_clusters: int,
    should_stop: Callable[[], bool] | None,
    workers: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compare each importance with its null distribution, as far as that is needed.

    Parameters
    ----------
    make : callable
        ``make(metrics, numbers)`` gives the importance of metrics in numbered null data sets,
        shape (len(metrics), len(numbers)).
    observed : ndarray of float64, shape (n_metrics,)
    n_clusters : int
    should_stop, workers
        See :func:`run_blocks`.

    Returns
    -------
    quantile, p_value : ndarray of float64, shape (n_metrics,)
        The 95 % point of the null; p-values are 1 where there are too few clusters.
    """
    n_metrics = len(observed)
    stops = stopping_points(n_metrics)
    null = [np.zeros(0)] * n_metrics
    open_ = np.ones(n_metrics, bool)
    exceeded, done = np.zeros(n_metrics, np.int64), np.zeros(n_metrics, np.int64)
    begin = 0
    for stop in stops:
        metrics = np.flatnonzero(open_)
        if not len(metrics):
            break
        step = int(np.clip(NULLS_PER_BLOCK // len(metrics), 1, MOST_PER_BLOCK))
        numbers = [range(at, min(at + step, stop)) for at in range(begin, stop, step)]

        def block(
            number: int,
            metrics: NDArray[np.intp] = metrics,
            numbers: list[range] = numbers,
        ) -> NDArray[np.float64]:
            return make(metrics, numbers[number])

        made = np.hstack(run_blocks(block, len(numbers), should_stop, workers))
        for metric, values in zip(metrics.tolist(), made, strict=True):
            null[metric] = np.concatenate([null[metric], values])
            exceeded[metric] = (null[metric] >= observed[metric]).sum()
            done[metric] = len(null[metric])
        open_ = needs_more(exceeded, done, stops[-1])
        begin = stop
    quantile = np.array([null_quantile(values) for values in null])
    if n_clusters < FEWEST_CLUSTERS:
        return quantile, np.ones(n_metrics)
    return quantile, (exceeded + 1) / (done + 1)


def importance_replicates(
    sample: Sample,
    weights: NDArray[np.float32],
    should_stop: Callable[[], bool] | None,
    workers: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute the explained shares of all metrics, of the data and of whole clusters drawn again.

    Parameters
    ----------
    sample : Sample
    weights : ndarray of float32, shape (n_resamples, n_groups)
        How often each cluster, or group of clusters, is drawn.
    should_stop, workers
        See :func:`run_blocks`.

    Returns
    -------
    observed : ndarray of float64, shape (n_metrics,)
    resampled : ndarray of float64, shape (n_resamples, n_metrics)
    """
    cuts = cut_metrics(sample.counts)
    n_groups = weights.shape[1]

    def block(number: int) -> tuple[list[float], list[NDArray[np.float64]]]:
        tables = []
        first_metric = number * METRICS_PER_BLOCK
        for metric in range(first_metric, min(first_metric + METRICS_PER_BLOCK, len(cuts))):
            stop_if(should_stop)
            counts = counts_by_cluster(sample, metric, cuts[metric].segment)
            first = drop_doubtful_cuts(*counts, cuts[metric].chosen)
            for part in counts:
                merged = part
                if len(first) < part.shape[1]:
                    merged = np.add.reduceat(part, first, axis=1)
                tables.append(pooled(merged, n_groups))
        ends = np.cumsum([table.shape[1] for table in tables])[:-1]
        joined = np.hstack(tables)
        drawn = np.split(draw_counts(weights, joined), ends, axis=1)
        whole = np.split(joined.sum(axis=0), ends)
        metrics = range(0, len(tables), 2)
        return (
            [float(explained_share(whole[at], whole[at + 1])) for at in metrics],
            [explained_share(drawn[at], drawn[at + 1]) for at in metrics],
        )

    n_blocks = -(-len(cuts) // METRICS_PER_BLOCK)
    found = run_blocks(block, n_blocks, should_stop, workers)
    observed = np.array([one for part, _ in found for one in part])
    columns = [one for _, part in found for one in part]
    return observed, np.stack(columns, axis=1) if columns else np.zeros((len(weights), 0))


def importance_intervals(
    sample: Sample,
    weights: NDArray[np.float32],
    should_stop: Callable[[], bool] | None,
    workers: int | None,
) -> NDArray[np.float64]:
    """Compute 95 % intervals of importance, shape (n_metrics, 2).

    See :func:`importance_replicates`.
    """
    observed, resampled = importance_replicates(sample, weights, should_stop, workers)
    ends = [
        share_interval(float(share), drawn, sample.n_clusters)
        for share, drawn in zip(observed, resampled.T, strict=True)
    ]
    return np.array(ends).reshape(-1, 2)


def correlation_intervals(
    sample: Sample,
    weights: NDArray[np.float32],
    should_stop: Callable[[], bool] | None,
    workers: int | None,
    ranks: Ranks | None = None,
) -> NDArray[np.float64]:
    """Compute 95 % intervals of correlation; see :func:`importance_replicates`."""
    found = sums_by_cluster(sample, ranks, should_stop, workers)
    sums = [getattr(found, name) for name in SUMS]
    n, x, xx, y, xy = (table.sum(axis=0) for table in sums)
    observed = pearson(MomentSums(n=n, x=x, xx=xx, y=y, yy=y, xy=xy))
    per_cluster = pooled(np.hstack(sums), weights.shape[1])
    n_blocks = -(-len(weights) // RESAMPLES_PER_BLOCK)

    def block(number: int) -> NDArray[np.float64]:
        first = number * RESAMPLES_PER_BLOCK
        return resampled_correlation(weights[first : first + RESAMPLES_PER_BLOCK], per_cluster)

    drawn = np.concatenate(run_blocks(block, n_blocks, should_stop, workers))
    return np.column_stack(correlation_interval(observed, drawn, sample.n_clusters))


def uncertainty(
    sample: Sample,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
    *,
    by_rank: bool = False,
    only_correlation: bool = False,
) -> dict[str, NDArray[np.float64] | NDArray[np.bool_]]:
    """Compute what tells importance and correlation from chance.

    Parameters
    ----------
    sample : Sample
    should_stop : callable, optional
        Asked every few milliseconds, from several threads; it may wait, to let others go first.
    workers : int, optional
        Threads; they never change the result.
    by_rank : bool
        Whether the correlation is Spearman's.
    only_correlation : bool
        Whether to leave out what concerns importance.

    Returns
    -------
    dict of str to ndarray, shape (n_metrics,)
        The :data:`UNCERTAINTY_COLUMNS`, in the order of the metrics of the sample.

    Raises
    ------
    ComputationStoppedError
        If `should_stop` said so.
    """
    ranks = rank_tables(sample.selection, sample.counted) if by_rank else None
    weights = draw_clusters(min(sample.n_clusters, MOST_DRAWN), RESAMPLES)
    counts = sample.counts
    if only_correlation:
        ends = np.full((len(counts.totals), 2), np.nan)
        if len(sample.counted):
            with one_blas_thread():
                ends = correlation_intervals(sample, weights, should_stop, workers, ranks)
        return {"correlation_low": ends[:, 0], "correlation_high": ends[:, 1]}
    observed = importance(counts)
    rows, hits = counts.totals.sum(axis=1), counts.successes.sum(axis=1)
    varies = (hits > 0) & (hits < rows) & ((counts.totals > 0).sum(axis=1) > 1)
    ends = np.full((len(observed), 4), np.nan)
    ends[:, :2] = 0.0
    floor, p_value = np.zeros(len(observed)), np.ones(len(observed))
    if varies.any():
        null = NullDatasets(sample)
        make = partial(null.importance, should_stop=should_stop)
        stop_if(should_stop)
        null.prepare()
        with one_blas_thread():
            ends = np.hstack(
                (
                    importance_intervals(sample, weights, should_stop, workers),
                    correlation_intervals(sample, weights, should_stop, workers, ranks),
                )
            )
            floor, p_value = compare_with_null(
                make, observed, sample.n_clusters, should_stop, workers
            )
    distinguishable = adjusted_p_values(p_value) <= LEVEL
    low = np.where(distinguishable, np.minimum(ends[:, 0], observed), 0.0)
    return {
        "importance_low": np.where(varies, low, 0.0),
        "importance_high": np.where(varies, np.maximum(ends[:, 1], observed), 0.0),
        "correlation_low": ends[:, 2],
        "correlation_high": ends[:, 3],
        "noise_floor": floor,
        "p_value": p_value,
        "distinguishable": distinguishable,
    }
