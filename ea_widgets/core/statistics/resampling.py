"""Rows by frame, frames drawn again, and work in blocks that can be stopped."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Block = TypeVar("Block")

SEED = 20_240_229
"""Fixed, so that the same question gets the same answer."""

FRAME_GROUPS = 8_192
"""More frames than this are drawn in groups, which bounds the memory and keeps frames whole."""


class ComputationStoppedError(Exception):
    """Raised out of a long computation that was asked to stop; not a failure."""


def default_workers() -> int:
    """Threads that a long computation uses: those there are, at most four."""
    return min(os.cpu_count() or 1, 4)


def stop_if(should_stop: Callable[[], bool] | None) -> None:
    """Raise `ComputationStoppedError` if the question is there and says so."""
    if should_stop is not None and should_stop():
        raise ComputationStoppedError


def run_blocks(
    compute: Callable[[int], Block],
    n_blocks: int,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> list[Block]:
    """Compute numbered blocks in threads, asking before each whether to stop.

    Parameters
    ----------
    compute : callable
        Takes the number of the block; must depend on nothing else that changes, so that the
        result is the same for any number of threads.
    n_blocks : int
    should_stop : callable, optional
        Called from any of the threads before each block.
    workers : int, optional
        Threads; :func:`default_workers` if not given.

    Returns
    -------
    list
        The results in the order of the blocks.

    Raises
    ------
    ComputationStoppedError
        If `should_stop` said so.
    """

    def work(number: int) -> Block:
        stop_if(should_stop)
        return compute(number)

    workers = min(default_workers() if workers is None else workers, n_blocks)
    if workers <= 1:
        return [work(number) for number in range(n_blocks)]
    pool = ThreadPoolExecutor(workers)
    try:
        return list(pool.map(work, range(n_blocks)))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, eq=False)
class FrameRows:
    """Rows ordered by cell, in no order within a cell. A cell is a frame, or its part in a stratum.

    Attributes
    ----------
    order : ndarray of intp, shape (n_rows,)
        Rows, cell after cell.
    start : ndarray of intp, shape (n_cells + 1,)
        Where each cell begins; no cell is empty.
    stratum, frame : ndarray of intp, shape (n_cells,)
        Stratum and frame of each cell; cells ascend by both. Frames are numbered without gaps.
    n_frames : int
    """

    order: NDArray[np.intp]
    start: NDArray[np.intp]
    stratum: NDArray[np.intp]
    frame: NDArray[np.intp]
    n_frames: int

    @cached_property
    def sizes(self) -> NDArray[np.intp]:
        """Rows of each cell, shape (n_cells,)."""
        return np.diff(self.start)

    @cached_property
    def cell_of_place(self) -> NDArray[np.intp]:
        """Cell of each place in `order`, shape (n_rows,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Place in `order` of each row, -1 for rows that are not there."""
        places = np.full(int(self.order.max(initial=-1)) + 1, -1, np.intp)
        places[self.order] = np.arange(len(self.order))
        return places

    def turned(self, generator: np.random.Generator) -> NDArray[np.intp]:
        """Pair each cell with one of its stratum, a random part of all frames further on.

        Parameters
        ----------
        generator : numpy.random.Generator

        Returns
        -------
        ndarray of intp, shape (n_cells,)
            A cell for each, every one once. Where all frames have a cell in every stratum, the
            cells of a frame all get those of one other frame: what is alike within it stays so.
            Where no frame has two, each stratum is turned by itself: there are more ways.
        """
        n_cells = np.bincount(self.stratum)
        first = np.cumsum(n_cells) - n_cells
        among, begin = n_cells[self.stratum], first[self.stratum]
        if len(n_cells) > 1 and len(self.stratum) == self.n_frames:
            shift = (generator.random(len(n_cells)) * n_cells).astype(np.intp)
        else:
            turn = generator.random()
            shift = np.where(n_cells > 1, 1 + (turn * (n_cells - 1)).astype(np.intp), 0)
        place = np.arange(len(self.stratum)) - begin + shift[self.stratum]
        donor: NDArray[np.intp] = begin + place - among * (place >= among)
        return donor


def order_by_frame(
    frame: NDArray[np.intp], rows: NDArray[np.intp], stratum: NDArray[np.intp] | None = None
) -> FrameRows:
    """Order rows by stratum and frame, and shuffle them within.

    Any order within a frame that tells about the outcome (confidence!) would survive a rotation
    and pass for noise.

    Parameters
    ----------
    frame : ndarray of intp, shape (n,)
        Frame of each row.
    rows : ndarray of intp, shape (n_rows,)
        The rows that take part.
    stratum : ndarray of intp, shape (n,), optional
        Stratum of each row; all in one by default.

    Returns
    -------
    FrameRows
    """
    rows = np.random.default_rng(SEED).permutation(rows)
    code = frame[rows]
    present = np.flatnonzero(np.bincount(code)) if len(rows) else np.zeros(0, np.intp)
    number = np.zeros(int(present.max(initial=-1)) + 1, np.intp)
    number[present] = np.arange(len(present))
    n_frames = len(present)
    key = number[code]
    if stratum is not None:
        key = key + stratum[rows] * n_frames
    # Keys of 16 bits are sorted by digits, in a fraction of the time.
    narrow = key.astype(np.uint16) if key.max(initial=0) < 1 << 16 else key
    order = np.argsort(narrow, kind="stable")
    key = key[order]
    new = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])[: len(key)])
    cells = key[new]
    return FrameRows(
        order=rows[order],
        start=np.append(new, len(key)),
        stratum=cells // max(n_frames, 1),
        frame=cells % max(n_frames, 1),
        n_frames=n_frames,
    )


@lru_cache(maxsize=2)
def draw_frames(n_frames: int, n_resamples: int) -> NDArray[np.float32]:
    """How often each frame is drawn in each resample: multinomial weights.

    Parameters
    ----------
    n_frames, n_resamples : int

    Returns
    -------
    ndarray of float32, shape (n_resamples, n_frames)
        Whole numbers; each row adds up to `n_frames`. Not to be written to.
    """
    generator = np.random.default_rng([SEED, n_frames])
    weights = np.empty((n_resamples, n_frames), np.float32)
    for row in weights:
        row[:] = np.bincount(generator.integers(0, max(n_frames, 1), n_frames), minlength=n_frames)
    weights.flags.writeable = False
    return weights
