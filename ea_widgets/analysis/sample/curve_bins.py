"""Rows binned for a curve: everything about it that the IoU threshold does not change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.core.statistics.intervals import effect_of_sums, shrink_design_effects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.metric_bins import MetricBins
    from ea_widgets.core.counting.binning import Bins

DENSE = 1 << 20
"""Up to so many pairs of group and image, a table of all of them is faster than sorting."""

PARTS = ("successes", "totals", "n_frames", "squares", "products", "total_squares")


@dataclass(frozen=True, eq=False)
class CurveCounts:
    """Outcomes per group (a bin, or a class and a bin). Counts of any split of the images add up.

    Attributes
    ----------
    class_code, bin_code : ndarray of intp, shape (n_groups,)
        Class of each group, -1 where all classes are taken together, and its bin; ascending.
    successes, totals : ndarray of int64, shape (n_groups,)
    n_frames : ndarray of int64, shape (n_groups,)
        Images with rows in the group.
    squares, products, total_squares : ndarray of int64, shape (n_groups,)
        Sums over images: of successes squared, successes times totals, and totals squared.
    """

    class_code: NDArray[np.intp]
    bin_code: NDArray[np.intp]
    successes: NDArray[np.int64]
    totals: NDArray[np.int64]
    n_frames: NDArray[np.int64]
    squares: NDArray[np.int64]
    products: NDArray[np.int64]
    total_squares: NDArray[np.int64]

    def __add__(self, other: CurveCounts) -> CurveCounts:
        """Add the counts of other images, binned by the same edges."""
        group = np.concatenate(
            [[one.class_code, one.bin_code] for one in (self, other)], axis=1
        ).astype(np.intp)
        groups, index = np.unique(group, axis=1, return_inverse=True)
        sums = []
        for part in PARTS:
            total = np.zeros(groups.shape[1], np.int64)
            np.add.at(total, index, np.concatenate([getattr(self, part), getattr(other, part)]))
            sums.append(total)
        return CurveCounts(*groups, *sums)

    @cached_property
    def effect(self) -> NDArray[np.float64]:
        """Design effect of the frames, shape (n_groups,); not a count, it does not add up.

        At least 1, and steadied by that of all groups where frames are few.
        """
        parts = [getattr(self, part).astype(np.float64) for part in PARTS]
        known = (self.successes > 0) & (self.successes < self.totals) & (self.n_frames > 1)
        effect = effect_of_sums(*parts)
        if not known.any():
            # A frame per bin: what differs between bins is the best guess at what frames do.
            whole = effect_of_sums(*(np.array([part.sum()]) for part in parts))
            effect = np.full(len(self.totals), whole[0])
        return shrink_design_effects(effect, self.n_frames, known)


@dataclass(frozen=True, eq=False)
class Cells:
    """What gives each row its cell: a group (a bin, or a class and a bin) and a cluster.

    Attributes
    ----------
    metric : MetricBins
    cluster_code : ndarray of intp, shape (n_rows,)
        Of all rows of the side.
    n_clusters : int
    class_code : ndarray of intp, shape (n_rows,), or None
        Class of each row; None takes all classes together.
    dense : bool
        Whether all cells that there can be are counted: a row without a value then gets a number
        that is too large, and else -1.
    """

    metric: MetricBins
    cluster_code: NDArray[np.intp]
    n_clusters: int
    class_code: NDArray[np.intp] | None
    dense: bool

    def of(self, rows: NDArray[np.intp] | slice) -> NDArray[np.intp]:
        """Give rows the numbers of their cells, by class, bin and cluster."""
        n_bins = self.metric.bins.n_bins
        cell = self.metric.of(rows)
        missing = None if self.dense else np.flatnonzero(cell == n_bins)
        if self.class_code is not None:
            cell += self.class_code[rows] * n_bins
        cell *= self.n_clusters
        cell += self.cluster_code[rows]
        if missing is not None and len(missing):
            cell[missing] = -1
        return cell


@dataclass(frozen=True, eq=False)
class CurveBins:
    """Rows of a selection by bin of one metric, and by the cluster that they stand in.

    Attributes
    ----------
    metric : MetricBins
    cells : Cells
    distinct : ndarray of int, shape (n_cells,), or None
        Numbers of the cells with rows, ascending; None where all cells that can be are counted.
    cell_rows : ndarray of int64, shape (n_cells,)
        Rows in each cell, maybe none; cells of a group stand together.
    cell_group : ndarray of intp, shape (n_cells,)
        Group of each cell.
    class_code : ndarray of intp, shape (n_groups,)
        Class of each group; -1 where all classes are taken together.
    bin_code : ndarray of intp, shape (n_groups,)
        Bin of each group.
    """

    metric: MetricBins
    cells: Cells
    distinct: NDArray[np.int64] | NDArray[np.int32] | None
    cell_rows: NDArray[np.int64]
    cell_group: NDArray[np.intp]
    class_code: NDArray[np.intp]
    bin_code: NDArray[np.intp]

    @property
    def bins(self) -> Bins:
        """Edges of the bins, which all classes share."""
        return self.metric.bins

    @property
    def categories(self) -> tuple[Any, ...] | None:
        """Name of each bin of a categorical metric; None of numbers."""
        return self.metric.categories

    @cached_property
    def _sizes(self) -> tuple[NDArray[np.int64], ...]:
        """Rows, frames and squares of the rows per frame of each group."""
        rows = self.cell_rows
        parts = rows, (rows > 0).astype(np.int64), rows * rows
        if self.distinct is None:
            shape = len(self.bin_code), self.cells.n_clusters
            return tuple(part.reshape(shape).sum(axis=1) for part in parts)
        start = np.searchsorted(self.cell_group, np.arange(len(self.bin_code)))
        return tuple(np.add.reduceat(part, start) if len(start) else part for part in parts)

    def fold(self, successes: NDArray[np.intp], excluded: NDArray[np.intp]) -> CurveCounts:
        """Count the outcome per group.

        Parameters
        ----------
        successes, excluded : ndarray of intp
            Chosen rows of the side: those with the outcome, and those that count nowhere.

        Returns
        -------
        CurveCounts
        """
        fold = self._fold_all if self.distinct is None else self._fold_some
        counts = fold(self.cells.of(successes), self.cells.of(excluded))
        return CurveCounts(self.class_code, self.bin_code, *counts)

    def _fold_all(
        self, successes: NDArray[np.intp], excluded: NDArray[np.intp]
    ) -> tuple[NDArray[np.int64], ...]:
        """Count cells of rows, by a look at all cells; in the order of `PARTS`."""
        shape, n_cells = (len(self.bin_code), self.cells.n_clusters), len(self.cell_rows)

        def table(cell: NDArray[np.intp]) -> NDArray[np.int64]:
            return np.bincount(cell, minlength=n_cells)[:n_cells].reshape(shape)

        hits, rows = table(successes), self.cell_rows.reshape(shape)
        totals, n_frames, total_squares = self._sizes
        if len(excluded):
            rows = rows - table(excluded)
            totals, n_frames = rows.sum(axis=1), np.count_nonzero(rows, axis=1)
            total_squares = np.einsum("ij,ij->i", rows, rows)
        squares, products = (np.einsum("ij,ij->i", hits, part) for part in (hits, rows))
        return hits.sum(axis=1), totals, n_frames, squares, products, total_squares

    def _fold_some(
        self, successes: NDArray[np.intp], excluded: NDArray[np.intp]
    ) -> tuple[NDArray[np.int64], ...]:
        """Count cells of rows, by a look at those cells only; in the order of `PARTS`."""
        cells, hits = self._count(successes)
        rows = self.cell_rows.take(cells)
        found, squares, products = self._by_group(cells, hits, hits * hits, hits * rows)
        totals, n_frames, total_squares = self._sizes
        if len(excluded):
            out, lost = self._count(excluded)
            before = self.cell_rows.take(out)
            at = np.searchsorted(cells, out)
            shared = np.flatnonzero(np.append(cells, -1).take(at) == out)
            both = hits.take(at[shared]) * lost[shared]
            products = products - self._by_group(out[shared], both)[0]
            gone = lost, (lost == before).astype(np.int64), lost * (2 * before - lost)
            totals, n_frames, total_squares = (
                whole - part
                for whole, part in zip(self._sizes, self._by_group(out, *gone), strict=True)
            )
        return found, totals, n_frames, squares, products, total_squares

    def _count(self, cell: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Count cells of rows among the distinct ones: which there are, ascending, how often."""
        wanted, counts = distinct_numbers(cell[cell >= 0])
        distinct = np.zeros(0, np.int64) if self.distinct is None else self.distinct
        return np.searchsorted(distinct, wanted.astype(distinct.dtype)), counts

    def _by_group(
        self, cells: NDArray[np.intp], *parts: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], ...]:
        """Add up what is given per cell. Whole numbers below 2^53 stay exact as floats."""
        group, n = self.cell_group.take(cells), len(self.bin_code)
        return tuple(np.bincount(group, part, n).astype(np.int64) for part in parts)


