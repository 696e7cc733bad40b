"""A dataset whose predictions and labels are paired up: what every question starts from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.matching.engine import Engine, Outcome, Recent
from ea_widgets.analysis.sample.object_table import Side, build_side
from ea_widgets.analysis.sample.query import (
    Choice,
    check_choice,
    check_count,
    check_option,
)
from ea_widgets.analysis.sample.sample import Subject
from ea_widgets.analysis.sample.selection import Selection
from ea_widgets.analysis.scores.scoring import scores_from_counts
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.importance.ranking import (
        RankingOptions,
    )
    from ea_widgets.analysis.matching.arrays import Labels, Predictions
    from ea_widgets.analysis.matching.reasons import Reasons
    from ea_widgets.analysis.scores.scores import Scores

IOU_TYPES = ("bbox", "segm")


class Matched:
    """Canonical arrays, pairs, and what was matched, kept for the next question."""

    def __init__(self, dataset: Dataset, iou_type: str = "bbox", max_detections: int = 100) -> None:
        if not isinstance(dataset, Dataset):
            raise InvalidInputError(
                "dataset",
                f"is of type {type(dataset).__name__}",
                "Give an ea.Dataset, from ea.read_coco, ea.Dataset.from_frames or ea.load_demo.",
            )
        self.dataset = dataset
        self.iou_type = check_option("iou_type", iou_type, IOU_TYPES)
        self.max_detections = check_count("max_detections", max_detections)
        overlap = None
        if self.iou_type == "segm":
            from ea_widgets.analysis.matching.mask_overlap import MaskOverlap  # noqa: PLC0415  # an extra

            overlap = MaskOverlap(dataset)
        self._overlap = overlap
        self._engine = Engine(dataset, self.max_detections, overlap)
        self._sides = {
            "true_positive": self._side("P", dataset.predictions, self._engine.predictions),
            "missed": self._side("O", dataset.labels, self._engine.labels),
        }
        self._outcomes: Recent[Choice, Outcome] = Recent()
        self._selections: Recent[tuple[str, float, tuple[int, ...]], Selection] = Recent(4)
        self._scores: Recent[Choice, Scores] = Recent()
        self._reasons: Recent[Choice, Reasons] = Recent()
        self._summaries: Recent[tuple[int, ...], dict[str, float]] = Recent()
        self._tables: Recent[tuple[RankingOptions, Choice], pd.DataFrame] = Recent()

    def _side(self, level: str, frame: pd.DataFrame, objects: Predictions | Labels) -> Side:
        metrics = self.dataset.metrics
        of_images = list(metrics["name"][metrics["level"] == "F"])
        of_objects = list(metrics["name"][metrics["level"] == level])
        return build_side(
            objects.class_code,
            objects.image_code,
            self.dataset.images[of_images],
            self._engine.image_order,
            frame[of_objects],
            objects.row,
            level,
        )

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes in display order."""
        return self.dataset.class_names

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row per metric and level.

        Index: the displayed name. Columns `name`, `level` ("F", "O", "P"), `unit`,
        `description`, `n_missing`.
        """
        frame = self.dataset.metrics.rename(columns={"missing": "n_missing"})
        return frame.set_index(frame["name"] + " (" + frame["level"] + ")").rename_axis("metric")

    @cached_property
    def _class_index(self) -> pd.Index:
        return pd.Index(self.class_names, dtype=object, name="class_name")

    @cached_property
    def _details(self) -> dict[str, pd.DataFrame]:
        """Description of the metrics of each side, in its order."""
        columns = ["name", "level", "unit", "description"]
        return {
            outcome: self.metrics.loc[list(side.names), columns]
            for outcome, side in self._sides.items()
        }

    def _choice(self, iou_threshold: float, confidence_threshold: float, classes: object) -> Choice:
        return check_choice(iou_threshold, confidence_threshold, classes, self.class_names)

    def _outcome(self, choice: Choice) -> Outcome:
        return self._outcomes.get(choice, lambda: self._engine.outcome(choice))

    def _find_metric(self, metric: object) -> dict[str, object]:
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

    def _selection(self, outcome: str, choice: Choice) -> Selection:
        side = self._sides[outcome]
        of_predictions = outcome == "true_positive"
        # Confidence leaves labels as they are.
        confidence = choice.confidence_threshold if of_predictions else 0.0

        def select() -> Selection:
            if of_predictions:
                return Selection(side, self._engine.chosen_predictions(choice))
            chosen = self._engine.class_mask(choice.classes)[side.class_code]
            return Selection(side, np.flatnonzero(chosen & ~self._engine.labels.ignored))

        return self._selections.get((outcome, confidence, choice.classes), select)

    def _counted(
        self, outcome: str, selection: Selection, choice: Choice
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows with the outcome, and rows that count nowhere."""
        matched = self._outcome(choice)
        if outcome == "true_positive":
            return matched.true_positives, matched.ignored
        missed = np.zeros(len(selection.side.class_code), bool)
        missed[selection.rows] = True
        missed[matched.labels] = False
        return np.flatnonzero(missed), np.zeros(0, np.intp)

    def _subject(self, side: str, choice: Choice) -> Subject:
        selection = self._selection(side, choice)
        successes, excluded = self._counted(side, selection, choice)
        missed = side == "missed"
        objects = self._engine.labels if missed else self._engine.predictions
        iou = np.ones(len(successes)) if missed else self._outcome(choice).iou
        return Subject(selection, successes, excluded, iou, objects.row)

    def _score(self, choice: Choice) -> Scores:
        engine, outcome, classes = self._engine, self._outcome(choice), list(choice.classes)
        n_classes = engine.n_classes
        found = np.bincount(
            engine.predictions.class_code[outcome.true_positives], minlength=n_classes
        )[classes]
        ignored = np.bincount(engine.predictions.class_code[outcome.ignored], minlength=n_classes)
        kept = engine.predictions_per_class(choice.confidence_threshold)
        counted = (kept - ignored)[classes]
        labels = engine.labels_per_class[classes]
        return scores_from_counts(
            self._class_index[classes],
            found=found,
            counted=counted,
            labels=labels,
            average_precision=engine.average_precision(outcome)[classes],
            predictions_total=len(self.dataset.predictions),
        )
