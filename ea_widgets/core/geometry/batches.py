"""Rows of many small frames as a few padded arrays, so that Python loops over batches only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


def padded_batches(
    frames: NDArray[np.integer], *, cells: int, smallest: int = 1, largest: int | None = None
) -> Iterator[NDArray[np.intp]]:
    """Group the rows of frames of like size.

    Parameters
    ----------
    frames : ndarray of int, shape (n,)
        The frame of each row, in any order.
    cells : int
        A batch holds so many frames that n_frames * widest² stays below this, but at least one.
    smallest : int, default 1
        Frames with fewer rows are left out.
    largest : int, optional
        Frames with more rows are left out.

    Yields
    ------
    ndarray of intp, shape (n_frames, widest)
        Row numbers, one frame per line, in the order of the rows; -1 fills the lines up.

    Examples
    --------
    >>> import numpy as np
    >>> next(padded_batches(np.array([5, 9, 5]), cells=100))
    array([[ 0,  2],
           [ 1, -1]])
    """
    if not len(frames):
        return
    order = np.argsort(frames, kind="stable")
    ordered = frames[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    counts = np.diff(starts, append=len(frames))
    widest_first = np.argsort(-counts, kind="stable")
    widest_first = widest_first[counts[widest_first] >= smallest]
    if largest is not None:
        widest_first = widest_first[counts[widest_first] <= largest]
    at = 0
    while at < len(widest_first):
        widest = int(counts[widest_first[at]])
        several = widest_first[at : at + max(1, cells // widest**2)]
        at += len(several)
        offsets = np.arange(widest)
        rows = order[np.minimum(starts[several, None] + offsets, len(order) - 1)]
        rows[offsets >= counts[several, None]] = -1
        yield rows


def in_crowds(frames: NDArray[np.integer], least: int) -> NDArray[np.bool_]:
    """Mark the rows of frames that have many.

    Parameters
    ----------
    frames : ndarray of int, shape (n,)
        The frame of each row, in any order.
    least : int
        Number of rows from which on they are many.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> in_crowds(np.array([5, 9, 5]), 2)
    array([ True, False,  True])
    """
    if len(frames) < least:
        return np.zeros(len(frames), bool)
    _, code, count = np.unique(frames, return_inverse=True, return_counts=True)
    return np.asarray((count >= least)[code.reshape(-1)])


def count_up(lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Count from 0 anew for each length.

    Examples
    --------
    >>> count_up(np.array([2, 0, 3]))
    array([0, 1, 0, 1, 2])
    """
    ends = np.cumsum(lengths)
    return np.asarray(np.arange(int(lengths.sum())) - np.repeat(ends - lengths, lengths))
