"""Average precision and recall of ranked predictions, class by class, from the matches alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RECALL_LEVELS = np.linspace(0.0, 1.0, 101)
"""The recalls at which COCO reads off the precision."""


def matches_needed(n_labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many true positives reach each recall level, per class.

    Parameters
    ----------
    n_labels : ndarray of int64, shape (n_classes,)
        Labels that are not ignored.

    Returns
    -------
    ndarray of int64, shape (n_classes, 101)
        The smallest k >= 1 with ``k / n_labels >= level`` in floating point, which is what
        ``searchsorted`` finds in pycocotools' recall curve; all 1 where there is no label.
    """
    labels = np.maximum(n_labels, 1)[:, None].astype(np.float64)
    needed = np.maximum(np.ceil(RECALL_LEVELS * labels), 1.0)
    # ceil() of a rounded product can be one off from the rounded quotient, either way.
    needed = np.where(needed / labels < RECALL_LEVELS, needed + 1, needed)
    lower = np.maximum(needed - 1, 1.0)
    return np.where(lower / labels >= RECALL_LEVELS, lower, needed).astype(np.int64)


def ranks(
    rows: NDArray[np.intp],
    class_code: NDArray[np.intp],
    excluded: NDArray[np.intp],
    start: NDArray[np.intp],
    before: NDArray[np.intp] | None = None,
) -> NDArray[np.int64]:
    """Count the predictions of its class that stand before each true positive.

    Parameters
    ----------
    rows : ndarray of intp, shape (n_tp,)
        True positives, ascending: predictions are in order of class, then falling confidence.
    class_code : ndarray of intp, shape (n_tp,)
    excluded : ndarray of intp, shape (n_excluded,)
        Predictions that count nowhere, ascending.
    start : ndarray of intp, shape (n_classes,)
        Where each class begins.
    before : ndarray of intp, shape (n_predictions + 1,), optional
        How many predictions that take part at all stand before each one; by default all do.

    Returns
    -------
    ndarray of int64, shape (n_tp,)
    """
    skipped = (start if before is None else before[start]) - np.searchsorted(excluded, start)
    if len(excluded) < len(rows):
        between = np.bincount(np.searchsorted(rows, excluded), minlength=len(rows) + 1)
        earlier = np.cumsum(between)[:-1]
    else:
        earlier = np.searchsorted(excluded, rows)
    position = rows if before is None else before[rows]
    return position - earlier - skipped[class_code]


def precision_envelope(
    precision: NDArray[np.float64], first: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Highest precision at this or any later true positive of the same class.

    Parameters
    ----------
    precision : ndarray of float64, shape (n,)
        In [0, 1], class after class, in rank order.
    first : ndarray of bool, shape (n,)
        True at the first entry of each class.

    Returns
    -------
    ndarray of float64, shape (n,)
        The very numbers of `precision`, none of them rounded again.
    """
    if not len(precision):
        return precision
    # Backwards, each class is lifted above the one before it, so that one running maximum
    # serves all classes; only the index of the maximum is used, for its exact value.
    group = np.cumsum(first)
    lifted = (precision + 2.0 * (group[-1] - group))[::-1]
    running = np.maximum.accumulate(lifted)
    index = np.maximum.accumulate(np.where(running == lifted, np.arange(len(lifted)), 0))
    return precision[::-1][index][::-1]


def average_precision(
    rank: NDArray[np.int64],
    class_code: NDArray[np.int64],
    n_labels: NDArray[np.int64],
    needed: NDArray[np.int64],
) -> NDArray[np.float64]:
    """101-point interpolated average precision of each class.

    Parameters
    ----------
    rank : ndarray of int64, shape (n_tp,)
        For each true positive, how many counted predictions of its class stand before it.
    class_code : ndarray of int64, shape (n_tp,)
        Its class; ascending, and ranks ascend within a class.
    n_labels : ndarray of int64, shape (n_classes,)
    needed : ndarray of int64, shape (n_classes, 101)
        See :func:`matches_needed`.

    Returns
    -------
    ndarray of float64, shape (n_classes,)
        In [0, 1]; NaN for a class without labels.

    Notes
    -----
    ``COCOeval.accumulate`` of pycocotools. Between two true positives precision only falls and
    recall stands still, so the envelope at a recall level is the one at the true positive that
    reaches it: false positives enter through the ranks only.
    """
    found = np.bincount(class_code, minlength=len(n_labels))
    start = np.cumsum(found) - found
    number = np.arange(1, len(rank) + 1)
    number -= np.repeat(start, found)
    precision = number / (rank + 1 + np.spacing(1))
    first = number == 1
    envelope = np.append(precision_envelope(precision, first), 0.0)
    reached = needed <= found[:, None]
    index = np.where(reached, start[:, None] + needed - 1, len(rank))
    mean = envelope[index].mean(axis=1)
    return np.where(n_labels > 0, mean, np.nan)
