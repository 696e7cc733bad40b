"""Outcomes of one frame in the place of another, whatever their sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

LEAST_LIKENESS, MOST_LIKENESS = 1e-6, 1 - 1e-6

SEED = 1912

LARGEST_TABLE = 1 << 21
"""Entries of the tables of frames of all sizes; beyond, the largest frames keep their shares."""


def likeness(successes: Counts, sizes: Counts, stratum: NDArray[np.intp] | None = None) -> float:
    """How alike the outcomes of one frame are: the intra-frame correlation.

    Parameters
    ----------
    successes, sizes : ndarray of int64, shape (n_cells,)
        Of each frame, or its part in a stratum.
    stratum : ndarray of intp, shape (n_cells,), optional
        One for all by default.

    Returns
    -------
    float
        Within (0, 1).

    Notes
    -----
    Fleiss & Cuzick (1979), pooled over strata. Frames weigh by their objects, not by the pairs of
    these, so that one huge frame does not decide alone.
    """
    stratum = np.zeros(len(sizes), np.intp) if stratum is None else stratum
    n_cells = np.bincount(stratum)
    n, s = np.bincount(stratum, sizes), np.bincount(stratum, successes)
    rate = s / np.maximum(n, 1)
    within = float((successes * (sizes - successes) / np.maximum(sizes, 1)).sum())
    whole = float(((n - n_cells) * rate * (1 - rate)).sum())
    found = 1 - within / whole if whole > 0 else LEAST_LIKENESS
    return float(np.clip(found, LEAST_LIKENESS, MOST_LIKENESS))


def spread_likeness(successes: Counts, sizes: Counts) -> float:
    """How alike the outcomes of one frame are, from how far its successes are from their share.

    Frames weigh by the square of their size, as they do in what a bin of a few of them sums up to:
    with this likeness, frames at random vary as much together as the given ones do. That holds
    where large frames are harder or easier than small ones, too.

    Parameters
    ----------
    successes, sizes : ndarray of int64, shape (n_cells,)

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
        return LEAST_LIKENESS
    residual = float(((successes - rate * sizes) ** 2).sum())
    # The share is estimated from the same frames.
    residual /= 1 - float((sizes.astype(np.float64) ** 2).sum()) / n**2
    return float(np.clip((residual / binomial - n) / pairs, LEAST_LIKENESS, MOST_LIKENESS))


