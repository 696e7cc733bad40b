"""The settled phase: intervals of importance and correlation, and what noise would give."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.importance.blas import one_blas_thread
from ea_widgets.analysis.sample.settled_rows import SettledRows, pooled
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
from ea_widgets.core.statistics.importance import importance
from ea_widgets.core.statistics.moments import MomentSums, pearson
from ea_widgets.core.statistics.null_distribution import (
    LEVEL,
    adjusted_p_values,
    looks,
    noise_floor,
    undecided,
)
from ea_widgets.core.statistics.resampling import (
    FRAME_GROUPS,
    draw_frames,
    run_blocks,
    stop_if,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.selection import Selection

BLOCK = 4
"""Null data sets made together, metric by metric; about 20 ms at 500,000 predictions."""

TOGETHER = 2
"""Metrics whose counts are drawn again in one matrix product."""

RESAMPLES_TOGETHER = 64
"""Resamples of the sums made between two questions whether to stop."""

SUMS = ("n", "x", "xx", "y", "xy")

SETTLED_COLUMNS = (
    "importance_low",
    "importance_high",
    "correlation_low",
    "correlation_high",
    "noise_floor",
    "p_value",
    "distinguishable",
)


def noise(
    make: Callable[[NDArray[np.intp], range], NDArray[np.float64]],
    observed: NDArray[np.float64],
    should_stop: Callable[[], bool] | None,
    workers: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compare each importance with what noise gives.

    Parameters
    ----------
    make : callable
        ``make(metrics, numbers)`` gives the importance of metrics in numbered null data sets,
        shape (len(metrics), len(numbers)).
    observed : ndarray of float64, shape (n_metrics,)
    should_stop, workers
        See :func:`run_blocks`.

    Returns
    -------
    floor, p_value : ndarray of float64, shape (n_metrics,)
    """
    n_metrics = len(observed)
    stops = looks(n_metrics)
    null = [np.zeros(0)] * n_metrics
    open_ = np.ones(n_metrics, bool)
    exceeded, done = np.zeros(n_metrics, np.int64), np.zeros(n_metrics, np.int64)
    begin = 0
    for stop in stops:
        metrics = np.flatnonzero(open_)
        numbers = [range(at, min(at + BLOCK, stop)) for at in range(begin, stop, BLOCK)]

        def block(
            number: int,
            metrics: NDArray[np.intp] = metrics,
            numbers: list[range] = numbers,
        ) -> NDArray[np.float64]:
            return make(metrics, numbers[number])

        if len(metrics):
            made = np.hstack(run_blocks(block, len(numbers), should_stop, workers))
            for metric, values in zip(metrics.tolist(), made, strict=True):
                null[metric] = np.concatenate([null[metric], values])
                exceeded[metric] = (null[metric] >= observed[metric]).sum()
                done[metric] = len(null[metric])
        open_ = undecided(exceeded, done, stops[-1])
        begin = stop
    floor = np.array([noise_floor(values) for values in null])
    return floor, (exceeded + 1) / (done + 1)


