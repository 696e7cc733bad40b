"""Which boxes of one group overlap: told from their edges, before any arithmetic.

Small groups are looked at pair by pair. In large ones (an aerial image with 200,000 predictions and
20,000 labels) boxes are sorted along an axis first: sweep and prune, as in Cohen et al., I-COLLIDE,
I3D 1995.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.boxes import paired_iou
from ea_widgets.core.matching.pairs import candidates, spread
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

SWEPT_FROM = 1 << 22
"""Pairs of a group from which on its boxes are sorted first."""

MOST_PAIRS = 20_000_000
"""Overlapping pairs of one group that are kept: more would take gigabytes."""

BLOCK = 1 << 16
"""Pairs looked at together, so that they stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges of boxes, each a contiguous array of shape (n,).

    Attributes
    ----------
    left, top, right, bottom : ndarray of float64, shape (n,)
    """

    left: NDArray[np.float64]
    top: NDArray[np.float64]
    right: NDArray[np.float64]
    bottom: NDArray[np.float64]

    @classmethod
    def of(cls, boxes: NDArray[np.float64]) -> Edges:
        """Edges of boxes ``[x, y, width, height]``, shape (n, 4)."""
        x, y, width, height = np.ascontiguousarray(boxes.T)
        # Added in the order of `paired_iou`, so that rounding agrees.
        return cls(left=x, top=y, right=width + x, bottom=height + y)


def touching(
    detections: Edges, truths: Edges, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Find the pairs whose boxes lie over each other.

    Parameters
    ----------
    detections, truths : Edges
    rows, columns : ndarray of intp, shape (n,)
        Detection and truth of each pair.

    Returns
    -------
    ndarray of intp, shape (m,)
        Places of the pairs, ascending; every pair that shares an area is among them.
    """
    found = [np.zeros(0, np.intp)]
    for start in range(0, len(rows), BLOCK):
        row, column = rows[start : start + BLOCK], columns[start : start + BLOCK]
        index = np.flatnonzero(
            (detections.left[row] < truths.right[column])
            & (truths.left[column] < detections.right[row])
        )
        row, column = row[index], column[index]
        kept = (detections.top[row] < truths.bottom[column]) & (
            truths.top[column] < detections.bottom[row]
        )
        found.append(start + index[kept])
    return np.concatenate(found)


def touching_pairs(
    detection_group: NDArray[np.int64],
    truth_group: NDArray[np.int64],
    detections: Edges,
    truths: Edges,
) -> tuple[Rows, Rows]:
    """Find all detections and truths of one group whose boxes share an area.

    Parameters
    ----------
    detection_group, truth_group : ndarray of int64, shapes (n_detections,), (n_truths,)
        Group of each object, for instance ``image * n_classes + class``.
    detections, truths : Edges

    Returns
    -------
    detection, truth : ndarray of intp, shape (n,)
        Rows; detections ascend, and truths of one detection ascend.

    Raises
    ------
    InvalidInputError
        If more than ``MOST_PAIRS`` of one group overlap.
    """
    large = _large_groups(detection_group, truth_group)
    found = [(np.zeros(0, np.intp), np.zeros(0, np.intp))]
    for rows, columns in _small_pairs(detection_group, truth_group, large):
        kept = touching(detections, truths, rows, columns)
        found.append((rows[kept], columns[kept]))
    for group in large:
        rows, columns = (np.flatnonzero(of == group) for of in (detection_group, truth_group))
        found.append(_sweep(detections, truths, rows, columns))
    detection, truth = (np.concatenate(part) for part in zip(*found, strict=True))
    if len(large):
        order = np.lexsort((truth, detection))
        detection, truth = detection[order], truth[order]
    return detection, truth


