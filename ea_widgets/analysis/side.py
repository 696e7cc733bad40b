"""One side of an evaluation, predictions or labels: its metrics, ready for folding."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ea_widgets.analysis.curve_bins import CurveBins, bin_curve
from ea_widgets.analysis.tally import LastTally, Tally, count_codes
from ea_widgets.core.binning import RankedColumn, bin_of_ranks
from ea_widgets.core.importance import BinCounts, fine_bins
from ea_widgets.core.moments import MomentSums, on_grid, squares, standardise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd
    from numpy.typing import NDArray

Item = TypeVar("Item")
Result = TypeVar("Result")

MISSING = np.iinfo(np.uint16).max
"""Stands for no value until the number of fine bins is known."""

CURVES_KEPT = 8
"""Binned curves kept for the next move, per selection."""


@dataclass(frozen=True, eq=False)
class Side:
    """Objects with a class, an image and metrics.

    Attributes
    ----------
    class_code, image_code : ndarray of intp, shape (n,)
    n_images : int
    metrics : dict of str to RankedColumn
        By displayed name; those of images first.
    standard : ndarray of float64, shape (n, n_object_metrics)
        Standardised values of the metrics of objects; 0 where missing. Sums of them are exact.
    image_standard : ndarray of float64, shape (n_images, n_image_metrics)
        Likewise for the metrics of images, each value once for every object of the image.
    """

    class_code: NDArray[np.intp]
    image_code: NDArray[np.intp]
    n_images: int
    metrics: dict[str, RankedColumn]
    standard: NDArray[np.float64]
    image_standard: NDArray[np.float64]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Displayed names of the metrics."""
        return tuple(self.metrics)

    @cached_property
    def n_image_metrics(self) -> int:
        """How many of the metrics, the first ones, describe images."""
        return int(self.image_standard.shape[1])


def build_side(
    class_code: NDArray[np.intp],
    image_code: NDArray[np.intp],
    images: pd.DataFrame,
    image_order: NDArray[np.intp],
    objects: pd.DataFrame,
    object_order: NDArray[np.intp],
    level: str,
) -> Side:
    """Rank and standardise the metrics of one side.

    Parameters
    ----------
    class_code, image_code : ndarray of intp, shape (n,)
    images : DataFrame
        Metrics of the images only.
    image_order : ndarray of intp, shape (n_images,)
        Row of `images` of each image code.
    objects : DataFrame
        Metrics of the objects only.
    object_order : ndarray of intp, shape (n,)
        Row of `objects` of each row of the side.
    level : {"P", "O"}

    Returns
    -------
    Side
    """
    of_images, image_standard = prepare(images, image_order, image_code)
    of_objects, standard = prepare(objects, object_order)
    names = [f"{name} (F)" for name in images] + [f"{name} ({level})" for name in objects]
    metrics = dict(zip(names, of_images + of_objects, strict=True))
    return Side(class_code, image_code, len(image_order), metrics, standard, image_standard)


def prepare(
    frame: pd.DataFrame,
    order: NDArray[np.intp],
    unit: NDArray[np.intp] | None = None,
) -> tuple[list[RankedColumn], NDArray[np.float64]]:
    """Rank the columns of a frame, and standardise them into one table.

    Parameters
    ----------
    frame : DataFrame
    order : ndarray of intp, shape (n,)
        Its rows in the order wanted.
    unit : ndarray of intp, optional
        See :class:`RankedColumn`.

    Returns
    -------
    ranked : list of RankedColumn
    standard : ndarray of float64, shape (n, n_columns)
    """
    # Column by column: a sorted copy of all of them beside the table would double the memory.
    table = np.empty((len(order), frame.shape[1]))

    def column(place: int) -> RankedColumn:
        ranked = RankedColumn.of(frame.iloc[:, place].to_numpy(np.float64)[order], unit)
        counts = ranked.counts[:-1]
        standard = on_grid(standardise(ranked.values, counts), counts)
        table[:, place] = np.append(standard, 0.0)[ranked.rank]
        return ranked

    return on_all_cores(column, range(frame.shape[1])), table


