"""Fine bins that no choice of rows changes, and the equal-count bins of a choice made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.binning import bin_of_ranks
from ea_widgets.core.importance.importance import FINE_BINS, fine_bins

if TYPE_CHECKING:
    from numpy.typing import NDArray

FINEST = 63 * FINE_BINS
"""Most fine bins of a metric; they fit into 16 bits, with one more for missing values.

A multiple of the bins that importance starts from: those of all rows are then unions of these,
exactly.
"""

WIDTH = 64
"""Fine bins that are looked at together; a power of two."""

FEW = 1 << 13
"""Up to so many running sums are searched at once."""


def fine_codes(counts: NDArray[np.int64]) -> tuple[NDArray[np.uint16], int]:
    """Assign distinct values to fine bins.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_values + 1,)
        Rows of each distinct value, ascending, and of missing values last.

    Returns
    -------
    of_rank : ndarray of uint16, shape (n_values + 1,)
        Fine bin of each value: one of its own, where there are few enough values. Missing ones
        get the number of bins.
    n_bins : int
    """
    if len(counts) <= FINEST + 1:
        return np.arange(len(counts), dtype=np.uint16), len(counts) - 1
    of_rank, used = bin_of_ranks(counts, FINEST)
    return of_rank.astype(np.uint16), used


@dataclass(frozen=True, eq=False)
class Groups:
    """Equal-count bins of several metrics, each a run of fine bins.

    Attributes
    ----------
    start : ndarray of intp, shape (n_metrics, n_bins)
        First fine bin of each bin; `n_fine` for the bins that a metric lacks.
    n_fine : int
        Fine bins of the metric that has most.
    totals : ndarray of int64, shape (n_metrics, n_bins + 1)
        Rows in each bin, and of missing values last.
    """

    start: NDArray[np.intp]
    n_fine: int
    totals: NDArray[np.int64]

    @property
    def n_bins(self) -> int:
        """Bins of the metric that has most; at least 1."""
        return int(self.start.shape[1])

    def of_fine(self, missing: int) -> NDArray[np.uint16]:
        """Give the bin of each fine bin.

        Parameters
        ----------
        missing : int
            Stands for missing values.

        Returns
        -------
        ndarray of uint16, shape (n_metrics, n_fine + 1)
            The last entry is for missing values.
        """
        n_metrics, n_bins = self.start.shape
        code = np.tile(np.append(np.arange(n_bins), missing).astype(np.uint16), n_metrics)
        start = np.append(self.start, np.full((n_metrics, 1), self.n_fine), axis=1)
        start += np.arange(n_metrics)[:, None] * (self.n_fine + 1)
        widths = np.diff(start.ravel(), append=n_metrics * (self.n_fine + 1))
        return np.repeat(code, widths).reshape(n_metrics, self.n_fine + 1)

    def sums(self, counts: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
        """Add up other counts per fine bin to counts per bin.

        Parameters
        ----------
        counts : ndarray of int, shape (n_metrics, n_fine + 1)

        Returns
        -------
        ndarray of int64, shape (n_metrics, n_bins + 1)
            Missing values last.
        """
        ends = running_sums(counts)
        sums = np.empty(self.totals.shape, np.int64)
        sums[:, :-1] = np.diff(ends_before(ends, self.start), axis=1, append=ends[:, -1:])
        sums[:, -1] = counts[:, -1]
        return sums


def running_sums(counts: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum counts per fine bin up, without missing values, in their own type."""
    # Sums of another type than the counts take ten times as long.
    ends: NDArray[np.int64] = np.cumsum(counts[:, :-1], axis=1, dtype=counts.dtype)
    return ends


def ends_before(ends: NDArray[np.int64], start: NDArray[np.intp]) -> NDArray[np.int64]:
    """Rows before each of some fine bins, from running sums."""
    offset = np.arange(len(ends))[:, None] * ends.shape[1] - 1
    before: NDArray[np.int64] = ends.reshape(-1).take(np.maximum(start + offset, 0))
    before[start == 0] = 0
    return before


