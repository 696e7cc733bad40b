"""How likely each label is wrong, kind by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.error_types import BACKGROUND_IOU
from ea_widgets.core.matching.overlap_candidates import overlapping_boxes
from ea_widgets.core.statistics.intervals import wilson_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.label_errors.evidence import Evidence

NEAR = 100
"""Labels of like size, smaller and larger, that tell how often such labels are found."""


FEWEST_LISTED = 1_000
"""So many missing labels are listed, however few labels there are."""


@dataclass(frozen=True, eq=False)
class Ranking:
    """Suspects of one kind; rows of the engine's labels and predictions.

    Attributes
    ----------
    score : ndarray of float64, shape (n,)
        In [0, 1]; above 0.
    label, prediction, other_label : ndarray of intp, shape (n,)
        -1 where there is none. `other_label` is what a duplicate repeats.
    iou : ndarray of float64, shape (n,)
        Of label and prediction, or of the two labels; NaN where neither is.
    """

    score: NDArray[np.float64]
    label: NDArray[np.intp]
    prediction: NDArray[np.intp]
    other_label: NDArray[np.intp]
    iou: NDArray[np.float64]


def missing(evidence: Evidence) -> Ranking:
    """Rank predictions where there is no label: confidence, less where a label is near."""
    overlap = evidence.overlap_with_any()
    alone = np.maximum(1 - overlap / evidence.enough, 0.0)
    wrong = evidence.counts & ~evidence.true_positive
    score = np.where(wrong, evidence.confidence * alone, 0.0)
    rows = np.flatnonzero(score)
    # As many as there are labels: the rest are everyday false positives.
    most = max(len(evidence.engine.labels.row), FEWEST_LISTED)
    rows = rows[np.argsort(-score[rows], kind="stable")][:most]
    rows = rows[_first_of_object(evidence, rows)]
    nothing = np.full(len(rows), -1, np.intp)
    return Ranking(score[rows], nothing, rows, nothing, np.full(len(rows), np.nan))


def _first_of_object(evidence: Evidence, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Mark those of ranked predictions that overlap no earlier one enough."""
    image, boxes = evidence.engine.predictions.image_code[rows], evidence.prediction_boxes[rows]
    later, earlier, _ = overlapping_boxes(image, image, boxes, boxes, evidence.enough)
    first = np.ones(len(rows), bool)
    first[later[later > earlier]] = False
    return first


def wrong_class(evidence: Evidence) -> Ranking:
    """Rank labels on which a false positive of another class is, and no prediction of their own."""
    good = evidence.iou >= evidence.enough
    other = good & ~evidence.same_class & ~evidence.true_positive[evidence.prediction]
    strength, pair = evidence.strongest(evidence.surety * evidence.iou, other)
    own, _ = evidence.strongest(evidence.surety, good & evidence.same_class)
    return _of_labels(evidence, strength * (1 - own), pair)


def badly_placed(evidence: Evidence) -> Ranking:
    """Rank labels by how far the surest prediction that means them is from their box."""
    pairs = evidence.same_class & (evidence.iou >= BACKGROUND_IOU)
    best = np.zeros(len(evidence.counts))
    np.maximum.at(best, evidence.prediction[pairs], evidence.iou[pairs])
    means = pairs & (evidence.iou == best[evidence.prediction])
    _, pair = evidence.strongest(evidence.surety, means)
    strength = np.append(evidence.surety * (1 - evidence.iou), 0.0)[pair]  # 0 where none is
    # Another sure prediction that fits acquits the label.
    fit, _ = evidence.strongest(evidence.surety * evidence.iou, means)
    return _of_labels(evidence, strength * (1 - fit), pair)