def on_all_cores(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply a numpy-heavy function to each item, in order; threads, since numpy lets go of the GIL.

    Every item is computed whole by one thread: results do not depend on the number of threads.
    """
    items = list(items)
    n_threads = min(len(items), os.cpu_count() or 1)
    if n_threads < 2:
        return [function(item) for item in items]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(function, items))


@dataclass(frozen=True, eq=False)
class Selection:
    """The rows of a side that a choice of classes and confidence leaves, binned for folding.

    Bins do not depend on the IoU threshold; a slider move counts only what was matched.

    Attributes
    ----------
    side : Side
    rows : ndarray of intp, shape (n,)
        Chosen rows, ascending.
    """

    side: Side
    rows: NDArray[np.intp]
    _curves: dict[tuple[str, int, bool], CurveBins] = field(default_factory=dict)
    _hits: LastTally = field(default_factory=LastTally)

    @cached_property
    def everything(self) -> bool:
        """Whether all rows of the side are chosen."""
        return len(self.rows) == len(self.side.class_code)

    @cached_property
    def chosen(self) -> NDArray[np.intp] | slice:
        """The rows as an index that copies nothing where it need not."""
        return slice(None) if self.everything else self.rows

    @cached_property
    def _position(self) -> NDArray[np.intp]:
        position = np.full(len(self.side.class_code), -1, np.intp)
        position[self.rows] = np.arange(len(self.rows))
        return position

    def positions(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Where rows of the side, all of them chosen, stand in the selection."""
        return rows if self.everything else self._position[rows]

    @property
    def codes(self) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Fine bins of the image metrics, per image, and of the object metrics, per chosen row.

        They are `n_bins` where the metric is missing.
        """
        return self._binned[:2]

    @property
    def n_bins(self) -> int:
        """Fine bins of the metric that has most."""
        return self._binned[2]

    @cached_property
    def _binned(self) -> tuple[NDArray[np.uint16], NDArray[np.uint16], int]:
        side = self.side
        of_images = np.empty((side.n_images, side.n_image_metrics), np.uint16)
        of_rows = np.empty((len(self.rows), len(side.metrics) - side.n_image_metrics), np.uint16)

        def encode(place: int) -> int:
            column = columns[place].take(self.chosen)
            n_bins = fine_bins(int(column.counts[:-1].sum()))
            bins, _ = bin_of_ranks(column.counts, n_bins)
            bins[-1] = MISSING
            code = bins.astype(np.uint16)[column.rank]
            if column.unit is None:
                of_rows[:, place - side.n_image_metrics] = code
            else:
                of_images[:, place] = code
            return n_bins

        columns = list(side.metrics.values())
        most = max(on_all_cores(encode, range(len(columns))), default=1)
        for codes in (of_images, of_rows):
            np.minimum(codes, np.uint16(most), out=codes)
        return of_images, of_rows, most

    def histogram(self, rows: NDArray[np.intp] | None = None) -> NDArray[np.int64]:
        """Count rows per metric and fine bin.

        Parameters
        ----------
        rows : ndarray of intp, optional
            Rows of the side, all of them chosen; all chosen ones by default.

        Returns
        -------
        ndarray of int64, shape (n_metrics, n_bins + 1)
            The last bin holds rows without a value.
        """
        of_images, of_rows, n_bins = self._binned
        if rows is None:
            images = self.side.image_code[self.chosen]
        else:
            images, of_rows = self.side.image_code[rows], of_rows[self.positions(rows)]
        if len(images) < self.side.n_images:
            return np.concatenate(
                [count_codes(of_images[images], n_bins), count_codes(of_rows, n_bins)]
            )
        per_image = np.bincount(images, minlength=self.side.n_images)
        # An image metric is counted once per image, however many rows the image has.
        weights = np.repeat(per_image, of_images.shape[1])
        return np.concatenate(
            [count_codes(of_images, n_bins, weights), count_codes(of_rows, n_bins)]
        )

    @cached_property
    def totals(self) -> NDArray[np.int64]:
        """Chosen rows per metric and fine bin, shape (n_metrics, n_bins + 1)."""
        return self.histogram()

    def sums(self, rows: NDArray[np.intp] | slice, power: int = 1) -> NDArray[np.float64]:
        """Sum the standardised metrics, or their squares, over rows of the side.

        Returns
        -------
        ndarray of float64, shape (n_metrics,)
        """
        side = self.side
        values, image = side.standard[rows], side.image_code[rows]
        image_values, per_image = side.image_standard, np.ones(len(image))
        if len(image) < side.n_images:
            image_values = image_values[image]
        else:
            per_image = np.bincount(image, minlength=side.n_images).astype(np.float64)
        if power == 2:
            n_rows = len(side.class_code)
            image_values, values = squares(image_values, n_rows), squares(values, n_rows)
        return np.concatenate([per_image @ image_values, values.sum(axis=0)])

    @cached_property
    def _sums(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.sums(self.chosen), self.sums(self.chosen, power=2)

    def fold(
        self, successes: NDArray[np.intp], excluded: NDArray[np.intp]
    ) -> tuple[BinCounts, MomentSums]:
        """Count the outcome per metric and bin, and sum what correlation needs.

        Parameters
        ----------
        successes : ndarray of intp
            Chosen rows with the outcome.
        excluded : ndarray of intp
            Chosen rows that count nowhere at this threshold.

        Returns
        -------
        counts : BinCounts, shape (n_metrics, n_bins)
        sums : MomentSums, shape (n_metrics,)
        """
        hits = self._hits.of(successes, lambda rows: Tally(self.histogram(rows), self.sums(rows)))
        totals = self.totals
        x, xx = self._sums
        if len(excluded):
            totals = totals - self.histogram(excluded)
            x, xx = x - self.sums(excluded), xx - self.sums(excluded, power=2)
        counts = BinCounts(hits.histogram[:, : self.n_bins], totals[:, : self.n_bins])
        y = counts.successes.sum(axis=1).astype(np.float64)
        n = counts.totals.sum(axis=1).astype(np.float64)
        return counts, MomentSums(n=n, x=x, xx=xx, y=y, yy=y, xy=hits.sums)

    def curve_bins(self, metric: str, n_bins: int, *, by_class: bool) -> CurveBins:
        """Bins of one metric for a curve, kept for the next move."""
        key = (metric, n_bins, by_class)
        if key not in self._curves:
            while len(self._curves) >= CURVES_KEPT:
                self._curves.pop(next(iter(self._curves)))
            side = self.side
            self._curves[key] = bin_curve(
                side.metrics[metric],
                self.chosen,
                n_bins,
                side.image_code[self.chosen],
                side.class_code[self.chosen] if by_class else None,
            )
        return self._curves[key]
