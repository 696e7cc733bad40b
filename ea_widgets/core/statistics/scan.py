"""How far the errors of every run of bins are above average, where rows come in clusters."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Counts = NDArray[np.int32] | NDArray[np.int64]

TRIES_PER_BIN = 3
"""All runs of k bins are as likely to stand out by chance as so many times k independent tries."""

FEWEST_ROWS, FEWEST_CLUSTERS = 20, 10
"""Rows and clusters that a run must have to be looked at."""


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


SUMS = ("per_bin", "per_cluster", "shares", "products", "filled")


@dataclass(frozen=True, eq=False)
class RunRows:
    """What the scores of runs of bins need of the rows, whatever the errors.

    Attributes
    ----------
    per_bin : ndarray of int64, shape (..., n_bins)
    per_cluster : ndarray of int64, shape (..., n_clusters)
    shares : ndarray of float64, shape (..., n_bins)
        Of the rows of each cluster, how many are in each bin; summed over clusters.
    products : ndarray of float64, shape (..., n_bins, n_bins)
        Of the shares of every two bins; summed over clusters.
    filled : ndarray of int64, shape (..., n_bins)
        Clusters with rows in each bin.
    enough : ndarray of bool, shape (..., n_bins + 1, n_bins + 1), or None
        Runs with rows of enough clusters; None where these are all.
    """

    per_bin: NDArray[np.int64]
    per_cluster: NDArray[np.int64]
    shares: NDArray[np.float64]
    products: NDArray[np.float64]
    filled: NDArray[np.int64]
    enough: NDArray[np.bool_] | None

    @classmethod
    def of(cls, rows: Counts) -> RunRows:
        """Sum up the rows, of shape (..., n_clusters, n_bins); of many metrics at once."""
        sums = sum_up(rows)
        return cls(*sums, enough_clusters(rows, sums[0], sums[-1]))

    @classmethod
    def stack(cls, parts: Sequence[RunRows]) -> RunRows:
        """Put metrics together along a new first axis; at least one."""
        one = parts[0]
        if any(part.enough is not None for part in parts):
            every = np.ones((one.per_bin.shape[-1] + 1,) * 2, bool)
            enough = np.array([every if p.enough is None else p.enough for p in parts])
        else:
            enough = None
        sums = {name: np.array([getattr(part, name) for part in parts]) for name in SUMS}
        return cls(**sums, enough=enough)

    def without(self, at: NDArray[np.intp], lost: Counts, rows: Counts) -> RunRows:
        """Take rows of some clusters away.

        Parameters
        ----------
        at : ndarray of intp, shape (n,)
            These clusters.
        lost : ndarray of int, shape (..., n, n_bins)
            The rows that go.
        rows : ndarray of int, shape (..., n_clusters, n_bins)
            All rows before.

        Returns
        -------
        RunRows
            But for rounding, that of the rows that are left.
        """
        before = rows[..., at, :]
        old, new = sum_up(before), sum_up(before - lost)
        per_cluster = self.per_cluster.copy()
        per_cluster[..., at] = new[1]
        per_bin, filled = self.per_bin - old[0] + new[0], self.filled - old[4] + new[4]
        enough = None
        if is_thin(per_bin, filled):
            left = rows.copy()
            left[..., at, :] -= lost
            enough = enough_clusters(left, per_bin, filled)
        shares, products = self.shares - old[2] + new[2], self.products - old[3] + new[3]
        return RunRows(per_bin, per_cluster, shares, products, filled, enough)

    def scores(
        self, per_bin: NDArray[np.int64], per_cluster: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Score every run of neighbouring bins by its errors above average.

        Parameters
        ----------
        per_bin, per_cluster : ndarray of int64, shape (..., n_bins) and (..., n_clusters)
            Errors.

        Returns
        -------
        z, error : ndarray of float64, shape (..., n_bins + 1, n_bins + 1)
            See :func:`run_scores`.
        """
        n = np.maximum(self.per_bin.sum(axis=-1), 1)[..., None].astype(np.float64)
        rate = per_bin.sum(axis=-1)[..., None] / n
        excess = between(running(per_bin - rate * self.per_bin))
        n_run = between(running(self.per_bin))
        share = n_run / n[..., None]
        least = n_run * (rate * (1 - rate))[..., None] * (1 - share)

        m, k = self.per_cluster, per_cluster
        n_clusters = np.maximum((m > 0).sum(axis=-1), 1)[..., None, None]
        squares = between_both(self.products) / n_clusters
        mean = between(running(self.shares)) / n_clusters
        within = (k * (m - k) / np.maximum(m - 1, 1)).sum(axis=-1)[..., None, None]
        among = ((k - rate * m) ** 2).sum(axis=-1)[..., None, None]
        variance = (mean - squares) * within + (squares - 2 * share * mean + share**2) * among

        counts = (n_run >= FEWEST_ROWS) & (n_run < n[..., None]) & (least > 0)
        if self.enough is not None:
            counts &= self.enough
        excess = np.where(counts, excess, 0.0)
        spread = np.sqrt(np.maximum(variance, least), where=counts, out=np.ones(excess.shape))
        return excess / spread, np.where(counts, spread, 0.0)


def sum_up(
    rows: Counts,
) -> tuple[
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.int64],
]:
    """Sum rows as :class:`RunRows` has them."""
    m = rows.sum(axis=-1)
    profile = rows / np.maximum(m, 1)[..., None]
    products = np.swapaxes(profile, -1, -2) @ profile
    return rows.sum(axis=-2), m, profile.sum(axis=-2), products, (rows > 0).sum(axis=-2)


