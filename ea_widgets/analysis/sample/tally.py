"""What is added up over rows, kept so that a slider move looks only at the rows that changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Tally:
    """What is added up over rows. Tallies of any split of the rows add up, without rounding.

    Attributes
    ----------
    histogram : ndarray of int64, shape (n_metrics, n_bins + 1)
        Rows per metric and fine bin; those without a value last.
    sums : ndarray of float64, shape (n_metrics,)
        Of the standardised metrics.
    """

    histogram: NDArray[np.int64]
    sums: NDArray[np.float64]

    def __add__(self, other: Tally) -> Tally:
        """Add the tally of further rows."""
        return Tally(self.histogram + other.histogram, self.sums + other.sums)

    def __sub__(self, other: Tally) -> Tally:
        """Take rows away again."""
        return Tally(self.histogram - other.histogram, self.sums - other.sums)


class LastTally:
    """The last tally, so that the next one looks only at the rows that changed sides."""

    def __init__(self) -> None:
        self._last: tuple[NDArray[np.intp], NDArray[np.bool_], Tally] | None = None

    def of(self, rows: NDArray[np.intp], tally: Callable[[NDArray[np.intp]], Tally]) -> Tally:
        """Tally the rows, whole or by the difference, whichever is less work.

        Parameters
        ----------
        rows : ndarray of intp
            Distinct, ascending.
        tally : callable
            Tallies rows.

        Returns
        -------
        Tally
        """
        last = self._last
        is_ = np.zeros(int(rows[-1]) + 1 if len(rows) else 0, bool)
        is_[rows] = True
        found = None
        if last is not None:
            before, was, total = last
            added, removed = absent(rows, was), absent(before, is_)
            if len(added) + len(removed) < len(rows):
                found = total + tally(added) - tally(removed)
        if found is None:
            found = tally(rows)
        self._last = (rows, is_, found)
        return found


def absent(rows: NDArray[np.intp], mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Those of some ascending rows that a mask, which may end early, does not mark."""
    inside = int(np.searchsorted(rows, len(mask)))
    return np.concatenate([rows[:inside][~mask[rows[:inside]]], rows[inside:]])


def count_codes(
    codes: NDArray[np.uint16], n_bins: int, weights: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Count the fine bins of each column.

    Parameters
    ----------
    codes : ndarray of uint16, shape (n_rows, n_columns)
        At most `n_bins`, which stands for no value.
    n_bins : int
    weights : ndarray of int64, shape (n_rows * n_columns,), optional
        What each entry counts for; 1 by default.

    Returns
    -------
    ndarray of int64, shape (n_columns, n_bins + 1)
    """
    width, n_columns = n_bins + 1, codes.shape[1]
    offset = np.arange(n_columns) * width
    total = np.zeros(n_columns * width, np.int64)
    step = 1 << 16  # bounds the memory, and the cache stays warm
    for part in range(0, len(codes), step):
        flat = (codes[part : part + step] + offset).ravel()
        count = None if weights is None else weights[part * n_columns :][: len(flat)]
        # Whole numbers below 2^53 stay exact as floats.
        total += np.bincount(flat, count, len(total)).astype(np.int64, copy=False)
    return total.reshape(n_columns, width)
