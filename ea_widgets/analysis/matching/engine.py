"""Pairs up once; answers what was matched at any threshold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.lru_cache import LruCache
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
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.mask_overlap import MaskOverlap
    from ea_widgets.analysis.sample.query import Query
    from ea_widgets.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Outcome:
    """What was matched under one query; rows of the engine's predictions and labels, ascending.

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
        self._matched: LruCache[float, Outcome] = LruCache()
        self._kept: LruCache[float | tuple[float, ...], NDArray[np.int64]] = LruCache()

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

    def outcome(self, query: Query) -> Outcome:
        """Keep the matches that a query of classes and confidence leaves.

        Matching runs in order of confidence, so dropping the predictions below a threshold
        changes no match above it.
        """
        whole = self.matched(query.iou_threshold)
        everything = len(query.classes) == self.n_classes
        if everything and query.keeps_every_confidence:
            return whole
        mask = self.class_mask(query.classes)
        confidence, class_code = self.predictions.confidence, self.predictions.class_code
        kept, left = (
            query.is_sure(confidence[rows], class_code[rows]) & mask[class_code[rows]]
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

    def predictions_per_class(self, query: Query) -> NDArray[np.int64]:
        """Predictions of every class at or above the confidence: the first ones of each."""

        def count() -> NDArray[np.int64]:
            predictions = self.predictions
            if query.keeps_every_confidence:
                return np.diff(predictions.start)
            sure = query.is_sure(predictions.confidence, predictions.class_code)
            ends = np.concatenate([[0], np.cumsum(sure)])
            return np.diff(ends[predictions.start])

        return self._kept.get(query.confidence_threshold, count)

    def chosen_predictions(self, query: Query) -> NDArray[np.intp]:
        """Rows of the predictions that a query leaves, ascending."""
        kept = self.predictions_per_class(query)
        kept = np.where(self.class_mask(query.classes), kept, 0)
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
