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
        self._kept: tuple[tuple[NDArray[np.bool_], Total, bool], ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy, or what is pickled, is empty.
        return type(self), (self._n_rows, self._most[False], self._most[True])

    def of(
        self,
        rows: NDArray[np.intp],
        empty: Callable[[], Total],
        change: Callable[[Total, NDArray[np.intp], NDArray[np.intp]], Total],
    ) -> Total:
        """Add up a set of rows.

        Parameters
        ----------
        rows : ndarray of intp
            Distinct, ascending.
        empty : callable
            Gives the total of no rows.
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
        far = [int(np.count_nonzero(mask != other)) for other, _, _ in kept]
        nearest = min(range(len(kept)), key=far.__getitem__, default=-1)
        if nearest >= 0 and not far[nearest]:
            return kept[nearest][1]
        if nearest >= 0 and far[nearest] < len(rows):
            other, total, _ = kept[nearest]
            changed = np.flatnonzero(mask != other)
            added = mask[changed]
            found = change(total, changed[added], changed[~added])
            n_changed = len(changed)
        else:
            found = change(empty(), rows, rows[:0])
            n_changed = len(rows)
        is_jump = n_changed * JUMP > self._n_rows
        alike = [entry for entry in kept if entry[2] == is_jump]
        others = [entry for entry in kept if entry[2] != is_jump]
        alike = alike[max(len(alike) - self._most[is_jump] + 1, 0) :]
        self._kept = (*others, *alike, (mask, found, is_jump))
        return found


@dataclass(frozen=True, eq=False)
class Tally:
    """What is added up over rows of a side. Tallies of any split add up, without rounding.

    Attributes
    ----------
    histogram : ndarray of int32, shape (n_object_metrics, n_fine + 1)
        Rows per metric of objects and fine bin; those without a value last.
    per_image : ndarray of int64, shape (n_images,)
        Rows of each image.
    sums, square_sums : ndarray of float64, shape (n_object_metrics,)
        Of the standardised metrics of objects, and of their squares.
    """

    histogram: NDArray[np.int32]
    per_image: NDArray[np.int64]
    sums: NDArray[np.float64]
    square_sums: NDArray[np.float64]

    def __add__(self, other: Tally) -> Tally:
        """Add the tally of further rows."""
        return Tally(
            self.histogram + other.histogram,
            self.per_image + other.per_image,
            self.sums + other.sums,
            self.square_sums + other.square_sums,
        )


def count_into(
    histogram: NDArray[np.int32], codes: NDArray[np.uint16], rows: NDArray[np.intp], sign: int
) -> None:
    """Add the bins of some rows to a histogram, or take them from it.

    Parameters
    ----------
    histogram : ndarray of int32, shape (n_metrics, n_bins + 1)
        Is changed.
    codes : ndarray of uint16, shape (n_metrics, n_rows)
    rows : ndarray of intp
        Ascending.
    sign : {1, -1}
    """
    n_metrics, width = histogram.shape
    if len(rows) <= FEW:
        flat = codes.take(rows, axis=1) + np.arange(n_metrics)[:, None] * width
        np.add.at(histogram.reshape(-1), flat.ravel(), np.int32(sign))
        return

    def count(metric: int) -> None:
        table = np.bincount(codes[metric].take(rows), minlength=width)
        np.add(histogram[metric], sign * table, out=histogram[metric], casting="unsafe")

    on_all_cores(count, range(n_metrics))


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
    if not len(codes):
        return np.zeros((0, n_bins + 1), np.int64)
    # Whole numbers below 2^53 stay exact as floats.
    return np.array(
        [np.bincount(row, weights, n_bins + 1).astype(np.int64, copy=False) for row in codes]
    )
