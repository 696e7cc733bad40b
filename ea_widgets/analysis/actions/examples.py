"""The answer to `which objects are these?`: those of a metric's range, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.actions.rule_parts import in_range
from ea_widgets.analysis.checks import check_option
from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.analysis.matching.arrays import BOX
from ea_widgets.analysis.matching.reasons import LABEL_REASONS, labels_with_wrong_class
from ea_widgets.core.matching.error_types import REASONS, false_positive_reason
from ea_widgets.data.metrics.names import MetricName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.engine import Engine
    from ea_widgets.analysis.sample.object_table import Side
    from ea_widgets.analysis.sample.query import (
        Query,
    )
    from ea_widgets.data.dataset import Dataset

KINDS = ("true_positive", "false_positive", "missed")
ALL_REASONS = tuple(dict.fromkeys((*REASONS, *LABEL_REASONS)))
SORTS = ("metric", "confidence", "iou")
TP, FP, MISSED = range(3)
CHOICES_KEPT, COLUMNS_KEPT = 4, 8
PAIRS_AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False)
class ExamplePage:
    """One page of objects.

    Attributes
    ----------
    rows : DataFrame
        One row per object: `kind` ("true_positive", "false_positive", "missed"), `reason` (of a
        false positive or missed label, see :class:`Matches`; else ""), `image_id`,
        `class_name`, the box `x`, `y`, `width`, `height` (pixels), `confidence` (NaN for labels),
        `iou` (with `other`; 0 if there is none), `value` (of the metric), `row` (index in
        ``dataset.predictions``, or in ``dataset.labels`` for missed ones), `object_id`
        (prediction_id or label_id); and the `other` object: `other_row`, `other_class_name`,
        `other_x`, `other_y`, `other_width`, `other_height`, `other_confidence`. That is the label
        that a true positive took, the label that a false positive overlaps most, whatever its
        class, or the prediction of its own class that overlaps a missed label most; `other_row`
        is -1 where there is none, and its class name "".
    total : int
        Objects on all pages.
    counts : dict of str to int
        How many of them there are of each kind.
    page, page_size : int
        This page, from 0; most rows on a page.
    """

    rows: pd.DataFrame
    total: int
    counts: dict[str, int]
    page: int
    page_size: int

    @property
    def n_pages(self) -> int:
        """Pages there are, at least 1."""
        return max(1, -(-self.total // self.page_size))


@dataclass(frozen=True)
class Wanted:
    """What is looked for, checked."""

    low: float | None
    high: float | None
    kinds: tuple[str, ...]
    reasons: tuple[str, ...]
    sort: str
    descending: bool
    page: int
    page_size: int
    isin: tuple[Any, ...] | None = None


@dataclass(frozen=True, eq=False)
class Fates:
    """What became of the objects of one side under one query.

    Attributes
    ----------
    kind : ndarray of int8, shape (n,)
        Place in ``KINDS``; -1 for objects that are not shown.
    reason : ndarray of int8, shape (n,)
        Place in ``ALL_REASONS``; -1 for none.
    iou : ndarray of float64, shape (n,)
    other : ndarray of intp, shape (n,)
        Row of the other side; -1 for none, or for one that is looked for when shown.
    """

    kind: NDArray[np.int8]
    reason: NDArray[np.int8]
    iou: NDArray[np.float64]
    other: NDArray[np.intp]


class Gallery:
    """Finds objects of an evaluation by metric, kind and reason; built when first asked for.

    Parameters
    ----------
    dataset : Dataset
    engine : Engine
    sides : tuple of Side
        Of predictions, and of labels.
    """

    def __init__(self, dataset: Dataset, engine: Engine, sides: tuple[Side, Side]) -> None:
        self.dataset, self.engine, self.sides = dataset, engine, sides
        self._fates: LruCache[Query, tuple[Fates, Fates]] = LruCache(CHOICES_KEPT)
        self._columns: LruCache[tuple[int, str], NDArray[np.float64]] = LruCache(COLUMNS_KEPT)

    def page(self, name: str | None, wanted: Wanted, query: Query) -> ExamplePage:
        """Find the objects; see :meth:`Evaluation.objects_in_range`.

        Parameters
        ----------
        name : str or None
            Of the metric, without the level; None for all objects.
        wanted : Wanted
        query : Query

        Returns
        -------
        ExamplePage
        """
        fates = self._fates.get(query, lambda: (self._predictions(query), self._labels(query)))
        values = tuple(self._values(number, name) for number in (0, 1)) if name else (None, None)
        names = [self._categories(number, name) for number in (0, 1)]
        everything = name is None
        kinds = [KINDS.index(kind) for kind in wanted.kinds]
        reasons = [ALL_REASONS.index(reason) for reason in wanted.reasons]
        rows = [
            np.flatnonzero(
                matching(fate, column, of_side, wanted, kinds, reasons, everything=everything)
            )
            for fate, column, of_side in zip(fates, values, names, strict=True)
        ]
        n_predictions, total = len(rows[0]), len(rows[0]) + len(rows[1])
        kind = fates[0].kind[rows[0]]
        key = np.concatenate([self._key(n, rows[n], fates, values, wanted.sort) for n in (0, 1)])
        first = wanted.page * wanted.page_size
        chosen = first_places(-key if wanted.descending else key, first + wanted.page_size)[first:]
        of_predictions = chosen < n_predictions
        place = [chosen[of_predictions], chosen[~of_predictions] - n_predictions]
        tables = [self._table(n, rows[n][place[n]], fates[n], values[n], names[n]) for n in (0, 1)]
        shown = [table for table in tables if len(table)] or tables[:1]
        # The tables stand one after the other; `chosen` says which object comes when.
        order = np.argsort(np.argsort(~of_predictions, kind="stable"), kind="stable")
        counts = np.bincount(kind, minlength=2)
        return ExamplePage(
            rows=pd.concat(shown, ignore_index=True).iloc[order].reset_index(drop=True),
            total=total,
            counts=dict(zip(KINDS, [*map(int, counts), len(rows[1])], strict=True)),
            page=wanted.page,
            page_size=wanted.page_size,
        )

    def _displayed(self, number: int, name: str | None) -> str | None:
        """Find the displayed name of a metric, or of its twin, on one side, if any."""
        if name is None:
            return None
        names = (MetricName(name, "PO"[number]), MetricName(name, "F"), name)
        known = self.sides[number].metrics
        return next((displayed for displayed in names if displayed in known), None)

    def _values(self, number: int, name: str) -> NDArray[np.float64] | None:
        """Values of a metric, or codes of its categories, on one side; None without it."""
        displayed, side = self._displayed(number, name), self.sides[number]
        if displayed is None:
            return None
        return self._columns.get((number, displayed), lambda: read(side, displayed))

    def _categories(self, number: int, name: str | None) -> tuple[Any, ...]:
        """Categories of a metric on one side, by code; none of numbers."""
        return self.sides[number].categories.get(self._displayed(number, name) or "", ())

    def _key(
        self,
        number: int,
        rows: NDArray[np.intp],
        fates: tuple[Fates, Fates],
        values: tuple[NDArray[np.float64] | None, ...],
        sort: str,
    ) -> NDArray[np.float64]:
        column = values[number]
        if sort == "metric" and column is not None:
            return column[rows]
        if sort == "iou":
            return fates[number].iou[rows]
        if sort == "confidence" and number == 0:
            return self.engine.predictions.confidence[rows]
        return np.full(len(rows), np.nan)

    def _predictions(self, query: Query) -> Fates:
        engine, overlaps = self.engine, self.engine.overlaps
        outcome, n = engine.outcome(query), len(engine.predictions.row)
        kind, other = np.full(n, -1, np.int8), np.full(n, -1, np.intp)
        kind[engine.chosen_predictions(query)] = FP
        kind[outcome.true_positives] = TP
        kind[outcome.excluded] = -1
        other[outcome.true_positives] = outcome.labels
        iou = np.maximum(overlaps.same_class, overlaps.other_class)
        iou[outcome.true_positives] = outcome.iou
        reason = false_positive_reason(
            overlaps.same_class, overlaps.other_class, query.iou_threshold
        )
        return Fates(kind, np.where(kind == FP, reason, np.int8(-1)), iou, other)

    def _labels(self, query: Query) -> Fates:
        engine, labels = self.engine, self.engine.labels
        n = len(labels.row)
        kind = np.full(n, -1, np.int8)
        kind[engine.class_mask(query.classes)[labels.class_code] & ~labels.ignored] = MISSED
        kind[engine.outcome(query).labels] = -1
        another = labels_with_wrong_class(engine, query)
        codes = [ALL_REASONS.index(reason) for reason in LABEL_REASONS]
        reason = np.where(kind == MISSED, np.where(another, codes[1], codes[0]), -1)
        iou, other = np.zeros(n), np.full(n, -1, np.intp)
        pairs, order = engine.pairs, self._by_rising_iou
        predictions, of_pair = engine.predictions, pairs.prediction[order]
        is_sure = query.is_sure(predictions.confidence[of_pair], predictions.class_code[of_pair])
        order = order[is_sure]
        # The last assignment to a repeated index stays: the highest overlap.
        iou[pairs.label[order]] = pairs.iou[order]
        other[pairs.label[order]] = pairs.prediction[order]
        return Fates(kind, reason.astype(np.int8), iou, other)

    @cached_property
    def _by_rising_iou(self) -> NDArray[np.intp]:
        # Of equal overlaps the surer prediction comes last.
        return np.lexsort((-self.engine.pairs.prediction, self.engine.pairs.iou))

    @cached_property
    def _labels_by_image(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Labels that are not ignored, image by image, and where each image begins."""
        labels = self.engine.labels
        counted = np.flatnonzero(~labels.ignored)
        order = counted[np.argsort(labels.image_code[counted], kind="stable")]
        images = np.arange(len(self.engine.image_order) + 1)
        return order, np.searchsorted(labels.image_code[order], images)

    def _nearest_labels(self, predictions: NDArray[np.intp]) -> NDArray[np.intp]:
        """Find the label of the same image that each prediction overlaps most; -1 for none."""
        order, start = self._labels_by_image
        image = self.engine.predictions.image_code[predictions]
        counts = start[image + 1] - start[image]
        nearest = np.full(len(predictions), -1, np.intp)
        # So many pairs at a time that they fit into memory, however many labels an image has.
        part = np.cumsum(counts) // PAIRS_AT_ONCE
        for members in np.split(np.arange(len(predictions)), np.flatnonzero(np.diff(part)) + 1):
            some = members[counts[members] > 0]
            if not len(some):
                continue
            n = counts[some]
            first = np.cumsum(n) - n
            labels = order[np.arange(n.sum()) + np.repeat(start[image[some]] - first, n)]
            iou = self.engine.iou(np.repeat(predictions[some], n), labels)
            highest = np.maximum.reduceat(iou, first)
            at_highest = np.flatnonzero(iou == np.repeat(highest, n))
            best = labels[at_highest[np.searchsorted(at_highest, first)]]  # the first of equal ones
            nearest[some] = np.where(highest > 0, best, -1)
        return nearest

    def _table(
        self,
        number: int,
        rows: NDArray[np.intp],
        fates: Fates,
        values: NDArray[np.float64] | None,
        categories: tuple[Any, ...],
    ) -> pd.DataFrame:
        """Tabulate some objects of one side."""
        engine, dataset = self.engine, self.dataset
        frames = (dataset.frames.predictions, dataset.frames.labels)
        own_rows = (engine.predictions.row, engine.labels.row)
        other = fates.other[rows].copy()
        if number == 0:
            wrong = fates.kind[rows] == FP
            other[wrong] = self._nearest_labels(rows[wrong])
        near = other >= 0
        row = own_rows[number][rows]
        other_row = np.where(near, self._rows_at(own_rows[1 - number], other), -1)
        frame = frames[number].iloc[row]
        id_name = ("prediction_id", "label_id")[number]
        table = pd.DataFrame(
            {
                "kind": np.array(KINDS, object)[fates.kind[rows]],
                "reason": np.array([*ALL_REASONS, ""], object)[fates.reason[rows]],
                "image_id": frame["image_id"].to_numpy(),
                "class_name": frame["class_name"].astype(object).to_numpy(),
                **{name: frame[name].to_numpy() for name in BOX},
                "confidence": frame["confidence"].to_numpy() if number == 0 else np.nan,
                "iou": np.where(near, fates.iou[rows], 0.0),
                "value": np.nan if values is None else named(values[rows], categories),
                "row": row,
                "object_id": frame[id_name].astype(object).to_numpy(),
                "other_row": other_row,
            }
        )
        second = frames[1 - number].iloc[np.maximum(other_row, 0)] if near.any() else None
        blank = np.full(len(rows), np.nan)
        for name in ("class_name", *BOX, "confidence"):
            if second is None or name not in second:
                column = blank.astype(object) if name == "class_name" else blank
            else:
                column = second[name].astype(object if name == "class_name" else float).to_numpy()
            empty: Any = "" if name == "class_name" else np.nan
            table[f"other_{name}"] = np.where(near, column, empty)
        return table

    def _rows_at(self, rows: NDArray[np.intp], places: NDArray[np.intp]) -> NDArray[np.intp]:
        return rows[np.maximum(places, 0)] if len(rows) else np.full(len(places), -1)


