"""The predictions or the labels of an evaluation with their metrics, ready for counting."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.sample.all_cores import on_all_cores
from ea_widgets.analysis.sample.categories import column_of_categories
from ea_widgets.analysis.sample.tally import Tallies, Tally, count_changes
from ea_widgets.core.counting.binning import RankedColumn
from ea_widgets.core.importance.fine_bins import FINEST, fine_codes
from ea_widgets.core.importance.moments import on_grid, squares, standardise
from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.checks.kinds import numbers_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 256
"""Rows whose sums are kept: of many rows, only those of incomplete blocks are added up."""

MISSING = np.iinfo(np.uint16).max
"""Stands for no value until the number of fine bins is known."""


@dataclass(frozen=True, eq=False)
class Table:
    """The metrics of images, or those of objects.

    Attributes
    ----------
    ranked : list of RankedColumn
    standard : ndarray of float64, shape (n_units, n_metrics)
        Standardised values; 0 where missing. Sums of them over rows of the table are exact.
    codes : ndarray of uint16, shape (n_metrics, n_units)
        Fine bins that no choice changes; `n_fine` where the metric is missing.
    n_fine : int
        Fine bins of the metric that has most.
    first_rank : list of ndarray of intp, shape (n_fine_of_metric + 1,)
        Rank of the lowest value in each fine bin; the number of values last.
    is_exact : bool
        Whether each value has a fine bin of its own.
    blocks : ndarray of float64, shape (2, n_blocks, n_metrics)
        Sums of the standardised values, and of their squares, over so many units in turn.
    categories : list of tuple
        Names of the categories of each metric, by code; none of numbers.
    """

    ranked: list[RankedColumn]
    standard: NDArray[np.float64]
    codes: NDArray[np.uint16]
    n_fine: int
    first_rank: list[NDArray[np.intp]]
    is_exact: bool
    blocks: NDArray[np.float64]
    categories: list[tuple[Any, ...]]

    def sums(self, rows: NDArray[np.intp], n_rows: int) -> NDArray[np.float64]:
        """Sum the standardised values, and their squares, over some ascending units.

        Parameters
        ----------
        rows : ndarray of intp
        n_rows : int
            Rows of the table.

        Returns
        -------
        ndarray of float64, shape (2, n_metrics)
        """
        whole = np.zeros((2, self.standard.shape[1]))
        if len(rows) > BLOCK:
            block = rows // BLOCK
            full = np.bincount(block, minlength=self.blocks.shape[1]) == BLOCK
            if full.any():
                whole = self.blocks[:, full].sum(axis=1)
                rows = rows[~full[block]]
        values = self.standard.take(rows, axis=0)
        whole[0] += values.sum(axis=0)
        whole[1] += squares(values, n_rows).sum(axis=0)
        return whole


@dataclass(frozen=True, eq=False)
class MetricTable:
    """Objects with a class, an image and metrics.

    Attributes
    ----------
    class_code, image_code : ndarray of intp, shape (n,)
    n_images : int
    metrics : dict of str to RankedColumn
        By displayed name; those of images first.
    of_images, of_objects : Table
        Each value of an image counts once for every object of it.
    cluster_of_image : ndarray of intp, shape (n_images,), optional
        What is resampled and kept together in null data sets; the image itself by default.
    """

    class_code: NDArray[np.intp]
    image_code: NDArray[np.intp]
    n_images: int
    metrics: dict[str, RankedColumn]
    of_images: Table
    of_objects: Table
    _tallies: Tallies[Tally] = field(repr=False)
    _hit_tallies: Tallies[Tally] = field(repr=False)
    _excluded_tallies: Tallies[Tally] = field(repr=False)
    cluster_of_image: NDArray[np.intp] | None = None

    @cached_property
    def cluster_code(self) -> NDArray[np.intp]:
        """Cluster of each row, shape (n,)."""
        of_image = self.cluster_of_image
        return self.image_code if of_image is None else of_image[self.image_code]

    @cached_property
    def n_clusters(self) -> int:
        """Clusters, some of them perhaps without rows."""
        of_image = self.cluster_of_image
        return self.n_images if of_image is None else int(of_image.max(initial=-1)) + 1

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Displayed names of the metrics."""
        return tuple(self.metrics)

    @cached_property
    def n_image_metrics(self) -> int:
        """How many of the metrics, the first ones, describe images."""
        return len(self.of_images.ranked)

    @cached_property
    def categories(self) -> dict[str, tuple[Any, ...]]:
        """Names of the categories of categorical metrics, by code, by displayed name."""
        both = self.of_images.categories + self.of_objects.categories
        return {name: found for name, found in zip(self.names, both, strict=True) if found}

    @cached_property
    def categorical(self) -> NDArray[np.bool_] | None:
        """Whether each metric is categorical, shape (n_metrics,); None where none is."""
        found = np.array([name in self.categories for name in self.names], bool)
        return found if found.any() else None

    @cached_property
    def unordered(self) -> frozenset[int]:
        """Numbers of the metrics that have no order: those of other than two categories."""
        names = enumerate(self.names)
        return frozenset(at for at, name in names if len(self.categories.get(name, (0, 1))) != 2)

    @property
    def standard(self) -> NDArray[np.float64]:
        """Standardised metrics of objects, shape (n, n_object_metrics); 0 where missing."""
        return self.of_objects.standard

    @property
    def image_standard(self) -> NDArray[np.float64]:
        """Standardised metrics of images, shape (n_images, n_image_metrics); 0 where missing."""
        return self.of_images.standard

    @cached_property
    def image_squares(self) -> NDArray[np.float64]:
        """Squares of `image_standard`, of which sums over rows are exact."""
        return squares(self.image_standard, len(self.class_code))

    def tally(self, rows: NDArray[np.intp]) -> Tally:
        """Add up everything about some ascending rows that no outcome changes.

        Only rows are looked at by which they differ from one of the last few asked for.
        """
        return self._tallies.of(rows, self._tally, self._tally_change)

    def hit_tally(self, rows: NDArray[np.intp]) -> Tally:
        """Add up the same about rows with an outcome: their last ones are other rows."""
        return self._hit_tallies.of(rows, self._tally, self._tally_change)

    def excluded_tally(self, rows: NDArray[np.intp]) -> Tally:
        """Add up the same about rows that count nowhere."""
        return self._excluded_tallies.of(rows, self._tally, self._tally_change)

    def _tally(self, rows: NDArray[np.intp]) -> Tally:
        table = self.of_objects
        n_metrics = len(table.ranked)
        empty = Tally(
            np.zeros((n_metrics, table.n_fine + 1), np.int32),
            np.zeros(self.n_images, np.int64),
            np.zeros((2, n_metrics)),
        )
        return self._tally_change(empty, rows, rows[:0])

    def _tally_change(
        self, total: Tally, added: NDArray[np.intp], removed: NDArray[np.intp]
    ) -> Tally:
        table, per_image, sums = self.of_objects, total.per_image, total.sums
        for changed, sign in ((added, 1), (removed, -1)):
            if len(changed):
                image = self.image_code.take(changed)
                per_image = per_image + sign * np.bincount(image, minlength=self.n_images)
                sums = sums + sign * table.sums(changed, len(self.class_code))
        histogram = count_changes(total.histogram, table.codes, added, removed)
        return Tally(histogram, per_image, sums)


