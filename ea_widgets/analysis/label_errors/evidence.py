"""What predictions say of labels: the numbers from which label errors are ranked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.error_types import BACKGROUND_IOU

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.matching import Engine, Outcome
    from ea_widgets.analysis.sample import Query


@dataclass(frozen=True, eq=False)
class Evidence:
    """Predictions that count, of all classes, and their overlaps with labels that count.

    Attributes
    ----------
    engine : Engine
    outcome : Outcome
        Of all classes.
    prediction_boxes, label_boxes : ndarray of float64, shapes (n_predictions, 4), (n_labels, 4)
    label_areas : ndarray of float64, shape (n_labels,)
        In square pixels.
    counts : ndarray of bool, shape (n_predictions,)
        Predictions that the query leaves and that are true or false positives.
    true_positive : ndarray of bool, shape (n_predictions,)
    confidence : ndarray of float64, shape (n_predictions,)
        In [0, 1]: as given, or the share of predictions that are less sure where some are outside;
        1 where confidences are missing.
    enough : float
        Overlap from which on two boxes are of one object: the IoU threshold, at least 0.1.
    prediction, label : ndarray of intp, shape (n_pairs,)
        Pairs of one image that overlap, of any classes.
    iou : ndarray of float64, shape (n_pairs,)
    same_class : ndarray of bool, shape (n_pairs,)
    """

    engine: Engine
    outcome: Outcome
    prediction_boxes: NDArray[np.float64]
    label_boxes: NDArray[np.float64]
    label_areas: NDArray[np.float64]
    counts: NDArray[np.bool_]
    true_positive: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    enough: float
    prediction: NDArray[np.intp]
    label: NDArray[np.intp]
    iou: NDArray[np.float64]
    same_class: NDArray[np.bool_]

    @property
    def surety(self) -> NDArray[np.float64]:
        """Confidence of the prediction of each pair."""
        return self.confidence[self.prediction]

    def strongest(
        self, strength: NDArray[np.float64], pairs: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Find the strongest of some pairs of each label.

        Parameters
        ----------
        strength : ndarray of float64, shape (n_pairs,)
            Above 0.
        pairs : ndarray of bool, shape (n_pairs,)

        Returns
        -------
        strength : ndarray of float64, shape (n_labels,)
            0 where a label has no such pair.
        pair : ndarray of intp, shape (n_labels,)
            -1 where it has none.
        """
        n = len(self.engine.labels.row)
        rows = np.flatnonzero(pairs)
        rows = rows[np.argsort(strength[rows], kind="stable")]
        best, pair = np.zeros(n), np.full(n, -1, np.intp)
        best[self.label[rows]], pair[self.label[rows]] = strength[rows], rows  # the last stays
        return best, pair

    @property
    def own_confidence(self) -> NDArray[np.float64]:
        """Confidence of the prediction that took each label, 0 where none did."""
        own = np.zeros(len(self.engine.labels.row))
        own[self.outcome.labels] = self.confidence[self.outcome.true_positives]
        return own

    def overlap_with_any(self) -> NDArray[np.float64]:
        """Highest overlap of each prediction with a label of any class, shape (n_predictions,)."""
        highest = np.zeros(len(self.counts))
        np.maximum.at(highest, self.prediction, self.iou)
        return highest


def gather(data: MatchedData, query: Query) -> Evidence:
    """Gather what the predictions of a query say of labels.

    Parameters
    ----------
    data : MatchedData
    query : Query
        Its classes do not matter: a wrong class may be one that is not chosen.

    Returns
    -------
    Evidence
    """
    engine = data.engine
    everything = replace(query, classes=tuple(range(engine.n_classes)))
    outcome = data.outcome(everything)
    counts, true_positive = engine.judged_predictions(everything, outcome)
    predictions, labels = engine.predictions, engine.labels
    # Ignored labels, and predictions that count nowhere, are in groups of their own.
    pairs = engine.overlapping(
        np.where(counts, predictions.image_code, -2),
        np.where(labels.ignored, -1, labels.image_code),
    )
    same_class = predictions.class_code[pairs[0]] == labels.class_code[pairs[1]]
    return Evidence(
        engine,
        outcome,
        data.similarity.prediction_boxes[predictions.row],
        data.similarity.label_boxes[labels.row],
        data.similarity.label_areas[labels.row],
        counts,
        true_positive,
        _in_unit_interval(predictions.confidence),
        max(query.iou_threshold, BACKGROUND_IOU),
        *pairs,
        same_class,
    )


def _in_unit_interval(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    if np.isnan(confidence).any():  # all are missing, or none
        return np.ones(len(confidence))
    if not len(confidence) or (confidence.min() >= 0 and confidence.max() <= 1):
        return confidence
    ordered = np.sort(confidence)
    share: NDArray[np.float64] = np.searchsorted(ordered, confidence, side="right") / len(ordered)
    return share
