"""Rows binned for a curve: everything about it that the IoU threshold does not change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.binning import Bins, RankedColumn, equal_count_bins
from ea_widgets.core.intervals import borrow_effects, design_effect

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
    start : ndarray of intp, shape (n_groups,)
        First cell of each group.
    """

    bins: Bins
    class_code: NDArray[np.intp]
    bin_code: NDArray[np.intp]
    cell: NDArray[np.int32]
    cell_rows: NDArray[np.int64]
    start: NDArray[np.intp]

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
        n_cells = len(self.cell_rows)
        hits = np.bincount(self.cell[successes], minlength=n_cells + 1)[:n_cells]
        rows = self.cell_rows
        if len(excluded):
            rows = rows - np.bincount(self.cell[excluded], minlength=n_cells + 1)[:n_cells]
        if not n_cells:
            return CurveCounts(hits, rows, np.ones(0))
        successes, totals = np.add.reduceat(hits, self.start), np.add.reduceat(rows, self.start)
        cells = hits.astype(np.float64), rows.astype(np.float64)
        n_frames = np.add.reduceat(rows > 0, self.start, dtype=np.intp)
        known = (successes > 0) & (successes < totals) & (n_frames > 1)
        effect = design_effect(*cells, self.start)
        if not known.any():
            # A frame per bin: what differs between bins is the best guess at what frames do.
            effect = np.full(len(effect), design_effect(*cells, np.zeros(1, np.intp))[0])
        return CurveCounts(successes, totals, borrow_effects(effect, n_frames, known))


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
    groups, start = np.unique(cells // max(n_images, 1), return_index=True)
    cell = np.full(len(code), len(cells), np.int32)
    cell[present] = inverse
    width = max(bins.n_bins, 1)
    return CurveBins(
        bins=bins,
        class_code=np.full(len(groups), -1) if class_code is None else groups // width,
        bin_code=groups % width,
        cell=cell,
        cell_rows=counts,
        start=start,
    )