def bin_curve(
    metric: MetricBins,
    rows: NDArray[np.intp] | slice,
    cluster_code: NDArray[np.intp],
    n_clusters: int,
    class_code: NDArray[np.intp] | None,
) -> CurveBins:
    """Count the chosen rows by bin and cluster; all classes share the edges.

    Parameters
    ----------
    metric : MetricBins
    rows : ndarray of intp or slice
        Chosen rows of the side.
    cluster_code : ndarray of intp, shape (n_rows,)
        Cluster of each row of the side.
    n_clusters : int
    class_code : ndarray of intp, shape (n_rows,), or None
        Class of each row of the side; None takes all classes together.

    Returns
    -------
    CurveBins
    """
    n_bins, n_rows = metric.bins.n_bins, int(metric.bins.n.sum())
    dense = class_code is None and n_bins * n_clusters <= max(DENSE, 4 * n_rows)
    cells = Cells(metric, cluster_code, n_clusters, class_code, dense)
    cell, distinct = cells.of(rows), None
    if dense:
        n_cells, group = n_bins * n_clusters, np.arange(n_bins)
        cell_rows = np.bincount(cell, minlength=n_cells)[:n_cells]
        sizes = np.full(n_bins, n_clusters)
    else:
        if cell.min(initial=0) < 0:
            cell = cell[cell >= 0]
        distinct, cell_rows = distinct_numbers(cell)
        most = int(distinct[-1]) // n_clusters + 1 if len(distinct) else 0
        # Counted by halving: few groups, many cells.
        start = np.searchsorted(distinct, (np.arange(most) * n_clusters).astype(distinct.dtype))
        sizes = np.diff(start, append=len(distinct))
        group = np.flatnonzero(sizes)
        sizes = sizes[group]
    every = np.full(len(group), -1)
    return CurveBins(
        metric,
        cells,
        distinct,
        cell_rows,
        np.repeat(np.arange(len(group)), sizes),
        every if class_code is None else group // max(n_bins, 1),
        group % max(n_bins, 1),
    )


def distinct_numbers(
    numbers: NDArray[np.intp],
) -> tuple[NDArray[np.int64] | NDArray[np.int32], NDArray[np.int64]]:
    """Sort and count whole numbers from 0 on.

    Returns
    -------
    distinct : ndarray of int, shape (n_distinct,)
        In the smallest type that holds them: it is sorted in half of the time.
    counts : ndarray of int64, shape (n_distinct,)
    """
    small = int(numbers.max(initial=0)) < np.iinfo(np.int32).max
    ordered = np.sort(numbers.astype(np.int32 if small else np.int64))
    is_new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    start = np.flatnonzero(is_new)
    return ordered[start], np.diff(start, append=len(ordered))
