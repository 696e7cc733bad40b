"""The confusion matrix as it is defined, one prediction after the other."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ea_widgets.core.matching.boxes import pairwise_iou

BOX = ["x", "y", "width", "height"]
NOTHING, NOT_FOUND = "nothing there", "not found"


def overlaps(labels, predictions):
    """Overlap of every prediction with every label of its image, whatever their classes."""
    iou = pairwise_iou(predictions[BOX], labels[BOX], is_crowd=labels["is_crowd"])
    together = predictions["image_id"].to_numpy()[:, None] == labels["image_id"].to_numpy()
    return np.where(together, iou, 0.0)


def best(iou, threshold, allowed, ignored):
    """Label that a prediction takes: one that counts before one that does not, the later of ties.

    None where no allowed label overlaps enough.
    """
    found = [n for n in np.flatnonzero(allowed) if iou[n] > 0 and iou[n] >= threshold]
    return max(found, key=lambda n: (not ignored[n], iou[n], n), default=None)


def naive(labels, predictions, threshold, confidence=None, inside=None):
    """Count (label class, predicted class), and give the objects of each cell.

    Parameters
    ----------
    confidence : dict of class name to float, optional
    inside : tuple of ndarray of bool, optional
        Labels and predictions inside of a slice.
    """
    confidence = confidence or {}
    in_labels, in_predictions = inside or (
        np.ones(len(labels), bool),
        np.ones(len(predictions), bool),
    )
    iou = overlaps(labels, predictions)
    ignored = (labels["is_crowd"] | labels["ignore"]).to_numpy(bool) | ~in_labels
    of_label, of_prediction = labels["class_name"].tolist(), predictions["class_name"].tolist()
    scores = predictions["confidence"].tolist()
    order = [
        row
        for row in np.argsort(-predictions["confidence"].to_numpy(), kind="stable").tolist()
        if scores[row] >= confidence.get(of_prediction[row], -np.inf)
    ]
    free = np.ones(len(labels), bool)
    cells, left = {}, []
    for row in order:
        same = np.array([name == of_prediction[row] for name in of_label], bool)
        crowd = labels["is_crowd"].to_numpy(bool)
        taken = best(iou[row], threshold, same & (free | crowd), ignored)
        if taken is None:
            left += [row] * bool(in_predictions[row])
            continue
        free[taken] = False
        if not ignored[taken]:
            cells[row] = taken
    for row in left:
        taken = best(iou[row], threshold, free & ~ignored, ignored)
        cells[row] = taken
        if taken is not None:
            free[taken] = False
    counts, objects = Counter(), {}
    for row, taken in cells.items():
        cell = (NOTHING if taken is None else of_label[taken], of_prediction[row])
        counts[cell] += 1
        objects.setdefault(cell, set()).add((row, taken))
    for taken in np.flatnonzero(free & ~ignored).tolist():
        cell = (of_label[taken], NOT_FOUND)
        counts[cell] += 1
        objects.setdefault(cell, set()).add((None, taken))
    return counts, objects
