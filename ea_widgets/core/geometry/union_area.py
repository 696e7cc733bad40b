"""The area that boxes cover together, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.geometry.batches import padded_batches

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CELLS_AT_ONCE = 1 << 20
"""Cells of the compressed grid in one step."""


def union_areas(corners: ArrayLike, frames: ArrayLike, n_frames: int) -> NDArray[np.float64]:
    """Area of the union of the boxes of each frame.

    Parameters
    ----------
    corners : array-like of shape (n, 4)
        ``[x_low, y_low, x_high, y_high]``, lows not above highs.
    frames : array-like of int, shape (n,)
        The frame of each box, 0 to ``n_frames - 1``.
    n_frames : int
        Number of frames.

    Returns
    -------
    ndarray of float64, shape (n_frames,)
        In squared units of the corners; 0 for a frame without boxes.

    Notes
    -----
    Coordinates are compressed to the 2k edges of the frame's k boxes; a two-dimensional
    difference array over that grid, summed up twice, says how many boxes cover a cell.

    Examples
    --------
    >>> union_areas([[0, 0, 2, 2], [1, 1, 3, 3]], [1, 1], 2)
    array([0., 7.])
    """
    boxes = np.asarray(corners, dtype=np.float64).reshape(-1, 4)
    areas = np.zeros(n_frames)
    codes = np.asarray(frames, dtype=np.intp)
    for rows in padded_batches(codes, cells=CELLS_AT_ONCE // 4):
        padded = boxes[rows]
        padded[rows < 0] = 0
        areas[codes[rows[:, 0]]] = _union(padded)
    return areas


def _union(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    n_frames, n_boxes, _ = boxes.shape
    x_edges, x_ranks = _compress(boxes[..., 0], boxes[..., 2])
    y_edges, y_ranks = _compress(boxes[..., 1], boxes[..., 3])
    widths = np.diff(x_edges, axis=1, append=x_edges[:, -1:])
    heights = np.diff(y_edges, axis=1, append=y_edges[:, -1:])
    # Every rank along x is one vertical edge: of which box, and does it open or close it?
    owners = np.argsort(x_ranks, axis=1)
    opens = np.where(owners < n_boxes, 1, -1).astype(np.int32)
    owners %= n_boxes
    low = np.take_along_axis(y_ranks[:, :n_boxes], owners, axis=1)
    high = np.take_along_axis(y_ranks[:, n_boxes:], owners, axis=1)

    n_edges = 2 * n_boxes
    step = max(1, CELLS_AT_ONCE // (n_frames * n_edges))
    carried = np.zeros((n_frames, 1, n_edges), dtype=np.int32)
    total = np.zeros(n_frames)
    frame = np.arange(n_frames)[:, None]
    for first in range(0, n_edges, step):
        block = slice(first, first + step)
        steps = np.zeros((n_frames, len(range(n_edges)[block]), n_edges), dtype=np.int32)
        line = np.arange(steps.shape[1])
        steps[frame, line, low[:, block]] = opens[:, block]
        steps[frame, line, high[:, block]] = -opens[:, block]
        np.cumsum(steps, axis=1, out=steps)
        steps += carried
        carried = steps[:, -1:].copy()
        covered = np.cumsum(steps, axis=2, out=steps) > 0
        lengths = np.matmul(covered, heights[:, :, None])[..., 0]
        total += (lengths * widths[:, block]).sum(axis=1)
    return total


def _compress(
    low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Sorted edges of each frame, and the rank of each low, then each high, edge among them."""
    edges = np.concatenate([low, high], axis=1)
    order = np.argsort(edges, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(order.shape[1])[None], axis=1)
    return np.take_along_axis(edges, order, axis=1), ranks