def duplicate(evidence: Evidence) -> Ranking:
    """Rank labels that overlap one of the same class, and have no prediction of their own."""
    labels = evidence.engine.labels
    group = np.where(
        labels.ignored, -1, labels.image_code * evidence.engine.n_classes + labels.class_code
    )
    rows = np.flatnonzero(group >= 0)
    boxes = evidence.label_boxes[rows]
    one, other, iou = overlapping_boxes(group[rows], group[rows], boxes, boxes, evidence.enough)
    one, other = rows[one], rows[other]
    own = evidence.own_confidence
    # Of two, the one that is found less surely; of equals the later.
    suspect = (one != other) & (
        (own[one] < own[other]) | ((own[one] == own[other]) & (one > other))
    )
    one, other, iou = one[suspect], other[suspect], iou[suspect]
    score = iou * (1 - own[one])
    order = np.argsort(score, kind="stable")
    best = np.full(len(labels.row), -1, np.intp)
    best[one[order]] = order
    kept = best[best >= 0]
    kept = kept[score[kept] > 0]
    nothing = np.full(len(kept), -1, np.intp)
    return Ranking(score[kept], one[kept], nothing, other[kept], iou[kept])


def not_an_object(evidence: Evidence) -> Ranking:
    """Rank labels that nothing is near, though labels of their class and size are found.

    Of equal ones the larger come first.
    """
    support = evidence.surety * np.minimum(evidence.iou / evidence.enough, 1.0)
    any_class, pair = evidence.strongest(support, np.ones(len(support), bool))
    by_area = np.argsort(-evidence.label_areas, kind="stable")
    return _of_labels(evidence, (1 - any_class) * _usually_found(evidence), pair, by_area)


def _usually_found(evidence: Evidence) -> NDArray[np.float64]:
    """Estimate how often labels of this class, and of this size, are found at any confidence.

    That of all labels, unless the class, or the size, is surely found less often: few labels say
    little, and wrong ones lower the rate themselves.
    """
    engine, n_classes = evidence.engine, evidence.engine.n_classes
    labels = engine.labels
    found = np.zeros(len(labels.row))
    found[evidence.outcome.labels] = 1.0
    rows = np.flatnonzero(~labels.ignored)
    rows = rows[np.argsort(evidence.label_areas[rows], kind="stable")]
    if not found.any():
        return np.ones(len(found))
    overall = found[rows].mean()
    class_code = labels.class_code[rows]
    n_of_class = np.bincount(class_code, minlength=n_classes)
    of_class = np.bincount(class_code, found[rows], n_classes) / np.maximum(n_of_class, 1)
    sums = np.concatenate([[0.0], np.cumsum(found[rows])])
    low = np.maximum(np.arange(len(rows)) - NEAR, 0)
    high = np.minimum(np.arange(len(rows)) + NEAR + 1, len(rows))
    of_size = (sums[high] - sums[low]) / (high - low)
    most_of_class = wilson_interval(of_class, n_of_class.astype(np.float64))[1][class_code]
    most_of_size = wilson_interval(of_size, (high - low).astype(np.float64))[1]
    rate = np.zeros(len(found))
    for most in (most_of_class, most_of_size):
        rate[rows] += np.log(np.minimum(most / overall, 1.0))
    usual: NDArray[np.float64] = overall * np.exp(rate)
    return usual


def _of_labels(
    evidence: Evidence,
    score: NDArray[np.float64],
    pair: NDArray[np.intp],
    order: NDArray[np.intp] | None = None,
) -> Ranking:
    """Rank the labels that count by a score, each with the prediction of a pair.

    Equal ones stay in the order given, by default the engine's.
    """
    order = np.arange(len(score)) if order is None else order
    rows = order[((score > 0) & ~evidence.engine.labels.ignored)[order]]
    pair = pair[rows]
    has = pair >= 0
    prediction, iou = np.full(len(rows), -1, np.intp), np.full(len(rows), np.nan)
    prediction[has], iou[has] = evidence.prediction[pair[has]], evidence.iou[pair[has]]
    return Ranking(score[rows], rows, prediction, np.full(len(rows), -1, np.intp), iou)


RANKINGS = {
    "missing": missing,
    "wrong class": wrong_class,
    "badly placed": badly_placed,
    "duplicate": duplicate,
    "not an object": not_an_object,
}
"""By kind of error."""
