"""The rows that count under one query, by frame, whatever their outcome: kept between moves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from ea_widgets.core.statistics.moments import squares
from ea_widgets.core.statistics.resampling import FrameRows, order_by_frame, run_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.object_table import Side
    from ea_widgets.analysis.sample.selection import Selection

NOTHING = np.zeros(0, np.intp)

ROWS_TOGETHER = 1 << 14
"""Rows summed between two questions whether to stop."""


@dataclass(frozen=True, eq=False)
class CountedRows:
    """Rows of a selection by frame, with their metrics.

    Holds on to no selection, so that it can be kept as long as one is.

    Attributes
    ----------
    side : Side
    chosen : ndarray of intp, shape (n_chosen,)
        Rows of the side that the selection chooses.
    codes : tuple of ndarray of uint16
        See :attr:`Selection.codes`.
    n_bins : int
        See :attr:`Selection.n_bins`.
    rows : FrameRows
        Of positions in the selection.
    excluded : ndarray of intp
        Chosen rows of the side that are not among them.
    origin : tuple of CountedRows and ndarray of intp, shape (n_rows,), optional
        Where some are excluded, all of them, and the places there of those that are left.
    """

    side: Side
    chosen: NDArray[np.intp]
    codes: tuple[NDArray[np.uint16], NDArray[np.uint16]]
    n_bins: int
    rows: FrameRows
    excluded: NDArray[np.intp]
    origin: tuple[CountedRows, NDArray[np.intp]] | None = None

    def without(self, excluded: NDArray[np.intp], positions: NDArray[np.intp]) -> CountedRows:
        """Leave rows out.

        Parameters
        ----------
        excluded : ndarray of intp, shape (n,)
            Rows of the side.
        positions : ndarray of intp, shape (n,)
            Where they stand in the selection.

        Returns
        -------
        CountedRows
        """
        places = self.rows.places[positions]
        stays = np.ones(len(self.rows.order), bool)
        stays[places] = False
        kept = np.flatnonzero(stays)
        lost = np.bincount(self.rows.cell_of_place[places], minlength=self.rows.n_frames)
        sizes = self.rows.sizes - lost
        sizes = sizes[sizes > 0]
        frames = np.arange(len(sizes))
        start = np.append(0, np.cumsum(sizes))
        rows = FrameRows(self.rows.order[kept], start, 0 * frames, frames, len(frames))
        return CountedRows(
            self.side, self.chosen, self.codes, self.n_bins, rows, excluded, (self, kept)
        )

    @property
    def n_image_metrics(self) -> int:
        """How many of the metrics, the first ones, describe images."""
        return self.side.n_image_metrics

    @cached_property
    def images(self) -> NDArray[np.intp]:
        """Image code of each frame, shape (n_frames,)."""
        return self.side.image_code[self.chosen[self.rows.order[self.rows.start[:-1]]]]

    @cached_property
    def frame_codes(self) -> NDArray[np.intp]:
        """Fine bin of each frame by the metrics of images, shape (n_image_metrics, n_frames)."""
        return np.ascontiguousarray(self.codes[0][self.images].T, np.intp)

    @cached_property
    def object_codes(self) -> NDArray[np.uint16]:
        """Fine bin of each row, by frame, by the metrics of objects; (n_object_metrics, n_rows)."""
        if self.origin is not None:
            # In that order it takes a fifth of the time of picking rows by chance.
            whole, kept = self.origin
            return whole.object_codes.take(kept, axis=1)
        return self.codes[1].T.take(self.rows.order, axis=1)

    @cached_property
    def missing(self) -> dict[int, NDArray[np.intp]]:
        """Places in ``rows.order`` without a value, by metric of objects that lacks any."""
        places = (np.flatnonzero(codes == self.n_bins) for codes in self.object_codes)
        return {metric: found for metric, found in enumerate(places) if len(found)}

    @cached_property
    def rows_per_frame(self) -> NDArray[np.int64]:
        """Rows with a value, by the metrics of objects; shape (n_frames, n_object_metrics)."""
        sizes, cell = self.rows.sizes, self.rows.cell_of_place
        table = np.repeat(sizes[:, None], len(self.object_codes), axis=1)
        for metric, places in self.missing.items():
            table[:, metric] -= np.bincount(cell[places], minlength=len(sizes))
        return table

    def prepare(self) -> None:
        """Make what several threads are going to look at: each would make it for itself."""
        _ = self.frame_codes, self.rows_per_frame, self.rows.cell_of_place


_WHOLE: WeakKeyDictionary[Selection, CountedRows] = WeakKeyDictionary()


def count_rows(selection: Selection, excluded: NDArray[np.intp]) -> CountedRows:
    """Order the rows of a selection that count by frame; all of them once.

    Parameters
    ----------
    selection : Selection
    excluded : ndarray of intp
        Chosen rows of the side that count nowhere.

    Returns
    -------
    CountedRows
    """
    whole = _WHOLE.get(selection)
    if whole is None:
        side = selection.side
        image = side.image_code[selection.chosen]
        rows = order_by_frame(image, np.arange(len(image)))
        whole = CountedRows(side, selection.rows, selection.codes, selection.n_bins, rows, NOTHING)
        _WHOLE[selection] = whole
    return whole.without(excluded, selection.positions(excluded)) if len(excluded) else whole


_SUMS: WeakKeyDictionary[Selection, tuple[NDArray[np.float64], NDArray[np.float64]]] = (
    WeakKeyDictionary()
)


def sums_per_image(
    selection: Selection, should_stop: Callable[[], bool] | None, workers: int | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum the metrics of objects and their squares over the chosen rows of each image.

    The outcome does not change them: they are kept as long as the selection is.
    """
    found = _SUMS.get(selection)
    if found is None:
        side = selection.side
        table = selection.standard(selection.chosen)
        image = side.image_code[selection.chosen]
        found = sum_by_image(
            table, image, side.n_images, len(side.class_code), should_stop, workers
        )
        _SUMS[selection] = found
    return found


def sum_by_image(
    table: NDArray[np.float64],
    image: NDArray[np.intp],
    n_images: int,
    n_rows: int,
    should_stop: Callable[[], bool] | None,
    workers: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum the columns of a table, and their squares, over the rows of each image.

    Parameters
    ----------
    table : ndarray of float64, shape (n_rows, n_columns)
    image : ndarray of intp, shape (n_rows,)
    n_images : int
    n_rows : int
        See :func:`squares`.
    should_stop, workers
        See :func:`run_blocks`.

    Returns
    -------
    sums, sums_of_squares : ndarray of float64, shape (n_images, n_columns)
    """
    order = np.argsort(image, kind="stable")
    ordered = image[order]
    edges = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])
    sums, sums_of_squares = np.zeros((2, n_images, table.shape[1]))
    n_blocks = len(order) // ROWS_TOGETHER + 1
    parts = np.array_split(edges, n_blocks)
    ends = np.append([part[0] for part in parts[1:] if len(part)], len(order)).astype(np.intp)
    parts = [part for part in parts if len(part)]

    def block(number: int) -> None:
        begin = parts[number]
        values = table[order[begin[0] : ends[number]]]
        sums[ordered[begin]] = np.add.reduceat(values, begin - begin[0])
        squared = squares(values, n_rows)
        sums_of_squares[ordered[begin]] = np.add.reduceat(squared, begin - begin[0])

    run_blocks(block, len(parts), should_stop, workers)
    return sums, sums_of_squares
