"""The rows that count under one choice, by frame: what resamples and null data sets are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from ea_widgets.analysis.correlations import rank_tables
from ea_widgets.analysis.side import MISSING_BIN
from ea_widgets.core.importance import FINE_BINS, BinCounts
from ea_widgets.core.moments import MomentSums
from ea_widgets.core.nulls import null_importance, rotate_outcomes, shuffled_frame_counts
from ea_widgets.core.resampling import SEED, FrameRows, order_by_frame, run_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.side import Selection

Number = TypeVar("Number", np.int64, np.float64)

ROWS_TOGETHER = 1 << 14
"""Rows summed between two questions whether to stop."""


@dataclass(frozen=True, eq=False)
class SettledRows:
    """The rows that count under one choice, by frame, with their outcome and metrics.

    Attributes
    ----------
    selection : Selection
    counts : BinCounts
        Of all metrics.
    rows : FrameRows
        Of positions in the selection.
    hit : ndarray of intp, shape (n_successes,)
        Places in ``rows.order`` that have the outcome, ascending.
    ranks : tuple of ndarray of float64, optional
        Ranks of the metrics of objects, per row of the selection, and of images, per image, to be
        correlated instead of their values.
    """

    selection: Selection
    counts: BinCounts
    rows: FrameRows
    hit: NDArray[np.intp]
    ranks: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    @classmethod
    def of(
        cls,
        selection: Selection,
        successes: NDArray[np.intp],
        excluded: NDArray[np.intp],
        *,
        by_rank: bool = False,
    ) -> SettledRows:
        """Order the rows of a selection that count.

        Parameters
        ----------
        selection : Selection
        successes, excluded : ndarray of intp
            As :meth:`Selection.fold` takes them.
        by_rank : bool
            Whether to correlate ranks.

        Returns
        -------
        SettledRows
        """
        counted = np.ones(len(selection.rows), bool)
        counted[selection.positions(excluded)] = False
        image = selection.side.image_code[selection.chosen]
        rows = order_by_frame(image, np.flatnonzero(counted))
        hit = np.sort(rows.places[selection.positions(successes)])
        counts = selection.fold(successes, excluded)[0]
        ranks = rank_tables(selection, np.flatnonzero(counted)) if by_rank else None
        return cls(selection, counts, rows, hit, ranks)

    @cached_property
    def n_image_metrics(self) -> int:
        """How many of the metrics, the first ones, describe images."""
        return self.selection.side.n_image_metrics

    @cached_property
    def images(self) -> NDArray[np.intp]:
        """Image code of each frame, shape (n_frames,)."""
        first = self.selection.rows[self.rows.order[self.rows.start[:-1]]]
        return self.selection.side.image_code[first]

    @cached_property
    def hits_per_frame(self) -> NDArray[np.int64]:
        """Rows with the outcome, shape (n_frames,)."""
        cells = self.rows.cell_of_place[self.hit]
        return np.bincount(cells, minlength=self.rows.n_frames)

    @cached_property
    def frame_codes(self) -> NDArray[np.intp]:
        """Fine bin of each frame by the metrics of images, shape (n_image_metrics, n_frames)."""
        return np.ascontiguousarray(self.selection.codes[0][self.images].T, np.intp)

    @cached_property
    def object_codes(self) -> NDArray[np.uint16]:
        """Fine bin of each row, by frame, by the metrics of objects; (n_object_metrics, n_rows)."""
        order, codes = self.rows.order, self.selection.codes[1]
        table = np.empty((codes.shape[1], len(order)), np.uint16)
        for part in range(0, len(order), 1 << 15):
            table[:, part : part + (1 << 15)] = codes[order[part : part + (1 << 15)]].T
        return table

    def prepare(self) -> None:
        """Make what several threads are going to look at: each would make it for itself."""
        _ = self.hits_per_frame, self.frame_codes, self.object_codes

    def frame_sums(
        self, should_stop: Callable[[], bool] | None = None, workers: int | None = None
    ) -> MomentSums:
        """Sum what correlation needs, for all metrics; each of shape (n_frames, n_metrics)."""
        side, sizes, hits = self.selection.side, self.rows.sizes, self.hits_per_frame
        n_frames, cell = self.rows.n_frames, self.rows.cell_of_place
        chosen, order = self.selection.rows, self.rows.order
        if self.ranks is None:
            x, xx = sums_per_image(self.selection, should_stop, workers)
            values, of_images = side.standard[chosen[order[self.hit]]], side.image_standard
            counted = np.zeros(len(chosen), bool)
            counted[order] = True
            left_out = np.flatnonzero(~counted)
            lost, image = side.standard[chosen[left_out]], side.image_code[chosen[left_out]]
            x, xx = x.copy(), xx.copy()
            np.subtract.at(x, image, lost)
            np.subtract.at(xx, image, lost**2)
        else:
            table, of_images = self.ranks
            values, image = table[order[self.hit]], side.image_code[chosen]
            x, xx = sum_by_image(table, image, side.n_images, should_stop, workers)
        x, xx = x[self.images], xx[self.images]

        n, y = np.repeat(sizes[:, None], x.shape[1], 1), np.repeat(hits[:, None], x.shape[1], 1)
        for metric, codes in enumerate(self.object_codes):
            lacks = codes == MISSING_BIN
            if lacks.any():
                n[:, metric] -= np.bincount(cell[lacks], minlength=n_frames)
                lacking = self.hit[lacks[self.hit]]
                y[:, metric] -= np.bincount(cell[lacking], minlength=n_frames)
        xy = np.zeros(x.shape)
        if len(self.hit):
            of_hit = cell[self.hit]
            new = np.flatnonzero(np.concatenate([[True], of_hit[1:] != of_hit[:-1]]))
            xy[of_hit[new]] = np.add.reduceat(values, new)

        of_frame = of_images[self.images]
        present = (self.frame_codes != MISSING_BIN).T
        n_image, y_image = sizes[:, None] * present, hits[:, None] * present
        of_outcome = np.hstack([y_image, y]).astype(np.float64)
        return MomentSums(
            n=np.hstack([n_image, n]).astype(np.float64),
            x=np.hstack([of_frame * n_image, x]),
            xx=np.hstack([of_frame**2 * n_image, xx]),
            y=of_outcome,
            yy=of_outcome,
            xy=np.hstack([of_frame * y_image, xy]),
        )

    def frame_counts(
        self, metric: int, segment: NDArray[np.intp]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Outcomes and rows per frame and segment, each of shape (n_frames, n_segments)."""
        n_segments = int(segment[-1]) + 1
        of_bin = np.append(segment, n_segments)  # missing values go to a segment that is dropped
        n_frames, width = self.rows.n_frames, n_segments + 1
        size = n_frames * width
        if metric < self.n_image_metrics:
            cell = np.arange(n_frames) * width + of_bin[self.frame_codes[metric]]
            tables = [
                np.bincount(cell, weights, size).astype(np.int64)
                for weights in (self.hits_per_frame, self.rows.sizes)
            ]
        else:
            codes = self.object_codes[metric - self.n_image_metrics]
            cell = of_bin[codes]
            cell += self.rows.cell_of_place * width
            tables = [np.bincount(part, minlength=size) for part in (cell[self.hit], cell)]
        hits, rows = (table.reshape(n_frames, width)[:, :-1] for table in tables)
        return hits, rows

    def null(self, metrics: NDArray[np.intp], numbers: range) -> NDArray[np.float64]:
        """Compute the importance of metrics that have nothing to do with the outcome.

        Parameters
        ----------
        metrics : ndarray of intp
        numbers : range
            Of the null data sets: each is made from its number alone.

        Returns
        -------
        ndarray of float64, shape (len(metrics), len(numbers))
        """
        of_images = metrics[metrics < self.n_image_metrics]
        of_objects = metrics[metrics >= self.n_image_metrics]
        result = np.zeros((len(metrics), len(numbers)))
        known = dict(zip(metrics.tolist(), range(len(metrics)), strict=True))
        streams = [np.random.default_rng([SEED, number]) for number in numbers]
        if len(of_images):
            at = [known[metric] for metric in of_images.tolist()]
            codes, hits, sizes = self.frame_codes[of_images], self.hits_per_frame, self.rows.sizes
            for column, stream in enumerate(streams):
                counts = shuffled_frame_counts(codes, hits, sizes, FINE_BINS, stream)
                result[at, column] = null_importance(counts)
        if len(of_objects):
            # Of the two outcomes the rarer one is moved: there is less of it.
            rare = 2 * len(self.hit) <= len(self.rows.order)
            moved = self.hits_per_frame if rare else self.rows.sizes - self.hits_per_frame
            places = [rotate_outcomes(self.rows, moved, stream) for stream in streams]
            for metric in of_objects.tolist():
                codes = self.object_codes[metric - self.n_image_metrics]
                counted = np.array(
                    [np.bincount(codes[place], minlength=FINE_BINS + 1) for place in places]
                )[:, :FINE_BINS]
                totals = np.broadcast_to(self.counts.totals[metric], counted.shape)
                hits = counted if rare else totals - counted
                result[known[metric]] = null_importance(BinCounts(hits, totals))
        return result


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
        table = side.standard if selection.everything else side.standard[selection.rows]
        image = side.image_code[selection.chosen]
        found = sum_by_image(table, image, side.n_images, should_stop, workers)
        _SUMS[selection] = found
    return found


