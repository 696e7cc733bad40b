"""Correlation by rank, and with outcomes that are not yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.binning import RankedColumn
from ea_widgets.core.importance.moments import MomentSums, midranks, on_grid, pearson, standardise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample import Sample, Selection


def rank_tables(
    selection: Selection, counted: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rank the metrics among the rows that count.

    Parameters
    ----------
    selection : Selection
    counted : ndarray of intp
        Positions in the selection.

    Returns
    -------
    of_rows : ndarray of float64, shape (n_selected, n_object_metrics)
        From -1/2 to 1/2, ties share their mean; 0 where missing or not counted.
    of_images : ndarray of float64, shape (n_images, n_image_metrics)
        Likewise; an image counts as often as it has rows.
    """
    side, rows = selection.side, selection.rows[counted]
    of_rows = np.zeros((len(selection.rows), len(side.metrics) - side.n_image_metrics))
    of_images = np.zeros((side.n_images, side.n_image_metrics))
    for number, metric in enumerate(side.metrics.values()):
        if number in side.unordered:
            continue
        column = metric.take(rows)
        counts = column.counts
        ranks = on_grid(midranks(counts), counts)
        if number < side.n_image_metrics:
            of_images[:, number] = ranks[column.rank]
        else:
            of_rows[counted, number - side.n_image_metrics] = column.spread(ranks)
    return of_rows, of_images


def correlate(
    sample: Sample, outcome: NDArray[np.float64], *, by_rank: bool
) -> NDArray[np.float64]:
    """Correlate each metric with an outcome of any kind.

    Parameters
    ----------
    sample : Sample
    outcome : ndarray of float64, shape (n_counted,)
        Outcome of each row that counts.
    by_rank : bool
        Spearman's correlation instead of Pearson's.

    Returns
    -------
    ndarray of float64, shape (n_metrics,)
        In [-1, 1]; NaN where the metric or the outcome does not vary, or the metric has no order.
    """
    rows, side = sample.rows, sample.selection.side
    result = np.full(len(side.metrics), np.nan)
    for number, metric in enumerate(side.metrics.values()):
        if number in side.unordered:
            continue
        column = metric.take(rows)
        rank = column.rank if column.unit is None else column.rank[column.unit]
        present = rank < len(column.values)
        ranked = RankedColumn.of(outcome[present])
        result[number] = correlation(column, rank[present], ranked, by_rank=by_rank)
    return result


def correlation(
    column: RankedColumn, rank: NDArray[np.int32], outcome: RankedColumn, *, by_rank: bool
) -> float:
    """Correlate a metric with an outcome, over the rows that have the metric.

    Parameters
    ----------
    column : RankedColumn
        The metric.
    rank : ndarray of int32, shape (n,)
        Rank of each row that has it.
    outcome : RankedColumn
        Of the same rows.
    by_rank : bool
        Whether ranks are correlated instead of values.

    Returns
    -------
    float
        Pearson's r; NaN where one of the two does not vary.

    Notes
    -----
    Added up value by value, in ascending order: neither the order of the rows nor the threads of
    a matrix product change a digit.
    """
    (x, x_rows), (y, y_rows) = (
        (standardise(midranks(counts)[:-1] if by_rank else of.values, counts[:-1]), counts[:-1])
        for of, counts in ((column, column.counts), (outcome, outcome.counts))
    )
    y = on_grid(y, y_rows)
    y_of_x = np.bincount(rank, y[outcome.rank], len(x))
    parts = (
        float(len(rank)), (x * x_rows).sum(), (x * x * x_rows).sum(),
        (y * y_rows).sum(), (y * y * y_rows).sum(), (x * y_of_x).sum(),
    )  # fmt: skip
    return float(pearson(MomentSums(*(np.array([part]) for part in parts)))[0])
