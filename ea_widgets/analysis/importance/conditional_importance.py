"""Conditional importance: what a metric tells beyond another metric, or the class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.binning import bin_of_ranks
from ea_widgets.core.importance.conditional import (
    conditional_share,
    gain_by_chance,
    number_of_strata,
)
from ea_widgets.core.importance.entropy import total_entropy
from ea_widgets.core.statistics.bootstrap import cut_metrics
from ea_widgets.core.statistics.clusters import ClusteredRows, order_by_cluster
from ea_widgets.core.statistics.exchangeable import ExchangeableClusters
from ea_widgets.core.statistics.intervals import t_quantile
from ea_widgets.core.statistics.null_distribution import exchange_outcomes
from ea_widgets.core.statistics.resampling import SEED, run_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample import Sample

CLASS = "class"
"""What `given` calls the class of an object."""


def strata_of(sample: Sample, conditional_on: str | None) -> NDArray[np.intp]:
    """Stratum of each chosen row.

    Parameters
    ----------
    sample : Sample
    conditional_on : str or None
        Displayed name of a metric, ``"class"``, or None for a single stratum.

    Returns
    -------
    ndarray of intp, shape (n_rows,)
        -1 where the metric has no value.
    """
    selection = sample.selection
    if conditional_on is None:
        return np.zeros(len(selection.rows), np.intp)
    if conditional_on == CLASS:
        return np.asarray(selection.side.class_code[selection.chosen], np.intp)
    if conditional_on in selection.side.categories:
        of_code, _ = selection.pools[selection.side.names.index(conditional_on)]
        column = selection.side.metrics[conditional_on].of_rows(selection.chosen)
        return column.spread(np.append(of_code[:-1], -1))
    column = selection.side.metrics[conditional_on].take(selection.chosen)
    counts = column.counts
    of_rank, _ = bin_of_ranks(counts, number_of_strata(int(counts[:-1].sum())))
    of_rank[-1] = -1
    return column.spread(of_rank)


@dataclass(frozen=True, eq=False)
class StratifiedSample:
    """A sample in strata, and the segments of each metric.

    Attributes
    ----------
    sample : Sample
    stratum : ndarray of intp, shape (n_rows,)
        Stratum of each chosen row; -1 where there is none.
    rows : ClusteredRows
        Rows that count, by stratum and cluster.
    hit : ndarray of intp, shape (n_successes,)
        Positions in ``rows.order`` that have the outcome, ascending.
    segments : tuple of ndarray of intp
        Segment of each fine bin, per metric; without the class.
    n_classes : int
        Classes, where the class is ranked as the last metric; else 0.
    """

    sample: Sample
    stratum: NDArray[np.intp]
    rows: ClusteredRows
    hit: NDArray[np.intp]
    segments: tuple[NDArray[np.intp], ...]
    n_classes: int

    @classmethod
    def of(
        cls, sample: Sample, conditional_on: str | None, n_metrics: int, n_classes: int
    ) -> StratifiedSample:
        """Divide a sample into strata, and its first metrics into segments."""
        selection, counts = sample.selection, sample.counts
        first = counts.of(np.arange(len(counts.totals)) < n_metrics)
        stratum = strata_of(sample, conditional_on)
        cluster = selection.side.cluster_code[selection.chosen]
        rows = order_by_cluster(cluster, sample.counted[stratum[sample.counted] >= 0], stratum)
        return cls(
            sample,
            stratum,
            rows,
            rows.find(selection.positions(sample.successes)),
            tuple(cuts.segment for cuts in cut_metrics(first)),
            n_classes,
        )

    @cached_property
    def n_strata(self) -> int:
        """Strata, some of them perhaps empty."""
        return int(self.stratum.max(initial=0)) + 1

    @cached_property
    def exchangeable(self) -> ExchangeableClusters:
        """Parts of clusters in strata, which exchange their outcomes within strata."""
        sizes = self.rows.sizes
        hits = np.bincount(self.rows.cell[self.hit], minlength=len(sizes))
        return ExchangeableClusters.by_rate(hits, sizes)

    @property
    def n_ranked(self) -> int:
        """Metrics, and the class where that is ranked."""
        return len(self.segments) + (self.n_classes > 0)

    def n_segments(self, metric: int) -> int:
        """Parts of a metric, or classes."""
        if metric == len(self.segments):
            return self.n_classes
        return int(self.segments[metric][-1]) + 1

    def cells(self, metric: int) -> NDArray[np.int32]:
        """Stratum and segment of each position as one number; missing values are the last segment.

        Returns
        -------
        ndarray of int32, shape (n_rows,)
            ``stratum * (n_segments + 1) + segment``.
        """
        selection, order = self.sample.selection, self.rows.order
        side, n_segments = selection.side, self.n_segments(metric)
        if metric == len(self.segments):
            segment = side.class_code[selection.rows[order]].astype(np.int32)
        else:
            table = np.full(selection.n_bins + 1, n_segments, np.int32)
            table[:-1] = self.segments[metric]
            of_images, of_rows = selection.codes
            if metric < side.n_image_metrics:
                per_image = table[of_images[:, metric]]
                segment = per_image[side.image_code[selection.rows[order]]]
            else:
                segment = table[of_rows[order, metric - side.n_image_metrics]]
        return segment + self.stratum[order].astype(np.int32) * np.int32(n_segments + 1)

    def tables(
        self, metric: int, cells: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Outcomes and rows, each of shape (n_strata, n_segments)."""
        shape = (self.n_strata, self.n_segments(metric) + 1)
        size = shape[0] * shape[1]
        hits, rows = (
            np.bincount(part, minlength=size).reshape(shape)[:, :-1]
            for part in (cells[self.hit], cells)
        )
        return hits, rows

    def null(self, measured: list[Measured], numbers: range) -> NDArray[np.float64]:
        """Compute the share explained when clusters exchange their outcomes within strata.

        Parameters
        ----------
        measured : list of Measured
            Of the metrics wanted.
        numbers : range
            Of the null data sets.

        Returns
        -------
        ndarray of float64, shape (len(measured), len(numbers))
        """
        result = np.zeros((len(measured), len(numbers)))
        donor = np.empty((len(numbers), len(self.rows.sizes)), np.intp)
        u = np.empty((2, *donor.shape))
        for column, number in enumerate(numbers):
            stream = np.random.default_rng([SEED, number])
            donor[column] = self.rows.circular_shift(stream)
            u[:, column] = stream.random((2, donor.shape[1]))
        moved, ends = exchange_outcomes(self.rows, self.exchangeable, donor, u)
        for row, one in enumerate(measured):
            n_strata, n_segments = one.rows.shape
            cells = one.cells.take(moved)
            for column in range(len(numbers)):
                part = cells[ends[column] : ends[column + 1]]
                count = np.bincount(part, minlength=n_strata * (n_segments + 1))
                hits = count.reshape(n_strata, -1)[:, :-1]
                result[row, column] = conditional_share(hits, one.rows, one.by_chance)
        return result


