"""Correlation by rank, and with outcomes that are not yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.binning import RankedColumn
from ea_widgets.core.moments import MomentSums, midranks, pearson, standardise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.side import Selection


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
    for place, metric in enumerate(side.metrics.values()):
        column = metric.take(rows)
        ranks = midranks(column.counts)
        if place < side.n_image_metrics:
            of_images[:, place] = ranks[column.rank]
        else:
            of_rows[counted, place - side.n_image_metrics] = column.spread(ranks)
    return of_rows, of_images


def correlate(
    selection: Selection,
    counted: NDArray[np.intp],
    outcome: NDArray[np.float64],
    *,
    by_rank: bool,
) -> NDArray[np.float64]:
    """Correlate each metric with an outcome of any kind.

    Parameters
    ----------
    selection : Selection
    counted : ndarray of intp, shape (n,)
        Positions in the selection.
    outcome : ndarray of float64, shape (n,)
        Outcome of each of them.
    by_rank : bool
        Spearman's correlation instead of Pearson's.

    Returns
    -------
    ndarray of float64, shape (n_metrics,)
        In [-1, 1]; NaN where the metric or the outcome does not vary.
    """
    rows = selection.rows[counted]
    # Ranks of an outcome of two kinds are the outcome itself, shifted and scaled.
    graded = by_rank and len(np.unique(outcome)) > 2
    result = np.full(len(selection.side.metrics), np.nan)
    for place, metric in enumerate(selection.side.metrics.values()):
        column = metric.take(rows)
        present = column.spread(np.append(np.ones(len(column.values), bool), False))
        y = outcome[present]
        if by_rank:
            x = column.spread(midranks(column.counts))[present]
            if graded:
                ranked = RankedColumn.of(y)
                y = ranked.spread(midranks(ranked.counts))
        else:
            x = column.spread(np.append(column.values, np.nan))[present]
        result[place] = correlation(x, y)
    return result


def correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Pearson's r of two columns without gaps; NaN where one does not vary."""
    x, y = standardise(x), standardise(y)
    parts = (float(len(x)), x.sum(), x @ x, y.sum(), y @ y, x @ y)
    return float(pearson(MomentSums(*(np.array([part]) for part in parts)))[0])
