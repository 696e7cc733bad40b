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


def standardise(values: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shift and scale the values of a column to mean 0 and deviation 1 over its rows.

    Correlation does not change by it, and sums of squares lose no digits to a large offset.
    From values and counts, the result does not depend on the order of the rows.

    Parameters
    ----------
    values : ndarray of float64, shape (n_values,)
        Distinct, ascending.
    counts : ndarray of int64, shape (n_values,)
        Rows of each; may be 0.

    Returns
    -------
    ndarray of float64, shape (n_values,)
        All 0 for a constant column; 0 for values without rows.

    Examples
    --------
    >>> standardise(np.array([1.0, 3.0]), np.array([2, 2]))
    array([-1.,  1.])
    """
    if not counts.all():
        result, held = np.zeros(len(values)), np.flatnonzero(counts)
        result[held] = standardise(values[held], counts[held])
        return result
    if len(values) < 2:
        return np.zeros(len(values))
    n = counts.sum()
    # Through the largest size first: squares of very large values would overflow.
    scaled: NDArray[np.float64] = values / max(abs(values[0]), abs(values[-1]))
    # In place: of millions of values each array takes as much memory as a metric.
    part = scaled * counts
    scaled -= part.sum() / n
    np.multiply(scaled, scaled, out=part)
    part *= counts
    scaled /= np.sqrt(part.sum() / n)
    return scaled


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
    >>> x = on_grid(np.array([-1.1, -0.6, 0.2, 1.5]))
    >>> bool((x[0] + x[1]) + x[2] == x[0] + (x[1] + x[2]))
    True
    """
    sizes = np.abs(column)
    # No matrix product: its threads would add in another order.
    if times is not None:
        sizes *= times
    total = float(sizes.sum())
    if not total:
        return column
    step = grid_step(total)
    rounded: NDArray[np.float64] = np.divide(column, step, out=sizes)
    np.rint(rounded, out=rounded)
    rounded *= step
    return rounded


def grid_step(total: float) -> float:
    """Finest power of two of which sums of multiples, up to a total of sizes, are exact."""
    # Twice the total: it was summed with rounding itself. Multiples up to 2^53 are exact.
    return float(2.0 ** (np.frexp(2 * total)[1] - 53))


def squares(values: NDArray[np.float64], n_rows: int) -> NDArray[np.float64]:
    """Square standardised values so that sums of the squares are exact, in any order.

    Parameters
    ----------
    values : ndarray of float64
        Of columns with deviation 1 or less over the rows.
    n_rows : int
        Rows of a whole column, of which any may be summed: their squares add up to it at most.

    Returns
    -------
    ndarray of float64, the shape of `values`
        Multiples of a power of two, within 2^-52 times `n_rows`.
    """
    step = grid_step(max(n_rows, 1))
    result = values * values
    result *= 1 / step
    np.rint(result, out=result)
    result *= step
    return result


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
