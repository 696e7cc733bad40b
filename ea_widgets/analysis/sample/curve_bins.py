"""Rows binned for a curve: everything about it that the IoU threshold does not change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.binning import Bins, RankedColumn, equal_count_bins
from ea_widgets.core.statistics.intervals import borrow_effects, effect_of_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class CurveCounts:
    """Outcomes per group (a bin, or a class and a bin). Counts of any split of the rows add up.

    Attributes
    ----------
    successes, totals : ndarray of int64, shape (n_groups,)
    effect : ndarray of float64, shape (n_groups,)
        Design effect of the frames, at least 1, steadied by that of all groups where frames are
        few. Not a count: it belongs to these rows together.
    """

    successes: NDArray[np.int64]
    totals: NDArray[np.int64]
    effect: NDArray[np.float64]


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
        Cell (group and image) of each row; ``n_cells`` where the metric is missing.
    cell_rows : ndarray of int64, shape (n_cells,)
        Rows in each cell; cells of a group stand together.
    cell_group : ndarray of intp, shape (n_cells + 1,)
        Group of each cell; ``n_groups`` for the rows that miss the metric.
    """

    bins: Bins
    class_code: NDArray[np.intp]
    bin_code: NDArray[np.intp]
    cell: NDArray[np.int32]
    cell_rows: NDArray[np.int64]
    cell_group: NDArray[np.intp]

    @cached_property
    def _totals(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Rows, frames and squares of the rows per frame of each group."""
        return self._summed(np.arange(len(self.cell_rows)), self.cell_rows)

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
        sums = found, totals, n_frames, hit_squares, products, squares
        known = (found > 0) & (found < totals) & (n_frames > 1)
        effect = effect_of_sums(*(part.astype(np.float64) for part in sums))
        if not known.any():
            # A frame per bin: what differs between bins is the best guess at what frames do.
            whole = effect_of_sums(*(np.array([part.sum()], np.float64) for part in sums))
            effect = np.full(n_groups, whole[0])
        return CurveCounts(found, totals, borrow_effects(effect, n_frames, known))


def bin_curve(
    column: RankedColumn,
    rows: NDArray[np.intp] | slice,
    n_bins: int,
    image_code: NDArray[np.intp],
    class_code: NDArray[np.intp] | None,
) -> CurveBins:
    """Bin the chosen rows by a metric; all classes share the edges.

    Parameters
    ----------
    column : RankedColumn
    rows : ndarray of intp or slice
        Chosen rows of the column.
    n_bins : int
        Most bins wanted.
    image_code : ndarray of intp, shape (n_rows,)
        Image of each chosen row.
    class_code : ndarray of intp, shape (n_rows,), or None
        Class of each chosen row; None takes all classes together.

    Returns
    -------
    CurveBins
    """
    chosen = column.take(rows)
    bins = equal_count_bins(chosen.values, chosen.counts, n_bins)
    of_rank = bins.of_rank.copy()
    of_rank[-1] = bins.n_bins
    code = chosen.spread(of_rank)
    present = np.flatnonzero(code < bins.n_bins)
    group = code if class_code is None else class_code * bins.n_bins + code
    n_images = int(image_code.max(initial=-1)) + 1
    key = (group * n_images + image_code)[present]
    cells, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    groups, cell_group = np.unique(cells // max(n_images, 1), return_inverse=True)
    cell = np.full(len(code), len(cells), np.int32)
    cell[present] = inverse
    width = max(bins.n_bins, 1)
    return CurveBins(
        bins=bins,
        class_code=np.full(len(groups), -1) if class_code is None else groups // width,
        bin_code=groups % width,
        cell=cell,
        cell_rows=counts,
        cell_group=np.append(cell_group, len(groups)),
    )
