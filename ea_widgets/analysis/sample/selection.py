"""Rows of a side that a query leaves, binned and summed so that a slider move costs little."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.analysis.sample.categories import pool_rare
from ea_widgets.analysis.sample.clustered_selection import ClusteredSelection
from ea_widgets.analysis.sample.curve_bins import CurveBins, bin_curve
from ea_widgets.analysis.sample.metric_bins import bin_metric
from ea_widgets.analysis.sample.range_bins import RangeBins, bin_for_ranges
from ea_widgets.analysis.sample.rank_correlations import rank_correlations
from ea_widgets.analysis.sample.row_bins import SMALL, GroupedBins, OwnBins, count_rows
from ea_widgets.analysis.sample.tally import Tallies
from ea_widgets.core.importance.importance import BinCounts
from ea_widgets.core.importance.moments import MomentSums, on_grid, squares, standardise

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.object_table import MetricTable
    from ea_widgets.analysis.sample.tally import Tally

    Folded = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]
    """Rows per metric and bin, and sums of the standardised metrics and of their squares."""

LITTLE = 1e-4
"""Variance of a standardised metric from which down chosen rows are standardised by themselves."""

CURVES_KEPT = 8
"""Binned curves kept for the next move, per selection."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The rows of a side that a query of classes and confidence leaves, binned for folding.

    Bins do not depend on the IoU threshold; a move of it counts only what was matched. A move of
    the confidence or of a class counts only the rows that it adds or removes, see
    :meth:`MetricTable.tally`.

    Attributes
    ----------
    side : MetricTable
    rows : ndarray of intp, shape (n,)
        Chosen rows, ascending.
    """

    side: MetricTable
    rows: NDArray[np.intp]
    _curves: LruCache[tuple[str, int | bytes, bool], CurveBins] = field(
        default_factory=lambda: LruCache(CURVES_KEPT)
    )

    @cached_property
    def _hits(self) -> Tallies[Folded]:
        return Tallies(len(self.side.class_code))

    @cached_property
    def _excluded(self) -> Tallies[Folded]:
        return Tallies(len(self.side.class_code))

    @cached_property
    def everything(self) -> bool:
        """Whether all rows of the side are chosen."""
        return len(self.rows) == len(self.side.class_code)

    @cached_property
    def chosen(self) -> NDArray[np.intp] | slice:
        """The rows as an index that copies nothing where it need not."""
        return slice(None) if self.everything else self.rows

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Whether each row of the side is chosen."""
        mask = np.zeros(len(self.side.class_code), bool)
        mask[self.rows] = True
        return mask

    @cached_property
    def per_image(self) -> NDArray[np.int64]:
        """Chosen rows of each image."""
        if self.is_small:
            return np.bincount(self.side.image_code[self.rows], minlength=self.side.n_images)
        return self._tally.per_image

    def fine_column(
        self, metric: str
    ) -> tuple[NDArray[np.uint16], NDArray[np.intp], NDArray[np.int32]]:
        """Give the fine bins of a metric of objects; not where :attr:`is_small`.

        Returns
        -------
        code : ndarray of uint16, shape (n,)
            Of all rows of the side.
        first_rank : ndarray of intp, shape (n_fine + 1,)
            See :class:`Table`.
        counts : ndarray of int32, shape (n_fine,)
            Chosen rows in each.
        """
        table, at = self.side.of_objects, self.side.names.index(metric)
        at -= self.side.n_image_metrics
        first_rank = table.first_rank[at]
        return table.codes[at], first_rank, self._tally.histogram[at, : len(first_rank) - 1]

    @cached_property
    def _position(self) -> NDArray[np.intp]:
        position = np.empty(len(self.side.class_code), np.intp)
        position[self.rows] = np.arange(len(self.rows))
        return position

    def positions(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Where rows of the side, all of them chosen, stand in the selection."""
        return rows if self.everything else self._position[rows]

    @cached_property
    def codes(self) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Fine bins of the image metrics, per image, and of the object metrics, per chosen row.

        Of shapes (n_images, n_image_metrics) and (n_chosen, n_object_metrics); `n_bins` where the
        metric is missing.
        """
        rows = slice(None) if self.is_small else self.chosen
        return self._bins.of_images.T, self._bins.of_rows(rows).T

    @property
    def n_bins(self) -> int:
        """Fine bins of the metric that has most."""
        return self._bins.n_bins

    @property
    def totals(self) -> NDArray[np.int64]:
        """Chosen rows per metric and fine bin, shape (n_metrics, n_bins + 1)."""
        return self._bins.totals

    @cached_property
    def _tally(self) -> Tally:
        return self.side.tally(self.rows)

    @property
    def is_small(self) -> bool:
        """Whether fine bins of the side are too coarse for so few rows."""
        side = self.side
        is_exact = side.of_images.is_exact and side.of_objects.is_exact
        return not is_exact and len(self.rows) * SMALL < len(side.class_code)

    @cached_property
    def _bins(self) -> OwnBins | GroupedBins:
        if self.is_small:
            return OwnBins.of(self.side, self.rows, self.pools)
        return GroupedBins.of(self.side, self._tally, self.pools)

    @cached_property
    def pools(self) -> dict[int, tuple[NDArray[np.intp], int]]:
        """Bin of each category, and number of bins, by number of the categorical metric.

        See :func:`pool_rare`.
        """
        side = self.side
        if not side.categories:
            return {}
        cluster = side.cluster_code[self.chosen]
        return {
            side.names.index(name): pool_rare(
                side.metrics[name].of_rows(self.chosen), cluster, side.n_clusters, names
            )
            for name, names in side.categories.items()
        }

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
            if place in side.unordered:
                continue
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
        side = self.side
        image, n_rows = side.image_code[rows], len(side.class_code)
        values, image_values = self.standard(rows), self.image_standard
        per_image = np.ones(len(image))
        if len(image) < side.n_images:
            image_values = image_values[image]
        else:
            per_image = np.bincount(image, minlength=side.n_images).astype(np.float64)
        if power == 2:
            image_values, values = squares(image_values, n_rows), squares(values, n_rows)
        return np.concatenate([per_image @ image_values, values.sum(axis=0)])

    @cached_property
    def _sums_of_side(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        side, tally = self.side, self._tally
        per_image = tally.per_image.astype(np.float64)
        return (
            np.concatenate([per_image @ side.image_standard, tally.sums[0]]),
            np.concatenate([per_image @ side.image_squares, tally.sums[1]]),
        )

    @cached_property
    def _sums(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        if not self._standardised_anew:
            return self._sums_of_side
        return self.sums(self.chosen), self.sums(self.chosen, power=2)

    @cached_property
    def clustered(self) -> ClusteredSelection:
        """The rows in the order of clusters and images, kept between slider moves."""
        return ClusteredSelection.of(self)

    def fine_bins(self, metric: int) -> NDArray[np.uint16]:
        """Fine bin of each chosen row by one metric; `n_bins` where it is missing."""
        of_images, of_rows = self.codes
        first = of_images.shape[1]
        if metric < first:
            return of_images[:, metric][self.side.image_code[self.chosen]]
        return of_rows[:, metric - first]

    @cached_property
    def range_bins(self) -> RangeBins:
        """The rows in the bins that ranges are made of, kept between slider moves."""
        cluster = self.side.cluster_code[self.chosen]
        n_metrics = len(self.side.metrics)
        return bin_for_ranges(self.fine_bins, n_metrics, self.n_bins, cluster, self.pools)

    @cached_property
    def rank_correlations(self) -> NDArray[np.float64]:
        """Of every two metrics, see :func:`rank_correlations`; kept between slider moves."""
        return rank_correlations(self)

    def fold(
        self, successes: NDArray[np.intp], excluded: NDArray[np.intp]
    ) -> tuple[BinCounts, MomentSums]:
        """Count the outcome per metric and bin, and sum what correlation needs.

        Parameters
        ----------
        successes : ndarray of intp
            Chosen rows with the outcome, ascending.
        excluded : ndarray of intp
            Chosen rows that count nowhere at this threshold, ascending.

        Returns
        -------
        counts : BinCounts, shape (n_metrics, n_bins)
        sums : MomentSums, shape (n_metrics,)
        """
        totals, side = self.totals, self.side
        hits, xy, _ = self._hits.of(
            successes, partial(self._count, side.hit_tally), self._count_changed
        )
        x, xx = self._sums
        if len(excluded):
            count = partial(self._count, side.excluded_tally)
            lost, x_lost, xx_lost = self._excluded.of(excluded, count, self._count_changed)
            totals, x, xx = totals - lost, x - x_lost, xx - xx_lost
        counts = BinCounts(hits[:, : self.n_bins], totals[:, : self.n_bins], side.categorical)
        y = counts.successes.sum(axis=1).astype(np.float64)
        n = counts.totals.sum(axis=1).astype(np.float64)
        return counts, MomentSums(n=n, x=x, xx=xx, y=y, yy=y, xy=xy)

    def _count(
        self, tally_of: Callable[[NDArray[np.intp]], Tally], rows: NDArray[np.intp]
    ) -> Folded:
        """Count rows, most of which were tallied before, and sum their metrics."""
        side, bins = self.side, self._bins
        if isinstance(bins, OwnBins) or self._standardised_anew:
            return self._count_few(rows)
        tally = tally_of(rows)
        per_image = tally.per_image.astype(np.float64)
        of_images = per_image @ side.image_standard, per_image @ side.image_squares
        x, xx = (
            np.concatenate([of_image, of_object])
            for of_image, of_object in zip(of_images, tally.sums, strict=True)
        )
        return bins.count(tally), x, xx

    def _count_few(self, rows: NDArray[np.intp]) -> Folded:
        """Count rows one by one, and sum their metrics."""
        counts = count_rows(self._bins, self.side, rows)
        return counts, self.sums(rows), self.sums(rows, power=2)

    def _count_changed(
        self, total: Folded, added: NDArray[np.intp], removed: NDArray[np.intp]
    ) -> Folded:
        counts, x, xx = total
        for rows, sign in ((added, 1), (removed, -1)):
            if len(rows):
                of_rows, x_of_rows, xx_of_rows = self._count_few(rows)
                counts = counts + sign * of_rows
                x, xx = x + sign * x_of_rows, xx + sign * xx_of_rows
        return counts, x, xx

    def curve_bins(
        self, metric: str, bins: int | NDArray[np.float64], *, by_class: bool
    ) -> CurveBins:
        """Bin the rows by one metric for a curve; kept for the next move.

        Parameters
        ----------
        metric : str
            Displayed name.
        bins : int or ndarray of float64
            Most bins wanted, of about equal count; or edges, as a :class:`Binning` has them: the
            outer bins take in what is outside.
        by_class : bool
            Whether each class has groups of its own.

        Returns
        -------
        CurveBins
        """
        side = self.side

        def bin_them() -> CurveBins:
            return bin_curve(
                bin_metric(self, metric, bins),
                self.chosen,
                side.cluster_code,
                side.n_clusters,
                side.class_code if by_class else None,
            )

        key = (metric, bins if isinstance(bins, int) else bins.tobytes(), by_class)
        return self._curves.get(key, bin_them)
