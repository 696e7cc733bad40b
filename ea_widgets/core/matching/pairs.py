"""Pairs of predictions and labels that could match: formed once, without a loop over images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CHUNK = 1 << 18
"""Candidate pairs looked at together: bounds the memory, and stays near the processor's cache."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Predictions and labels that overlap, in the order in which matching looks at them.

    Attributes
    ----------
    prediction : ndarray of intp, shape (n,)
        Row of the prediction; ascending, and rows ascend with falling confidence.
    label : ndarray of intp, shape (n,)
        Row of the label.
    iou : ndarray of float64, shape (n,)
        Their overlap, in (0, 1].
    reusable : ndarray of bool, shape (n,)
        True where the label is a crowd, which can be taken many times.
    n_labels : int
        Number of label rows there are.

    Within a prediction the pairs are sorted as its choice is made: labels that are not ignored
    first, then falling IoU, then the later label.
    """

    prediction: NDArray[np.intp]
    label: NDArray[np.intp]
    iou: NDArray[np.float64]
    reusable: NDArray[np.bool_]
    n_labels: int


def candidates(
    prediction_group: NDArray[np.int64], label_group: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Every (prediction, label) of the same group, in chunks.

    Parameters
    ----------
    prediction_group, label_group : ndarray of int64, shapes (n_predictions,), (n_labels,)
        Group of each object, for instance ``image * n_classes + class``.

    Yields
    ------
    prediction, label : ndarray of intp, shape (m,)
        Rows; predictions ascend, and labels of one prediction ascend. About ``CHUNK`` pairs.
    """
    order = np.argsort(label_group, kind="stable")
    keys, first, size = np.unique(label_group[order], return_index=True, return_counts=True)
    if not len(keys):
        return
    slot = np.minimum(np.searchsorted(keys, prediction_group), len(keys) - 1)
    count = np.where(keys[slot] == prediction_group, size[slot], 0)
    for row, position in spread(first[slot], count):
        yield row, order[position]


def spread(
    start: NDArray[np.intp], count: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """List the positions of many windows, in chunks.

    Parameters
    ----------
    start, count : ndarray of intp, shape (n,)
        First position and size of each window.

    Yields
    ------
    window, position : ndarray of intp, shape (m,)
        Both ascend within a window. About ``CHUNK`` of them, and whole windows.
    """
    rows = np.flatnonzero(count)
    count, start = count[rows], start[rows]
    ends = np.cumsum(count)
    cut = 0
    while cut < len(rows):
        done = ends[cut - 1] if cut else 0
        stop = max(cut + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        repeats = count[cut:stop]
        offset = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        yield np.repeat(rows[cut:stop], repeats), np.repeat(start[cut:stop], repeats) + offset
        cut = stop


def sort_pairs(
    prediction: NDArray[np.intp],
    label: NDArray[np.intp],
    iou: NDArray[np.float64],
    *,
    ignored: NDArray[np.bool_],
    crowd: NDArray[np.bool_],
    given: NDArray[np.intp],
) -> Pairs:
    """Put pairs in the order of COCO's choice.

    Parameters
    ----------
    prediction, label : ndarray of intp, shape (n,)
    iou : ndarray of float64, shape (n,)
    ignored, crowd : ndarray of bool, shape (n_labels,)
        Labels that count nowhere, and those that can be taken many times.
    given : ndarray of intp, shape (n_labels,)
        Place of each label as they were given: of equal overlaps the later one is taken.

    Returns
    -------
    Pairs
    """
    order = np.lexsort((-given[label], -iou, ignored[label], prediction))
    label = label[order]
    return Pairs(
        prediction=prediction[order],
        label=label,
        iou=iou[order],
        reusable=crowd[label],
        n_labels=len(ignored),
    )