def overlapping_boxes(
    detection_group: NDArray[np.int64],
    truth_group: NDArray[np.int64],
    detections: NDArray[np.float64],
    truths: NDArray[np.float64],
    least: float,
) -> tuple[Rows, Rows, NDArray[np.float64]]:
    """Find the pairs of one group whose IoU is above a bound.

    Parameters
    ----------
    detection_group, truth_group : ndarray of int64, shapes (n_detections,), (n_truths,)
    detections, truths : ndarray of float64, shapes (n_detections, 4), (n_truths, 4)
        Boxes as ``[x, y, width, height]`` in pixels.
    least : float
        Only pairs with an IoU above it are kept.

    Returns
    -------
    detection, truth : ndarray of intp, shape (n,)
    iou : ndarray of float64, shape (n,)

    Raises
    ------
    InvalidInputError
        See :func:`touching_pairs`.
    """
    edges = Edges.of(detections), Edges.of(truths)
    detection, truth = touching_pairs(detection_group, truth_group, *edges)
    iou = paired_iou(detections[detection], truths[truth], np.zeros(len(truth), bool))
    kept = np.flatnonzero(iou > least)
    return detection[kept], truth[kept], iou[kept]


def _large_groups(
    detection_group: NDArray[np.int64], truth_group: NDArray[np.int64]
) -> NDArray[np.int64]:
    if len(detection_group) * len(truth_group) < SWEPT_FROM:
        return np.zeros(0, np.int64)
    keys, size = np.unique(truth_group, return_counts=True)
    others, other_size = np.unique(detection_group, return_counts=True)
    slot = np.minimum(np.searchsorted(keys, others), len(keys) - 1)
    pairs = np.where(keys[slot] == others, size[slot] * other_size, 0)
    return others[pairs >= SWEPT_FROM]


def _small_pairs(
    detection_group: NDArray[np.int64], truth_group: NDArray[np.int64], large: NDArray[np.int64]
) -> Iterator[tuple[Rows, Rows]]:
    """Pair all objects of the groups that are not large, in chunks."""
    if not len(large):
        yield from candidates(detection_group, truth_group)
        return
    detections, truths = (
        np.flatnonzero(np.isin(group, large, invert=True))
        for group in (detection_group, truth_group)
    )
    for one, other in candidates(detection_group[detections], truth_group[truths]):
        yield detections[one], truths[other]


def _sweep(detections: Edges, truths: Edges, rows: Rows, columns: Rows) -> tuple[Rows, Rows]:
    """Find the touching pairs of one large group, along the axis that parts them better."""
    axes = [
        (
            detections.left[rows],
            detections.right[rows],
            truths.left[columns],
            truths.right[columns],
        ),
        (
            detections.top[rows],
            detections.bottom[rows],
            truths.top[columns],
            truths.bottom[columns],
        ),
    ]
    windows = min(
        (list(_windows(*axis)) for axis in axes),
        key=lambda axis: sum(int(count.sum()) for _, _, count in axis),
    )
    found, total = [], 0
    for order, start, count in windows:
        for at, position in spread(start, count):
            one, other = rows[at], columns[order[position]]
            kept = touching(detections, truths, one, other)
            found.append((one[kept], other[kept]))
            total += len(kept)
            if total > MOST_PAIRS:
                raise InvalidInputError(
                    "predictions",
                    f"and labels of one image overlap in more than {MOST_PAIRS:,} pairs",
                    "Give max_detections=, or fewer boxes for an image.",
                )
    first, second = zip(*found, strict=True) if found else ([rows[:0]], [columns[:0]])
    return np.concatenate(first), np.concatenate(second)


def _windows(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
) -> Iterator[tuple[Rows, Rows, Rows]]:
    """Say which truths can reach each detection along one axis: a window in their order.

    Truths of one order of size are sorted together, since the longest says how far back to look.

    Yields
    ------
    order : ndarray of intp, shape (n,)
        The truths of one size, by where they start.
    start, count : ndarray of intp, shape (n_detections,)
        The window of each detection in ``order``.
    """
    length = ends - starts
    size = np.frexp(np.maximum(length, 1.0))[1]
    slack = 1e-9 * max(np.abs(starts).max(initial=0.0), np.abs(ends).max(initial=0.0))
    for one in np.unique(size):
        members = np.flatnonzero(size == one)
        order = members[np.argsort(starts[members], kind="stable")]
        begins = starts[order]
        start = np.searchsorted(begins, low - length[members].max() - slack)
        yield order, start, np.maximum(np.searchsorted(begins, high) - start, 0)
