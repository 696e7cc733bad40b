"""Overlap of axis-aligned boxes, as COCO computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def paired_iou(
    detections: NDArray[np.float64], truths: NDArray[np.float64], is_crowd: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Intersection over union of detection *i* with truth *i*.

    Parameters
    ----------
    detections, truths : ndarray of float64, shape (n, 4)
        Boxes as ``[x, y, width, height]`` in pixels, origin at the top left.
    is_crowd : ndarray of bool, shape (n,)
        True where the truth marks a crowd: the divisor is then the detection's area.

    Returns
    -------
    ndarray of float64, shape (n,)
        Overlap in [0, 1]; 0 where the boxes do not share an area.

    Notes
    -----
    The order of the floating-point operations is that of ``bbIou`` in pycocotools 2.0.11, so
    that results are equal to the last bit.
    """
    dx, dy, dw, dh = detections.T
    gx, gy, gw, gh = truths.T
    width = np.minimum(dw + dx, gw + gx) - np.maximum(dx, gx)
    height = np.minimum(dh + dy, gh + gy) - np.maximum(dy, gy)
    overlap = np.where((width > 0) & (height > 0), width * height, 0.0)
    area = dw * dh
    divisor = np.where(is_crowd, area, area + gw * gh - overlap)
    iou = np.zeros(len(overlap))
    np.divide(overlap, divisor, out=iou, where=overlap > 0)
    return iou


def as_boxes(field: str, boxes: ArrayLike) -> NDArray[np.float64]:
    """Check that something is an array of boxes.

    Parameters
    ----------
    field : str
        Name of the argument, for the error.
    boxes : array-like of shape (n, 4)
        Boxes as ``[x, y, width, height]``; an empty list counts as ``(0, 4)``.

    Returns
    -------
    ndarray of float64, shape (n, 4)

    Raises
    ------
    InvalidInputError
        If the array is not of shape ``(n, 4)``.
    """
    array = np.asarray(boxes, dtype=np.float64)
    if array.size == 0:
        array = array.reshape(0, 4)
    if array.ndim != 2 or array.shape[1] != 4:
        raise InvalidInputError(
            field, f"has the shape {array.shape}", "Give boxes as rows of [x, y, width, height]."
        )
    return array


def pairwise_iou(
    detections: ArrayLike, truths: ArrayLike, *, is_crowd: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Intersection over union of every detection with every ground truth.

    Parameters
    ----------
    detections : array-like of shape (n_det, 4)
        Boxes as ``[x, y, width, height]`` in pixels, origin at the top left.
    truths : array-like of shape (n_gt, 4)
        Boxes in the same form and units.
    is_crowd : array-like of bool, shape (n_gt,), optional
        True where a ground truth marks a crowd. Its overlap is divided by the
        detection's area instead of by the union. Default: no crowds.

    Returns
    -------
    ndarray of float64, shape (n_det, n_gt)
        Overlap in [0, 1]; 0 where the boxes share no area. ``(0, n_gt)`` or
        ``(n_det, 0)`` when either side is empty.

    Raises
    ------
    InvalidInputError
        If either array is not of shape ``(n, 4)``.

    Notes
    -----
    Follows ``bbIou`` of pycocotools 2.0.11; ``tests/parity/test_boxes.py``
    holds the two together.

    Examples
    --------
    >>> pairwise_iou([[0, 0, 2, 2]], [[1, 0, 2, 2], [5, 5, 1, 1]])
    array([[0.33333333, 0.        ]])
    """
    left, right = as_boxes("detections", detections), as_boxes("truths", truths)
    crowd = np.zeros(len(right), bool) if is_crowd is None else np.asarray(is_crowd, bool)
    pairs = paired_iou(
        np.repeat(left, len(right), axis=0),
        np.tile(right, (len(left), 1)),
        np.tile(crowd, len(left)),
    )
    return pairs.reshape(len(left), len(right))