def first_reaching(ends: NDArray[np.int64], needed: NDArray[np.int64]) -> NDArray[np.intp]:
    """Find where running sums reach some numbers, row by row.

    Parameters
    ----------
    ends : ndarray of int, shape (n_metrics, n_fine)
        Ascending along a row.
    needed : ndarray of int, of the same type, shape (n_metrics, n_needed)
        Ascending along a row.

    Returns
    -------
    ndarray of intp, shape (n_metrics, n_needed)
        How many of the sums are less, as :func:`numpy.searchsorted` counts them.
    """
    n_metrics, n_fine = ends.shape
    if n_fine <= FEW:
        rows = [np.searchsorted(row, numbers) for row, numbers in zip(ends, needed, strict=True)]
        return np.array(rows, np.intp).reshape(needed.shape)
    # A few sums fit into the cache next to the core; a block of the others is then halved.
    coarse = np.ascontiguousarray(ends[:, WIDTH - 1 :: WIDTH])
    found = np.empty(needed.shape, np.intp)
    for metric, row in enumerate(coarse):
        found[metric] = np.searchsorted(row, needed[metric])
    found *= WIDTH
    flat, offset = ends.reshape(-1), np.arange(n_metrics)[:, None] * n_fine
    step = WIDTH // 2
    while step:
        last = found + (step - 1)
        less = flat.take(offset + np.minimum(last, n_fine - 1)) < needed
        less &= last < n_fine
        found += step * less
        step //= 2
    return found


def group_bins(counts: NDArray[np.int32] | NDArray[np.int64]) -> Groups:
    """Group fine bins into bins of about equally many rows, as many as importance wants.

    Parameters
    ----------
    counts : ndarray of int, shape (n_metrics, n_fine + 1)
        Rows in each fine bin, and of missing values last.

    Returns
    -------
    Groups
        The bins of :func:`bin_of_ranks`, with fine bins for values.
    """
    n_metrics, n_fine = counts.shape[0], counts.shape[1] - 1
    if not n_metrics or not n_fine:
        totals = np.append(np.zeros((n_metrics, 1), np.int64), counts[:, -1:], axis=1)
        start = np.zeros((n_metrics, 1), np.intp)
        return Groups(start, n_fine, totals.astype(np.int64, copy=False))
    ends = running_sums(counts)
    total = ends[:, -1:].astype(np.int64)
    most = np.array([fine_bins(n) for n in total[:, 0].tolist()], np.int64)
    wanted = np.minimum(most[:, None], total)
    target = np.arange(int(wanted.max(initial=1)))
    # A bin begins at the first fine bin with at least so many rows before it. Several bins may
    # begin at the same, where ties are many: all but the last are empty.
    needed = -(-target * total // np.maximum(wanted, 1))
    needed = np.where(target < wanted, needed, total + 1).astype(counts.dtype)
    first = np.zeros(needed.shape, np.intp)
    first[:, 1:] = first_reaching(ends, needed[:, 1:])
    first[:, 1:] += 1
    np.minimum(first, n_fine, out=first)
    size = np.diff(ends_before(ends, first), axis=1, append=total)
    held = size > 0
    if not held.all():
        metric, at = np.nonzero(held)
        number = np.cumsum(held, axis=1) - 1
        n_bins = max(int(number.max()), 0) + 1
        first, every = np.full((n_metrics, n_bins), n_fine), first
        size, sizes = np.zeros((n_metrics, n_bins), np.int64), size
        first[metric, number[metric, at]] = every[metric, at]
        size[metric, number[metric, at]] = sizes[metric, at]
        first[:, 0] = 0
    totals = np.append(size, counts[:, -1:], axis=1)
    return Groups(first, n_fine, totals.astype(np.int64, copy=False))