def importance_intervals(
    data: SettledRows,
    weights: NDArray[np.float32],
    should_stop: Callable[[], bool] | None,
    workers: int | None,
) -> NDArray[np.float64]:
    """Compute 95 % intervals of importance by drawing whole frames again.

    Parameters
    ----------
    data : SettledRows
    weights : ndarray of float32, shape (n_resamples, n_groups)
        How often each frame, or group of frames, is drawn.
    should_stop, workers
        See :func:`run_blocks`.

    Returns
    -------
    ndarray of float64, shape (n_metrics, 2)
    """
    cuts = cut_metrics(data.counts)
    n_groups = weights.shape[1]

    def block(number: int) -> list[tuple[float, float]]:
        tables = []
        for metric in range(number * TOGETHER, min((number + 1) * TOGETHER, len(cuts))):
            stop_if(should_stop)
            counts = data.frame_counts(metric, cuts[metric].segment)
            first = drop_doubtful_cuts(*counts, cuts[metric].chosen)
            tables += [pooled(np.add.reduceat(part, first, axis=1), n_groups) for part in counts]
        ends = np.cumsum([table.shape[1] for table in tables])[:-1]
        joined = np.hstack(tables)
        drawn = np.split(draw_counts(weights, joined), ends, axis=1)
        whole = np.split(joined.sum(axis=0), ends)
        return [
            share_interval(
                float(explained_share(whole[at], whole[at + 1])),
                explained_share(drawn[at], drawn[at + 1]),
                data.rows.n_frames,
            )
            for at in range(0, len(tables), 2)
        ]

    n_blocks = -(-len(cuts) // TOGETHER)
    found = run_blocks(block, n_blocks, should_stop, workers)
    return np.array([pair for part in found for pair in part])


def correlation_intervals(
    data: SettledRows,
    weights: NDArray[np.float32],
    should_stop: Callable[[], bool] | None,
    workers: int | None,
) -> NDArray[np.float64]:
    """Compute 95 % intervals of correlation; see :func:`importance_intervals`."""
    n_frames, n_groups = data.rows.n_frames, weights.shape[1]
    found = data.frame_sums(should_stop, workers)
    sums = [getattr(found, name) for name in SUMS]
    n, x, xx, y, xy = (table.sum(axis=0) for table in sums)
    observed = pearson(MomentSums(n=n, x=x, xx=xx, y=y, yy=y, xy=xy))
    per_frame = pooled(np.hstack(sums), n_groups)
    n_blocks = -(-len(weights) // RESAMPLES_TOGETHER)

    def block(number: int) -> NDArray[np.float64]:
        first = number * RESAMPLES_TOGETHER
        return resampled_correlation(weights[first : first + RESAMPLES_TOGETHER], per_frame)

    drawn = np.concatenate(run_blocks(block, n_blocks, should_stop, workers))
    return np.column_stack(correlation_interval(observed, drawn, n_frames))


def settle(
    selection: Selection,
    successes: NDArray[np.intp],
    excluded: NDArray[np.intp],
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
    *,
    by_rank: bool = False,
    only_correlation: bool = False,
) -> dict[str, NDArray[np.float64] | NDArray[np.bool_]]:
    """Compute what tells importance and correlation from chance.

    Parameters
    ----------
    selection : Selection
    successes, excluded : ndarray of intp
        As :meth:`Selection.fold` takes them.
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
        The :data:`SETTLED_COLUMNS`, in the order of the metrics of the selection.

    Raises
    ------
    ComputationStoppedError
        If `should_stop` said so.
    """
    data = SettledRows.of(selection, successes, excluded, by_rank=by_rank)
    n_metrics = len(data.counts.totals)
    if only_correlation and not len(data.rows.order):
        nothing = np.full(n_metrics, np.nan)
        return {"correlation_low": nothing, "correlation_high": nothing}
    if only_correlation:
        weights = draw_frames(min(data.rows.n_frames, FRAME_GROUPS), RESAMPLES)
        with one_blas_thread():
            ends = correlation_intervals(data, weights, should_stop, workers)
        return {"correlation_low": ends[:, 0], "correlation_high": ends[:, 1]}
    observed = importance(data.counts)
    rows, hits = data.counts.totals.sum(axis=1), data.counts.successes.sum(axis=1)
    varies = (hits > 0) & (hits < rows) & ((data.counts.totals > 0).sum(axis=1) > 1)
    ends = np.zeros((n_metrics, 4))
    ends[:, 2:] = np.nan
    floor, p_value = np.zeros(n_metrics), np.ones(n_metrics)
    if varies.any():
        weights = draw_frames(min(data.rows.n_frames, FRAME_GROUPS), RESAMPLES)
        arguments = (data, weights, should_stop, 1)
        # Counting holds Python's lock, so that two threads count no faster than one. The intervals
        # are made of matrix products, which do not, and find their time beside it.
        parts: list[Callable[[], Any]] = [
            lambda: noise(partial(data.null, should_stop=should_stop), observed, None, 1),
            lambda: importance_intervals(*arguments),
            lambda: correlation_intervals(*arguments),
        ]
        stop_if(should_stop)
        data.counted.prepare()
        with one_blas_thread():
            (floor, p_value), *sides = run_blocks(
                lambda part: parts[part](), len(parts), should_stop, workers
            )
        ends = np.hstack(sides)
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
