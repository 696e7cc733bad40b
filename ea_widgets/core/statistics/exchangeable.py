"""Clusters whose outcomes a null data set exchanges, whatever their sizes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

SMALLEST_ICC, LARGEST_ICC = 1e-6, 1 - 1e-6

SEED = 1912

LARGEST_TABLE = 1 << 21
"""Entries of the tables of all sizes; beyond, the largest clusters exchange rates."""

LOOKUP_SIZE, MOST_BUCKETS = 1 << 20, 1 << 10
"""Entries of the lookup that finds a quantile in those tables, and buckets per size."""


def icc(successes: Counts, sizes: Counts, stratum: NDArray[np.intp] | None = None) -> float:
    """Intraclass correlation of the outcomes within clusters.

    Parameters
    ----------
    successes, sizes : ndarray of int64, shape (n_cells,)
        Of each cluster, or of its part in a stratum.
    stratum : ndarray of intp, shape (n_cells,), optional
        One for all by default.

    Returns
    -------
    float
        Within (0, 1).

    Notes
    -----
    Fleiss & Cuzick (1979), pooled over strata. Clusters are weighted by their objects, not by
    pairs of objects, so that one huge cluster does not decide alone.
    """
    stratum = np.zeros(len(sizes), np.intp) if stratum is None else stratum
    n_cells = np.bincount(stratum)
    n, s = np.bincount(stratum, sizes), np.bincount(stratum, successes)
    rate = s / np.maximum(n, 1)
    within = float((successes * (sizes - successes) / np.maximum(sizes, 1)).sum())
    whole = float(((n - n_cells) * rate * (1 - rate)).sum())
    found = 1 - within / whole if whole > 0 else SMALLEST_ICC
    return float(np.clip(found, SMALLEST_ICC, LARGEST_ICC))


def icc_by_spread(successes: Counts, sizes: Counts) -> float:
    """Intraclass correlation, from how far the successes of clusters are from the common rate.

    Clusters are weighted by the square of their size, as they are in the variance of a bin that a
    few of them add up to. Random clusters with this correlation vary together as much as the
    given ones do, also where large clusters are harder or easier than small ones.

    Parameters
    ----------
    successes, sizes : ndarray of int64, shape (n_clusters,)

    Returns
    -------
    float
        Within (0, 1).
    """
    n = int(sizes.sum())
    rate = successes.sum() / max(n, 1)
    binomial = rate * (1 - rate)
    pairs = float((sizes * (sizes - 1)).sum())
    if not binomial or not pairs:
        return SMALLEST_ICC
    residual = float(((successes - rate * sizes) ** 2).sum())
    # The rate is estimated from the same clusters.
    residual /= 1 - float((sizes.astype(np.float64) ** 2).sum()) / n**2
    return float(np.clip((residual / binomial - n) / pairs, SMALLEST_ICC, LARGEST_ICC))


@dataclass(frozen=True, eq=False)
class ExchangeableClusters:
    """Clusters that can be given each other's outcomes.

    A cluster of one object is all right or all wrong, one of a hundred hardly ever is: a rate
    cannot be handed on between clusters of different sizes. Instead each cluster is ranked by the
    quantile of its successes in the beta-binomial distribution of its size. The receiver gets the
    successes that stand at the donor's quantile in the distribution of the receiver's size. Where
    all clusters have one size, these are the donor's own.

    Attributes
    ----------
    successes, sizes : ndarray of int64, shape (n_clusters,)
    rank : ndarray of intp, shape (n_clusters,)
        By quantile, from 0.
    group : ndarray of intp, shape (n_clusters,)
        Clusters of one size are a group; -1 where rates are exchanged.
    first : ndarray of intp, shape (n_groups,)
        Start of each group in `table`.
    table : ndarray of float64
        Group number plus the probability of so many successes or fewer, from 0 up; ascending.
    """

    successes: Counts
    sizes: Counts
    rank: NDArray[np.intp]
    group: NDArray[np.intp]
    first: NDArray[np.intp]
    table: NDArray[np.float64]

    @classmethod
    def by_quantile(cls, successes: Counts, sizes: Counts) -> ExchangeableClusters:
        """Tabulate the distributions of all sizes.

        Parameters
        ----------
        successes, sizes : ndarray of int64, shape (n_clusters,)

        Returns
        -------
        ExchangeableClusters
        """
        size, group = np.unique(sizes, return_inverse=True)
        if len(size) < 2:
            return cls.by_rate(successes, sizes)
        # The smallest sizes first, as far as there is room.
        size = size[np.cumsum(size + 1) <= LARGEST_TABLE]
        group = np.where(group < len(size), group, -1)
        first, table = beta_binomial_tables(
            size, successes.sum() / sizes.sum(), icc_by_spread(successes, sizes)
        )
        known = np.flatnonzero(group >= 0)
        entry = first[group[known]] + successes[known]
        below = np.where(successes[known] > 0, table[entry - 1], group[known])
        quantile = successes / np.maximum(sizes, 1)  # of those without a table
        ties = np.random.default_rng(SEED).random(len(known))
        quantile[known] = below + ties * (table[entry] - below) - group[known]
        rank = np.empty(len(sizes), np.intp)
        rank[np.argsort(quantile, kind="stable")] = np.arange(len(sizes))
        return cls(successes, sizes, rank, group, first, table)

    @classmethod
    def by_rate(cls, successes: Counts, sizes: Counts) -> ExchangeableClusters:
        """Exchange rates, rounded at random, whatever the sizes.

        For parts of clusters in strata: a quantile says little about a part of one object, and
        what the parts of a cluster have in common would be lost. Rates keep too much of it, which
        makes the null too wide: noise is called real less often than it may be.
        """
        none = np.zeros(0, np.intp)
        return cls(successes, sizes, none, np.full(len(sizes), -1), none, np.zeros(0))

    @cached_property
    def _lookup(self) -> tuple[int, NDArray[np.int32]]:
        """Buckets of quantiles per group, and the successes at all quantiles of each.

        -1 where these differ within the bucket.
        """
        n_groups = max(len(self.first), 1)
        buckets = min(MOST_BUCKETS, 1 << max(LOOKUP_SIZE // n_groups, 1).bit_length() - 1)
        start = np.arange(n_groups * buckets + 1) / buckets  # exact: a power of two
        entry = np.searchsorted(self.table, start)
        successes = entry[:-1] - np.repeat(self.first, buckets)
        return buckets, np.where(entry[:-1] == entry[1:], successes, -1).astype(np.int32)

    @cached_property
    def _tabulated(self) -> NDArray[np.intp] | slice:
        """Clusters that exchange quantiles; the others exchange rates."""
        known = self.group >= 0
        return slice(None) if known.all() else np.flatnonzero(known)

    def _find(self, group: NDArray[np.intp], quantile: NDArray[np.float64]) -> Counts:
        """Successes at quantiles, shape (..., n), of groups, shape (n,); most need no search."""
        buckets, successes = self._lookup
        bucket = (quantile * buckets).astype(np.intp)
        np.minimum(bucket, buckets - 1, out=bucket)
        bucket += group * buckets
        found = successes.take(bucket).astype(np.int64)
        unsure = np.nonzero(found < 0)
        own = group[unsure[-1]]
        entry = np.searchsorted(self.table, own + quantile[unsure])
        found[unsure] = np.maximum(entry - self.first[own], 0)
        return found

    def transfer(self, donor: NDArray[np.intp], u: NDArray[np.float64]) -> Counts:
        """Give each cluster the outcomes of another.

        Parameters
        ----------
        donor : ndarray of intp, shape (..., n_clusters)
            Cluster whose outcomes each one gets; for many data sets at once.
        u : ndarray of float64, shape (..., n_clusters)
            Uniform in [0, 1): how what falls between two whole numbers is rounded.

        Returns
        -------
        ndarray of int64, shape (..., n_clusters)
            Successes in each, from 0 to its size.
        """
        rows = self._tabulated
        count: Counts = np.zeros(donor.shape, np.int64)
        if not isinstance(rows, slice):
            taken, donor_size = self.successes[donor], self.sizes[donor]
            scaled = np.floor(taken * self.sizes / np.maximum(donor_size, 1) + u)
            count = np.where(self.sizes == donor_size, taken, scaled.astype(np.int64))
        group = self.group[rows]
        if len(group):
            quantile = self.rank.take(donor[..., rows]) + u[..., rows]
            quantile /= len(self.sizes)
            count[..., rows] = self._find(group, quantile)
        return count


def beta_binomial_tables(
    sizes: Counts, rate: float, correlation: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Cumulate the beta-binomial distributions of several sizes.

    Parameters
    ----------
    sizes : ndarray of int64, shape (n_groups,)
    rate : float
    correlation : float
        Intraclass correlation, within (0, 1).

    Returns
    -------
    first : ndarray of intp, shape (n_groups,)
        Start of each group in the table.
    table : ndarray of float64, shape (sum of sizes + n_groups,)
        Group number plus cumulated probability, for 0 to `size` successes.

    Examples
    --------
    >>> first, table = beta_binomial_tables(np.array([1, 2]), 0.5, 1 / 3)
    >>> first, table.round(3)
    (array([0, 2]), array([0.5  , 1.   , 1.333, 1.667, 2.   ]))
    """
    from scipy.special import betaln  # noqa: PLC0415  # loading it takes half as long as pandas

    last = np.cumsum(sizes + 1) - 1
    first = last - sizes
    group = np.repeat(np.arange(len(sizes)), sizes + 1)
    k = np.arange(len(group)) - first[group]
    n = sizes[group]
    rate = float(np.clip(rate, SMALLEST_ICC, LARGEST_ICC))
    a, b = rate * (1 / correlation - 1), (1 - rate) * (1 / correlation - 1)
    chance = np.exp(
        betaln(k + a, n - k + b) - betaln(a, b) - betaln(n - k + 1, k + 1) - np.log(n + 1)
    )
    cumulated = np.cumsum(chance)
    before = cumulated[first] - chance[first]
    whole = cumulated[last] - before
    table = group + np.minimum((cumulated - before[group]) / whole[group], 1.0)
    table[last] = np.arange(1.0, len(sizes) + 1)
    return first, table
