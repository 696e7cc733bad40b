"""Equal-count bins with ties kept together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ea_widgets.core.counting.ordered_ranks import CountedRanks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.core.counting.ordered_ranks import OrderedRanks

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
            return self.of_rows(rows)
        rank, size = self.rank[rows], len(self.values)
        if len(rows) * FEW < size:
            index, present, _ = number_keys(rank)
            return RankedColumn(index.astype(np.int32), self.values[present[present < size]])
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
        size = len(self.values) + 1
        if self.unit is None:
            return np.bincount(self.rank, minlength=size)
        per_unit = np.bincount(self.unit, minlength=len(self.rank))
        return np.bincount(self.rank, weights=per_unit, minlength=size).astype(np.int64)

    def of_rows(self, rows: NDArray[np.intp] | slice) -> RankedColumn:
        """Keep the chosen rows only, and all values."""
        if self.unit is None:
            return RankedColumn(self.rank[rows], self.values)
        return RankedColumn(self.rank, self.values, self.unit[rows])

    @property
    def ordered(self) -> NDArray[np.int32]:
        """Ranks of the units that have a value, ascending."""
        ranks = np.sort(self.rank)
        return ranks[: np.searchsorted(ranks, len(self.values))]

    def spread(self, of_rank: NDArray[Number]) -> NDArray[Number]:
        """Give each row what its rank was given."""
        per_unit = of_rank.take(self.rank)
        return per_unit if self.unit is None else per_unit.take(self.unit)


@dataclass(frozen=True, eq=False)
class Bins:
    """A partition of the ranks of a column into equal-count bins.

    Attributes
    ----------
    cut : ndarray of intp, shape (n_bins + 1,)
        Lowest rank of each bin, ascending; the number of values last.
    n : ndarray of int64, shape (n_bins,)
        Rows in each bin.
    low, high, center : ndarray of float64, shape (n_bins,)
        Edges (half-way between neighbouring values, so that no value is on an inner edge;
        the outer ones are the smallest and the largest value) and the median of the rows.
        Where edges were given, those.
    """

    cut: NDArray[np.intp]
    n: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    center: NDArray[np.float64]

    @property
    def n_bins(self) -> int:
        """How many bins there are."""
        return len(self.n)

    @property
    def of_rank(self) -> NDArray[np.intp]:
        """Bin of each distinct value, and `n_bins` for missing ones last; (n_values + 1,)."""
        return np.append(np.repeat(np.arange(self.n_bins), np.diff(self.cut)), self.n_bins)

    @property
    def edges(self) -> NDArray[np.float64]:
        """The edges in turn, shape (n_bins + 1,); none where there are no bins."""
        return np.append(self.low, self.high[-1:])


def number_keys(
    key: NDArray[np.int32] | NDArray[np.int64],
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
    """Give each key its number among the distinct ones, as ``np.unique`` does.

    Returns
    -------
    index : ndarray of intp, shape (n,)
        Number of each key among the distinct ones.
    distinct, counts : ndarray of int64, shape (n_distinct,)
    """
    bits = len(key).bit_length()
    if int(key.max(initial=0)) >= 1 << (63 - bits):
        distinct, index, counts = np.unique(key, return_inverse=True, return_counts=True)
        return index, distinct.astype(np.int64), counts
    # Sorted with its index inside, a number is sorted three times as fast as its index alone.
    ordered = key.astype(np.int64) << bits
    ordered |= np.arange(len(key))
    ordered.sort()
    origin = ordered & ((1 << bits) - 1)
    ordered >>= bits
    is_new = np.append(True, ordered[1:] != ordered[:-1])[: len(key)]
    index = np.empty(len(key), np.intp)
    index[origin] = np.cumsum(is_new) - 1
    start = np.flatnonzero(is_new)
    return index, ordered[start], np.diff(start, append=len(key))


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
    target = ends - present
    target *= n_bins
    target //= total
    # Several targets may hold no value, where ties span them: number only those that do.
    held = present > 0
    of_held = target if held.all() else target[held]
    number = np.empty(len(of_held), np.intp)
    number[0] = 0
    np.cumsum(of_held[1:] != of_held[:-1], out=number[1:])
    used = int(number[-1]) + 1
    if len(of_held) < len(target):
        # The first value with rows that follows, or else the last one, is the neighbour.
        number = number[np.minimum(np.cumsum(held) - held, len(number) - 1)]
    return np.append(number, used), used


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
    return bins_of_ordered(values, CountedRanks(counts[:-1]), n_bins)


def bins_of_ordered(
    values: NDArray[np.float64], ordered: OrderedRanks, bins: int | NDArray[np.float64]
) -> Bins:
    """Partition rows into bins of about equal count, or by edges that are given.

    Parameters
    ----------
    values : ndarray of float64, shape (n_values,)
        Distinct values, ascending.
    ordered : OrderedRanks
        Of the rows that have a value.
    bins : int or ndarray of float64
        Most bins wanted, of which none is empty; or edges, ascending, two at least. A value on an
        inner edge is in the upper bin; the outer bins take in what is outside.

    Returns
    -------
    Bins
        No bins, where equal counts are wanted and there are no rows. The center of an empty bin
        is NaN.
    """
    total = ordered.total
    if isinstance(bins, np.ndarray):
        cut = np.append(0, np.searchsorted(values, bins[1:-1]))
        start = ordered.before(cut)
    elif not total:
        nothing = np.zeros(0)
        return Bins(np.zeros(1, np.intp), nothing.astype(int), nothing, nothing, nothing)
    else:
        start = equal_count_starts(ordered, bins)
    n = np.diff(start, append=total)
    held = np.flatnonzero(n)
    first, size = start[held], n[held]
    # All at once: each time some rows are looked for.
    asked = first, first + size - 1, first + (size - 1) // 2, first + size // 2
    ranks = ordered.at(np.concatenate(asked)).reshape(len(asked), -1)
    smallest, largest, lower, upper = values[ranks]
    if isinstance(bins, np.ndarray):
        low, high = bins[:-1], bins[1:]
    else:
        cut = np.append(0, ranks[0, 1:])  # what has no rows gets the bin of a neighbour
        between = smallest[1:] / 2 + largest[:-1] / 2
        # Neighbouring floats have nothing between them: the upper one is then the edge.
        between = np.where(between > largest[:-1], between, smallest[1:])
        low, high = np.append(smallest[:1], between), np.append(between, largest[-1:])
    center = np.full(len(n), np.nan)
    center[held] = lower / 2 + upper / 2
    return Bins(np.append(cut, len(values)), n, low, high, center)


def equal_count_starts(ordered: OrderedRanks, n_bins: int) -> NDArray[np.intp]:
    """Find where bins of about equally many rows begin, as :func:`bin_of_ranks` does.

    Parameters
    ----------
    ordered : OrderedRanks
        Of one row at least.
    n_bins : int
        Most bins wanted.

    Returns
    -------
    ndarray of intp, shape (n_used,)
        Positions, ascending, from 0; never between ties.
    """
    total = ordered.total
    n_bins = min(n_bins, total)
    needed = -(-np.arange(n_bins) * total // n_bins)
    ends = np.append(needed[1:], total)
    # The middles are asked for next, where there are no ties: rows are then looked for once.
    asked = (
        np.maximum(needed - 1, 0),
        needed,
        (needed + ends - 1) // 2,
        (needed + ends) // 2,
        ends - 1,
    )
    below, above, *_ = ordered.at(np.concatenate(asked)).reshape(len(asked), -1)
    inside_ties = below == above
    inside_ties[0] = False
    if inside_ties.any():
        needed[inside_ties] = ordered.before(above[inside_ties] + 1)
    return np.unique(needed[needed < total])
