"""The area that boxes cover together, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.geometry.batches import in_crowds, padded_batches

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CELLS_AT_ONCE = 1 << 20
"""Cells of the compressed grid in one step."""

CROWD = 1000
"""Boxes of a frame from which on it is cut into quarters."""

FEW = 64
"""Boxes of a tile that is not cut any further."""

DEPTH = 8
"""How often a tile is cut at most."""


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
    difference array over that grid, summed up twice, says how many boxes cover a cell. A crowded
    frame is first cut into tiles, so that the time does not grow by the square.

    Examples
    --------
    >>> union_areas([[0, 0, 2, 2], [1, 1, 3, 3]], [1, 1], 2)
    array([0., 7.])
    """
    boxes = np.asarray(corners, dtype=np.float64).reshape(-1, 4)
    areas = np.zeros(n_frames)
    codes = np.asarray(frames, dtype=np.intp)
    crowd = np.flatnonzero(in_crowds(codes, CROWD))
    for rows in padded_batches(codes, cells=CELLS_AT_ONCE // 4, largest=CROWD - 1):
        areas[codes[rows[:, 0]]] = _union(_padded(boxes, rows))
    if len(crowd):
        areas += _union_of_crowds(boxes[crowd], codes[crowd], n_frames)
    return areas


def _padded(boxes: NDArray[np.float64], rows: NDArray[np.intp]) -> NDArray[np.float64]:
    padded = boxes[rows]
    padded[rows < 0] = 0
    return padded


def _union_of_crowds(
    boxes: NDArray[np.float64], frames: NDArray[np.intp], n_frames: int
) -> NDArray[np.float64]:
    """Cut crowded frames into quarters until few boxes are in each, or a box fills it."""
    areas = np.zeros(n_frames)
    present, tile = np.unique(frames, return_inverse=True)
    tile = tile.reshape(-1)
    tiles = np.concatenate(
        [
            np.full((len(present), 4), [np.inf, np.inf, -np.inf, -np.inf]),
            present[:, None],
        ],
        axis=1,
    )
    np.minimum.at(tiles[:, :2], tile, boxes[:, :2])
    np.maximum.at(tiles[:, 2:4], tile, boxes[:, 2:])
    for depth in range(DEPTH + 1):
        own = tiles[tile]
        boxes = np.concatenate(
            [np.maximum(boxes[:, :2], own[:, :2]), np.minimum(boxes[:, 2:], own[:, 2:4])], axis=1
        )
        full = np.zeros(len(tiles), bool)
        full[tile[(boxes == own[:, :4]).all(axis=1)]] = True
        sides = tiles[full, 2:4] - tiles[full, :2]
        np.add.at(areas, tiles[full, 4].astype(np.intp), sides[:, 0] * sides[:, 1])
        kept = ~full[tile] & (boxes[:, :2] < boxes[:, 2:]).all(axis=1)
        boxes, tile = boxes[kept], tile[kept]
        few = np.bincount(tile, minlength=len(tiles))[tile] <= (np.inf if depth == DEPTH else FEW)
        for rows in padded_batches(tile[few], cells=CELLS_AT_ONCE // 4):
            frame = tiles[tile[few][rows[:, 0]], 4].astype(np.intp)
            np.add.at(areas, frame, _union(_padded(boxes[few], rows)))
        boxes, tile = boxes[~few], tile[~few]
        if not len(tile):
            break
        tiles, tile, boxes = _quartered(tiles, tile, boxes)
    return areas


def _quartered(
    tiles: NDArray[np.float64], tile: NDArray[np.intp], boxes: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
    """Give the quarters of the tiles in use, and each box to those that it reaches."""
    used, tile = np.unique(tile, return_inverse=True)
    tile = tile.reshape(-1)
    x_low, y_low, x_high, y_high, frame = tiles[used].T
    x, y = (x_low + x_high) / 2, (y_low + y_high) / 2
    quarters = np.stack(
        [
            np.stack([x_low, y_low, x, y, frame], axis=1),
            np.stack([x, y_low, x_high, y, frame], axis=1),
            np.stack([x_low, y, x, y_high, frame], axis=1),
            np.stack([x, y, x_high, y_high, frame], axis=1),
        ],
        axis=1,
    )
    own = quarters[tile]
    reached = (boxes[:, None, :2] < own[..., 2:4]).all(axis=2)
    reached &= (boxes[:, None, 2:] > own[..., :2]).all(axis=2)
    row, quarter = np.nonzero(reached)
    return quarters.reshape(-1, 5), 4 * tile[row] + quarter, boxes[row]


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
