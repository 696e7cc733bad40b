"""COCO's compressed run lengths, read far enough to tell whether they can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FIRST_CODE = 48
"""The character of the value 0."""

CHUNK = 1 << 17
"""Characters read together: bounds the memory, and stays near the processor's cache."""


def covered_pixels(counts: Sequence[bytes]) -> NDArray[np.int64]:
    """Pixels that each compressed mask runs over, set or not: the size of its image.

    Parameters
    ----------
    counts : sequence of bytes, length n
        ``counts`` of compressed run-length encodings.

    Returns
    -------
    ndarray of int64, shape (n,)
        -1 where the text is no such encoding: a character out of range, an unfinished number or
        a run of negative length.

    Notes
    -----
    The reverse of ``rleToString`` in pycocotools: five bits per character, the lowest first, bit
    5 says that more follow, and from the fourth number on it is the difference to the number two
    places before. pycocotools itself does not check, and its ``iou`` never returns if two masks
    of one size do not run over equally many pixels.

    Examples
    --------
    >>> covered_pixels([b"132", b"1", b"~"])
    array([ 6,  1, -1])
    """
    result = np.full(len(counts), -1, np.int64)
    length = np.fromiter(map(len, counts), np.int64, len(counts))
    ends = np.cumsum(length)
    low = 0
    while low < len(counts):
        done = ends[low - 1] if low else 0
        high = max(low + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        result[low:high] = _covered(b"".join(counts[low:high]), length[low:high])
        low = high
    return result


def _covered(text: bytes, length: NDArray[np.int64]) -> NDArray[np.int64]:
    """Read one chunk; see :func:`covered_pixels`."""
    result = np.full(len(length), -1, np.int64)
    code = np.frombuffer(text, np.uint8).astype(np.int64) - FIRST_CODE
    start = np.cumsum(length) - length
    filled = np.flatnonzero(length)
    wrong = (code < 0) | (code > 63)
    wrong[(start + length - 1)[filled]] |= (code & 32)[(start + length - 1)[filled]] > 0
    bad = np.add.reduceat(wrong, start[filled]) > 0 if len(filled) else np.zeros(0, bool)
    filled = filled[~bad]
    if not len(filled):
        return result
    code = code[np.repeat(_marks(filled, len(length)), length)]
    length = length[filled]
    number, first = _numbers(code, np.cumsum(length) - length)
    runs = _runs(number, first)
    total = np.add.reduceat(runs, first)
    result[filled] = np.where(np.minimum.reduceat(runs, first) < 0, -1, total)
    return result


def _marks(rows: NDArray[np.intp], n: int) -> NDArray[np.bool_]:
    marked = np.zeros(n, bool)
    marked[rows] = True
    return marked


def _numbers(
    code: NDArray[np.int64], start: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Numbers in the text of all masks, and where those of each mask begin."""
    last = (code & 32) == 0
    begin = np.concatenate([[0], np.flatnonzero(last[:-1]) + 1])
    size = np.diff(np.append(begin, len(code)))
    # More characters than any image needs would not fit into 64 bits.
    shift = np.minimum(5 * (np.arange(len(code)) - np.repeat(begin, size)), 55)
    number = np.add.reduceat((code & 31) << shift, begin)
    negative = (code[last] & 16) > 0
    number -= np.where(negative, np.int64(1) << np.minimum(5 * size, 60), 0)
    return number, np.searchsorted(begin, start)


def _runs(number: NDArray[np.int64], first: NDArray[np.intp]) -> NDArray[np.int64]:
    """Undo the differences to the number two places before, within each mask."""
    total = np.empty_like(number)
    total[::2] = np.cumsum(number[::2])
    total[1::2] = np.cumsum(number[1::2])
    # Sums restart behind the first number of each mask; the first itself is a plain number.
    owner = np.repeat(first, np.diff(np.append(first, len(number))))
    place = np.arange(len(number))
    before = owner - (place - owner) % 2
    base = np.where(before >= 0, total[before], 0)
    return np.where(place == owner, number, total - base)
