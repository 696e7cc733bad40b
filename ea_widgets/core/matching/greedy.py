"""COCO's greedy matching, without a loop over objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.core.matching.pairs import Pairs

LARGEST_THRESHOLD = 1 - 1e-10
"""A threshold of 1 means this in pycocotools, so that rounding does not lose perfect matches."""


def greedy_match(
    pairs: Pairs, iou_threshold: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Match predictions to labels in order of falling confidence.

    Each prediction takes the free label of highest IoU that reaches the threshold.

    Parameters
    ----------
    pairs : Pairs
        Overlapping predictions and labels, sorted.
    iou_threshold : float
        Smallest IoU that counts as a match, in [0, 1].

    Returns
    -------
    prediction, label : ndarray of intp, shape (n_matches,)
        Rows that belong together; predictions ascend.
    iou : ndarray of float64, shape (n_matches,)

    Notes
    -----
    A pair that is the first of its prediction and the first of its label is what the sequential
    rule would choose, whatever happens elsewhere: nobody more confident wants the label, and the
    prediction wants no other label more. All such pairs are accepted at once, the pairs of what
    is now taken are dropped, and the same holds for the rest. Every round accepts at least one
    pair; two or three rounds are usual. The rule is ``COCOeval.evaluateImg`` of pycocotools.
    """
    alive = np.flatnonzero(pairs.iou >= min(iou_threshold, LARGEST_THRESHOLD))
    prediction, label = pairs.prediction.take(alive), pairs.label.take(alive)
    reusable = pairs.reusable.take(alive)
    earliest = np.empty(pairs.n_labels, np.intp)
    label_taken = np.zeros(pairs.n_labels, bool)
    prediction_taken = np.zeros(int(prediction[-1]) + 1 if len(alive) else 0, bool)
    accepted = np.zeros(len(pairs.iou), bool)
    while len(alive):
        position = np.arange(len(alive))
        # The last assignment to a repeated index stays: in reverse, the most confident claim.
        earliest[label[::-1]] = position[::-1]
        # Pairs are sorted by prediction.
        first_choice = np.empty(len(alive), bool)
        first_choice[0] = True
        np.not_equal(prediction[1:], prediction[:-1], out=first_choice[1:])
        wins = first_choice & (reusable | (earliest.take(label) == position))
        accepted[alive[wins]] = True
        prediction_taken[prediction[wins]] = True
        label_taken[label[wins & ~reusable]] = True
        losers = np.flatnonzero(~wins)
        lost = prediction_taken.take(prediction.take(losers))
        lost |= label_taken.take(label.take(losers))
        rest = losers[~lost]
        alive, prediction, label = alive.take(rest), prediction.take(rest), label.take(rest)
        reusable = reusable.take(rest)
    chosen = np.flatnonzero(accepted)
    return pairs.prediction.take(chosen), pairs.label.take(chosen), pairs.iou.take(chosen)
