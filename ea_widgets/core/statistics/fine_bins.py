"""Fine bins that no choice of rows changes, and the equal-count bins of a choice made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.binning import bin_of_ranks
from ea_widgets.core.statistics.importance import FINE_BINS, fine_bins

if TYPE_CHECKING:
    from numpy.typing import NDArray

FINEST = 63 * FINE_BINS
"""Most fine bins of a metric; they fit into 16 bits, with one more for missing values.

A multiple of the bins that importance starts from: those of all rows are then unions of these,
exactly.
"""


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
    of_fine : ndarray of uint16, shape (n_metrics, n_fine + 1)
        Bin of each fine bin; the last entry, for missing values, is `n_bins`.
    n_bins : int
        Bins of the metric that has most; at least 1.
    totals : ndarray of int64, shape (n_metrics, n_bins + 1)
        Rows in each bin, and of missing values last.
    """

    of_fine: NDArray[np.uint16]
    n_bins: int
    totals: NDArray[np.int64]


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
    ends = np.cumsum(counts[:, :-1], axis=1, dtype=counts.dtype)
    total = ends[:, -1:].astype(np.int64)
    most = np.array([fine_bins(n) for n in total[:, 0].tolist()], np.int64)
    wanted = np.minimum(most[:, None], total)
    target = np.arange(int(wanted.max(initial=1)))
    # A bin begins at the first fine bin with at least so many rows before it. Several bins may
    # begin at the same, where ties are many: all but the last are empty.
    needed = -(-target * total // np.maximum(wanted, 1))
    needed = np.where(target < wanted, needed, total + 1).astype(counts.dtype)
    first = np.zeros(needed.shape, np.intp)
    for metric, row in enumerate(ends):
        first[metric, 1:] = np.searchsorted(row, needed[metric, 1:]) + 1
    np.minimum(first, n_fine, out=first)
    before = np.take_along_axis(ends, np.maximum(first - 1, 0), axis=1)
    before[:, 0] = 0
    size = np.diff(before, axis=1, append=total)
    held = size > 0
    number = np.maximum(np.cumsum(held, axis=1) - 1, 0)
    n_bins = int(number.max(initial=0)) + 1
    totals = np.zeros((n_metrics, n_bins + 1), np.int64)
    totals[np.nonzero(held)[0], number[held]] = size[held]
    totals[:, -1] = counts[:, -1]
    # Runs of fine bins, one metric after the other; the last of each are missing values.
    held[:, 0] = True
    begins = np.pad(held, ((0, 0), (0, 1)), constant_values=True)
    start = np.pad(first, ((0, 0), (0, 1)), constant_values=n_fine)
    start += np.arange(n_metrics)[:, None] * (n_fine + 1)
    bin_code = np.pad(number, ((0, 0), (0, 1)), constant_values=n_bins).astype(np.uint16)
    widths = np.diff(start[begins], append=counts.size)
    of_fine = np.repeat(bin_code[begins], widths).reshape(counts.shape)
    return Groups(of_fine, n_bins, totals)
