"""COCO's greedy matching, without a loop over objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.core.pairs import Pairs

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
    prediction, label, reusable = pairs.prediction[alive], pairs.label[alive], pairs.reusable[alive]
    earliest = np.empty(pairs.n_labels, np.intp)
    label_taken = np.zeros(pairs.n_labels, bool)
    accepted: list[NDArray[np.intp]] = [np.zeros(0, np.intp)]
    while len(alive):
        position = np.arange(len(alive))
        # The last assignment to a repeated index stays: in reverse, the most confident claim.
        earliest[label[::-1]] = position[::-1]
        first_choice = np.empty(len(alive), bool)
        first_choice[0] = True
        np.not_equal(prediction[1:], prediction[:-1], out=first_choice[1:])
        wins = first_choice & (reusable | (earliest[label] == position))
        accepted.append(alive[wins])
        label_taken[label[wins & ~reusable]] = True
        # Pairs are sorted by prediction: a prediction that won did so with its first pair.
        owner = np.cumsum(first_choice) - 1
        rest = ~wins[first_choice][owner] & ~label_taken[label]
        alive, prediction, label = alive[rest], prediction[rest], label[rest]
        reusable = reusable[rest]
    chosen = np.sort(np.concatenate(accepted))
    return pairs.prediction[chosen], pairs.label[chosen], pairs.iou[chosen]
