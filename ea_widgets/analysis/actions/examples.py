"""The answer to `which objects are these?`: those of a metric's range, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.actions.object_kinds import (
    ALL_REASONS,
    FP,
    KINDS,
    NearestLabels,
    ObjectKinds,
    kinds_of_labels,
    kinds_of_predictions,
    pairs_by_rising_iou,
)
from ea_widgets.analysis.actions.rule_parts import in_range
from ea_widgets.analysis.checks import check_count, check_end, check_flag, check_option, check_order
from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.analysis.matching import BOX
from ea_widgets.analysis.slices import check_values
from ea_widgets.data.catalogue import MetricName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.matching import Engine, ObjectTables
    from ea_widgets.analysis.sample import MetricTable, Query
    from ea_widgets.data.dataset import Dataset

SORTS = ("metric", "confidence", "iou")
CHOICES_KEPT, COLUMNS_KEPT = 4, 8


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


def objects_in_range(
    data: MatchedData,
    query: Query,
    metric: str | None,
    low: float | None,
    high: float | None,
    kind: str | Iterable[str],
    reason: str | Iterable[str],
    sort: str,
    descending: bool,
    page: int,
    page_size: int,
    isin: Iterable[Any] | None,
) -> ExamplePage:
    """Look at the objects of a metric's range; see :meth:`View.objects_in_range`."""
    wanted = Wanted(
        check_end("low", low),
        check_end("high", high),
        check_options("kind", kind, KINDS) or KINDS,
        check_options("reason", reason, ALL_REASONS),
        check_option("sort", sort, SORTS),
        check_flag("descending", descending),
        check_count("page", page, least=0),
        check_count("page_size", page_size),
        None if isin is None else check_values(isin),
    )
    check_order(wanted.low, wanted.high)
    name = None if metric is None else str(data.find_metric(metric)["name"])
    if metric is not None and MetricName.parse(metric).level == "F":
        name = str(metric)  # also where objects have a metric of the same name
    return gallery_of(data).page(name, wanted, query)


def gallery_of(data: MatchedData) -> Gallery:
    """Make the gallery of these data when it is first needed."""
    return data.once("gallery", lambda: Gallery(data.dataset, data.engine, data.tables))


