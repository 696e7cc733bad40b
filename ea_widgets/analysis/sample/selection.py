"""Rows of a side that a query leaves, binned and summed so that a slider move costs little."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.sample.curve_bins import CurveBins, bin_curve
from ea_widgets.analysis.sample.object_table import on_all_cores
from ea_widgets.analysis.sample.tally import LastTally, Tally, count_codes
from ea_widgets.core.statistics.binning import bin_of_ranks
from ea_widgets.core.statistics.importance import BinCounts, fine_bins
from ea_widgets.core.statistics.moments import MomentSums, on_grid, squares, standardise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.object_table import Side

MISSING = np.iinfo(np.uint16).max
"""Stands for no value until the number of fine bins is known."""

LITTLE = 1e-4
"""Variance of a standardised metric from which down chosen rows are standardised by themselves."""

CURVES_KEPT = 8
"""Binned curves kept for the next move, per selection."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The rows of a side that a query of classes and confidence leaves, binned for folding.

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
            counts = column.counts
            bins, used = bin_of_ranks(counts, fine_bins(int(counts[:-1].sum())))
            bins[-1] = MISSING
            code = bins.astype(np.uint16)[column.rank]
            if column.unit is None:
                of_rows[:, place - side.n_image_metrics] = code
            else:
                of_images[:, place] = code
            return used

        columns = list(side.metrics.values())
        most = max([1, *on_all_cores(encode, range(len(columns)))])
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

    def standard(self, rows: NDArray[np.intp] | slice) -> NDArray[np.float64]:
        """Standardised metrics of objects in chosen rows of the side, not to be written to.

        Returns
        -------
        ndarray of float64, shape (n, n_object_metrics)
        """
        values = self.side.standard[rows]
        anew, first = self._standardised_anew, self.side.n_image_metrics
        if any(place >= first for place in anew):
            values = values.copy()
            for place in anew:
                if place >= first:
                    values[:, place - first] = anew[place][rows]
        return values

    @cached_property
    def image_standard(self) -> NDArray[np.float64]:
        """Standardised metrics of images, shape (n_images, n_image_metrics)."""
        values = self.side.image_standard
        anew = {p: v for p, v in self._standardised_anew.items() if p < values.shape[1]}
        if anew:
            values = values.copy()
            for place, column in anew.items():
                values[:, place] = column
        return values

    @cached_property
    def _standardised_anew(self) -> dict[int, NDArray[np.float64]]:
        """Metrics that hardly vary among the chosen rows beside all: their digits would be lost.

        Per row of the side, or image, by place of the metric.
        """
        side = self.side
        anew: dict[int, NDArray[np.float64]] = {}
        if self.everything:
            return anew
        n = np.maximum(self.totals[:, : self.n_bins].sum(axis=1), 1)
        x, xx = self._sums_of_side
        columns = list(side.metrics.values())
        for place in np.flatnonzero(xx / n - (x / n) ** 2 < LITTLE).tolist():
            column = columns[place].take(self.rows)
            counts = column.counts[:-1]
            values = np.append(on_grid(standardise(column.values, counts), counts), 0.0)
            if column.unit is None:
                anew[place] = np.zeros(len(side.class_code))
                anew[place][self.rows] = values[column.rank]
            else:
                anew[place] = values[column.rank]
        return anew

    def sums(self, rows: NDArray[np.intp] | slice, power: int = 1) -> NDArray[np.float64]:
        """Sum the standardised metrics, or their squares, over rows of the side.

        Returns
        -------
        ndarray of float64, shape (n_metrics,)
        """
        return self._summed(rows, self.standard(rows), self.image_standard, power)

    def _summed(
        self,
        rows: NDArray[np.intp] | slice,
        values: NDArray[np.float64],
        image_values: NDArray[np.float64],
        power: int,
    ) -> NDArray[np.float64]:
        side = self.side
        image = side.image_code[rows]
        per_image = np.ones(len(image))
        if len(image) < side.n_images:
            image_values = image_values[image]
        else:
            per_image = np.bincount(image, minlength=side.n_images).astype(np.float64)
        if power == 2:
            n_rows = len(side.class_code)
            image_values, values = squares(image_values, n_rows), squares(values, n_rows)
        return np.concatenate([per_image @ image_values, values.sum(axis=0)])

    @cached_property
    def _sums_of_side(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        values, image_values = self.side.standard[self.chosen], self.side.image_standard
        one, two = (self._summed(self.chosen, values, image_values, power) for power in (1, 2))
        return one, two

    @cached_property
    def _sums(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if not self._standardised_anew:
            return self._sums_of_side
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