@dataclass(frozen=True, eq=False)
class Measured:
    """One metric in strata.

    Attributes
    ----------
    cells : ndarray of int32, shape (n_rows,)
        See :meth:`StratifiedSample.cells`.
    hits, rows : ndarray of int64, shape (n_strata, n_segments)
    by_chance : float
        Nats that chance explains.
    importance : float
    """

    cells: NDArray[np.int32]
    hits: NDArray[np.int64]
    rows: NDArray[np.int64]
    by_chance: float
    importance: float


def measure(data: StratifiedSample, metric: int) -> Measured:
    """Compute the importance of one metric within strata."""
    cells = data.cells(metric)
    hits, rows = data.tables(metric, cells)
    by_chance = gain_by_chance(hits, rows)
    return Measured(cells, hits, rows, by_chance, float(conditional_share(hits, rows, by_chance)))


def measure_all(
    data: StratifiedSample,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> list[Measured]:
    """Compute the importance of all metrics within strata, in the order of the table."""
    return run_blocks(lambda m: measure(data, m), data.n_ranked, should_stop, workers)


def interval(data: StratifiedSample, one: Measured) -> tuple[float, float]:
    """95 % interval of the importance of one metric within strata.

    Parameters
    ----------
    data : StratifiedSample
    one : Measured

    Returns
    -------
    low, high : float
        In [0, 1].

    Notes
    -----
    The importance is a ratio of two sums over rows: of what the segment tells about the outcome of
    the row and of the surprise at it within the stratum. Its variance is that of a ratio over
    whole clusters (linearised), which takes one pass instead of a table per resample.
    """
    cluster, n_clusters = data.rows.cluster, data.rows.n_clusters
    if n_clusters < 2:
        return 0.0, 1.0
    hits, rows = one.hits, one.rows
    n = np.maximum(rows.sum(axis=1, keepdims=True), 1)
    s = hits.sum(axis=1, keepdims=True)
    residual = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for cell, stratum in ((hits, s), (rows - hits, n - s)):
            expected = np.log(stratum / n)
            told = np.log(cell / np.maximum(rows, 1)) - expected
            # Cells without such an outcome have no such row.
            known = np.where(cell > 0, told + one.importance * expected, 0.0)
            residual.append(np.hstack([known, np.zeros((len(n), 1))]).ravel())
    value = residual[1][one.cells]
    value[data.hit] = residual[0][one.cells[data.hit]]
    per_cluster = np.bincount(cluster[data.rows.cell], value, n_clusters)
    whole = float(total_entropy(s[:, 0], rows.sum(axis=1)).sum())
    if not whole:
        return 0.0, 0.0
    # The mean is the chance that was taken off the importance.
    spread = float(per_cluster.std(ddof=1)) * np.sqrt(n_clusters) / whole
    half = t_quantile(n_clusters - 1) * spread
    return (
        float(np.clip(one.importance - half, 0.0, 1.0)),
        float(np.clip(one.importance + half, 0.0, 1.0)),
    )
