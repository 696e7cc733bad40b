"""What is added up over rows, kept so that a move looks only at the rows that changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from ea_widgets.analysis.sample.all_cores import on_all_cores

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Total = TypeVar("Total")

JUMP = 16
"""A change of more than this share of all rows is a jump; what it led to is kept for longer."""

SPARSE = 4
"""Sets of less than this share of all rows are compared by their rows, not by their masks."""

FEW = 8192
"""Up to so many rows are counted one by one, more by a table of their own."""


class Tallies(Generic[Total]):
    """Totals of the last few sets of rows; the next set is counted from the nearest of them.

    May be asked from several threads: what is kept is never changed.

    Parameters
    ----------
    n_rows : int
        Rows that there are.
    steps, jumps : int
        How many sets to keep: of those a few rows from another, and of those far from any.
    """

    def __init__(self, n_rows: int, steps: int = 1, jumps: int = 1) -> None:
        self._n_rows = n_rows
        self._most = {False: steps, True: jumps}
        self._kept: tuple[Kept[Total], ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy, or what is pickled, is empty.
        return type(self), (self._n_rows, self._most[False], self._most[True])

    def of(
        self,
        rows: NDArray[np.intp],
        whole: Callable[[NDArray[np.intp]], Total],
        change: Callable[[Total, NDArray[np.intp], NDArray[np.intp]], Total],
    ) -> Total:
        """Add up a set of rows.

        Parameters
        ----------
        rows : ndarray of intp
            Distinct, ascending.
        whole : callable
            Adds up some rows.
        change : callable
            Adds to a total some rows, and takes others away, both ascending; returns a new total.

        Returns
        -------
        Total
            Not to be written to.
        """
        mask = np.zeros(self._n_rows, bool)
        mask[rows] = True
        kept = self._kept
        far, nearest = {-1: len(rows) + 1}, -1
        # Sets of other sizes differ by that at least.
        least = [abs(other.n_rows - len(rows)) for other in kept]
        for number in sorted(range(len(kept)), key=least.__getitem__):
            if least[number] < far[nearest]:
                far[number] = kept[number].distance(rows, mask)
                nearest = min(nearest, number, key=far.__getitem__)
        if not far[nearest]:
            found = kept[nearest]
            self._kept = (*kept[:nearest], *kept[nearest + 1 :], found)
            return found.total
        if nearest >= 0:
            other = kept[nearest]
            total = change(other.total, *other.difference(rows, mask))
        else:
            total = whole(rows)
        is_jump = far[nearest] * JUMP > self._n_rows
        alike = [entry for entry in kept if entry.is_jump == is_jump]
        others = [entry for entry in kept if entry.is_jump != is_jump]
        alike = alike[max(len(alike) - self._most[is_jump] + 1, 0) :]
        few = rows if len(rows) * SPARSE < self._n_rows else None
        self._kept = (*others, *alike, Kept(len(rows), few, mask, total, is_jump))
        return total


@dataclass(frozen=True, eq=False)
class Kept(Generic[Total]):
    """The total of one set of rows.

    Attributes
    ----------
    n_rows : int
        Rows of the set.
    rows : ndarray of intp, or None
        The rows, ascending, where they are few: of many, the mask is smaller and as fast.
    mask : ndarray of bool, shape (n,)
        Whether each row that there is belongs to the set.
    total : Total
    is_jump : bool
        Whether it was far from all sets before it.
    """

    n_rows: int
    rows: NDArray[np.intp] | None
    mask: NDArray[np.bool_]
    total: Total
    is_jump: bool

    def distance(self, rows: NDArray[np.intp], mask: NDArray[np.bool_]) -> int:
        """How many rows are in one of two sets only."""
        if len(rows) * SPARSE > len(mask):
            return int(np.count_nonzero(mask != self.mask))
        shared = int(np.count_nonzero(self.mask.take(rows)))
        return len(rows) + self.n_rows - 2 * shared

    def difference(
        self, rows: NDArray[np.intp], mask: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows of another set that this one lacks, and rows of this one that the other lacks."""
        if self.rows is None or len(rows) * SPARSE > len(mask):
            changed = np.flatnonzero(mask != self.mask)
            added = mask.take(changed)
            return changed[added], changed[~added]
        return rows[~self.mask.take(rows)], self.rows[~mask.take(self.rows)]


@dataclass(frozen=True, eq=False)
class Tally:
    """What is added up over rows of a table. Tallies of any split add up, without rounding.

    Attributes
    ----------
    histogram : ndarray of int32, shape (n_object_metrics, n_fine + 1)
        Rows per metric of objects and fine bin; those without a value last.
    per_image : ndarray of int64, shape (n_images,)
        Rows of each image.
    sums : ndarray of float64, shape (2, n_object_metrics)
        Of the standardised metrics of objects, and of their squares.
    """

    histogram: NDArray[np.int32]
    per_image: NDArray[np.int64]
    sums: NDArray[np.float64]

    def __add__(self, other: Tally) -> Tally:
        """Add the tally of further rows."""
        return Tally(
            self.histogram + other.histogram,
            self.per_image + other.per_image,
            self.sums + other.sums,
        )


def count_changes(
    histogram: NDArray[np.int32],
    codes: NDArray[np.uint16],
    added: NDArray[np.intp],
    removed: NDArray[np.intp],
) -> NDArray[np.int32]:
    """Add the bins of some rows to a histogram, and take those of others from it.

    Parameters
    ----------
    histogram : ndarray of int32, shape (n_metrics, n_bins + 1)
    codes : ndarray of uint16, shape (n_metrics, n_rows)
    added, removed : ndarray of intp
        Ascending.

    Returns
    -------
    ndarray of int32, shape (n_metrics, n_bins + 1)
    """
    counted = np.empty_like(histogram)

    def count(metric: int) -> None:
        # Metric by metric: its counts stay in the cache next to the core.
        row = counted[metric]
        row[:] = histogram[metric]
        for rows, sign in ((added, 1), (removed, -1)):
            code = codes[metric].take(rows)
            if len(rows) <= FEW:
                np.add.at(row, code, np.int32(sign))
            else:
                table = np.bincount(code, minlength=len(row))
                np.add(row, sign * table, out=row, casting="unsafe")

    if len(added) + len(removed) <= FEW:
        for metric in range(len(histogram)):
            count(metric)
    else:
        on_all_cores(count, range(len(histogram)))
    return counted


def count_codes(
    codes: NDArray[np.uint16], n_bins: int, weights: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Count the bins of each metric.

    Parameters
    ----------
    codes : ndarray of uint16, shape (n_metrics, n_units)
        At most `n_bins`, which stands for no value.
    n_bins : int
    weights : ndarray of int64, shape (n_units,), optional
        What each unit counts for; 1 by default.

    Returns
    -------
    ndarray of int64, shape (n_metrics, n_bins + 1)
    """
    n_metrics, n_units = codes.shape
    width = n_bins + 1
    if weights is None and n_units <= n_bins:
        # One call for all metrics; of more units each has enough to do by itself.
        flat = codes + np.arange(0, n_metrics * width, width)[:, None]
        return np.bincount(flat.ravel(), minlength=n_metrics * width).reshape(n_metrics, width)
    # Whole numbers below 2^53 stay exact as floats.
    counts = [np.bincount(row, weights, width).astype(np.int64, copy=False) for row in codes]
    return np.array(counts, np.int64).reshape(n_metrics, width)
