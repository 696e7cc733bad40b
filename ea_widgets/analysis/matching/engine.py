"""Pairs up once; answers what was matched at any threshold."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from ea_widgets.analysis.matching.arrays import (
    BOX,
    Labels,
    Predictions,
    order_images,
    order_labels,
    rank_predictions,
)
from ea_widgets.analysis.matching.overlaps import Overlaps, find_overlaps
from ea_widgets.core.matching.average_precision import average_precision, matches_needed
from ea_widgets.core.matching.boxes import paired_iou
from ea_widgets.core.matching.greedy import greedy_match
from ea_widgets.core.matching.overlap_candidates import Edges, touching
from ea_widgets.core.matching.pairs import Pairs, overlapping, sort_pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.mask_overlap import MaskOverlap
    from ea_widgets.analysis.sample.query import Choice
    from ea_widgets.data.dataset import Dataset

Key = TypeVar("Key")
Value = TypeVar("Value")

KEPT = 16
"""Recent thresholds and choices kept, so that linked widgets cost one fold."""


class Recent(Generic[Key, Value]):
    """The answers to the last few questions; may be asked from several threads.

    Parameters
    ----------
    size : int
        How many to keep.
    """

    def __init__(self, size: int = KEPT) -> None:
        self._size = size
        self._answers: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, compute: Callable[[], Value]) -> Value:
        """Return the kept answer, or compute it and drop the oldest."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        # Outside the lock: nobody waits for another question, or for a long one.
        answer = compute()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        return answer


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was matched under one choice; rows of the engine's predictions and labels, ascending.

    Attributes
    ----------
    true_positives : ndarray of intp, shape (n_tp,)
        Predictions that took a label that is not ignored.
    labels : ndarray of intp, shape (n_tp,)
        The labels they took, in the same order.
    iou : ndarray of float64, shape (n_tp,)
        Their overlap.
    ignored : ndarray of intp, shape (n_ignored,)
        Predictions that took an ignored or crowd label.
    ignored_labels : ndarray of intp, shape (n_ignored,)
    ignored_iou : ndarray of float64, shape (n_ignored,)
    """

    true_positives: NDArray[np.intp]
    labels: NDArray[np.intp]
    iou: NDArray[np.float64]
    ignored: NDArray[np.intp]
    ignored_labels: NDArray[np.intp]
    ignored_iou: NDArray[np.float64]


class Engine:
    """Canonical arrays of a dataset, its pairs, and matches by threshold.

    Parameters
    ----------
    dataset : Dataset
    overlap : MaskOverlap, optional
        Overlaps of masks, and the boxes outside of which there is none; boxes by default.
    max_detections : int
        Predictions evaluated per image and class.
    """

    def __init__(
        self,
        dataset: Dataset,
        max_detections: int,
        overlap: MaskOverlap | None = None,
    ) -> None:
        self.image_order = order_images(dataset)
        self.n_classes = len(dataset.class_names)
        self.predictions: Predictions = rank_predictions(dataset, self.image_order, max_detections)
        self.labels: Labels = order_labels(dataset, self.image_order)
        self._overlap = overlap
        if overlap is None:
            boxes = [f[BOX].to_numpy(np.float64) for f in (dataset.predictions, dataset.labels)]
        else:
            boxes = [overlap.prediction_boxes, overlap.label_boxes]
        self.prediction_boxes = boxes[0][self.predictions.row]
        self.label_boxes = boxes[1][self.labels.row]
        self._edges = Edges.of(self.prediction_boxes), Edges.of(self.label_boxes)
        self.pairs: Pairs = sort_pairs(
            *self.overlapping(
                self.predictions.image_code * self.n_classes + self.predictions.class_code,
                self.labels.image_code * self.n_classes + self.labels.class_code,
            ),
            ignored=self.labels.ignored,
            crowd=self.labels.crowd,
            given=self.labels.row,
        )
        counted = self.labels.class_code[~self.labels.ignored]
        self.labels_per_class = np.bincount(counted, minlength=self.n_classes)
        self.matches_needed = matches_needed(self.labels_per_class)
        self._matched: Recent[float, Outcome] = Recent()
        self._kept: Recent[float, NDArray[np.int64]] = Recent()

    def overlapping(
        self, prediction_group: NDArray[np.int64], label_group: NDArray[np.int64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """Find the predictions and labels of one group that overlap, and their IoU."""

        def near(predictions: NDArray[np.intp], labels: NDArray[np.intp]) -> NDArray[np.float64]:
            marks = np.zeros(len(predictions))
            marks[touching(*self._edges, predictions, labels)] = 1.0
            return marks

        # Masks are handed over together: their library decodes them anew in every call.
        predictions, labels, _ = overlapping(prediction_group, label_group, near)
        iou = self.iou(predictions, labels)
        kept = np.flatnonzero(iou)
        return predictions[kept], labels[kept], iou[kept]

    def iou(self, predictions: NDArray[np.intp], labels: NDArray[np.intp]) -> NDArray[np.float64]:
        """Overlap of prediction *i* with label *i*, of boxes or masks."""
        crowd = self.labels.crowd[labels]
        if self._overlap is None:
            return paired_iou(self.prediction_boxes[predictions], self.label_boxes[labels], crowd)
        return self._overlap(self.predictions.row[predictions], self.labels.row[labels], crowd)

    @cached_property
    def overlaps(self) -> Overlaps:
        """Overlaps across classes, for the reasons; formed when first asked for."""
        return find_overlaps(self)

    def matched(self, iou_threshold: float) -> Outcome:
        """Match everything at one IoU threshold."""
        return self._matched.get(iou_threshold, lambda: self._match(iou_threshold))

    def _match(self, iou_threshold: float) -> Outcome:
        prediction, label, iou = greedy_match(self.pairs, iou_threshold)
        ignored = self.labels.ignored[label]
        counted = ~ignored
        return Outcome(
            prediction[counted],
            label[counted],
            iou[counted],
            prediction[ignored],
            label[ignored],
            iou[ignored],
        )

    def outcome(self, choice: Choice) -> Outcome:
        """Keep the matches that a choice of classes and confidence leaves.

        Matching runs in order of confidence, so dropping the predictions below a threshold
        changes no match above it.
        """
        whole = self.matched(choice.iou_threshold)
        everything = len(choice.classes) == self.n_classes
        if everything and choice.confidence_threshold == 0:
            return whole
        mask = self.class_mask(choice.classes)
        kept, left = (
            (self.predictions.confidence[rows] >= choice.confidence_threshold)
            & mask[self.predictions.class_code[rows]]
            for rows in (whole.true_positives, whole.ignored)
        )
        return Outcome(
            whole.true_positives[kept],
            whole.labels[kept],
            whole.iou[kept],
            whole.ignored[left],
            whole.ignored_labels[left],
            whole.ignored_iou[left],
        )

    def class_mask(self, classes: tuple[int, ...]) -> NDArray[np.bool_]:
        """Mark the chosen classes, shape (n_classes,)."""
        mask = np.zeros(self.n_classes, bool)
        mask[list(classes)] = True
        return mask

    def predictions_per_class(self, confidence_threshold: float) -> NDArray[np.int64]:
        """Predictions at or above a confidence: the first ones of each class."""

        def count() -> NDArray[np.int64]:
            if confidence_threshold == 0:
                return np.diff(self.predictions.start)
            sure = self.predictions.confidence >= confidence_threshold
            ends = np.concatenate([[0], np.cumsum(sure)])
            return np.diff(ends[self.predictions.start])

        return self._kept.get(confidence_threshold, count)

    def chosen_predictions(self, choice: Choice) -> NDArray[np.intp]:
        """Rows of the predictions that a choice leaves, ascending."""
        kept = self.predictions_per_class(choice.confidence_threshold)
        kept = np.where(self.class_mask(choice.classes), kept, 0)
        start = self.predictions.start[:-1]
        offset = np.repeat(start - (np.cumsum(kept) - kept), kept)
        rows: NDArray[np.intp] = np.arange(kept.sum()) + offset
        return rows

    def average_precision(self, outcome: Outcome) -> NDArray[np.float64]:
        """AP of every class; NaN for classes without labels."""
        rows, ignored = outcome.true_positives, outcome.ignored
        class_code = self.predictions.class_code[rows]
        # What stands before the class of a row does not count, nor does what is ignored.
        start = self.predictions.start[:-1]
        skipped = start - np.searchsorted(ignored, start)
        before = np.bincount(np.searchsorted(rows, ignored), minlength=len(rows) + 1)
        return average_precision(
            rows - np.cumsum(before)[:-1] - skipped[class_code],
            class_code,
            self.labels_per_class,
            self.matches_needed,
        )
