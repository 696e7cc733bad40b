"""How far each prediction overlaps the labels of its image, of its own class and of others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.error_types import BACKGROUND_IOU, SortedOverlaps, is_badly_located
from ea_widgets.core.matching.greedy import LARGEST_THRESHOLD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.engine import Engine, Outcome
    from ea_widgets.analysis.sample import Query


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Overlaps with labels of the same image that are not ignored.

    Attributes
    ----------
    same_class, other_class : ndarray of float64, shape (n_predictions,)
        Highest IoU with a label of its own class, and with one of another; 0 where there is none.
    prediction, label : ndarray of int32, shape (n_pairs,)
        Each prediction with the label of another class that it overlaps most, or with those that
        it overlaps equally; by falling IoU.
    iou : ndarray of float64, shape (n_pairs,)
    """

    same_class: NDArray[np.float64]
    other_class: NDArray[np.float64]
    prediction: NDArray[np.int32]
    label: NDArray[np.int32]
    iou: NDArray[np.float64]

    def found_by_another_class(
        self, outcome: Outcome, is_sure: NDArray[np.bool_] | None, query: Query, n: int
    ) -> NDArray[np.bool_]:
        """Mark the labels that a false positive with the reason "wrong class" overlaps.

        Parameters
        ----------
        outcome : Outcome
            Of all classes.
        is_sure : ndarray of bool, shape (n_predictions,), optional
            Predictions that the query leaves and that can count; all of them by default.
        query : Query
            Only its IoU threshold matters.
        n : int
            Number of labels.

        Returns
        -------
        ndarray of bool, shape (n,)
            Taken labels can be among them.
        """
        foreground = min(query.iou_threshold, LARGEST_THRESHOLD)
        near = int(np.searchsorted(self._falling, -foreground, side="right"))
        wrong = np.ones(len(self.same_class), bool)
        wrong[outcome.true_positives] = False
        wrong[outcome.excluded] = False
        prediction = self.prediction[:near]
        kept = wrong[prediction]
        kept &= ~is_badly_located(self._same_class_of_pair[:near], query.iou_threshold)
        if is_sure is not None:
            kept &= is_sure[prediction]
        found = np.zeros(n, bool)
        found[self.label[:near][kept]] = True
        return found

    @cached_property
    def _falling(self) -> NDArray[np.float64]:
        return -self.iou

    @cached_property
    def _same_class_of_pair(self) -> NDArray[np.float64]:
        return self.same_class[self.prediction]

    @cached_property
    def _columns(self) -> dict[str, tuple[NDArray[np.float64], NDArray[np.intp]]]:
        """Columns of :class:`SortedOverlaps` for all predictions, and the row of each value."""
        alone = np.where(self.same_class < BACKGROUND_IOU, self.other_class, 0.0)
        columns = {
            "same_class": self.same_class,
            "other_class": self.other_class,
            "lesser": np.minimum(self.same_class, self.other_class),
            "other_class_alone": alone,
        }
        result = {}
        for name, column in columns.items():
            rows = np.flatnonzero(column)
            rows = rows[np.argsort(column[rows], kind="stable")]
            result[name] = column[rows], rows
        return result

    def sort(self, chosen: NDArray[np.bool_], n: int) -> SortedOverlaps:
        """Sort the overlaps of `n` chosen predictions, marked in an array of all of them."""
        if n == len(chosen):
            return SortedOverlaps(
                n, **{name: values for name, (values, _) in self._columns.items()}
            )
        return SortedOverlaps(
            n, **{name: values[chosen[rows]] for name, (values, rows) in self._columns.items()}
        )


def find_overlaps(engine: Engine) -> Overlaps:
    """Form the pairs of predictions and labels of one image, whatever their classes."""
    predictions, labels = engine.predictions, engine.labels
    # Ignored labels stand in a group of their own, in which no prediction is.
    image_code = np.where(labels.ignored, -1, labels.image_code)
    prediction, label, iou = engine.overlapping(predictions.image_code, image_code)
    same = predictions.class_code[prediction] == labels.class_code[label]
    n = len(predictions.row)
    same_class = highest(prediction[same], iou[same], n)
    prediction, label, iou = prediction[~same], label[~same], iou[~same]
    other_class = highest(prediction, iou, n)
    best = np.flatnonzero(iou == other_class[prediction])
    best = best[np.argsort(-iou[best], kind="stable")]
    return Overlaps(
        same_class=same_class,
        other_class=other_class,
        prediction=prediction[best].astype(np.int32),
        label=label[best].astype(np.int32),
        iou=iou[best],
    )


def highest(row: NDArray[np.intp], value: NDArray[np.float64], n_rows: int) -> NDArray[np.float64]:
    """Highest value of each row; rows ascend, and those without values get 0."""
    result = np.zeros(n_rows)
    if len(row):
        first = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]]))
        result[row[first]] = np.maximum.reduceat(value, first)
    return result
