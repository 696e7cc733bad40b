"""Rows binned for a curve: everything about it that the IoU threshold does not change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.sample.categories import bins_of_categories
from ea_widgets.core.statistics.binning import Bins, RankedColumn, bins_of_ordered, number_keys
from ea_widgets.core.statistics.intervals import effect_of_sums, shrink_design_effects

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
class CurveBins:
    """Rows of a selection by bin of one metric, and by the frame they stand in.

    Attributes
    ----------
    bins : Bins
    class_code : ndarray of intp, shape (n_groups,)
        Class of each group; -1 where all classes are taken together.
    bin_code : ndarray of intp, shape (n_groups,)
        Bin of each group.
    cell : ndarray of int32, shape (n_rows,)
        Cell (group and image) of each row; ``n_cells`` or more where the metric is missing.
    cell_rows : ndarray of int64, shape (n_cells,)
        Rows in each cell, maybe none; cells of a group stand together.
    cell_group : ndarray of intp, shape (n_cells + 1,)
        Group of each cell; ``n_groups`` for the rows that miss the metric.
    categories : tuple or None
        Name of each bin of a categorical metric; None of numbers.
    """

    bins: Bins
    class_code: NDArray[np.intp]
    bin_code: NDArray[np.intp]
    cell: NDArray[np.int32]
    cell_rows: NDArray[np.int64]
    cell_group: NDArray[np.intp]
    categories: tuple[Any, ...] | None = None

    @cached_property
    def _totals(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Rows, frames and squares of the rows per frame of each group."""
        rows = self.cell_rows
        if not len(rows):
            nothing = np.zeros(len(self.bin_code), np.int64)
            return nothing, nothing, nothing
        start = np.searchsorted(self.cell_group, np.arange(len(self.bin_code)))
        totals, n_frames, squares = (
            np.add.reduceat(part, start) for part in (rows, (rows > 0).astype(np.int64), rows**2)
        )
        return totals, n_frames, squares

    def _summed(
        self, cells: NDArray[np.intp], rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        group, n_groups = self.cell_group[cells], len(self.bin_code)
        totals, squares = (
            np.bincount(group, weights, n_groups).astype(np.int64) for weights in (rows, rows**2)
        )
        return totals, np.bincount(group[rows > 0], minlength=n_groups), squares

    def fold(self, successes: NDArray[np.intp], excluded: NDArray[np.intp]) -> CurveCounts:
        """Count the outcome per group.

        Parameters
        ----------
        successes, excluded : ndarray of intp
            Positions in the selection: rows with the outcome, and rows that count nowhere.

        Returns
        -------
        CurveCounts
        """
        n_cells, n_groups = len(self.cell_rows), len(self.bin_code)
        # Only cells with the outcome in them have anything to add: the rows that have it tell all.
        cells = self.cell[successes].astype(np.intp)
        cells = cells[cells < n_cells]
        per_cell = np.bincount(cells, minlength=n_cells)
        hits, group = per_cell.take(cells), self.cell_group.take(cells)
        found = np.bincount(group, minlength=n_groups)
        hit_squares = np.bincount(group, hits, n_groups)
        products = np.bincount(group, self.cell_rows.take(cells), n_groups)
        totals, n_frames, squares = self._totals
        if len(excluded):
            out, counts = np.unique(self.cell[excluded].astype(np.intp), return_counts=True)
            out, counts = out[out < n_cells], counts[out < n_cells]
            rows = self.cell_rows[out]
            shared = per_cell[out] * counts
            products = products - np.bincount(self.cell_group[out], shared, n_groups)
            before, after = self._summed(out, rows), self._summed(out, rows - counts)
            totals, n_frames, squares = (
                whole + new - old
                for whole, new, old in zip(self._totals, after, before, strict=True)
            )
        parts = found, totals, n_frames, hit_squares, products, squares
        return CurveCounts(
            self.class_code, self.bin_code, *(part.astype(np.int64, copy=False) for part in parts)
        )


def bin_curve(
    column: RankedColumn,
    rows: NDArray[np.intp] | slice,
    bins: int | NDArray[np.float64],
    cluster_code: NDArray[np.intp],
    n_clusters: int,
    class_code: NDArray[np.intp] | None,
    categories: tuple[Any, ...] | None = None,
) -> CurveBins:
    """Bin the chosen rows by a metric; all classes share the edges.

    Parameters
    ----------
    column : RankedColumn
    rows : ndarray of intp or slice
        Chosen rows of the column.
    bins : int or ndarray of float64
        Most bins wanted, or their edges; see :func:`bins_of_ordered`.
    cluster_code : ndarray of intp, shape (n_rows,)
        Cluster of each chosen row.
    n_clusters : int
    class_code : ndarray of intp, shape (n_rows,), or None
        Class of each chosen row; None takes all classes together.
    categories : tuple, optional
        Names by code of a categorical metric, whose bins are its categories, whatever `bins` says.

    Returns
    -------
    CurveBins
    """
    column = column.of_rows(rows)
    shown: tuple[Any, ...] | None = None
    if categories is None:
        found = bins_of_ordered(column.values, column.ordered, bins)
    else:
        found, shown = bins_of_categories(column, categories)
    n_bins = found.n_bins
    # A small table stays in the cache while rows look into it at random.
    code = column.spread(found.of_rank.astype(np.min_scalar_type(n_bins))).astype(np.intp)
    if class_code is None and n_bins * n_clusters <= max(DENSE, 4 * len(code)):
        cell = code * n_clusters
        cell += cluster_code
        n_cells = n_bins * n_clusters
        cell_rows = np.bincount(cell, minlength=n_cells)[:n_cells]
        cell_group = np.append(np.repeat(np.arange(n_bins), n_clusters), n_bins)
        group = np.arange(n_bins)
    else:
        group = code if class_code is None else class_code * n_bins + code
        present = np.flatnonzero(code < n_bins)
        key = (group * n_clusters + cluster_code)[present]
        index, key, cell_rows = number_keys(key)
        cell = np.full(len(code), len(key), np.intp)
        cell[present] = index
        of_cell = key // max(n_clusters, 1)
        is_new = np.append(True, of_cell[1:] != of_cell[:-1])[: len(of_cell)]
        group = of_cell[is_new]
        cell_group = np.append(np.cumsum(is_new) - 1, len(group))
    width = max(n_bins, 1)
    return CurveBins(
        bins=found,
        class_code=np.full(len(group), -1) if class_code is None else group // width,
        bin_code=group % width,
        cell=cell.astype(np.int32),
        cell_rows=cell_rows,
        cell_group=cell_group,
        categories=shown,
    )
