"""A dataset whose predictions and labels are paired up: what every question starts from."""

from __future__ import annotations

from copy import copy
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_count, check_flag, check_option
from ea_widgets.analysis.formatting import displayed_names
from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.analysis.matching import (
    IOU_TYPES,
    Engine,
    ObjectTables,
    Outcome,
    Slice,
    as_one_class,
    measure,
)
from ea_widgets.analysis.sample import Query, Sample, Selection
from ea_widgets.analysis.slices import Condition, column_of
from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from numpy.typing import NDArray


Answer = TypeVar("Answer")

LEVEL_OF_OUTCOME = {"true_positive": "P", "missed": "O", "iou": "P"}
"""Which objects an outcome is about."""

DETAILS = ("name", "level", "kind", "unit", "description")
"""Columns that describe a metric beside what is asked of it."""


class MatchedData:
    """The pairs of a dataset, its metrics ready for counting, and recent answers.

    Parameters
    ----------
    dataset : Dataset
    iou_type : {"bbox", "segm"}
    max_detections : int
        Predictions evaluated per image and class.
    class_agnostic : bool, default False
        Match all classes as one.

    Attributes
    ----------
    engine : Engine
    tables : ObjectTables
        Objects with their metrics: "P" predictions, "O" labels.
    similarity : Similarity
        Overlap of the objects.
    slice : Slice
        What the data are narrowed to; everything at first.
    """

    def __init__(
        self,
        dataset: Dataset,
        iou_type: str,
        max_detections: int | None,
        *,
        class_agnostic: bool = False,
    ) -> None:
        if not isinstance(dataset, Dataset):
            raise InvalidInputError(
                "dataset",
                f"is of type {type(dataset).__name__}",
                "Give an ea.Dataset, from ea.read_coco, ea.Dataset.from_frames or ea.load_demo.",
            )
        check_option("iou_type", iou_type, IOU_TYPES)
        if max_detections is None:
            max_detections = dataset.frames.max_detections
        self.max_detections = check_count("max_detections", max_detections)
        dataset, self.similarity = measure(dataset, iou_type)
        self._judged: NDArray[np.bool_] | None = None
        if check_flag("class_agnostic", class_agnostic):
            dataset, self._judged = as_one_class(dataset)
        self.dataset = dataset
        self.engine = Engine(dataset, self.max_detections, self.similarity, self._judged)
        self.n_predictions = len(dataset.frames.predictions)
        self.tables = ObjectTables(dataset, self.engine)
        self._details: LruCache[str, pd.DataFrame] = LruCache(2)
        self.slice = Slice()
        self._whole: MatchedData | None = None  # of a slice
        self._slices: LruCache[Condition, MatchedData] = LruCache(4)
        self._forget()

    def _forget(self) -> None:
        """Start without answers."""
        self._parts: dict[str, object] = {}
        self._answers: LruCache[Hashable, object] = LruCache(64)
        self._outcomes: LruCache[Query, Outcome] = LruCache()
        self._selections: LruCache[Hashable, Selection] = LruCache(4)
        self._samples: LruCache[tuple[str, Query], Sample] = LruCache(4)

    def once(self, name: str, make: Callable[[], Answer]) -> Answer:
        """Make what some question needs of these data when it is first asked, and keep it."""
        if name not in self._parts:
            self._parts[name] = make()
        return cast("Answer", self._parts[name])

    def answer(self, question: Hashable, query: Query, compute: Callable[[], Answer]) -> Answer:
        """Return a recent answer, or compute it and keep it."""
        return cast("Answer", self._answers.get((question, query), compute))

    def engine_of(self, most: int) -> Engine:
        """Match with so many predictions per image and class, which may be others."""
        return self.slice.narrow(Engine(self.dataset, most, self.similarity, self._judged))

    def within(self, where: Condition | None) -> MatchedData:
        """Narrow the whole to a slice; see :meth:`Evaluation.at`.

        Raises
        ------
        InvalidInputError
            If a metric is unknown.
        """
        if self._whole is not None:
            return self._whole.within(where)
        return self if where is None else self._slices.get(where, lambda: self._narrow(where))

    def _narrow(self, where: Condition) -> MatchedData:
        dataset = self.dataset
        found = [
            where.masks(partial(column_of, dataset, frame))
            for frame in (dataset.frames.predictions, dataset.frames.labels)
        ]
        predictions, labels = (None if masks is None else masks[0] for masks in found)
        if predictions is None and labels is None:
            raise InvalidInputError(
                "where",
                f"is '{where}', with a metric that only labels have and one that only "
                "predictions have",
                "Leave one of them out.",
            )
        narrowed = copy(self)
        # Another of this class: no foreign state.
        narrowed._forget()  # noqa: SLF001
        narrowed._whole = self  # noqa: SLF001
        narrowed.slice = Slice(predictions, labels)
        narrowed.engine = narrowed.slice.narrow(self.engine)
        return narrowed

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes in display order."""
        return self.dataset.class_names

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row per metric and level; see :attr:`Evaluation.metrics`."""
        frame = self.dataset.metrics
        names = pd.Index([*map(MetricName, frame["name"], frame["level"])], name="metric")
        return frame.set_index(names)

    @cached_property
    def class_index(self) -> pd.Index:
        """All class names, by code."""
        return pd.Index(self.class_names, dtype=object, name="class_name")

    def details(self, level: str) -> pd.DataFrame:
        """Describe the metrics of a table, in its order; not to be written to."""
        # Picking rows takes pandas longer than a slider move may take.
        names = self.tables[level].names
        return self._details.get(level, lambda: self.metrics.loc[list(names), [*DETAILS]])

    @cached_property
    def confidence_span(self) -> tuple[float, float]:
        """Smallest and largest confidence threshold that make sense: 0 and 1, or what there is."""
        confidence = self.engine.predictions.confidence
        low, high = (confidence.min(), confidence.max()) if len(confidence) else (0.0, 1.0)
        return min(0.0, float(low)), max(1.0, float(high))

    @property
    def clusters_of_images(self) -> NDArray[np.intp]:
        """Cluster of each image code: what is resampled and kept together."""
        named = self.tables.cluster_of_image
        return np.arange(len(self.engine.image_order)) if named is None else named

    def find_metric(self, metric: object) -> dict[str, object]:
        """Find the row of a metric by its displayed name, or by its name alone."""
        if not isinstance(metric, str) or metric not in self._metric_rows:
            raise unknown_option("metric", metric, list(self.metrics.index))
        return self._metric_rows[metric]

    @cached_property
    def _metric_rows(self) -> dict[str, dict[str, object]]:
        """Rows of the table of metrics by displayed name, and by name: the first of that name."""
        records = self.metrics.to_dict("records")
        found: dict[str, dict[str, object]] = {}
        for name, row in zip(self.metrics.index, records, strict=True):
            found[str(name)] = {str(key): value for key, value in row.items()}
        for described in list(found.values()):
            found.setdefault(str(described["name"]), described)
        return found

    def name_at(self, asked: str, level: str) -> str | None:
        """Find the displayed name of a metric, or its counterpart's, in one table; None without."""
        names = displayed_names(asked, str(self.find_metric(asked)["name"]), level)
        known = self.tables[level].names
        return next((name for name in names if name in known), None)

    def outcome(self, query: Query) -> Outcome:
        """Keep what was matched under a query."""
        return self._outcomes.get(query, lambda: self.engine.outcome(query))

    def selection(self, level: str, query: Query) -> Selection:
        """Rows of a table that a query leaves, whatever its IoU threshold."""
        table = self.tables[level]
        # Confidence leaves labels as they are.
        confidence = query.confidence_threshold if level == "P" else None

        def select() -> Selection:
            if level == "P":
                return Selection(table, self.engine.chosen_predictions(query))
            chosen = self.engine.class_mask(query.classes)[table.class_code]
            return Selection(table, np.flatnonzero(chosen & ~self.engine.labels.ignored))

        return self._selections.get((level, confidence, query.classes), select)

    def sample(self, level: str, query: Query) -> Sample:
        """Rows of a table under a query, with their outcome; kept for the next question."""
        return self._samples.get((level, query), lambda: self._sample(level, query))

    def _sample(self, level: str, query: Query) -> Sample:
        selection, matched = self.selection(level, query), self.outcome(query)
        if level == "P":
            row = self.engine.predictions.row
            return Sample(
                selection,
                matched.true_positives,
                matched.excluded,
                matched.iou,
                missed=False,
                source_row=row,
            )
        missed = np.zeros(len(selection.side.class_code), bool)
        missed[selection.rows] = True
        missed[matched.labels] = False
        rows, row = np.flatnonzero(missed), self.engine.labels.row
        nothing = np.zeros(0, np.intp)
        return Sample(selection, rows, nothing, np.ones(len(rows)), missed=True, source_row=row)
