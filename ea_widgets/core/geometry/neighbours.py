"""The nearest and the most overlapping neighbour of every box among the boxes of its frame."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.geometry.batches import in_crowds, padded_batches
from ea_widgets.core.geometry.crowded import highest_iou, nearest_distance
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CROWD = 1000
"""Boxes of a frame from which on not every pair is looked at."""

PAIRS_AT_ONCE = 1 << 17
"""Pairs in one step: its temporaries stay near the cores, 1 MiB each."""

_FAR = 1e100  # where padding sits; its square is still finite
_TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True)
class Neighbours:
    """What every box has nearest to it.

    Parameters
    ----------
    same_class_iou : ndarray of float64, shape (n,)
        Highest IoU with another box of the same frame and class, in [0, 1]; exactly 1 for a copy;
        0 without another.
    any_class_iou : ndarray of float64, shape (n,)
        The same with any other box of the frame.
    distance : ndarray of float64, shape (n,)
        Pixels from centre to the nearest other centre in the frame; NaN when alone.
    """

    same_class_iou: NDArray[np.float64]
    any_class_iou: NDArray[np.float64]
    distance: NDArray[np.float64]


def find_neighbours(
    boxes: ArrayLike, frames: ArrayLike, classes: ArrayLike, *, n_threads: int = 1
) -> Neighbours:
    """Compare every box with all others of its frame.

    Parameters
    ----------
    boxes : array-like of shape (n, 4)
        ``[x, y, width, height]`` in pixels.
    frames : array-like of int, shape (n,)
        The frame of each box, any whole numbers, in any order.
    classes : array-like of int, shape (n,)
        The class of each box.
    n_threads : int, default 1
        Threads to use.

    Returns
    -------
    Neighbours
        In the order of `boxes`; arrays of length 0 when there are none.

    Raises
    ------
    InvalidInputError
        If `boxes` is not of shape (n, 4).

    Notes
    -----
    In frames of less than a thousand boxes every pair is looked at; frames of like size are
    padded to one array, so that Python takes one step per hundred thousand pairs. In others,
    :mod:`ea_widgets.core.geometry.crowded` finds the same numbers by looking at few. They are the
    same for any order of the rows.

    Examples
    --------
    >>> found = find_neighbours([[0, 0, 2, 2], [1, 0, 2, 2]], [7, 7], [0, 1])
    >>> found.any_class_iou, found.same_class_iou, found.distance
    (array([0.33333333, 0.33333333]), array([0., 0.]), array([1., 1.]))
    """
    corners = np.asarray(boxes, dtype=np.float64)
    if corners.ndim != 2 or corners.shape[1] != 4:
        raise InvalidInputError(
            "boxes", f"has shape {corners.shape}", "Give one row of x, y, width, height per box."
        )
    x, y, width, height = corners.T
    x_high, y_high = x + width, y + height
    # From the same corners as what two boxes share, which then never rounds to more than either.
    area = (x_high - x) * (y_high - y)
    columns = (x, y, x_high, y_high, area, x + width / 2, y + height / 2)
    n_boxes = len(corners)
    found = Neighbours(np.zeros(n_boxes), np.zeros(n_boxes), np.full(n_boxes, np.nan))
    class_codes = np.asarray(classes)

    stop = Event()

    def work(rows: NDArray[np.intp]) -> None:
        _fill(found, rows, columns, class_codes, stop)

    frame_codes = np.asarray(frames)
    batches = padded_batches(frame_codes, cells=PAIRS_AT_ONCE, smallest=2, largest=CROWD - 1)
    if n_threads == 1:
        for rows in batches:
            work(rows)
    else:
        with ThreadPoolExecutor(n_threads) as pool:
            try:
                list(pool.map(work, batches))
            finally:
                stop.set()  # an interrupt need not wait for all that is left
    crowd = in_crowds(frame_codes, CROWD)
    if crowd.any():
        _fill_crowds(found, np.flatnonzero(crowd), columns, frame_codes, class_codes, n_threads)
    return found


def _fill_crowds(
    found: Neighbours,
    rows: NDArray[np.intp],
    columns: tuple[NDArray[np.float64], ...],
    frames: NDArray[np.integer],
    classes: NDArray[np.integer],
    n_threads: int,
) -> None:
    *boxes, x, y = (column[rows] for column in columns)
    frame = frames[rows]
    class_of_frame = np.unique(np.stack([frame, classes[rows]]), axis=1, return_inverse=True)[1]
    same = highest_iou(boxes, class_of_frame.reshape(-1), n_threads=n_threads)
    found.same_class_iou[rows] = same
    found.any_class_iou[rows] = highest_iou(boxes, frame, same, n_threads=n_threads)
    found.distance[rows] = nearest_distance(x, y, frame, n_threads)


def _fill(
    found: Neighbours,
    rows: NDArray[np.intp],
    columns: tuple[NDArray[np.float64], ...],
    class_codes: NDArray[np.integer],
    stop: Event,
) -> None:
    absent = rows < 0
    x_low, y_low, x_high, y_high, area, x_centre, y_centre = (column[rows] for column in columns)
    x_low[absent] = x_high[absent] = y_low[absent] = y_high[absent] = area[absent] = 0
    x_centre[absent] = y_centre[absent] = _FAR
    kinds = class_codes[rows]
    n_frames, widest = rows.shape
    any_class, same_class = np.zeros((2, n_frames, widest))
    nearest = np.full((n_frames, widest), np.inf)
    step = max(1, PAIRS_AT_ONCE // (n_frames * widest))
    scratch, iou = np.empty((2, n_frames, min(step, widest), widest))
    for first in range(0, widest, step):
        if stop.is_set():
            return
        block = slice(first, first + step)
        size = min(step, widest - first)
        work, pair = scratch[:, :size], iou[:, :size]
        itself = (slice(None), slice(first, None, widest + 1))

        np.minimum(x_high[:, block, None], x_high[:, None], out=pair)
        pair -= np.maximum(x_low[:, block, None], x_low[:, None], out=work)
        np.maximum(pair, 0, out=pair)
        np.minimum(y_high[:, block, None], y_high[:, None], out=work)
        work -= np.maximum(y_low[:, block, None], y_low[:, None])
        np.maximum(work, 0, out=work)
        pair *= work
        np.add(area[:, block, None], area[:, None], out=work)
        work -= pair
        pair /= np.maximum(work, _TINY, out=work)  # a box of no area has IoU 0
        pair.reshape(n_frames, -1)[itself] = 0
        np.maximum(any_class, pair.max(axis=1), out=any_class)
        pair *= kinds[:, block, None] == kinds[:, None]
        np.maximum(same_class, pair.max(axis=1), out=same_class)

        np.subtract(x_centre[:, block, None], x_centre[:, None], out=work)
        work *= work
        np.subtract(y_centre[:, block, None], y_centre[:, None], out=pair)
        pair *= pair
        work += pair
        work.reshape(n_frames, -1)[itself] = np.inf
        np.minimum(nearest, work.min(axis=1), out=nearest)
    present = ~absent
    found.any_class_iou[rows[present]] = any_class[present]
    found.same_class_iou[rows[present]] = same_class[present]
    found.distance[rows[present]] = np.sqrt(nearest[present])
