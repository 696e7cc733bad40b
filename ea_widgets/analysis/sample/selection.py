"""Rows of a side that a query leaves, binned and summed so that a slider move costs little."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.analysis.sample.all_cores import on_all_cores
from ea_widgets.analysis.sample.categories import pool_rare
from ea_widgets.analysis.sample.clustered_selection import ClusteredSelection
from ea_widgets.analysis.sample.curve_bins import CurveBins, bin_curve
from ea_widgets.analysis.sample.range_bins import RangeBins, bin_for_ranges
from ea_widgets.analysis.sample.rank_correlations import rank_correlations
from ea_widgets.analysis.sample.tally import Tallies, count_codes
from ea_widgets.core.statistics.binning import bin_of_ranks
from ea_widgets.core.statistics.fine_bins import Groups, group_bins
from ea_widgets.core.statistics.importance import BinCounts, fine_bins
from ea_widgets.core.statistics.moments import MomentSums, on_grid, squares, standardise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.object_table import Side
    from ea_widgets.analysis.sample.tally import Tally
    from ea_widgets.core.statistics.edges import Binning

LITTLE = 1e-4
"""Variance of a standardised metric from which down chosen rows are standardised by themselves."""

CURVES_KEPT = 8
"""Binned curves kept for the next move, per selection."""

SMALL = 64
"""Less than this share of the rows of a side are binned by themselves.

