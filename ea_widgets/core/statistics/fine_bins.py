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
    before = np.zeros(counts.shape, counts.dtype)
    np.cumsum(counts[:, :-1], axis=1, out=before[:, 1:])
    firsts, rows = [], []
    for start in before:
        total = int(start[-1])
        wanted = min(fine_bins(total), total)
        needed = -(-np.arange(wanted) * total // max(wanted, 1))
        # The first fine bin with so many rows before it; several may share it, where ties are many.
        first = np.searchsorted(start[:-1], needed.astype(start.dtype))
        size = np.diff(start[first], append=start[-1:])
        firsts.append(first[size > 0])
        rows.append(size[size > 0])
    n_bins = max([1, *map(len, firsts)])
    of_fine = np.zeros(counts.shape, np.uint16)
    totals = np.zeros((n_metrics, n_bins + 1), np.int64)
    for metric, (first, size) in enumerate(zip(firsts, rows, strict=True)):
        width = np.diff(first, append=n_fine)
        number = np.arange(len(first), dtype=np.uint16)
        of_fine[metric, : width.sum()] = np.repeat(number, width)
        totals[metric, : len(size)] = size
    of_fine[:, -1] = n_bins
    totals[:, -1] = counts[:, -1]
    return Groups(of_fine, n_bins, totals)
