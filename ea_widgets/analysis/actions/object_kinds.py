"""What became of each object under one query: its kind, its reason, and its partner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.matching import LABEL_REASONS, labels_with_wrong_class
from ea_widgets.core.matching.error_types import REASONS, false_positive_reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching import Engine
    from ea_widgets.analysis.sample import Query

KINDS = ("true_positive", "false_positive", "missed")
ALL_REASONS = tuple(dict.fromkeys((*REASONS, *LABEL_REASONS)))
TP, FP, MISSED = range(3)
PAIRS_AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False)
class ObjectKinds:
    """What became of the predictions, or of the labels, under one query.

    Attributes
    ----------
    kind : ndarray of int8, shape (n,)
        Index in ``KINDS``; -1 for objects that are not shown.
    reason : ndarray of int8, shape (n,)
        Index in ``ALL_REASONS``; -1 for none.
    iou : ndarray of float64, shape (n,)
    other : ndarray of intp, shape (n,)
        Row of the partner in the other table; -1 for none, or for one that is looked for when
        shown.
    """

    kind: NDArray[np.int8]
    reason: NDArray[np.int8]
    iou: NDArray[np.float64]
    other: NDArray[np.intp]


def kinds_of_predictions(engine: Engine, query: Query) -> ObjectKinds:
    """Tell what became of each prediction; the label of a wrong one is looked for when shown."""
    overlaps, outcome = engine.overlaps, engine.outcome(query)
    n = len(engine.predictions.row)
    kind, other = np.full(n, -1, np.int8), np.full(n, -1, np.intp)
    kind[engine.chosen_predictions(query)] = FP
    kind[outcome.true_positives] = TP
    kind[outcome.excluded] = -1
    other[outcome.true_positives] = outcome.labels
    iou = np.maximum(overlaps.same_class, overlaps.other_class)
    iou[outcome.true_positives] = outcome.iou
    reason = false_positive_reason(overlaps.same_class, overlaps.other_class, query.iou_threshold)
    return ObjectKinds(kind, np.where(kind == FP, reason, np.int8(-1)), iou, other)


def pairs_by_rising_iou(engine: Engine) -> NDArray[np.intp]:
    """Order the pairs by IoU; of equal overlaps the surer prediction comes last."""
    return np.lexsort((-engine.pairs.prediction, engine.pairs.iou))


def kinds_of_labels(engine: Engine, query: Query, by_rising_iou: NDArray[np.intp]) -> ObjectKinds:
    """Tell what became of each label; `by_rising_iou` is :func:`pairs_by_rising_iou`."""
    labels, pairs, predictions = engine.labels, engine.pairs, engine.predictions
    n = len(labels.row)
    kind = np.full(n, -1, np.int8)
    kind[engine.judged_labels(query)] = MISSED
    kind[engine.outcome(query).labels] = -1
    another = labels_with_wrong_class(engine, query)
    codes = [ALL_REASONS.index(reason) for reason in LABEL_REASONS]
    reason = np.where(kind == MISSED, np.where(another, codes[1], codes[0]), -1)
    iou, other = np.zeros(n), np.full(n, -1, np.intp)
    order = by_rising_iou
    of_pair = pairs.prediction[order]
    is_sure = query.is_sure(predictions.confidence[of_pair], predictions.class_code[of_pair])
    order = order[is_sure]
    # The last assignment to a repeated index stays: the highest overlap.
    iou[pairs.label[order]] = pairs.iou[order]
    other[pairs.label[order]] = pairs.prediction[order]
    return ObjectKinds(kind, reason.astype(np.int8), iou, other)


class NearestLabels:
    """Finds the label of the same image that a prediction overlaps most.

    Parameters
    ----------
    engine : Engine
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @cached_property
    def _labels_by_image(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Labels that are not ignored, image by image, and where each image begins."""
        labels = self.engine.labels
        counted = np.flatnonzero(~labels.ignored)
        order = counted[np.argsort(labels.image_code[counted], kind="stable")]
        images = np.arange(len(self.engine.image_order) + 1)
        return order, np.searchsorted(labels.image_code[order], images)

    def of(self, predictions: NDArray[np.intp]) -> NDArray[np.intp]:
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
