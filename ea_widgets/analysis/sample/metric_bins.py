"""Bins of the chosen rows by one metric: edges, and the bin of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ea_widgets.analysis.sample.categories import bins_of_categories
from ea_widgets.core.counting.binning import bins_of_ordered
from ea_widgets.core.counting.ordered_ranks import CountedRanks, FineRanks, SortedRanks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.selection import Selection
    from ea_widgets.core.counting.binning import Bins, RankedColumn

    Rows = NDArray[np.intp] | slice


class BinOfRow(Protocol):
    """Gives rows of a side their bins."""

    def __call__(self, rows: Rows) -> NDArray[np.intp]:
        """Bin of each of some rows, the number of bins where the metric is missing."""
        ...


@dataclass(frozen=True, eq=False)
class MetricBins:
    """Bins by one metric.

    Attributes
    ----------
    bins : Bins
    of : BinOfRow
    categories : tuple or None
        Name of each bin of a categorical metric; None of numbers.
    """

    bins: Bins
    of: BinOfRow
    categories: tuple[Any, ...] | None = None


@dataclass(frozen=True, eq=False)
class ByCode:
    """Bins of a metric of images, or of categories; see :class:`BinOfRow`.

    Attributes
    ----------
    bin_of_code : ndarray of intp, shape (n_codes,)
    code : ndarray of int, shape (n_rows,)
        Image or category of each row.
    """

    bin_of_code: NDArray[np.intp]
    code: NDArray[np.intp] | NDArray[np.int32]

    def __call__(self, rows: Rows) -> NDArray[np.intp]:
        """See :class:`BinOfRow`."""
        return self.bin_of_code.take(self.code[rows])


@dataclass(frozen=True, eq=False)
class ByRank:
    """Bins of few rows by a metric of objects; see :class:`BinOfRow`.

    Attributes
    ----------
    column : RankedColumn
    cut : ndarray of intp, shape (n_bins + 1,)
        See :class:`Bins`.
    """

    column: RankedColumn
    cut: NDArray[np.intp]

    def __call__(self, rows: Rows) -> NDArray[np.intp]:
        """See :class:`BinOfRow`."""
        return np.searchsorted(self.cut, self.column.rank[rows], side="right") - 1


@dataclass(frozen=True, eq=False)
class ByFineBin:
    """Bins of many rows by a metric of objects; see :class:`BinOfRow`.

    Attributes
    ----------
    code : ndarray of uint16, shape (n_rows,)
        Fine bin of each row of the side.
    bin_of_fine : ndarray of uint16, shape (n_fine + 1,)
        The largest number of its type where a cut goes through the fine bin: the rank then tells.
        Of a small type, so that it stays in the cache next to the core.
    by_rank : ByRank
    """

    code: NDArray[np.uint16]
    bin_of_fine: NDArray[np.uint16]
    by_rank: ByRank

    def __call__(self, rows: Rows) -> NDArray[np.intp]:
        """See :class:`BinOfRow`."""
        code = self.bin_of_fine.take(self.code[rows])
        cut = np.flatnonzero(code == np.iinfo(code.dtype).max)
        found = code.astype(np.intp)
        found[cut] = self.by_rank(cut if isinstance(rows, slice) else rows[cut])
        return found


def bin_metric(selection: Selection, metric: str, bins: int | NDArray[np.float64]) -> MetricBins:
    """Bin the chosen rows by one metric.

    Parameters
    ----------
    selection : Selection
    metric : str
        Displayed name.
    bins : int or ndarray of float64
        Most bins wanted, or their edges; see :func:`bins_of_ordered`. A categorical metric's bins
        are its categories, whatever this says.

    Returns
    -------
    MetricBins
    """
    side, column = selection.side, selection.side.metrics[metric]
    categories = side.categories.get(metric)
    if categories is not None:
        counts = column.of_rows(selection.chosen).counts
        of_code, found, shown = bins_of_categories(counts, categories)
        if column.unit is None:
            return MetricBins(found, ByCode(of_code, column.rank), shown)
        return MetricBins(found, ByCode(of_code.take(column.rank), side.image_code), shown)
    if column.unit is not None:
        per_image = selection.per_image
        counts = np.bincount(column.rank, per_image, len(column.values) + 1).astype(np.int64)
        found = bins_of_ordered(column.values, CountedRanks(counts[:-1]), bins)
        by_rank = ByRank(column, found.cut)
        return MetricBins(found, ByCode(by_rank(slice(None)), side.image_code))
    if selection.is_small:
        ordered = column.of_rows(selection.rows).ordered
        found = bins_of_ordered(column.values, SortedRanks(ordered), bins)
        return MetricBins(found, ByRank(column, found.cut))
    code, first_rank, in_fine = selection.fine_column(metric)
    chosen = None if selection.everything else selection.mask
    ranks = FineRanks(column, code, first_rank, in_fine, chosen)
    found = bins_of_ordered(column.values, ranks, bins)
    bin_of_fine = bins_of_fine(found.cut, first_rank, side.of_objects.n_fine)
    return MetricBins(found, ByFineBin(code, bin_of_fine, ByRank(column, found.cut)))


def bins_of_fine(
    cut: NDArray[np.intp], first_rank: NDArray[np.intp], n_fine: int
) -> NDArray[np.uint16]:
    """Give fine bins their bins; see :class:`ByFineBin`.

    Parameters
    ----------
    cut : ndarray of intp, shape (n_bins + 1,)
        Lowest rank of each bin; the number of values last.
    first_rank : ndarray of intp, shape (n + 1,)
        Lowest rank of each fine bin that the metric has; the number of values last.
    n_fine : int
        Stands for missing values.

    Returns
    -------
    ndarray of uint16, shape (n_fine + 1,)

    Examples
    --------
    >>> bins_of_fine(np.array([0, 2, 6]), np.array([0, 2, 4, 6]), 4).tolist()
    [0, 1, 1, 2, 2]
    >>> bins_of_fine(np.array([0, 3, 6]), np.array([0, 2, 4, 6]), 3).tolist()
    [0, 65535, 1, 2]
    """
    n_bins, inner = len(cut) - 1, cut[1:-1]
    found = np.full(n_fine + 1, n_bins, np.uint16)
    if not n_bins:
        return found
    start = np.searchsorted(first_rank[:-1], inner)
    ends = np.append(start, len(first_rank) - 1)
    found[: len(first_rank) - 1] = np.repeat(np.arange(n_bins), np.diff(ends, prepend=0))
    found[start[first_rank[start] > inner] - 1] = np.iinfo(np.uint16).max
    return found