def is_thin(per_bin: NDArray[np.int64], filled: NDArray[np.int64]) -> bool:
    """Whether any bin has rows, but of too few clusters."""
    return bool(((filled < FEWEST_CLUSTERS) & (per_bin > 0)).any())


def enough_clusters(
    rows: Counts, per_bin: NDArray[np.int64], filled: NDArray[np.int64]
) -> NDArray[np.bool_] | None:
    """Tell which runs have rows of enough clusters; see :class:`RunRows`."""
    # Each bin has enough clusters mostly, and so has each run.
    return clusters_of_runs(rows) >= FEWEST_CLUSTERS if is_thin(per_bin, filled) else None


def run_scores(rows: Counts, errors: Counts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score every run of neighbouring bins by its errors above average.

    Parameters
    ----------
    rows, errors : ndarray of int, shape (..., n_clusters, n_bins)
        Counts; of many metrics or data sets at once.

    Returns
    -------
    z, error : ndarray of float64, shape (..., n_bins + 1, n_bins + 1)
        Of the bins from row to column, that one excluded: the errors above average over their
        standard error, and that error. 0 where a run has too few rows or clusters, or holds all
        rows, and where the outcome does not vary.

    Notes
    -----
    z = excess / sqrt(max(v, n e (1 - e) (1 - f))), with n rows in the run, their share f of all
    rows and the average error rate e. v is the variance of the excess when clusters are given the
    metric values of others: p is the share of a cluster's rows in the run; of k errors in m rows
    k p are in it, with the hypergeometric variance p (1 - p) k (m - k) / (m - 1). Hence
    v = mean p (1 - p) * sum k (m - k) / (m - 1) + mean (p - f)^2 * sum (k - e m)^2, means and sums
    over clusters. The sum of squares of what clusters add to the excess, which is the usual
    estimate, holds the effect itself: where a few clusters have most of the errors, no excess is
    ever far from it.
    """
    return RunRows.of(rows).scores(errors.sum(axis=-2), errors.sum(axis=-1))


def clusters_of_runs(rows: Counts) -> NDArray[np.int64]:
    """Count the clusters with rows in each run of bins.

    Parameters
    ----------
    rows : ndarray of int, shape (..., n_clusters, n_bins)

    Returns
    -------
    ndarray of int64, shape (..., n_bins + 1, n_bins + 1)
    """
    *stack, n_clusters, n_bins = rows.shape
    filled = np.where(rows > 0, np.arange(n_bins), n_bins).reshape(-1, n_clusters, n_bins)
    # The first bin with rows from each bin on: a run has the cluster if it ends after that one.
    following = np.minimum.accumulate(filled[..., ::-1], axis=-1)[..., ::-1]
    n_tables, width = len(following), n_bins + 1
    cell = np.arange(n_tables * n_bins).reshape(n_tables, 1, n_bins) * width + following
    found = np.bincount(cell.ravel(), minlength=n_tables * n_bins * width)
    held = np.zeros((n_tables, width, width), np.int64)
    held[:, :-1, 1:] = np.cumsum(found.reshape(n_tables, n_bins, width)[..., :-1], axis=-1)
    return held.reshape(*stack, width, width)


def running(values: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
    """Add up the first 0, 1, 2, ... values of the last axis."""
    *stack, n = values.shape
    sums = np.zeros((*stack, n + 1))
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums


def between(prefix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of each run of bins, from running sums.

    Parameters
    ----------
    prefix : ndarray of float64, shape (..., n_bins + 1)

    Returns
    -------
    ndarray of float64, shape (..., n_bins + 1, n_bins + 1)
        Of the bins from row to column, that one excluded.
    """
    return prefix[..., None, :] - prefix[..., :, None]


def between_both(products: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of the squares of each run of bins, from the products of every two bins.

    Parameters
    ----------
    products : ndarray of float64, shape (..., n_bins, n_bins)
        Summed over whatever has the bins.

    Returns
    -------
    ndarray of float64, shape (..., n_bins + 1, n_bins + 1)
    """
    both = running(running(products).swapaxes(-1, -2))
    own = np.diagonal(both, axis1=-2, axis2=-1)
    squares: NDArray[np.float64] = own[..., None, :] + own[..., :, None] - 2 * both
    return squares


def least_excess(
    z: NDArray[np.float64], error: NDArray[np.float64], n_bins: int
) -> NDArray[np.float64]:
    """Errors above average, less as many standard errors as chance gives the best of all runs."""
    return (z - bonferroni_z(TRIES_PER_BIN * n_bins)) * error


def best_runs(
    z: NDArray[np.float64], error: NDArray[np.float64], least_z: float, most: int
) -> list[tuple[int, int]]:
    """Choose the runs that surely hold the most errors above average, and do not overlap.

    Parameters
    ----------
    z, error : ndarray of float64, shape (n_bins + 1, n_bins + 1)
        See :func:`run_scores`.
    least_z : float
        Above 0; runs that do not exceed it are not chosen.
    most : int

    Returns
    -------
    list of tuple of int
        First bin and one past the last, by falling :func:`least_excess`.
    """
    left = np.where(z > least_z, least_excess(z, error, len(z) - 1), -np.inf)
    found: list[tuple[int, int]] = []
    while len(found) < most:
        start, stop = map(int, np.unravel_index(int(np.argmax(left)), left.shape))
        if left[start, stop] == -np.inf:
            break
        found.append((start, stop))
        left[:stop, start + 1 :] = -np.inf  # begins before its end and ends after its start
    return found
