"""Importance when a metric and the outcome have nothing to do with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.importance.entropy import total_entropy
from ea_widgets.core.importance.importance import (
    BinCounts,
    categorical_importance,
    importance,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.core.statistics.clusters import ClusteredRows
    from ea_widgets.core.statistics.exchangeable import ExchangeableClusters

LEVEL = 0.05
"""Share of false discoveries allowed, and of the null above its quantile."""

STOPS = (19, 59, 199, 599)
"""Numbers of null data sets after which it is asked which metrics still need more.

19 are the fewest whose 95 % point is known, and enough where noise is as high as the metric. 599
let one important metric among 30 pass: its p-value can reach 1 / 600 = 0.05 / 30.
"""


def exchange_outcomes(
    rows: ClusteredRows,
    clusters: ExchangeableClusters,
    donor: NDArray[np.intp],
    u: NDArray[np.float64],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give every cluster the outcomes of another one as a whole, in several data sets.

    With the donors of a circular shift of clusters. One of objects, by any number of them, would
    give each cluster parts of two others, and what varies between clusters would vary a third
    less than in the data.

    Parameters
    ----------
    rows : ClusteredRows
    clusters : ExchangeableClusters
        Of the cells of `rows`.
    donor : ndarray of intp, shape (n_datasets, n_cells)
        Cell whose outcomes each one gets.
    u : ndarray of float64, shape (2, n_datasets, n_cells)
        Uniform in [0, 1): how numbers are rounded, and which rows of the cell have the outcome.

    Returns
    -------
    positions : ndarray of intp
        Positions in ``rows.order`` that have the outcome now, one data set after the other.
    ends : ndarray of intp, shape (n_datasets + 1,)
        Where each data set begins in them, and the last one ends.
    """
    count = clusters.transfer(donor, u[0])
    # A run of positions that begins at random: the order within a cluster is random.
    first = rows.start[:-1] + (u[1] * (rows.sizes - count + 1)).astype(np.intp)
    stop = np.cumsum(count)
    positions: NDArray[np.intp] = np.repeat(first.ravel() - (stop - count.ravel()), count.ravel())
    positions += np.arange(len(positions))
    return positions, np.append(0, np.cumsum(count.sum(axis=1)))


def null_importance(counts: BinCounts) -> NDArray[np.float64]:
    """Compute importance as :func:`importance` does, quickly where no cut can be accepted.

    Parameters
    ----------
    counts : BinCounts
        Shape (n, n_bins); totals of shape (1, n_bins), and a kind of shape (1,), are those of all.

    Returns
    -------
    ndarray of float64, shape (n,)

    Notes
    -----
    The gain of a cut is at most Pearson's chi-square of its fourfold table,
    n (s_k n - n_k s)^2 / (n_k (n - n_k) s (n - s)), which takes no logarithms; where that stays
    below the least cost of a cut, the importance is 0.
    """
    successes = counts.successes
    if counts.categorical is not None and counts.categorical.any():
        totals = np.broadcast_to(counts.totals, successes.shape)
        categorical = np.broadcast_to(counts.categorical, len(successes))
        result = np.empty(len(successes))
        result[~categorical] = null_importance(
            BinCounts(successes[~categorical], totals[~categorical])
        )
        result[categorical] = categorical_importance(
            BinCounts(successes[categorical], totals[categorical])
        )
        return result
    hits = np.cumsum(successes, axis=1, dtype=np.float64)
    rows = np.cumsum(counts.totals, axis=1, dtype=np.float64)
    s, n = hits[:, -1:], rows[:, -1:]
    all_s = s[:, 0].astype(np.int64)
    all_n = np.broadcast_to(n[:, 0].astype(np.int64), all_s.shape)
    whole = total_entropy(all_s, all_n)
    cost = np.log(np.maximum(all_n - 1, 1)) + np.log(7.0) - 2 * whole / np.maximum(all_n, 1)
    cost *= 1 - 1e-9
    least = np.sqrt(cost[:, None] * (s * (n - s)) / np.maximum(n, 1))
    row, cut = np.nonzero(np.abs(hits * n - rows * s) > least * np.sqrt(rows * (n - rows)))
    left_s = hits[row, cut].astype(np.int64)
    left_n = np.broadcast_to(rows, hits.shape)[row, cut].astype(np.int64)
    right_s, right_n = all_s[row] - left_s, all_n[row] - left_n
    remaining = total_entropy(left_s, left_n) + total_entropy(right_s, right_n)
    result = np.zeros(len(hits))
    found = np.unique(row[whole[row] - remaining > cost[row]])
    if len(found):
        totals = np.broadcast_to(counts.totals, successes.shape)[found]
        result[found] = importance(BinCounts(successes[found], totals))
    return result


def null_quantile(null: NDArray[np.float64]) -> float:
    """95 % point of a null distribution: values above it have p <= 0.05.

    Parameters
    ----------
    null : ndarray of float64, shape (n,)

    Returns
    -------
    float
        1 where there are too few values to tell.
    """
    index = int(np.ceil((1 - LEVEL) * (len(null) + 1))) - 1
    return float(np.partition(null, index)[index]) if index < len(null) else 1.0


def adjusted_p_values(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p-values for looking at many metrics (Benjamini & Hochberg 1995).

    Parameters
    ----------
    p_values : ndarray of float64, shape (n,)

    Returns
    -------
    ndarray of float64, shape (n,)
        To be compared with the share of false discoveries that is allowed.

    Examples
    --------
    >>> adjusted_p_values(np.array([0.01, 0.04, 0.03])).round(3)
    array([0.03, 0.04, 0.04])
    """
    n = len(p_values)
    order = np.argsort(p_values)
    scaled = p_values[order] * n / np.arange(1, n + 1)
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def needs_more(
    exceeded: NDArray[np.int64], done: NDArray[np.int64], last: int
) -> NDArray[np.bool_]:
    """Sequential stopping: tell which metrics need more null data sets.

    Parameters
    ----------
    exceeded : ndarray of int64, shape (n_metrics,)
        Null data sets in which the importance was at least as high as the observed one.
    done : ndarray of int64, shape (n_metrics,)
        Null data sets made.
    last : int
        Most that will be made.

    Returns
    -------
    ndarray of bool, shape (n_metrics,)
        False where more could not bring p to 5 % or, three standard errors off, hardly; and where
        none exceeded and as many metrics share that as the adjustment asks for: then p is low
        enough already. The first stop is too early for that: its p is no less than 5 %.
    """
    error = 3 * np.sqrt(LEVEL * (1 - LEVEL) / np.maximum(done, 1))
    hopeless = (exceeded + 1 > LEVEL * (last + 1)) | (exceeded + 1 > (LEVEL + error) * (done + 1))
    clear = exceeded == 0
    enough = clear & (done > STOPS[0]) & (1 / (done + 1) <= LEVEL * clear.sum() / max(len(done), 1))
    needed: NDArray[np.bool_] = ~hopeless & ~enough
    return needed


def stopping_points(n_metrics: int) -> tuple[int, ...]:
    """Numbers of null data sets to stop at; the last lets one metric of `n_metrics` pass."""
    needed = int(np.ceil(n_metrics / LEVEL)) - 1
    return (*STOPS, needed) if needed > STOPS[-1] else STOPS
