"""COCO's compressed run lengths: whether they can be trusted, and what they cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.geometry.batches import count_up

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
    indices before. pycocotools itself does not check, and its ``iou`` never returns if two masks
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
    """Undo the differences to the number two indices before, within each mask."""
    total = np.empty_like(number)
    total[::2] = np.cumsum(number[::2])
    total[1::2] = np.cumsum(number[1::2])
    # Sums restart behind the first number of each mask; the first itself is a plain number.
    owner = np.repeat(first, np.diff(np.append(first, len(number))))
    index = np.arange(len(number))
    before = owner - (index - owner) % 2
    base = np.where(before >= 0, total[before], 0)
    return np.where(index == owner, number, total - base)


def pixels_outside(
    counts: bytes, height: int, corners: NDArray[np.integer], *, at_once: int = 1 << 20
) -> int:
    """Count the pixels of a mask that no box covers.

    Parameters
    ----------
    counts : bytes
        ``counts`` of a compressed run-length encoding that :func:`read_runs` found sound.
    height : int
        Of the image, in pixels.
    corners : ndarray of int, shape (n, 4)
        ``[x_low, y_low, x_high, y_high]`` in whole pixels, inside the image.
    at_once : int, default 1 << 20
        Columns of boxes that are looked at together.

    Returns
    -------
    int
        The mask's area where there are no boxes.

    Notes
    -----
    Only columns that the mask has pixels in are looked at, each box once in each: the time goes
    by runs and boxes, not by the pixels of the image.

    Examples
    --------
    >>> pixels_outside(b"132", 2, np.array([[1, 0, 2, 2]]))  # rows 2 and 1 of columns 1 and 2
    1
    """
    code = np.frombuffer(counts, np.uint8) - np.uint8(FIRST_CODE)
    number, _, first = _numbers(code, np.array([len(code)]))
    edges = np.cumsum(_runs(number, first))
    starts, ends = edges[: len(edges) // 2 * 2].reshape(-1, 2).T
    starts, ends = starts[ends > starts], ends[ends > starts]
    n_columns = (ends - 1) // height - starts // height + 1
    column = np.repeat(starts // height, n_columns) + count_up(n_columns)
    low = np.maximum(np.repeat(starts, n_columns), column * height)
    high = np.minimum(np.repeat(ends, n_columns), (column + 1) * height)
    boxes = corners[(corners[:, :2] < corners[:, 2:]).all(axis=1)]
    if not len(boxes):
        return int((high - low).sum())
    columns = np.unique(column)
    step = max(1, at_once // len(boxes))
    outside = 0
    for at in range(0, len(columns), step):
        block = columns[at : at + step]
        begin, end = (np.searchsorted(block, boxes[:, side]) for side in (0, 2))
        box = np.repeat(np.arange(len(boxes)), end - begin)
        base = block[np.repeat(begin, end - begin) + count_up(end - begin)] * height
        covered = base + boxes[box, 1], base + boxes[box, 3]
        pieces = slice(*np.searchsorted(column, [block[0], block[-1] + 1]))
        both = (
            np.concatenate(pair) for pair in zip((low[pieces], high[pieces]), covered, strict=True)
        )
        outside += _union_length(*both) - _union_length(*covered)
    return outside


def _union_length(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> int:
    """Whole numbers that ranges cover together; the ends are exclusive."""
    if not len(starts):
        return 0
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.maximum.accumulate(ends[order])
    before = np.concatenate([starts[:1], ends[:-1]])
    return int(np.maximum(ends - np.maximum(starts, before), 0).sum())
