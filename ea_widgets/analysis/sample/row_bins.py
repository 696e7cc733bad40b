"""Equal-count bins of chosen rows by all metrics, from fine bins of all rows or by their values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ea_widgets.analysis.sample.all_cores import on_all_cores
from ea_widgets.analysis.sample.tally import count_codes
from ea_widgets.core.counting.binning import bin_of_ranks
from ea_widgets.core.importance.fine_bins import group_bins
from ea_widgets.core.importance.importance import fine_bins

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.object_table import MetricTable
    from ea_widgets.analysis.sample.tally import Tally
    from ea_widgets.core.importance.fine_bins import Groups

    Pools = dict[int, tuple[NDArray[np.intp], int]]

SMALL = 64
"""Less than this share of the rows of a table are binned by themselves.

The fine bins of a table hold 1/64,512 of its rows: of so few rows each could hold more than one of
1,024 bins should.
"""


FEW = 512
"""Up to so many rows are looked for among the bins, as long as there is no table of fine bins."""


class RowBins(Protocol):
    """Bins of the chosen rows."""

    @property
    def n_bins(self) -> int:
        """Bins of the metric that has most; stands for missing values."""
        ...

    @property
    def totals(self) -> NDArray[np.int64]:
        """Chosen rows in each bin, those without a value last; shape (n_metrics, n_bins + 1)."""
        ...

    @property
    def of_images(self) -> NDArray[np.uint16]:
        """Bin of each image by the metrics of images, shape (n_image_metrics, n_images)."""
        ...

    def of_rows(self, rows: NDArray[np.intp] | slice) -> NDArray[np.uint16]:
        """Bin of some chosen rows by the metrics of objects, shape (n_object_metrics, n)."""
        ...


@dataclass(frozen=True, eq=False)
class GroupedBins:
    """Bins that are groups of the fine bins of a table; see :class:`RowBins`.

    Attributes
    ----------
    side : MetricTable
    images, objects : Groups
        Of the metrics of images, and of those of objects.
    pools : dict
        See :attr:`Selection.pools`.
    n_bins : int
    totals : ndarray of int64, shape (n_metrics, n_bins + 1)
    """

    side: MetricTable
    images: Groups
    objects: Groups
    pools: Pools
    n_bins: int
    totals: NDArray[np.int64]

    @classmethod
    def of(cls, side: MetricTable, tally: Tally, pools: Pools) -> GroupedBins:
        """Group the fine bins of what was tallied."""
        counts = fine_counts(side, tally)
        images, objects = (group_bins(part) for part in counts)
        n_bins = max(images.n_bins, objects.n_bins, *(used for _, used in pools.values()))
        sums = images.totals, objects.totals
        totals = put_together(counts, sums, n_bins, pools)
        return cls(side, images, objects, pools, n_bins, totals)

    def count(self, tally: Tally) -> NDArray[np.int64]:
        """Count chosen rows that were tallied, shape (n_metrics, n_bins + 1)."""
        counts = fine_counts(self.side, tally)
        sums = self.images.sums(counts[0]), self.objects.sums(counts[1])
        return put_together(counts, sums, self.n_bins, self.pools)

    @cached_property
    def of_images(self) -> NDArray[np.uint16]:
        """See :attr:`RowBins.of_images`."""
        return look_up(self._of_fine(self.images, 0), self.side.of_images.codes)

    def of_rows(self, rows: NDArray[np.intp] | slice) -> NDArray[np.uint16]:
        """See :meth:`RowBins.of_rows`."""
        codes = self.side.of_objects.codes
        if not isinstance(rows, slice):
            codes = codes.take(rows, axis=1)
            if len(rows) <= FEW and not self.pools and "_of_object_fine" not in self.__dict__:
                return self.objects.of_few(codes, self.n_bins)
        return look_up(self._of_object_fine, codes)

    @cached_property
    def _of_object_fine(self) -> NDArray[np.uint16]:
        return self._of_fine(self.objects, self.side.n_image_metrics)

    def _of_fine(self, groups: Groups, first: int) -> NDArray[np.uint16]:
        """Bin of each fine bin of the metrics from the first one on."""
        of_fine = groups.of_fine(self.n_bins)
        for metric, (of_code, _) in self.pools.items():
            if first <= metric < first + len(of_fine):
                of_fine[metric - first, : len(of_code) - 1] = of_code[:-1]
        return of_fine


def look_up(table: NDArray[np.uint16], codes: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Look the codes of each metric up in its row of a table."""
    found = np.empty(codes.shape, np.uint16)
    for metric, code in enumerate(codes):
        found[metric] = table[metric].take(code)
    return found


