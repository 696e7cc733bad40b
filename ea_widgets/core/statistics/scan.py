"""Scan for runs of bins that hold more errors than chance explains."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.intervals import Z_95

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Run:
    """A run of neighbouring bins.

    Attributes
    ----------
    start, stop : int
        First bin, and one past the last.
    least_excess : float
        Lower end of the 95 % interval of its errors above average.
    """

    start: int
    stop: int
    least_excess: float


@dataclass(frozen=True)
class Demands:
    """What a run must have to be named.

    Attributes
    ----------
    z : float
        Deviations of the excess above 0.
    rows, errors : float
        Fewest of each.
    """

    z: float
    rows: float
    errors: float


def bonferroni_z(n_tests: float, level: float = 0.05) -> float:
    """Deviations that the largest of so many tests exceeds by chance with a small probability.

    Parameters
    ----------
    n_tests : float
        Number of tests, at least 1.
    level : float, default 0.05
        That probability, at most (Bonferroni).

    Returns
    -------
    float

    Examples
    --------
    >>> round(bonferroni_z(1), 3), round(bonferroni_z(1_000), 3)
    (1.645, 3.891)
    """
    return -NormalDist().inv_cdf(level / max(n_tests, 1.0))


def between(prefix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of each run of bins, from running sums.

    Parameters
    ----------
    prefix : ndarray of float64, shape (n_bins + 1,)

    Returns
    -------
    ndarray of float64, shape (n_bins + 1, n_bins + 1)
        Of the bins from row to column, that one excluded.
    """
    return prefix[None, :] - prefix[:, None]


def running(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up the first 0, 1, 2, ... values."""
    return np.concatenate([[0.0], np.cumsum(values)])


def clustered_variance(residuals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Variance of the excess of each run of bins, with the rows of a cluster kept together.

    Parameters
    ----------
    residuals : ndarray of float64, shape (n_clusters, n_bins)
        Errors minus what the average rate would give.

    Returns
    -------
    ndarray of float64, shape (n_bins + 1, n_bins + 1)
        Sum over the clusters of the squared residual of the run, at least the mean of that sum
        over all runs of as many bins: where errors are the rule, a few clusters without any make
        most of the variance, and a run that lacks them would look surer than it is.
    """
    prefix = np.zeros((len(residuals), residuals.shape[1] + 1))
    np.cumsum(residuals, axis=1, out=prefix[:, 1:])
    products = prefix.T @ prefix
    own = np.diag(products)
    variance: NDArray[np.float64] = own[None, :] + own[:, None] - 2 * products
    n_bins = residuals.shape[1]
    start, stop = np.triu_indices(n_bins + 1, 1)
    width = stop - start
    mean = np.bincount(width, variance[start, stop], n_bins + 1) / (
        n_bins + 1.0 - np.arange(n_bins + 1)
    )
    variance[start, stop] = np.maximum(variance[start, stop], mean[width])
    return variance


def best_runs(
    rows: NDArray[np.float64],
    errors: NDArray[np.float64],
    variance: NDArray[np.float64] | None,
    demands: Demands,
    most: int,
) -> list[Run]:
    """Find the runs of bins with the most errors above average.

    Parameters
    ----------
    rows, errors : ndarray of float64, shape (n_bins,)
        Counts.
    variance : ndarray of float64, shape (n_bins + 1, n_bins + 1), or None
        Of the excess of each run; the binomial one, which is the least it can be, by default.
    demands : Demands
    most : int
        Runs wanted; they do not overlap.

    Returns
    -------
    list of Run
        By falling `least_excess`; empty where no run meets the demands.

    Notes
    -----
    The excess divided by the root of its sum of squares over clusters is a self-normalised sum,
    whose tails are no heavier than the normal ones however few the clusters are (Giné, Götze &
    Mason 1997); at least z² clusters must take part.
    """
    n = rows.sum()
    if not n:
        return []
    average = errors.sum() / n
    n_run, n_errors = between(running(rows)), between(running(errors))
    excess = n_errors - average * n_run
    spread = average * (1 - average) * np.maximum(n_run, 0)
    if variance is not None:
        spread = np.maximum(spread, variance)
    deviation = np.sqrt(spread)
    fits = (n_run >= demands.rows) & (n_errors >= demands.errors)
    fits &= (excess > 0) & (excess > demands.z * deviation)
    least = np.where(fits, excess - Z_95 * deviation, -np.inf)
    found: list[Run] = []
    while len(found) < most:
        start, stop = np.unravel_index(int(np.argmax(least)), least.shape)
        if least[start, stop] == -np.inf:
            break
        found.append(Run(int(start), int(stop), float(least[start, stop])))
        least[:stop, start + 1 :] = -np.inf  # what begins before its end and ends after its start
    return found
