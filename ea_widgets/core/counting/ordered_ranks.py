"""Ranks of rows in ascending order, without sorting all rows where they stand in fine bins."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.core.counting.binning import RankedColumn


class OrderedRanks(Protocol):
    """Ranks of the rows that have a value, ascending."""

    @property
    def total(self) -> int:
        """Rows with a value."""
        ...

    def at(self, position: NDArray[np.intp]) -> NDArray[np.intp]:
        """Rank of the row at each position, from 0 to less than `total`."""
        ...

    def before(self, rank: NDArray[np.intp]) -> NDArray[np.intp]:
        """How many rows have a lower rank than each of these."""
        ...


@dataclass(frozen=True, eq=False)
class SortedRanks:
    """Ranks of few rows; see :class:`OrderedRanks`.

    Attributes
    ----------
    ranks : ndarray of int, shape (total,)
        Ascending.
    """

    ranks: NDArray[np.int32]

    @property
    def total(self) -> int:
        """See :class:`OrderedRanks`."""
        return len(self.ranks)

    def at(self, position: NDArray[np.intp]) -> NDArray[np.intp]:
        """See :class:`OrderedRanks`."""
        return self.ranks[position].astype(np.intp)

    def before(self, rank: NDArray[np.intp]) -> NDArray[np.intp]:
        """See :class:`OrderedRanks`."""
        return np.searchsorted(self.ranks, rank)


@dataclass(frozen=True, eq=False)
class CountedRanks:
    """Ranks of which the rows are counted; see :class:`OrderedRanks`.

    Attributes
    ----------
    counts : ndarray of int64, shape (n_values,)
        Rows of each rank.
    """

    counts: NDArray[np.int64]

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.append(0, np.cumsum(self.counts))

    @property
    def total(self) -> int:
        """See :class:`OrderedRanks`."""
        return int(self._ends[-1])

    def at(self, position: NDArray[np.intp]) -> NDArray[np.intp]:
        """See :class:`OrderedRanks`."""
        return np.searchsorted(self._ends, position, side="right") - 1

    def before(self, rank: NDArray[np.intp]) -> NDArray[np.intp]:
        """See :class:`OrderedRanks`."""
        return self._ends[rank]


@dataclass(frozen=True, eq=False)
class FineRanks:
    """Ranks of rows that stand in fine bins; see :class:`OrderedRanks`.

    Only the rows of those fine bins are looked at in which a rank is asked for.

    Attributes
    ----------
    column : RankedColumn
        Of all rows.
    code : ndarray of uint16, shape (n_rows,)
        Fine bin of each row; the number of fine bins, or more, where there is no value.
    first_rank : ndarray of intp, shape (n_fine + 1,)
        Lowest rank of each fine bin; the number of values last.
    counts : ndarray of int, shape (n_fine,)
        Chosen rows in each fine bin.
    chosen : ndarray of bool, shape (n_rows,), or None
        None where all rows are chosen.
    """

    column: RankedColumn
    code: NDArray[np.uint16]
    first_rank: NDArray[np.intp]
    counts: NDArray[np.int32]
    chosen: NDArray[np.bool_] | None
    _open: list[tuple[NDArray[np.bool_], NDArray[np.int32], NDArray[np.intp]]] = field(
        default_factory=list, repr=False
    )

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.append(0, np.cumsum(self.counts, dtype=np.int64))

    @property
    def total(self) -> int:
        """See :class:`OrderedRanks`."""
        return int(self._ends[-1])

    def _inside(self, fine: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Ranks of the rows in some fine bins, sorted, and where those of each fine bin begin.

        Fine bins of one rank need no look at their rows: they have no ranks here. What was looked
        at last is kept: of the next fine bins asked for, most are among the last.
        """
        wide = fine[self.first_rank.take(fine + 1) - self.first_rank.take(fine) > 1]
        if self._open and self._open[-1][0].take(wide).all():
            return self._open[-1][1:]
        wanted = np.zeros(int(np.iinfo(self.code.dtype).max) + 1, bool)
        wanted[wide] = True
        rows = np.flatnonzero(wanted.take(self.code))
        if self.chosen is not None:
            rows = rows[self.chosen.take(rows)]
        ranks = np.sort(self.column.rank.take(rows))
        sizes = self.counts * wanted[: len(self.counts)]
        self._open.append((wanted, ranks, np.cumsum(sizes) - sizes))
        return self._open[-1][1:]

    def at(self, position: NDArray[np.intp]) -> NDArray[np.intp]:
        """See :class:`OrderedRanks`."""
        fine = np.searchsorted(self._ends, position, side="right") - 1
        found = self.first_rank.take(fine)
        ranks, start = self._inside(fine)
        wide = np.flatnonzero(self.first_rank.take(fine + 1) - found > 1)
        inside = fine[wide]
        found[wide] = ranks.take(start[inside] + position[wide] - self._ends[inside])
        return found

    def before(self, rank: NDArray[np.intp]) -> NDArray[np.intp]:
        """See :class:`OrderedRanks`."""
        fine = np.searchsorted(self.first_rank, rank, side="right") - 1
        found = self._ends.take(np.minimum(fine, len(self.counts)))
        # Below the lowest rank of a fine bin are just the fine bins before it.
        open_ = np.flatnonzero(rank > self.first_rank.take(fine))
        inside = fine[open_]
        ranks, start = self._inside(inside)
        found[open_] += np.searchsorted(ranks, rank[open_]) - start[inside]
        return found