def build_metric_table(
    class_code: NDArray[np.intp],
    image_code: NDArray[np.intp],
    images: pd.DataFrame,
    image_order: NDArray[np.intp],
    objects: pd.DataFrame,
    object_order: NDArray[np.intp],
    level: str,
    ignored: NDArray[np.bool_] | None = None,
    cluster_of_image: NDArray[np.intp] | None = None,
) -> MetricTable:
    """Rank and standardise the metrics of one table.

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
        Row of `objects` of each row of the table.
    level : {"P", "O"}
    ignored : ndarray of bool, shape (n,), optional
        Rows that no choice has; none by default.
    cluster_of_image : ndarray of intp, shape (n_images,), optional
        Cluster of each image code; each image is its own by default.

    Returns
    -------
    MetricTable
    """
    counted = None if ignored is None else np.flatnonzero(~ignored)
    of_images = prepare(images, image_order, counted, image_code)
    of_objects = prepare(objects, object_order, counted)
    names: list[str] = [MetricName(str(name), "F") for name in images]
    names += [MetricName(str(name), level) for name in objects]
    n = len(class_code)
    return MetricTable(
        class_code,
        image_code,
        len(image_order),
        dict(zip(names, of_images.ranked + of_objects.ranked, strict=True)),
        of_images,
        of_objects,
        Tallies(n, 2, 6),
        Tallies(n, 2),
        Tallies(n, 2),
        cluster_of_image,
    )


