"""Equal-count bins with ties kept together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)

FEW = 8
"""Less than this share of the distinct values are looked at by sorting, not by counting."""


@dataclass(frozen=True, eq=False)
class RankedColumn:
    """A column of numbers as ranks among its distinct values, computed once.

    Attributes
    ----------
    rank : ndarray of int32, shape (n_units,)
        Position of each unit's value in `values`; ``len(values)`` where it is missing.
    values : ndarray of float64, shape (n_values,)
        The distinct values, ascending.
    unit : ndarray of intp, shape (n_rows,), or None
        Unit (image) of each row, where the column describes images; None where a row is a unit.
    """

    rank: NDArray[np.int32]
    values: NDArray[np.float64]
    unit: NDArray[np.intp] | None = None

    @classmethod
    def of(cls, column: NDArray[np.float64], unit: NDArray[np.intp] | None = None) -> RankedColumn:
        """Rank a column; NaN is missing, and -0.0 is 0.0."""
        order = np.argsort(column)
        ordered = column[order]
        ordered = ordered[: np.searchsorted(ordered, np.nan)]
        new = np.ones(len(ordered), bool)
        np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
        values = ordered[new]
        rank = np.full(len(column), len(values), np.int32)
        rank[order[: len(ordered)]] = np.cumsum(new, dtype=np.int32) - np.int32(1)
        return cls(rank, values, unit)

    def take(self, rows: NDArray[np.intp] | slice) -> RankedColumn:
        """Rank the chosen rows among themselves.

        Parameters
        ----------
        rows : ndarray of intp or slice
            Chosen rows; ``slice(None)`` takes all and copies nothing.

        Returns
        -------
        RankedColumn
            Of an image metric, with all its values, those of unchosen images too.
        """
        if isinstance(rows, slice):
            return self
        if self.unit is not None:
            return RankedColumn(self.rank, self.values, self.unit[rows])
        rank, size = self.rank[rows], len(self.values)
        if len(rows) * FEW < size:
            present, place = np.unique(rank, return_inverse=True)
            return RankedColumn(place.astype(np.int32), self.values[present[present < size]])
        there = np.zeros(size + 1, bool)
        there[rank] = True
        number = np.cumsum(there, dtype=np.int32) - np.int32(1)
        number[size] = there[:size].sum()
        return RankedColumn(number[rank], self.values[there[:size]])

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each distinct value, and last those without one; shape (n_values + 1,).

        Counted anew each time: kept, it would take as much memory as the values.
        """
        return self.counts_of(slice(None))

    def counts_of(self, rows: NDArray[np.intp] | slice) -> NDArray[np.int64]:
        """Count the same of some rows only."""
        size = len(self.values) + 1
        if self.unit is None:
            return np.bincount(self.rank[rows], minlength=size)
        per_unit = np.bincount(self.unit[rows], minlength=len(self.rank))
        return np.bincount(self.rank, weights=per_unit, minlength=size).astype(np.int64)

    def spread(self, of_rank: NDArray[Number]) -> NDArray[Number]:
        """Give each row what its rank was given."""
        per_unit = of_rank[self.rank]
        return per_unit if self.unit is None else per_unit[self.unit]


@dataclass(frozen=True, eq=False)
class Bins:
    """A partition of the ranks of a column into equal-count bins.

    Attributes
    ----------
    of_rank : ndarray of intp, shape (n_values + 1,)
        Bin of each distinct value; the last entry, for missing values, is `n_bins`.
    n_bins : int
    n : ndarray of int64, shape (n_bins,)
        Rows in each bin.
    low, high, center : ndarray of float64, shape (n_bins,)
        Edges (half-way between neighbouring values, so that no value lies on an inner edge;
        the outer ones are the smallest and the largest value) and the median of the rows.
    """

    of_rank: NDArray[np.intp]
    n_bins: int
    n: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    center: NDArray[np.float64]


def bin_of_ranks(counts: NDArray[np.int64], n_bins: int) -> tuple[NDArray[np.intp], int]:
    """Assign distinct values to bins of about equally many rows.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_values + 1,)
        Rows of each distinct value, ascending, and of missing values last.
    n_bins : int
        Most bins wanted.

    Returns
    -------
    of_rank : ndarray of intp, shape (n_values + 1,)
        Bin of each value; missing ones get the number of bins used. Values without rows get
        the bin of a neighbour.
    used : int
        Bins with rows in them, at most `n_bins`.
    """
    present = counts[:-1]
    ends = np.cumsum(present)
    total = int(ends[-1]) if len(ends) else 0
    if not total:
        return np.zeros(len(counts), np.intp), 0
    # Each row in a bin of its own is the most there can be, however many are wanted.
    n_bins = min(n_bins, total)
    target = (ends - present) * n_bins // total
    # Several targets may hold no value, where ties span them: number only those that do.
    occupied = np.zeros(n_bins + 1, bool)
    occupied[target[present > 0]] = True
    number = np.cumsum(occupied) - 1
    used = int(number[-1]) + 1
    return np.append(np.maximum(number[target], 0), used), used


def equal_count_bins(values: NDArray[np.float64], counts: NDArray[np.int64], n_bins: int) -> Bins:
    """Partition the rows of a column into at most `n_bins` bins of about equal count.

    Parameters
    ----------
    values : ndarray of float64, shape (n_values,)
        Distinct values, ascending.
    counts : ndarray of int64, shape (n_values + 1,)
        Rows of each, and of missing values last.
    n_bins : int
        Most bins wanted.

    Returns
    -------
    Bins
    """
    of_rank, used = bin_of_ranks(counts, n_bins)
    if not used:
        nothing = np.zeros(0)
        return Bins(of_rank, 0, np.zeros(0, np.int64), nothing, nothing, nothing)
    present = np.flatnonzero(counts[:-1])
    group = of_rank[present]
    n = np.bincount(group, weights=counts[present], minlength=used).astype(np.int64)
    first = np.searchsorted(group, np.arange(used))
    last = np.append(first[1:], len(present)) - 1
    smallest, largest = values[present[first]], values[present[last]]
    between = smallest[1:] / 2 + largest[:-1] / 2
    # Neighbouring floats have nothing between them: the upper one is then the edge.
    between = np.where(between > largest[:-1], between, smallest[1:])
    ends = np.cumsum(counts[present])
    start = np.cumsum(n) - n
    lower = values[present[np.searchsorted(ends, start + (n - 1) // 2, side="right")]]
    upper = values[present[np.searchsorted(ends, start + n // 2, side="right")]]
    return Bins(
        of_rank=of_rank,
        n_bins=used,
        n=n,
        low=np.append(smallest[:1], between),
        high=np.append(between, largest[-1:]),
        center=lower / 2 + upper / 2,
    )