def sum_by_image(
    table: NDArray[np.float64],
    image: NDArray[np.intp],
    n_images: int,
    should_stop: Callable[[], bool] | None,
    workers: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum the columns of a table, and their squares, over the rows of each image.

    Parameters
    ----------
    table : ndarray of float64, shape (n_rows, n_columns)
    image : ndarray of intp, shape (n_rows,)
    n_images : int
    should_stop, workers
        See :func:`run_blocks`.

    Returns
    -------
    sums, squares : ndarray of float64, shape (n_images, n_columns)
    """
    order = np.argsort(image, kind="stable")
    ordered = image[order]
    edges = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])
    sums, squares = np.zeros((2, n_images, table.shape[1]))
    n_blocks = len(order) // ROWS_TOGETHER + 1
    parts = np.array_split(edges, n_blocks)
    ends = np.append([part[0] for part in parts[1:] if len(part)], len(order)).astype(np.intp)
    parts = [part for part in parts if len(part)]

    def block(number: int) -> None:
        begin = parts[number]
        values = table[order[begin[0] : ends[number]]]
        sums[ordered[begin]] = np.add.reduceat(values, begin - begin[0])
        np.square(values, out=values)
        squares[ordered[begin]] = np.add.reduceat(values, begin - begin[0])

    run_blocks(block, len(parts), should_stop, workers)
    return sums, squares


def pooled(table: NDArray[Number], n_groups: int) -> NDArray[Number]:
    """Add up frames in groups, so that there are no more than `n_groups` rows."""
    if len(table) <= n_groups:
        return table
    padded = np.zeros((-(-len(table) // n_groups) * n_groups, *table.shape[1:]), table.dtype)
    padded[: len(table)] = table
    groups: NDArray[Number] = padded.reshape(-1, n_groups, *table.shape[1:]).sum(axis=0)
    return groups