def check_options(field: str, value: object, options: tuple[str, ...]) -> tuple[str, ...]:
    """Return one or several of the options as a tuple, or refuse them."""
    given = (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
    return tuple(check_option(field, option, options) for option in given)


def read(side: Side, displayed: str) -> NDArray[np.float64]:
    """Values of a metric for each object of a side; NaN where missing."""
    column = side.metrics[displayed]
    known = np.append(column.values, np.nan)
    result = known[column.rank]
    return result if column.unit is None else result[column.unit]


def named(values: NDArray[np.float64], categories: tuple[Any, ...]) -> NDArray[Any]:
    """Give the names of codes, or the values themselves of a metric that has no categories."""
    if not categories:
        return values
    names = np.empty(len(categories) + 1, object)
    names[:-1] = categories
    names[-1] = np.nan
    return names[np.where(np.isnan(values), len(categories), values).astype(np.intp)]


def matching(
    fates: Fates,
    values: NDArray[np.float64] | None,
    categories: tuple[Any, ...],
    wanted: Wanted,
    kinds: list[int],
    reasons: list[int],
    *,
    everything: bool,
) -> NDArray[np.bool_]:
    """Mark the objects that are looked for."""
    if values is None and not everything:
        return np.zeros(len(fates.kind), bool)
    lookup = np.zeros(len(KINDS) + 1, bool)  # the last place is for -1
    lookup[kinds] = True
    found = lookup[fates.kind]
    if values is not None and wanted.isin is not None:
        found &= pd.Series(named(values, categories)).isin(wanted.isin).to_numpy(bool)
    elif values is not None:
        found &= in_range(values, wanted.low, wanted.high)
    if reasons:
        lookup = np.zeros(len(ALL_REASONS) + 1, bool)
        lookup[reasons] = True
        found &= lookup[fates.reason]
    return found


def first_places(key: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Find the places of the `n` smallest keys, in order; equal ones by place, NaN last.

    Parameters
    ----------
    key : ndarray of float64, shape (k,)
    n : int

    Returns
    -------
    ndarray of intp, shape (min(n, k),)

    Examples
    --------
    >>> first_places(np.array([3.0, np.nan, 1.0, 1.0]), 3)
    array([2, 3, 0])
    """
    key = np.where(np.isnan(key), np.inf, key)
    if not 0 < n < len(key):
        return np.argsort(key, kind="stable")[:n]
    last = np.partition(key, n - 1)[n - 1]
    less = np.flatnonzero(key < last)
    equal = np.flatnonzero(key == last)[: n - len(less)]
    places = np.concatenate([less, equal])
    return places[np.argsort(key[places], kind="stable")]