The fine bins of a side hold 1/64,512 of its rows: of so few rows each could hold more than one of
1,024 bins should.
"""


@dataclass(frozen=True, eq=False)
class Bins:
    """Equal-count bins of the chosen rows, by all metrics.

    Attributes
    ----------
    of_images : ndarray of uint16, shape (n_image_metrics, n_images)
        Bin of each image; `n_bins` where the metric is missing.
    of_objects : ndarray of uint16, shape (n_object_metrics, n_fine + 1 or n_chosen)
        Bin of each fine bin of the side; or, where those are too coarse, of each chosen row.
    n_bins : int
        Bins of the metric that has most.
    totals : ndarray of int64, shape (n_metrics, n_bins + 1)
        Chosen rows in each bin; those without a value last.
    by_row : bool
        Whether `of_objects` is about rows.
    """

    of_images: NDArray[np.uint16]
    of_objects: NDArray[np.uint16]
    n_bins: int
    totals: NDArray[np.int64]
    by_row: bool = False


@dataclass(frozen=True, eq=False)
class Selection:
    """The rows of a side that a query of classes and confidence leaves, binned for folding.

    Bins do not depend on the IoU threshold; a move of it counts only what was matched. A move of
    the confidence or of a class counts only the rows that it adds or removes, see
    :meth:`Side.tally`.

    Attributes
    ----------
    side : Side
    rows : ndarray of intp, shape (n,)
        Chosen rows, ascending.
    """

    side: Side
    rows: NDArray[np.intp]
    _curves: LruCache[tuple[str, int | bytes, bool], CurveBins] = field(
        default_factory=lambda: LruCache(CURVES_KEPT)
    )

    @cached_property
    def _hits(self) -> Tallies[NDArray[np.int64]]:
        return Tallies(len(self.side.class_code))

    @cached_property
    def _hit_sums(self) -> Tallies[NDArray[np.float64]]:
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
        return self._bins.of_images.T, self._bins_of(None).T

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

    @cached_property
    def _bins(self) -> Bins:
        side = self.side
        is_exact = side.of_images.is_exact and side.of_objects.is_exact
        if not is_exact and len(self.rows) * SMALL < len(side.class_code):
            return self._own_bins()
        tally = self._tally
        codes, n_fine = side.of_images.codes, side.of_images.n_fine
        of_image = count_codes(codes, n_fine, tally.per_image)
        pools, first = self.pools, side.n_image_metrics
        of_images = {at: pool for at, pool in pools.items() if at < first}
        of_objects = {at - first: pool for at, pool in pools.items() if at >= first}
        images = with_categories(group_bins(of_image), of_image, of_images)
        objects = with_categories(group_bins(tally.histogram), tally.histogram, of_objects)
        n_bins = max(objects.n_bins, images.n_bins)
        for groups in (objects, images):
            groups.of_fine[:, -1] = n_bins
        totals = np.zeros((len(side.metrics), n_bins + 1), np.int64)
        for groups, part in (
            (images, totals[: side.n_image_metrics]),
            (objects, totals[side.n_image_metrics :]),
        ):
            part[:, : groups.n_bins] = groups.totals[:, :-1]
            part[:, -1] = groups.totals[:, -1]
        found = np.empty(codes.shape, np.uint16)
        for metric, code in enumerate(codes):
            found[metric] = images.of_fine[metric].take(code)
        return Bins(found, objects.of_fine, n_bins, totals)

    @cached_property
    def pools(self) -> dict[int, tuple[NDArray[np.intp], int]]:
        """Bin of each category, and number of bins, by number of the categorical metric.

        See :func:`pool_rare`.
        """
        side, cluster = self.side, self.side.cluster_code[self.chosen]
        return {
            side.names.index(name): pool_rare(
                side.metrics[name].of_rows(self.chosen), cluster, side.n_clusters, names
            )
            for name, names in side.categories.items()
        }

    def _own_bins(self) -> Bins:
        """Bin the chosen rows by their values alone."""
        side = self.side
        of_images = np.empty((side.n_image_metrics, side.n_images), np.uint16)
        of_rows = np.empty((len(side.metrics) - side.n_image_metrics, len(self.rows)), np.uint16)
        missing = np.iinfo(np.uint16).max

        def encode(place: int) -> int:
            if place in self.pools:
                column = columns[place].of_rows(self.rows)
                of_code, used = self.pools[place]
                bins = of_code.copy()
            else:
                column = columns[place].take(self.rows)
                counts = column.counts
                bins, used = bin_of_ranks(counts, fine_bins(int(counts[:-1].sum())))
            bins[-1] = missing
            code = bins.astype(np.uint16)[column.rank]
            if column.unit is None:
                of_rows[place - side.n_image_metrics] = code
            else:
                of_images[place] = code
            return used

        columns = list(side.metrics.values())
        n_bins = max([1, *on_all_cores(encode, range(len(columns)))])
        for codes in (of_images, of_rows):
            np.minimum(codes, np.uint16(n_bins), out=codes)
        per_image = np.bincount(side.image_code[self.rows], minlength=side.n_images)
        totals = [count_codes(of_images, n_bins, per_image), count_codes(of_rows, n_bins)]
        return Bins(of_images, of_rows, n_bins, np.concatenate(totals), by_row=True)

    def _bins_of(self, rows: NDArray[np.intp] | None) -> NDArray[np.uint16]:
        """Bins of some chosen rows, or of all; shape (n_object_metrics, n)."""
        bins = self._bins
        if bins.by_row:
            own = bins.of_objects
            return own if rows is None else own.take(self.positions(rows), axis=1)
        codes = self.side.of_objects.codes
        if rows is not None or not self.everything:
            codes = codes.take(self.rows if rows is None else rows, axis=1)
        found = np.empty(codes.shape, np.uint16)
        for metric, code in enumerate(codes):
            found[metric] = bins.of_objects[metric].take(code)
        return found

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
        if rows is None:
            return self.totals
        bins = self._bins
        images = self.side.image_code[rows]
        if len(images) < self.side.n_images:
            of_images = count_codes(bins.of_images.take(images, axis=1), bins.n_bins)
        else:
            # An image metric is counted once per image, however many rows the image has.
            per_image = np.bincount(images, minlength=self.side.n_images)
            of_images = count_codes(bins.of_images, bins.n_bins, per_image)
        return np.concatenate([of_images, count_codes(self._bins_of(rows), bins.n_bins)])

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
            np.concatenate([per_image @ side.image_standard, tally.sums]),
            np.concatenate([per_image @ side.image_squares, tally.square_sums]),
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
        totals = self.totals
        hits = self._hits.of(
            successes,
            lambda: np.zeros(totals.shape, np.int64),
            lambda total, added, removed: total + self.histogram(added) - self.histogram(removed),
        )
        if self._standardised_anew:
            xy = self._hit_sums.of(
                successes,
                lambda: np.zeros(len(totals)),
                lambda total, added, removed: total + self.sums(added) - self.sums(removed),
            )
        else:
            xy = self.side.sums(successes)
        x, xx = self._sums
        if len(excluded):
            totals = totals - self.histogram(excluded)
            x, xx = x - self.sums(excluded), xx - self.sums(excluded, power=2)
        counts = BinCounts(hits[:, : self.n_bins], totals[:, : self.n_bins], self.side.categorical)
        y = counts.successes.sum(axis=1).astype(np.float64)
        n = counts.totals.sum(axis=1).astype(np.float64)
        return counts, MomentSums(n=n, x=x, xx=xx, y=y, yy=y, xy=xy)

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
                side.metrics[metric],
                self.chosen,
                bins,
                side.cluster_code[self.chosen],
                side.n_clusters,
                side.class_code[self.chosen] if by_class else None,
                side.categories.get(metric),
            )

        key = (metric, bins if isinstance(bins, int) else bins.tobytes(), by_class)
        return self._curves.get(key, bin_them)

    def count_by(
        self, binning: Binning, successes: NDArray[np.intp], excluded: NDArray[np.intp]
    ) -> BinCounts:
        """Count the outcome per metric and given bin.

        Parameters
        ----------
        binning : Binning
            Of some metrics of the side; the outer bins take in what is outside.
        successes, excluded : ndarray of intp
            See :meth:`fold`.

        Returns
        -------
        BinCounts
            Of the metrics of `binning`, in its order; the bins that a metric lacks are empty.
        """
        names = tuple(binning.edges)
        n_bins = max([1, *(len(edges) - 1 for edges in binning.edges.values())])
        counts = np.zeros((3, len(names), n_bins), np.int64)
        for place, name in enumerate(names):
            column, edges = self.side.metrics[name], binning.of(name)
            of_rank = np.append(np.searchsorted(edges[1:-1], column.values, "right"), n_bins)
            for number, rows in enumerate((successes, self.chosen, excluded)):
                code = column.of_rows(rows).spread(of_rank)
                counts[number, place] = np.bincount(code, minlength=n_bins + 1)[:n_bins]
        return BinCounts(counts[0], counts[1] - counts[2])


def with_categories(
    groups: Groups,
    counts: NDArray[np.int32] | NDArray[np.int64],
    pools: dict[int, tuple[NDArray[np.intp], int]],
) -> Groups:
    """Put a bin per category in the place of equal-count bins.

    Parameters
    ----------
    groups : Groups
    counts : ndarray of int, shape (n_metrics, n_fine + 1)
        Rows in each fine bin, of which a category is one; and of missing values last.
    pools : dict
        See :attr:`Selection.pools`, of some of these metrics.

    Returns
    -------
    Groups
    """
    if not pools:
        return groups
    n_bins = max(groups.n_bins, *(used for _, used in pools.values()))
    totals = np.zeros((len(counts), n_bins + 1), np.int64)
    totals[:, : groups.n_bins] = groups.totals[:, :-1]
    totals[:, -1] = groups.totals[:, -1]
    of_fine = groups.of_fine
    for metric, (of_code, _) in pools.items():
        n = len(of_code) - 1
        of_fine[metric, :n] = of_code[:-1]
        totals[metric, :-1] = np.bincount(of_code[:-1], counts[metric, :n], n_bins)[:n_bins]
    return Groups(of_fine, n_bins, totals)