@dataclass(frozen=True, eq=False)
class Exchange:
    """Frames whose outcomes can stand in the place of each other's.

    A frame of one object is all right or all wrong, one of a hundred hardly ever: shares of
    successes cannot be handed on between frames of different sizes. What is handed on is the rank
    of a frame among all, by how lucky its outcome is among those of frames of its size, and what
    has that rank among the outcomes of the other's size is the outcome there: quantiles of the
    beta-binomial distribution. Where all frames have one size, it is the outcome itself.

    Attributes
    ----------
    successes, sizes : ndarray of int64, shape (n_cells,)
    rank : ndarray of intp, shape (n_cells,)
        From 0 for the least lucky.
    group : ndarray of intp, shape (n_cells,)
        Of cells with one distribution, of one size; -1 where shares are handed on.
    first : ndarray of intp, shape (n_groups,)
        Where the table of each group begins.
    table : ndarray of float64
        Group number plus the chance of so many successes or fewer, from 0 up; ascending.
    """

    successes: Counts
    sizes: Counts
    rank: NDArray[np.intp]
    group: NDArray[np.intp]
    first: NDArray[np.intp]
    table: NDArray[np.float64]

    @classmethod
    def of(cls, successes: Counts, sizes: Counts) -> Exchange:
        """Tabulate the distributions of all sizes.

        Parameters
        ----------
        successes, sizes : ndarray of int64, shape (n_cells,)

        Returns
        -------
        Exchange
        """
        size, group = np.unique(sizes, return_inverse=True)
        if len(size) < 2:
            return cls.of_shares(successes, sizes)
        # The smallest sizes first, as far as there is room.
        size = size[np.cumsum(size + 1) <= LARGEST_TABLE]
        group = np.where(group < len(size), group, -1)
        rate = successes.sum() / sizes.sum()
        first, table = tabulate(size, np.full(len(size), rate), spread_likeness(successes, sizes))
        known = np.flatnonzero(group >= 0)
        place = first[group[known]] + successes[known]
        below = np.where(successes[known] > 0, table[place - 1], group[known])
        quantile = successes / np.maximum(sizes, 1)  # of those without a table
        ties = np.random.default_rng(SEED).random(len(known))
        quantile[known] = below + ties * (table[place] - below) - group[known]
        rank = np.empty(len(sizes), np.intp)
        rank[np.argsort(quantile, kind="stable")] = np.arange(len(sizes))
        return cls(successes, sizes, rank, group, first, table)

    @classmethod
    def of_shares(cls, successes: Counts, sizes: Counts) -> Exchange:
        """Hand on shares of successes, rounded at random, whatever the sizes.

        For parts of frames in strata: of a part of one object a quantile tells little, and what
        the parts of a frame have in common would be lost. Shares keep too much of it: noise passes
        for something less often than it might.
        """
        none = np.zeros(0, np.intp)
        return cls(successes, sizes, none, np.full(len(sizes), -1), none, np.zeros(0))

    def in_place_of(
        self,
        cell: NDArray[np.intp],
        donor: NDArray[np.intp],
        luck: NDArray[np.float64],
    ) -> Counts:
        """Give cells the outcomes of others.

        Parameters
        ----------
        cell, donor : ndarray of intp, shape (n,)
            Cells, and those whose outcomes they get.
        luck : ndarray of float64, shape (n,)
            From 0 to 1, uniform: where between the outcomes next to each other.

        Returns
        -------
        ndarray of int64, shape (n,)
            Successes in each cell, from 0 to its size.
        """
        taken, size, donor_size = self.successes[donor], self.sizes[cell], self.sizes[donor]
        count: Counts = np.where(
            size == donor_size,
            taken,
            np.floor(taken * size / np.maximum(donor_size, 1) + luck).astype(np.int64),
        )
        row = np.flatnonzero(self.group[cell] >= 0)
        if len(row):
            group = self.group[cell[row]]
            quantile = (self.rank[donor[row]] + luck[row]) / len(self.sizes)
            found = np.searchsorted(self.table, group + quantile) - self.first[group]
            count[row] = np.clip(found, 0, size[row])
        return count


def tabulate(
    size: Counts, rate: NDArray[np.float64], alike: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Cumulate beta-binomial distributions.

    Parameters
    ----------
    size : ndarray of int64, shape (n_groups,)
    rate : ndarray of float64, shape (n_groups,)
    alike : float
        Intra-frame correlation, within (0, 1).

    Returns
    -------
    first : ndarray of intp, shape (n_groups,)
        Where each group begins in the table.
    table : ndarray of float64, shape (sum of sizes + n_groups,)
        Group number plus cumulated chance, for 0 to `size` successes.

    Examples
    --------
    >>> first, table = tabulate(np.array([1, 2]), np.array([0.5, 0.5]), 1 / 3)
    >>> first, table.round(3)
    (array([0, 2]), array([0.5  , 1.   , 1.333, 1.667, 2.   ]))
    """
    length = size + 1
    ends = np.cumsum(length)
    first = ends - length
    owner = np.repeat(np.arange(len(size)), length)
    k = np.arange(len(owner)) - first[owner]
    n = size[owner]
    rates = np.clip(rate, LEAST_LIKENESS, MOST_LIKENESS)[owner]
    strength = 1 / alike - 1
    a, b = rates * strength, (1 - rates) * strength
    # Chance of k over that of k - 1.
    before = np.maximum(k - 1, 0)
    ratio = (n - before) * (before + a) / ((before + 1) * np.maximum(n - before - 1 + b, 1e-300))
    step = np.where(k > 0, np.log(np.maximum(ratio, 1e-300)), 0.0)
    logs = np.cumsum(step)
    logs -= logs[first][owner]
    if not len(owner):
        return first, logs
    logs -= np.maximum.reduceat(logs, first)[owner]
    chance = np.exp(logs)
    chance /= np.add.reduceat(chance, first)[owner]
    whole = np.cumsum(chance)
    before_group = np.where(first > 0, whole[first - 1], 0.0)
    table = owner + np.minimum(whole - before_group[owner], 1.0)
    table[ends - 1] = owner[ends - 1] + 1.0
    return first, table
