"""The rows that count under one query, by frame: what resamples and null data sets are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ea_widgets.analysis.importance.correlations import rank_tables
from ea_widgets.analysis.sample.counted_rows import count_rows, sum_by_image, sums_per_image
from ea_widgets.core.statistics.frame_exchange import Exchange
from ea_widgets.core.statistics.importance import BinCounts
from ea_widgets.core.statistics.moments import MomentSums, squares
from ea_widgets.core.statistics.null_distribution import (
    null_importance,
    rotate_outcomes,
    shuffled_frame_counts,
)
from ea_widgets.core.statistics.resampling import SEED, FrameRows, stop_if

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.counted_rows import CountedRows
    from ea_widgets.analysis.sample.selection import Selection

Number = TypeVar("Number", np.int64, np.float64)


@dataclass(frozen=True, eq=False)
class SettledRows:
    """The rows that count under one query, by frame, with their outcome and metrics.

    Attributes
    ----------
    selection : Selection
    counted : CountedRows
    counts : BinCounts
        Of all metrics.
    hit : ndarray of intp, shape (n_successes,)
        Places in ``rows.order`` that have the outcome, ascending.
    ranks : tuple of ndarray of float64, optional
        Ranks of the metrics of objects, per row of the selection, and of images, per image, to be
        correlated instead of their values.
    """

    selection: Selection
    counted: CountedRows
    counts: BinCounts
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
        counted = count_rows(selection, excluded)
        hit = np.sort(counted.rows.places[selection.positions(successes)])
        counts = selection.fold(successes, excluded)[0]
        ranks = rank_tables(selection, np.sort(counted.rows.order)) if by_rank else None
        return cls(selection, counted, counts, hit, ranks)

    @property
    def rows(self) -> FrameRows:
        """Positions in the selection, by frame."""
        return self.counted.rows

    @cached_property
    def hits_per_frame(self) -> NDArray[np.int64]:
        """Rows with the outcome, shape (n_frames,)."""
        cells = self.rows.cell_of_place[self.hit]
        return np.bincount(cells, minlength=self.rows.n_frames)

    @cached_property
    def is_rare(self) -> bool:
        """Whether at most half of the rows have the outcome."""
        return 2 * len(self.hit) <= len(self.rows.order)

    @cached_property
    def exchange(self) -> Exchange:
        """What null data sets move: of the two outcomes the rarer one, there is less of it."""
        sizes, hits = self.rows.sizes, self.hits_per_frame
        return Exchange.of(hits if self.is_rare else sizes - hits, sizes)

    def frame_sums(
        self, should_stop: Callable[[], bool] | None = None, workers: int | None = None
    ) -> MomentSums:
        """Sum what correlation needs, for all metrics; each of shape (n_frames, n_metrics)."""
        counted, sizes, hits = self.counted, self.rows.sizes, self.hits_per_frame
        side, order, cell = counted.side, self.rows.order, self.rows.cell_of_place
        of_hit = order[self.hit]
        if self.ranks is None:
            x, xx = sums_per_image(self.selection, should_stop, workers)
            values = self.selection.standard(counted.chosen[of_hit])
            of_images = self.selection.image_standard
            if len(counted.excluded):
                lost = self.selection.standard(counted.excluded)
                image = side.image_code[counted.excluded]
                x, xx = x.copy(), xx.copy()
                np.subtract.at(x, image, lost)
                np.subtract.at(xx, image, squares(lost, len(side.class_code)))
        else:
            table, of_images = self.ranks
            values, image = table[of_hit], side.image_code[counted.chosen]
            x, xx = sum_by_image(table, image, side.n_images, len(table), should_stop, workers)
        x, xx = x[counted.images], xx[counted.images]
        stop_if(should_stop)

        n, y = counted.rows_per_frame, np.repeat(hits[:, None], x.shape[1], 1)
        for metric, places in counted.missing.items():
            lacking = self.hit[np.isin(self.hit, places, assume_unique=True)]
            y[:, metric] -= np.bincount(cell[lacking], minlength=len(sizes))
        xy = np.zeros(x.shape)
        if len(self.hit):
            frame = cell[self.hit]
            new = np.flatnonzero(np.concatenate([[True], frame[1:] != frame[:-1]]))
            xy[frame[new]] = np.add.reduceat(values, new)

        of_frame = of_images[counted.images]
        present = (counted.frame_codes < counted.n_bins).T
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
        if metric < self.counted.n_image_metrics:
            cell = np.arange(n_frames) * width + of_bin[self.counted.frame_codes[metric]]
            tables = [
                np.bincount(cell, weights, size).astype(np.int64)
                for weights in (self.hits_per_frame, self.rows.sizes)
            ]
        else:
            codes = self.counted.object_codes[metric - self.counted.n_image_metrics]
            cell = of_bin[codes]
            cell += self.rows.cell_of_place * width
            tables = [np.bincount(part, minlength=size) for part in (cell[self.hit], cell)]
        hits, rows = (table.reshape(n_frames, width)[:, :-1] for table in tables)
        return hits, rows

    def null(
        self,
        metrics: NDArray[np.intp],
        numbers: range,
        should_stop: Callable[[], bool] | None = None,
    ) -> NDArray[np.float64]:
        """Compute the importance of metrics that have nothing to do with the outcome.

        Parameters
        ----------
        metrics : ndarray of intp
        numbers : range
            Of the null data sets: each is made from its number alone.
        should_stop : callable, optional
            Asked between metrics.

        Returns
        -------
        ndarray of float64, shape (len(metrics), len(numbers))
        """
        rows, n_image_metrics = self.rows, self.counted.n_image_metrics
        n_bins = self.counted.n_bins
        of_images = metrics[metrics < n_image_metrics]
        of_objects = metrics[metrics >= n_image_metrics]
        result = np.zeros((len(metrics), len(numbers)))
        known = dict(zip(metrics.tolist(), range(len(metrics)), strict=True))
        streams = [np.random.default_rng([SEED, number]) for number in numbers]
        if len(of_images):
            at = [known[metric] for metric in of_images.tolist()]
            codes, totals = self.counted.frame_codes[of_images], self.counts.totals[of_images]
            for column, stream in enumerate(streams):
                stop_if(should_stop)
                counted = shuffled_frame_counts(codes, self.exchange, n_bins, stream)
                hits = counted if self.is_rare else totals - counted
                result[at, column] = null_importance(BinCounts(hits, totals))
        if len(of_objects):
            places = []
            for stream in streams:
                stop_if(should_stop)
                places.append(rotate_outcomes(rows, self.exchange, stream))
            for metric in of_objects.tolist():
                stop_if(should_stop)
                codes = self.counted.object_codes[metric - n_image_metrics]
                counted = np.array(
                    [np.bincount(codes[place], minlength=n_bins + 1) for place in places]
                )[:, :n_bins]
                totals = np.broadcast_to(self.counts.totals[metric], counted.shape)
                hits = counted if self.is_rare else totals - counted
                result[known[metric]] = null_importance(BinCounts(hits, totals))
        return result


def pooled(table: NDArray[Number], n_groups: int) -> NDArray[Number]:
    """Add up frames in groups, so that there are no more than `n_groups` rows."""
    if len(table) <= n_groups:
        return table
    padded = np.zeros((-(-len(table) // n_groups) * n_groups, *table.shape[1:]), table.dtype)
    padded[: len(table)] = table
    groups: NDArray[Number] = padded.reshape(-1, n_groups, *table.shape[1:]).sum(axis=0)
    return groups
