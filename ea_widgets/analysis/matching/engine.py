"""Pairs up once; answers what was matched at any threshold."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.analysis.matching.arrays import (
    ConfidenceOrder,
    Labels,
    Predictions,
    order_by_confidence,
    order_images,
    order_labels,
    rank_predictions,
)
from ea_widgets.analysis.matching.judged import judged_predictions
from ea_widgets.analysis.matching.overlaps import Overlaps, find_overlaps
from ea_widgets.core.matching.average_precision import average_precision, matches_needed, ranks
from ea_widgets.core.matching.greedy import greedy_match
from ea_widgets.core.matching.overlap_candidates import Edges, touching_pairs
from ea_widgets.core.matching.pairs import Pairs, sort_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample import Query
    from ea_widgets.core.matching.similarity import Similarity
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
    excluded : ndarray of intp, shape (n_excluded,)
        Predictions that count nowhere: those that took an ignored label, and those outside of
        the slice that took none.
    """

    true_positives: NDArray[np.intp]
    labels: NDArray[np.intp]
    iou: NDArray[np.float64]
    ignored: NDArray[np.intp]
    ignored_labels: NDArray[np.intp]
    ignored_iou: NDArray[np.float64]
    excluded: NDArray[np.intp]


class Engine:
    """Canonical arrays of a dataset, its pairs, and matches by threshold.

    Parameters
    ----------
    dataset : Dataset
    max_detections : int
        Predictions evaluated per image and class.
    similarity : Similarity
        Overlaps of the objects, of boxes or of masks.
    judged : ndarray of bool, optional
        By row of the dataset's predictions: those that count as wrong if they take no label. By
        default those that the dataset's lists of classes say.
    """

    def __init__(
        self,
        dataset: Dataset,
        max_detections: int,
        similarity: Similarity,
        judged: NDArray[np.bool_] | None = None,
    ) -> None:
        self.image_order = order_images(dataset)
        self.n_classes = len(dataset.class_names)
        self.predictions: Predictions = rank_predictions(dataset, self.image_order, max_detections)
        self.labels: Labels = order_labels(dataset, self.image_order)
        self._similarity = similarity
        self._edges = (
            Edges.of(similarity.prediction_boxes.take(self.predictions.row, axis=0)),
            Edges.of(similarity.label_boxes.take(self.labels.row, axis=0)),
        )
        # A box of negative area is outside of COCO's range of all areas: it counts nowhere.
        inside = similarity.prediction_areas[self.predictions.row] >= 0
        if judged is not None:
            inside &= judged[self.predictions.row]
        elif (
            listed := judged_predictions(dataset, self.image_order, self.predictions, self.labels)
        ) is not None:
            inside &= listed
        self._inside: NDArray[np.bool_] | None = None if inside.all() else inside
        self._sliced: NDArray[np.bool_] | None = None
        self._by_predictions = False
        self._prepare(*self._pairs())

    def _pairs(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """Form the pairs of one class, and those of any class with labels that have none."""
        predictions, labels = self.predictions, self.labels
        has_class = labels.class_code >= 0
        pairs = self.overlapping(
            predictions.image_code * self.n_classes + predictions.class_code,
            np.where(has_class, labels.image_code * self.n_classes + labels.class_code, -1),
        )
        if has_class.all():
            return pairs
        others = self.overlapping(
            predictions.image_code, np.where(has_class, -1, labels.image_code)
        )
        return (
            np.concatenate([pairs[0], others[0]]),
            np.concatenate([pairs[1], others[1]]),
            np.concatenate([pairs[2], others[2]]),
        )

    def _prepare(
        self,
        prediction: NDArray[np.intp],
        label: NDArray[np.intp],
        iou: NDArray[np.float64],
    ) -> None:
        """Put pairs in order for these labels, and forget what was matched before."""
        labels = self.labels
        self.pairs: Pairs = sort_pairs(
            prediction,
            label,
            iou,
            ignored=labels.ignored,
            crowd=labels.crowd,
            given=labels.row,
        )
        counted = labels.class_code[~labels.ignored]
        self.labels_per_class = np.bincount(counted, minlength=self.n_classes)
        self.matches_needed = matches_needed(self.labels_per_class)
        self._matched: LruCache[float, Outcome] = LruCache()
        self._kept: LruCache[float | tuple[float, ...], NDArray[np.int64]] = LruCache()

    def within(
        self,
        prediction_inside: NDArray[np.bool_],
        label_inside: NDArray[np.bool_],
        *,
        by_predictions: bool = False,
    ) -> Engine:
        """Narrow the evaluation to a slice of the objects.

        Labels outside are ignored; predictions that take an ignored label count nowhere, and so
        do predictions outside that take none: COCO's rule for its area ranges.

        Parameters
        ----------
        prediction_inside : ndarray of bool, shape (n_predictions,)
        label_inside : ndarray of bool, shape (n_labels,)
        by_predictions : bool, default False
            Whether predictions outside count nowhere even if they took a label: for metrics that
            labels do not have.

        Returns
        -------
        Engine
        """
        narrowed = copy(self)
        for name in ("overlaps", "relevant", "_before"):  # of the whole
            narrowed.__dict__.pop(name, None)
        narrowed.labels = replace(self.labels, ignored=self.labels.ignored | ~label_inside)
        # A slice of a slice is inside of both. (Another engine of this class: no foreign state.)
        narrowed._inside = _both(self._inside, prediction_inside)  # noqa: SLF001
        narrowed._sliced = _both(self._sliced, prediction_inside)  # noqa: SLF001
        narrowed._by_predictions = by_predictions or self._by_predictions  # noqa: SLF001
        pairs = self.pairs
        narrowed._prepare(pairs.prediction, pairs.label, pairs.iou)  # noqa: SLF001
        return narrowed

    @cached_property
    def relevant(self) -> NDArray[np.bool_] | None:
        """Predictions that can count at some threshold; None where all can."""
        if self._inside is None:
            return None
        takes = np.zeros(len(self._inside), bool)
        takes[self.pairs.prediction[~self.labels.ignored[self.pairs.label]]] = True
        if self._by_predictions and self._sliced is not None:
            takes &= self._sliced
        return self._inside | takes

    @cached_property
    def _before(self) -> NDArray[np.intp] | None:
        """How many predictions that can count stand before each one; None where all can."""
        if self.relevant is None:
            return None
        return np.concatenate([[0], np.cumsum(self.relevant)])

    def overlapping(
        self, prediction_group: NDArray[np.int64], label_group: NDArray[np.int64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """Find the predictions and labels of one group that overlap, and their IoU."""
        # Masks are handed over together: their library decodes them anew in every call.
        predictions, labels = touching_pairs(prediction_group, label_group, *self._edges)
        iou = self.iou(predictions, labels)
        kept = np.flatnonzero(iou)
        return predictions[kept], labels[kept], iou[kept]

    def iou(self, predictions: NDArray[np.intp], labels: NDArray[np.intp]) -> NDArray[np.float64]:
        """Overlap of prediction *i* with label *i*, of boxes or masks."""
        return self._similarity(
            self.predictions.row[predictions], self.labels.row[labels], self.labels.crowd[labels]
        )

    @cached_property
    def by_confidence(self) -> ConfidenceOrder:
        """The predictions of all classes by falling confidence."""
        return order_by_confidence(self.predictions)

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
        if self._sliced is not None and self._by_predictions:
            counted &= self._sliced[prediction]
        true_positives, excluded = prediction[counted], prediction[ignored]
        if self.relevant is not None:
            excluded = np.flatnonzero(self.relevant & ~self.counting(true_positives, excluded))
        return Outcome(
            true_positives,
            label[counted],
            iou[counted],
            prediction[ignored],
            label[ignored],
            iou[ignored],
            excluded,
        )

    def counting(
        self, true_positives: NDArray[np.intp], ignored: NDArray[np.intp]
    ) -> NDArray[np.bool_]:
        """Mark the predictions that count, given those that took labels; shape (n_predictions,)."""
        n = len(self.predictions.row)
        counts = np.ones(n, bool) if self._inside is None else self._inside.copy()
        counts[true_positives] = True
        counts[ignored] = False
        return counts

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
        kept, left, out = (
            query.is_sure(confidence[rows], class_code[rows]) & mask[class_code[rows]]
            for rows in (whole.true_positives, whole.ignored, whole.excluded)
        )
        return Outcome(
            whole.true_positives[kept],
            whole.labels[kept],
            whole.iou[kept],
            whole.ignored[left],
            whole.ignored_labels[left],
            whole.ignored_iou[left],
            whole.excluded[out],
        )

    def taken_anywhere(self, query: Query) -> NDArray[np.intp]:
        """Labels taken by predictions outside of the slice too, where these alone are sliced.

        The labels of an :class:`Outcome` are all there are otherwise; shape (n,), or (0,) then.
        """
        if not self._by_predictions:
            return np.zeros(0, np.intp)
        prediction, label, _ = greedy_match(self.pairs, query.iou_threshold)
        predictions = self.predictions
        return label[
            query.is_sure(predictions.confidence[prediction], predictions.class_code[prediction])
        ]

    def class_mask(self, classes: tuple[int, ...]) -> NDArray[np.bool_]:
        """Mark the chosen classes, shape (n_classes,)."""
        mask = np.zeros(self.n_classes, bool)
        mask[list(classes)] = True
        return mask

    def predictions_per_class(self, query: Query) -> NDArray[np.int64]:
        """Predictions of every class that are at or above the confidence and can count."""
        sure = self._sure_per_class(query)
        if self._before is None:
            return sure
        start = self.predictions.start[:-1]
        counted: NDArray[np.int64] = self._before[start + sure] - self._before[start]
        return counted

    def _sure_per_class(self, query: Query) -> NDArray[np.int64]:
        """Predictions of every class at or above the confidence: the first ones of each."""

        def count() -> NDArray[np.int64]:
            predictions = self.predictions
            if query.keeps_every_confidence:
                return np.diff(predictions.start)
            low, high = predictions.start[:-1], predictions.start[1:]
            class_code = np.arange(self.n_classes)
            # Confidence falls within a class: halve where the last sure one of each may be.
            for _ in range(int((high - low).max(initial=0)).bit_length()):
                middle = np.minimum((low + high) // 2, len(predictions.row) - 1)
                sure = query.is_sure(predictions.confidence[middle], class_code) & (low < high)
                low, high = np.where(sure, middle + 1, low), np.where(sure, high, middle)
            return low - predictions.start[:-1]

        return self._kept.get(query.confidence_threshold, count)

    def sure(self, query: Query) -> NDArray[np.bool_]:
        """Mark the predictions at or above the confidence that can count."""
        sure = query.is_sure(self.predictions.confidence, self.predictions.class_code)
        return sure if self.relevant is None else sure & self.relevant

    def chosen_predictions(self, query: Query) -> NDArray[np.intp]:
        """Rows of the predictions that a query leaves and that can count, ascending."""
        mask = self.class_mask(query.classes)
        kept = np.where(mask, self._sure_per_class(query), 0)
        start = self.predictions.start[:-1]
        offset = np.repeat(start - (np.cumsum(kept) - kept), kept)
        offset += np.arange(len(offset))
        return offset if self.relevant is None else offset[self.relevant[offset]]

    def judged_predictions(
        self, query: Query, outcome: Outcome
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Mark the predictions that a query leaves and that count, and the true positives."""
        counts, hit = np.zeros((2, len(self.predictions.row)), bool)
        counts[self.chosen_predictions(query)] = True
        counts[outcome.excluded] = False
        hit[outcome.true_positives] = True
        return counts, hit

    def judged_labels(self, query: Query) -> NDArray[np.bool_]:
        """Mark the labels of the chosen classes that are not ignored."""
        # Labels without a class are ignored, and so is what their code, -1, would choose.
        return self.class_mask(query.classes)[self.labels.class_code] & ~self.labels.ignored

    @property
    def lacks_confidences(self) -> bool:
        """Whether predictions have none, so that they have no order; all have one, or none has."""
        return bool(np.isnan(self.predictions.confidence[:1]).any())

    def average_precision(self, outcome: Outcome) -> NDArray[np.float64]:
        """AP of every class; NaN for classes without labels, or without any confidence."""
        if self.lacks_confidences:
            return np.full(len(self.labels_per_class), np.nan)
        rows = outcome.true_positives
        class_code = self.predictions.class_code[rows]
        return average_precision(
            self.ranks(outcome), class_code, self.labels_per_class, self.matches_needed
        )

    def ranks(self, outcome: Outcome) -> NDArray[np.int64]:
        """Predictions of its class that count and stand before each true positive."""
        rows = outcome.true_positives
        return ranks(
            rows,
            self.predictions.class_code[rows],
            outcome.excluded,
            self.predictions.start[:-1],
            self._before,
        )


def _both(one: NDArray[np.bool_] | None, other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return other if one is None else one & other
