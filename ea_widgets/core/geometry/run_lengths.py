"""COCO's compressed run lengths, read far enough to tell whether they can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FIRST_CODE = 48
"""The character of the value 0."""

LAST_CODE = 63
"""The highest value of a character."""

MORE = 32
"""The bit that says that more characters of the number follow."""

LONGEST = 12
"""Characters of the longest number that fits into 64 bits; no image needs as many."""

CHUNK = 1 << 17
"""Characters read together: bounds the memory, and stays near the processor's cache."""


def read_runs(counts: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Read the runs of each compressed mask.

    Parameters
    ----------
    counts : sequence of bytes, length n
        ``counts`` of compressed run-length encodings.

    Returns
    -------
    covered : ndarray of int64, shape (n,)
        Pixels that the mask runs over, set or not: the size of its image. -1 where the text is no
        such encoding: a character out of range, an unfinished number, one beyond 60 bits, or a
        run of negative length.
    interrupted : ndarray of bool, shape (n,)
        Whether a run other than the first is empty: allowed, but ``merge`` of pycocotools takes
        the end of the mask for reached, or never ends.

    Notes
    -----
    The reverse of ``rleToString`` in pycocotools: five bits per character, the lowest first, bit
    5 says that more follow, and from the fourth number on it is the difference to the number two
    places before. pycocotools itself does not check, and its ``iou`` never returns if two masks
    of one size do not run over equally many pixels.

    Examples
    --------
    >>> covered, _ = read_runs([b"132", b"1", b"~"])
    >>> covered
    array([ 6,  1, -1])
    """
    result, interrupted = np.full(len(counts), -1, np.int64), np.zeros(len(counts), bool)
    length = np.fromiter(map(len, counts), np.int64, len(counts))
    ends = np.cumsum(length)
    low = 0
    while low < len(counts):
        done = ends[low - 1] if low else 0
        high = max(low + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        part = _covered(b"".join(counts[low:high]), length[low:high])
        result[low:high], interrupted[low:high] = part
        low = high
    return result, interrupted


def _covered(text: bytes, length: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Read one chunk; see :func:`read_runs`."""
    result, interrupted = np.full(len(length), -1, np.int64), np.zeros(len(length), bool)
    code = np.frombuffer(text, np.uint8) - np.uint8(FIRST_CODE)  # what is below comes out above 63
    filled = np.flatnonzero(length)
    if not len(filled):
        return result, interrupted
    ends = np.cumsum(length)
    wrong = (code[ends[filled] - 1] & MORE) > 0
    if code.max() > LAST_CODE:
        wrong |= np.logical_or.reduceat(code > LAST_CODE, (ends - length)[filled])
    if wrong.any():
        filled = filled[~wrong]
        code = code[np.repeat(_marks(filled, len(length)), length)]
    if not len(filled):
        return result, interrupted
    number, size, first = _numbers(code, np.cumsum(length[filled]))
    runs = _runs(number, first)
    total = np.add.reduceat(runs, first)
    known = np.minimum.reduceat(runs, first) >= 0
    if size.max() > LONGEST:
        known &= np.maximum.reduceat(size, first) <= LONGEST
    result[filled] = np.where(known, total, -1)
    empty = runs == 0
    empty[first] = False
    interrupted[filled] = np.logical_or.reduceat(empty, first)
    return result, interrupted


def _marks(rows: NDArray[np.intp], n: int) -> NDArray[np.bool_]:
    marked = np.zeros(n, bool)
    marked[rows] = True
    return marked


def _numbers(
    code: NDArray[np.uint8], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.intp]]:
    """Numbers in the text of all masks, their characters, and where those of each mask begin."""
    last = np.flatnonzero(code < MORE)
    size = np.diff(last, prepend=-1)
    # The last character holds the sign; below it, from the highest down, come the others.
    number = (code[last] ^ np.uint8(16)).astype(np.int64) - 16
    longer = np.arange(len(last))
    for back in range(1, min(int(size.max()), LONGEST)):
        longer = longer[size[longer] > back]
        number[longer] = (number[longer] << 5) | (code[last[longer] - back] & np.uint8(31))
    first = np.concatenate([[0], np.searchsorted(last, ends[:-1])])
    return number, size, first


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
