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
        sums = np.empty(self.totals.shape, np.int64)
        ends = np.zeros(self.n_fine + 1, counts.dtype)
        before = np.empty(self.totals.shape, counts.dtype)
        for row, start, of_metric in zip(counts, self.start, before, strict=True):
            np.cumsum(row[:-1], dtype=counts.dtype, out=ends[1:])
            ends.take(start, out=of_metric[:-1])
            of_metric[-1] = ends[-1]
        np.subtract(before[:, 1:], before[:, :-1], out=sums[:, :-1])
        sums[:, -1] = counts[:, -1]
        return sums

    def of_few(self, codes: NDArray[np.uint16], missing: int) -> NDArray[np.uint16]:
        """Give the bins of some fine bins, so few that :meth:`of_fine` takes longer.

        Parameters
        ----------
        codes : ndarray of uint16, shape (n_metrics, n)
        missing : int
            Stands for missing values.

        Returns
        -------
        ndarray of uint16, shape (n_metrics, n)
        """
        found = np.empty(codes.shape, np.uint16)
        for metric, code in enumerate(codes):
            found[metric] = np.searchsorted(self.start[metric], code, side="right") - 1
        found[codes == self.n_fine] = missing
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
    # Metric by metric: its running sums stay in the cache next to the core. Sums of another type
    # than the counts take ten times as long.
    ends = np.zeros(n_fine + 1, counts.dtype)
    needed: dict[int, NDArray[np.int64]] = {}
    starts, sizes = [], []
    for row in counts:
        np.cumsum(row[:-1], dtype=counts.dtype, out=ends[1:])
        total = int(ends[-1])
        if total not in needed:
            wanted = min(fine_bins(total), total)
            target = np.arange(1, wanted)
            needed[total] = (-(-target * total // max(wanted, 1))).astype(counts.dtype)
        # A bin begins at the first fine bin with at least so many rows before it. Several bins
        # may begin at the same, where ties are many: all but the last are empty.
        first = np.zeros(len(needed[total]) + 2, np.intp)
        first[1:-1] = ends.searchsorted(needed[total])
        first[-1] = n_fine
        before = ends.take(first)
        size = before[1:] - before[:-1]
        held = size > 0
        first = first[:-1][held]
        first[:1] = 0
        starts.append(first)
        sizes.append(size[held])
    n_bins = max(1, *map(len, starts))
    start = np.full((n_metrics, n_bins), n_fine)
    start[:, 0] = 0
    totals = np.zeros((n_metrics, n_bins + 1), np.int64)
    totals[:, -1] = counts[:, -1]
    for metric, (first, size) in enumerate(zip(starts, sizes, strict=True)):
        start[metric, : len(first)] = first
        totals[metric, : len(size)] = size
    return Groups(start, n_fine, totals)
