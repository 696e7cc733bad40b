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

    @cached_property
    def next_cell(self) -> NDArray[np.int32]:
        """Cell of a stratum at a frame or, where it has none, at the next frame that has one.

        Shape (n_strata, n_frames); after the last frame comes the first again.
        """
        n_strata = int(self.stratum.max(initial=-1)) + 1
        table = np.full((n_strata, self.n_frames), len(self.sizes), np.int32)
        table[self.stratum, self.frame] = np.arange(len(self.sizes), dtype=np.int32)
        table = np.minimum.accumulate(table[:, ::-1], axis=1)[:, ::-1]
        first = np.searchsorted(self.stratum, np.arange(n_strata)).astype(np.int32)
        return np.where(table == len(self.sizes), first[:, None], table)

    @cached_property
    def _strata(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """First cell and number of cells of each stratum, and the frame before each cell's."""
        n_cells = np.bincount(self.stratum)
        first = np.cumsum(n_cells) - n_cells
        before = np.arange(len(self.frame)) - 1
        begins = first[n_cells > 0]
        before[begins] = (first + n_cells - 1)[n_cells > 0]
        return first, n_cells, self.frame[before]

    def receivers(
        self, donor: NDArray[np.intp], shift: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Cells that look `shift` frames further on, in their stratum, and find a donor there.

        A cell finds the first cell at or after the frame that it looks at; all strata look at the
        same frame, so that what is alike within a frame stays so.

        Parameters
        ----------
        donor : ndarray of intp, shape (n,)
            Cells.
        shift : int

        Returns
        -------
        cell : ndarray of intp
            Those that find one of the donors, each once.
        given : ndarray of intp
            Number of the donor that each finds.
        """
        n_frames = self.n_frames
        first, n_cells, previous = self._strata
        if len(n_cells) == 1:
            return wrapped(donor - shift, n_frames), np.arange(len(donor))
        stratum, frame = self.stratum[donor], self.frame[donor]
        # The donor is found from the frames after its predecessor up to its own.
        before = previous[donor]
        begin = wrapped(before + 1 - shift, n_frames)
        length = wrapped(frame - before - 1, n_frames) + 1
        low = self.next_cell[stratum, begin].astype(np.intp)
        high = self.next_cell[stratum, wrapped(frame + 1 - shift, n_frames)]
        among = n_cells[stratum]
        count = high - low
        count += among * (count <= 0)
        count *= wrapped(self.frame[low] - begin, n_frames) < length
        ends = np.cumsum(count)
        given = np.repeat(np.arange(len(donor)), count)
        place = np.arange(len(given)) - np.repeat(ends - count - low, count)
        after = (first[stratum] + among)[given]
        place -= among[given] * (place >= after)
        return place, given


def wrapped(number: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """Bring numbers from -size to 2 size - 1 into the range from 0; faster than a division."""
    result: NDArray[np.intp] = number + size * (number < 0) - size * (number >= size)
    return result


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
