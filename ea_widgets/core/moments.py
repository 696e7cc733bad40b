"""Metric correlation: Pearson's r of a metric and an outcome, from sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class MomentSums:
    """Sums over rows with a metric value, per metric. Sums of any split of the rows add up.

    Attributes
    ----------
    n, x, xx : ndarray of float64, shape (n_metrics,)
        Rows, and the sums of the metric and of its square.
    y, yy, xy : ndarray of float64, shape (n_metrics,)
        Sums of the outcome, of its square and of its product with the metric.
    """

    n: NDArray[np.float64]
    x: NDArray[np.float64]
    xx: NDArray[np.float64]
    y: NDArray[np.float64]
    yy: NDArray[np.float64]
    xy: NDArray[np.float64]

    def __add__(self, other: MomentSums) -> MomentSums:
        """Add the sums of two parts."""
        return MomentSums(
            self.n + other.n,
            self.x + other.x,
            self.xx + other.xx,
            self.y + other.y,
            self.yy + other.yy,
            self.xy + other.xy,
        )


def standardise(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shift and scale a column to mean 0 and deviation 1, with 0 where it is missing.

    Correlation does not change by it, and sums of squares lose no digits to a large offset.

    Parameters
    ----------
    column : ndarray of float64, shape (n,)
        NaN is missing.

    Returns
    -------
    ndarray of float64, shape (n,)
        All 0 for a constant column.
    """
    present = ~np.isnan(column)
    known = column[present]
    result = np.zeros(len(column))
    if len(known) and known.min() < known.max():
        # Through the largest size first: squares of very large values would overflow.
        known = known / np.abs(known).max()
        known = known - known.mean()
        result[present] = known / known.std()
    return result


def on_grid(
    column: NDArray[np.float64], times: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Round a standardised column so that sums of it are exact.

    Sums over any rows, in any order, then have no rounding error, nor has one that rows were added
    to and taken from again.

    Parameters
    ----------
    column : ndarray of float64, shape (n,)
        Not missing anywhere.
    times : ndarray of int64, shape (n,), optional
        How often each value can be in a sum; once by default.

    Returns
    -------
    ndarray of float64, shape (n,)
        Multiples of a power of two, within 2^-52 of the sum of all sizes: 6e-11 deviations of a
        standardised column at 500,000 rows, 2e-13 at 1,000.

    Examples
    --------
    >>> x = on_grid(standardise(np.array([0.1, 0.2, 0.4, 0.8])))
    >>> bool((x[0] + x[1]) + x[2] == x[0] + (x[1] + x[2]))
    True
    """
    sizes = np.abs(column)
    total = float(sizes.sum() if times is None else sizes @ times)
    if not total:
        return column
    # Twice the total: it was summed with rounding itself. Multiples up to 2^53 are exact.
    step = 2.0 ** (np.frexp(2 * total)[1] - 53)
    rounded: NDArray[np.float64] = np.rint(column / step) * step
    return rounded


def pearson(sums: MomentSums) -> NDArray[np.float64]:
    """Pearson's correlation coefficient of each metric with the outcome.

    Parameters
    ----------
    sums : MomentSums
        Of standardised metrics, so that the relative size of a variance tells whether it is 0.

    Returns
    -------
    ndarray of float64, shape (n_metrics,)
        In [-1, 1]; NaN where the metric or the outcome does not vary.

    Examples
    --------
    >>> one = np.ones(1)
    >>> pearson(MomentSums(4 * one, 0 * one, 4 * one, 2 * one, 2 * one, 2 * one))
    array([1.])
    """
    n = np.maximum(sums.n, 1)
    xx, yy = sums.xx - sums.x**2 / n, sums.yy - sums.y**2 / n
    xy = sums.xy - sums.x * sums.y / n
    varies = (xx > 1e-12 * sums.xx) & (yy > 1e-12 * sums.yy) & (sums.n > 1)
    size = np.sqrt(np.where(varies, xx, 1.0)) * np.sqrt(np.where(varies, yy, 1.0))
    return np.where(varies, np.clip(xy / size, -1.0, 1.0), np.nan)


def midranks(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rank distinct values by how many rows have them; ties share their mean rank.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_values + 1,)
        Rows of each distinct value, ascending, and of missing values last.

    Returns
    -------
    ndarray of float64, shape (n_values + 1,)
        Ranks shifted and scaled to lie between -1/2 and 1/2; 0 for missing values.

    Examples
    --------
    >>> midranks(np.array([1, 2, 1, 5]))
    array([-0.375,  0.   ,  0.375,  0.   ])
    """
    present = counts[:-1]
    n = max(int(present.sum()), 1)
    ranks = (np.cumsum(present) - present / 2) / n - 0.5
    return np.append(np.where(present > 0, ranks, 0.0), 0.0)