class Gallery:
    """Finds objects of an evaluation by metric, kind and reason; built when first asked for.

    Parameters
    ----------
    dataset : Dataset
    engine : Engine
    tables : ObjectTables
    """

    def __init__(self, dataset: Dataset, engine: Engine, tables: ObjectTables) -> None:
        self.dataset, self.engine, self.tables = dataset, engine, tables
        self._kinds: LruCache[Query, tuple[ObjectKinds, ObjectKinds]] = LruCache(CHOICES_KEPT)
        self._nearest, self._by_rising_iou = NearestLabels(engine), pairs_by_rising_iou(engine)
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
        found = self.kinds(query)
        values = tuple(self._values(number, name) for number in (0, 1)) if name else (None, None)
        names = [self._categories(number, name) for number in (0, 1)]
        everything = name is None
        kinds = [KINDS.index(kind) for kind in wanted.kinds]
        reasons = [ALL_REASONS.index(reason) for reason in wanted.reasons]
        rows = [
            np.flatnonzero(
                matching(
                    of_table, column, categories, wanted, kinds, reasons, everything=everything
                )
            )
            for of_table, column, categories in zip(found, values, names, strict=True)
        ]
        n_predictions, total = len(rows[0]), len(rows[0]) + len(rows[1])
        kind = found[0].kind[rows[0]]
        key = np.concatenate([self._key(n, rows[n], found, values, wanted.sort) for n in (0, 1)])
        first = wanted.page * wanted.page_size
        chosen = first_indices(-key if wanted.descending else key, first + wanted.page_size)[first:]
        of_predictions = chosen < n_predictions
        at = [chosen[of_predictions], chosen[~of_predictions] - n_predictions]
        tables = [self.table(n, rows[n][at[n]], found[n], values[n], names[n]) for n in (0, 1)]
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

    def kinds(self, query: Query) -> tuple[ObjectKinds, ObjectKinds]:
        """Tell what became of the predictions, and of the labels."""
        return self._kinds.get(query, lambda: self._find(query))

    def _find(self, query: Query) -> tuple[ObjectKinds, ObjectKinds]:
        of_labels = kinds_of_labels(self.engine, query, self._by_rising_iou)
        return kinds_of_predictions(self.engine, query), of_labels

    def _displayed(self, number: int, name: str | None) -> str | None:
        """Find the displayed name of a metric, or of its counterpart, in one table, if any."""
        if name is None:
            return None
        names = (MetricName(name, "PO"[number]), MetricName(name, "F"), name)
        known = self.tables["PO"[number]].metrics
        return next((displayed for displayed in names if displayed in known), None)

    def _values(self, number: int, name: str) -> NDArray[np.float64] | None:
        """Values of a metric, or codes of its categories, in one table; None without it."""
        displayed, table = self._displayed(number, name), self.tables["PO"[number]]
        if displayed is None:
            return None
        return self._columns.get((number, displayed), lambda: read(table, displayed))

    def _categories(self, number: int, name: str | None) -> tuple[Any, ...]:
        """Categories of a metric in one table, by code; none of numbers."""
        return self.tables["PO"[number]].categories.get(self._displayed(number, name) or "", ())

    def _key(
        self,
        number: int,
        rows: NDArray[np.intp],
        found: tuple[ObjectKinds, ObjectKinds],
        values: tuple[NDArray[np.float64] | None, ...],
        sort: str,
    ) -> NDArray[np.float64]:
        column = values[number]
        if sort == "metric" and column is not None:
            return column[rows]
        if sort == "iou":
            return found[number].iou[rows]
        if sort == "confidence" and number == 0:
            return self.engine.predictions.confidence[rows]
        return np.full(len(rows), np.nan)

    def table(
        self,
        number: int,
        rows: NDArray[np.intp],
        found: ObjectKinds,
        values: NDArray[np.float64] | None = None,
        categories: tuple[Any, ...] = (),
    ) -> pd.DataFrame:
        """Tabulate some predictions (0) or labels (1), as :class:`ExamplePage` has them."""
        engine, dataset = self.engine, self.dataset
        frames = (dataset.frames.predictions, dataset.frames.labels)
        own_rows = (engine.predictions.row, engine.labels.row)
        other = found.other[rows].copy()
        if number == 0:
            wrong = (found.kind[rows] == FP) & (other < 0)
            other[wrong] = self._nearest.of(rows[wrong])
        near = other >= 0
        row = own_rows[number][rows]
        other_row = np.where(near, self._rows_at(own_rows[1 - number], other), -1)
        frame = frames[number].iloc[row]
        id_name = ("prediction_id", "label_id")[number]
        table = pd.DataFrame(
            {
                "kind": np.array(KINDS, object)[found.kind[rows]],
                "reason": np.array([*ALL_REASONS, ""], object)[found.reason[rows]],
                "image_id": frame["image_id"].to_numpy(),
                "class_name": frame["class_name"].astype(object).to_numpy(),
                **{name: frame[name].to_numpy() for name in BOX},
                "confidence": frame["confidence"].to_numpy() if number == 0 else np.nan,
                "iou": np.where(near, found.iou[rows], 0.0),
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

    def _rows_at(self, rows: NDArray[np.intp], positions: NDArray[np.intp]) -> NDArray[np.intp]:
        return rows[np.maximum(positions, 0)] if len(rows) else np.full(len(positions), -1)


def check_options(field: str, value: object, options: tuple[str, ...]) -> tuple[str, ...]:
    """Return one or several of the options as a tuple, or refuse them."""
    given = (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
    return tuple(check_option(field, option, options) for option in given)


def read(table: MetricTable, displayed: str) -> NDArray[np.float64]:
    """Values of a metric for each object of a table; NaN where missing."""
    column = table.metrics[displayed]
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
    of_table: ObjectKinds,
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
        return np.zeros(len(of_table.kind), bool)
    lookup = np.zeros(len(KINDS) + 1, bool)  # the last position is for -1
    lookup[kinds] = True
    found = lookup[of_table.kind]
    if values is not None and wanted.isin is not None:
        found &= pd.Series(named(values, categories)).isin(wanted.isin).to_numpy(bool)
    elif values is not None:
        found &= in_range(values, wanted.low, wanted.high)
    if reasons:
        lookup = np.zeros(len(ALL_REASONS) + 1, bool)
        lookup[reasons] = True
        found &= lookup[of_table.reason]
    return found


def first_indices(key: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Find the positions of the `n` smallest keys, in order; equal ones by position, NaN last.

    Parameters
    ----------
    key : ndarray of float64, shape (k,)
    n : int

    Returns
    -------
    ndarray of intp, shape (min(n, k),)

    Examples
    --------
    >>> first_indices(np.array([3.0, np.nan, 1.0, 1.0]), 3)
    array([2, 3, 0])
    """
    key = np.where(np.isnan(key), np.inf, key)
    if not 0 < n < len(key):
        return np.argsort(key, kind="stable")[:n]
    last = np.partition(key, n - 1)[n - 1]
    less = np.flatnonzero(key < last)
    equal = np.flatnonzero(key == last)[: n - len(less)]
    positions = np.concatenate([less, equal])
    return positions[np.argsort(key[positions], kind="stable")]
