"""Rows of a selection in the order of clusters and images: what no outcome changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.core.importance.moments import squares
from ea_widgets.core.statistics.clusters import order_by_cluster
from ea_widgets.core.statistics.resampling import run_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.object_table import MetricTable
    from ea_widgets.analysis.sample.selection import Selection
    from ea_widgets.core.statistics.clusters import ClusteredRows

    Sums = tuple[NDArray[np.float64], NDArray[np.float64]]

COUNTS_KEPT = 64
"""Counts of rows by image kept for the next move: those of all metrics, mostly."""

ROWS_PER_BLOCK = 1 << 14
"""Rows summed between two questions whether to stop."""


@dataclass(frozen=True, eq=False)
class ClusteredSelection:
    """Rows of a selection, cluster by cluster and image by image, with their metrics.

    Kept by the selection, and so holds no reference to it.

    Attributes
    ----------
    table : MetricTable
    chosen : ndarray of intp, shape (n_rows,)
        Rows of the table that the selection chooses.
    codes : tuple of ndarray of uint16
        See :attr:`Selection.codes`.
    n_bins : int
        See :attr:`Selection.n_bins`.
    rows : ClusteredRows
        Positions in the selection by image; the images of a cluster stand together.
    """

    table: MetricTable
    chosen: NDArray[np.intp]
    codes: tuple[NDArray[np.uint16], NDArray[np.uint16]]
    n_bins: int
    rows: ClusteredRows
    _sums: list[Sums] = field(default_factory=list)
    _counts: LruCache[tuple[int, bytes], NDArray[np.int32]] = field(
        default_factory=lambda: LruCache(COUNTS_KEPT)
    )

    @classmethod
    def of(cls, selection: Selection) -> ClusteredSelection:
        """Order all rows of a selection."""
        table = selection.side
        image = table.image_code[selection.chosen]
        if table.cluster_of_image is not None:
            order = np.argsort(table.cluster_of_image, kind="stable")
            number = np.empty(len(order), np.intp)
            number[order] = np.arange(len(order))
            image = number[image]
        rows = order_by_cluster(image, np.arange(len(image)))
        return cls(table, selection.rows, selection.codes, selection.n_bins, rows)

    @cached_property
    def image(self) -> NDArray[np.intp]:
        """Image code of each image with rows, shape (n_images,)."""
        return self.table.image_code[self.chosen[self.rows.order[self.rows.start[:-1]]]]

    @cached_property
    def cluster(self) -> NDArray[np.intp]:
        """Cluster code of each image with rows, ascending, shape (n_images,)."""
        of_image = self.table.cluster_of_image
        return self.image if of_image is None else of_image[self.image]

    @cached_property
    def image_codes(self) -> NDArray[np.intp]:
        """Fine bin of each image by the metrics of images, shape (n_image_metrics, n_images)."""
        return np.ascontiguousarray(self.codes[0][self.image].T, np.intp)

    @cached_property
    def object_codes(self) -> NDArray[np.uint16]:
        """Fine bin of each row, in order, by the metrics of objects; (n_object_metrics, n_rows)."""
        return self.codes[1].T.take(self.rows.order, axis=1)

    def count(
        self,
        metric: int,
        segment: NDArray[np.intp],
        positions: NDArray[np.intp] | slice = slice(None),
    ) -> NDArray[np.int64]:
        """Count rows by image and segment of a metric of objects.

        Parameters
        ----------
        metric : int
            Number among the metrics of objects.
        segment : ndarray of intp, shape (n_bins,)
            Segment of each fine bin, ascending.
        positions : ndarray of intp, optional
            In ``rows.order``; all by default.

        Returns
        -------
        ndarray of int64, shape (n_images, n_segments)
        """
        n_segments, n_images = int(segment[-1]) + 1, len(self.rows.sizes)
        width = n_segments + 1  # missing values go to a segment that is dropped
        cell = np.append(segment, n_segments)[self.object_codes[metric][positions]]
        cell += self.rows.cell[positions] * width
        found = np.bincount(cell, minlength=n_images * width)
        return found.reshape(n_images, width)[:, :-1]

    def count_all(self, metric: int, segment: NDArray[np.intp]) -> NDArray[np.int32]:
        """Count all rows, kept for the next move; see :meth:`count`."""
        key = metric, segment.tobytes()
        return self._counts.get(key, lambda: self.count(metric, segment).astype(np.int32))

    def with_value(self, positions: NDArray[np.intp] | None = None) -> NDArray[np.int64]:
        """Count rows with a value by image and metric of objects.

        Parameters
        ----------
        positions : ndarray of intp, shape (n,), optional
            In ``rows.order``, ascending; all by default.

        Returns
        -------
        ndarray of int64, shape (n_images, n_object_metrics)
        """
        cell, n_images = self.rows.cell, len(self.rows.sizes)
        n = self.rows.sizes
        if positions is not None:
            n = np.bincount(cell[positions], minlength=n_images)
        table = np.repeat(n[:, None], len(self.object_codes), axis=1)
        for metric, codes in enumerate(self.object_codes):
            if self._has_gaps[metric]:
                taken = slice(None) if positions is None else positions
                lacking = cell[taken][codes[taken] == self.n_bins]
                table[:, metric] -= np.bincount(lacking, minlength=n_images)
        return table

    @cached_property
    def rows_with_value(self) -> NDArray[np.int64]:
        """All rows with a value, kept; see :meth:`with_value`."""
        return self.with_value()

    @cached_property
    def _has_gaps(self) -> NDArray[np.bool_]:
        """Whether any row lacks a value, by metric of objects."""
        return np.asarray((self.codes[1] == self.n_bins).any(axis=0))

    def sums(
        self,
        standard: Callable[[], NDArray[np.float64]],
        should_stop: Callable[[], bool] | None,
        workers: int | None,
    ) -> Sums:
        """Sum the metrics of objects, and their squares, by image; kept.

        Parameters
        ----------
        standard : callable
            Gives the standardised metrics of the rows of the selection.
        should_stop, workers
            See :func:`run_blocks`.
        """
        if not self._sums:
            self._sums.append(self.sum_by_image(standard(), should_stop, workers))
        return self._sums[0]

    def sum_by_image(
        self,
        table: NDArray[np.float64],
        should_stop: Callable[[], bool] | None,
        workers: int | None,
    ) -> Sums:
        """Sum the columns of a table, and their squares, over the rows of each image.

        Parameters
        ----------
        table : ndarray of float64, shape (n_rows, n_columns)
            Of each row of the selection.
        should_stop, workers
            See :func:`run_blocks`.

        Returns
        -------
        sums, sums_of_squares : ndarray of float64, shape (n_images, n_columns)
        """
        order, start = self.rows.order, self.rows.start
        n_rows, n_images = len(self.table.class_code), len(start) - 1
        sums, sums_of_squares = np.zeros((2, n_images, table.shape[1]))
        parts = np.array_split(np.arange(n_images), min(len(order) // ROWS_PER_BLOCK + 1, n_images))

        def block(number: int) -> None:
            images = parts[number]
            first = start[images]
            values = table[order[first[0] : start[images[-1] + 1]]]
            sums[images] = np.add.reduceat(values, first - first[0])
            squared = squares(values, n_rows)
            sums_of_squares[images] = np.add.reduceat(squared, first - first[0])

        run_blocks(block, len(parts) if n_images else 0, should_stop, workers)
        return sums, sums_of_squares

    def prepare(self) -> None:
        """Make what several threads are going to look at: each would make it for itself."""
        _ = self.image_codes, self.rows_with_value, self.rows.cell