def prepare(
    frame: pd.DataFrame,
    order: NDArray[np.intp],
    counted: NDArray[np.intp] | None,
    unit: NDArray[np.intp] | None = None,
) -> Table:
    """Rank the columns of a frame, standardise them and bin them.

    Parameters
    ----------
    frame : DataFrame
    order : ndarray of intp, shape (n_units,)
        Its rows in the order wanted.
    counted : ndarray of intp, or None
        Rows of the table that fine bins are about; None takes all.
    unit : ndarray of intp, optional
        See :class:`RankedColumn`.

    Returns
    -------
    Table
    """
    n_units, n_metrics = len(order), frame.shape[1]
    n_rows = n_units if unit is None else len(unit)
    starts = np.arange(0, n_units, BLOCK)
    # Column by column: a sorted copy of all of them beside the table would double the memory.
    table = np.empty((n_units, n_metrics))
    codes = np.empty((n_metrics, n_units), np.uint16)
    blocks = np.empty((2, len(starts), n_metrics))

    def column(place: int) -> tuple[RankedColumn, NDArray[np.intp], tuple[Any, ...]]:
        series = frame.iloc[:, place]
        names: tuple[Any, ...] = ()
        if isinstance(series.dtype, pd.CategoricalDtype):
            ranked, names = column_of_categories(series, order, unit)
        else:
            ranked = RankedColumn.of(numbers_of(series)[order], unit)
        counts = ranked.counts
        of_value = on_grid(standardise(ranked.values, counts[:-1]), counts[:-1])
        if names and len(names) != 2:
            of_value[:] = 0.0  # there is no order to correlate with
        standard = np.append(of_value, 0.0).take(ranked.rank)
        del of_value
        table[:, place] = standard
        if len(starts):
            blocks[0, :, place] = np.add.reduceat(standard, starts)
            blocks[1, :, place] = np.add.reduceat(squares(standard, n_rows), starts)
        if counted is not None:
            counts = ranked.of_rows(counted).counts
        of_rank, n_fine = fine_codes(counts)
        first_rank = np.append(0, np.cumsum(np.bincount(of_rank[:-1], minlength=n_fine)))
        of_rank[-1] = MISSING
        codes[place] = of_rank[ranked.rank]
        return ranked, first_rank, names

    columns = on_all_cores(column, range(n_metrics))
    first_rank = [first for _, first, _ in columns]
    n_fine = max([1, *(len(first) - 1 for first in first_rank)])
    np.minimum(codes, np.uint16(n_fine), out=codes)
    ranked = [found for found, _, _ in columns]
    is_exact = all(len(found.values) <= FINEST for found in ranked)
    categories = [names for *_, names in columns]
    return Table(ranked, table, codes, n_fine, first_rank, is_exact, blocks, categories)