def fine_counts(side: MetricTable, tally: Tally) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rows in each fine bin of the metrics of images, and of those of objects."""
    table = side.of_images
    return count_codes(table.codes, table.n_fine, tally.per_image), tally.histogram


def put_together(
    counts: tuple[NDArray[np.int64], NDArray[np.int32]],
    sums: tuple[NDArray[np.int64], NDArray[np.int64]],
    n_bins: int,
    pools: Pools,
) -> NDArray[np.int64]:
    """Make one table of the bins of images and objects, with a bin per category where there are.

    Parameters
    ----------
    counts : tuple of ndarray, shapes (n_part, n_fine + 1)
        Rows in each fine bin, of which a category is one.
    sums : tuple of ndarray of int64, shapes (n_part, n + 1)
        The same by equal-count bin.
    n_bins : int
    pools : dict
        See :attr:`Selection.pools`.

    Returns
    -------
    ndarray of int64, shape (n_metrics, n_bins + 1)
        The last bin is of missing values.
    """
    first = len(sums[0])
    table = np.zeros((first + len(sums[1]), n_bins + 1), np.int64)
    for part, rows in zip(sums, (table[:first], table[first:]), strict=True):
        rows[:, : part.shape[1] - 1] = part[:, :-1]
        rows[:, -1] = part[:, -1]
    for metric, (of_code, _) in pools.items():
        row = counts[0][metric] if metric < first else counts[1][metric - first]
        code = of_code[:-1]
        table[metric, :-1] = np.bincount(code, row[: len(code)], n_bins)[:n_bins]
    return table


@dataclass(frozen=True, eq=False)
class OwnBins:
    """Bins of few rows by their values alone; see :class:`RowBins`.

    Attributes
    ----------
    side : MetricTable
    rows : ndarray of intp, shape (n,)
        The chosen rows.
    of_images : ndarray of uint16, shape (n_image_metrics, n_images)
    codes : ndarray of uint16, shape (n_object_metrics, n)
        Bin of each chosen row.
    n_bins : int
    totals : ndarray of int64, shape (n_metrics, n_bins + 1)
    """

    side: MetricTable
    rows: NDArray[np.intp]
    of_images: NDArray[np.uint16]
    codes: NDArray[np.uint16]
    n_bins: int
    totals: NDArray[np.int64]

    @classmethod
    def of(cls, side: MetricTable, rows: NDArray[np.intp], pools: Pools) -> OwnBins:
        """Bin some rows."""
        of_images = np.empty((side.n_image_metrics, side.n_images), np.uint16)
        of_rows = np.empty((len(side.metrics) - side.n_image_metrics, len(rows)), np.uint16)
        missing = np.iinfo(np.uint16).max

        def encode(metric: int) -> int:
            if metric in pools:
                column = columns[metric].of_rows(rows)
                of_code, used = pools[metric]
                bins = of_code.copy()
            else:
                column = columns[metric].take(rows)
                counts = column.counts
                bins, used = bin_of_ranks(counts, fine_bins(int(counts[:-1].sum())))
            bins[-1] = missing
            code = bins.astype(np.uint16)[column.rank]
            if column.unit is None:
                of_rows[metric - side.n_image_metrics] = code
            else:
                of_images[metric] = code
            return used

        columns = list(side.metrics.values())
        n_bins = max([1, *on_all_cores(encode, range(len(columns)))])
        for codes in (of_images, of_rows):
            np.minimum(codes, np.uint16(n_bins), out=codes)
        per_image = np.bincount(side.image_code[rows], minlength=side.n_images)
        totals = [count_codes(of_images, n_bins, per_image), count_codes(of_rows, n_bins)]
        return cls(side, rows, of_images, of_rows, n_bins, np.concatenate(totals))

    def of_rows(self, rows: NDArray[np.intp] | slice) -> NDArray[np.uint16]:
        """See :meth:`RowBins.of_rows`."""
        if isinstance(rows, slice):
            return self.codes
        return self.codes.take(np.searchsorted(self.rows, rows), axis=1)


def count_rows(bins: RowBins, side: MetricTable, rows: NDArray[np.intp]) -> NDArray[np.int64]:
    """Count some chosen rows per metric and bin, shape (n_metrics, n_bins + 1)."""
    images = side.image_code[rows]
    if len(images) < side.n_images:
        of_images = count_codes(bins.of_images.take(images, axis=1), bins.n_bins)
    else:
        # An image metric is counted once per image, however many rows the image has.
        per_image = np.bincount(images, minlength=side.n_images)
        of_images = count_codes(bins.of_images, bins.n_bins, per_image)
    return np.concatenate([of_images, count_codes(bins.of_rows(rows), bins.n_bins)])
