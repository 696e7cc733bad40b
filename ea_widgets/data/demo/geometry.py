"""Boxes by their corners, squares by centre and side, and the moves from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def corners(boxes: NDArray[Any]) -> NDArray[np.float64]:
    """Turn ``[x, y, width, height]`` into ``[x0, y0, x1, y1]``; shape (n, 4)."""
    boxes = np.asarray(boxes, dtype=np.float64)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def square_corners(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn centre x, centre y, side into ``[x0, y0, x1, y1]``; shape (n, 4)."""
    half = squares[:, 2:] / 2
    return np.concatenate([squares[:, :2] - half, squares[:, :2] + half], axis=1)


def squares_around(boxes: NDArray[Any]) -> NDArray[np.float64]:
    """Give centre x, centre y and the longer side of each ``[x, y, width, height]``."""
    boxes = np.asarray(boxes, dtype=np.float64)
    centre = boxes[:, :2] + boxes[:, 2:] / 2
    return np.concatenate([centre, boxes[:, 2:].max(axis=1, keepdims=True)], axis=1)


def overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of boxes given by corners, (n, 4) and (m, 4); shape (n, m)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    union = areas[0][:, None] + areas[1][None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-9))


def suppress(
    boxes: NDArray[np.float64], scores: NDArray[Any], threshold: float, most: int
) -> NDArray[np.intp]:
    """Keep the best boxes, none of which overlaps a better one by more than a threshold.

    Parameters
    ----------
    boxes : ndarray of float64, shape (n, 4)
        Corners.
    scores : ndarray of float, shape (n,)
        Greater is better; equal ones keep their order.
    threshold : float
        Greatest IoU between two that are kept.
    most : int
        How many to keep at most.

    Returns
    -------
    ndarray of intp
        Positions of those kept, best first; empty for no boxes.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size and len(kept) < most:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        order = rest[overlap(boxes[best : best + 1], boxes[rest])[0] <= threshold]
    return np.array(kept, dtype=np.intp)


def moves_to(squares: NDArray[np.float64], boxes: NDArray[Any]) -> NDArray[np.float64]:
    """Say how each square must move and stretch to become its box.

    Parameters
    ----------
    squares : ndarray of float64, shape (n, 3)
        Centre x, centre y, side.
    boxes : ndarray, shape (n, 4)
        ``[x, y, width, height]``.

    Returns
    -------
    ndarray of float64, shape (n, 4)
        Move right and down in sides; logarithm of width and height in sides.
    """
    side = squares[:, 2:]
    centre = boxes[:, :2] + boxes[:, 2:] / 2
    return np.concatenate([(centre - squares[:, :2]) / side, np.log(boxes[:, 2:] / side)], axis=1)


def apply_moves(
    squares: NDArray[np.float64], moves: NDArray[np.float64], shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """Move squares as `moves_to` says; gives corners, cut at the edge of the picture.

    Parameters
    ----------
    squares : ndarray of float64, shape (n, 3)
        Centre x, centre y, side.
    moves : ndarray of float64, shape (n, 4)
        What `moves_to` gives.
    shape : tuple of int
        Height and width of the picture, and anything after them.

    Returns
    -------
    ndarray of float64, shape (n, 4)
        ``[x0, y0, x1, y1]``.
    """
    side = squares[:, 2:]
    centre = squares[:, :2] + moves[:, :2] * side
    half = side * np.exp(np.clip(moves[:, 2:], -2.5, 1.0)) / 2
    height, width = shape[:2]
    both = np.concatenate([centre - half, centre + half], axis=1)
    return np.asarray(np.clip(both, 0, (width, height, width, height)))
