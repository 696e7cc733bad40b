"""Tells by their numbers which format a folder of text files is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ea_widgets.data.readers.opening import Given
    from ea_widgets.data.readers.parsing.text_rows import TextRows

    Numbers = NDArray[np.float64]

MOST = 0.5
"""Share of lines that show the format; odd lines are left to the door."""

LARGEST_SHARE = 1.5
"""Numbers up to this may be shares of the image; in pixels they would be no boxes."""

_SAMPLE = 5_000
"""Lines that are looked at, taken evenly from all."""

_ROUNDING = 0.002
"""How far a box may reach over the edge of the image, as a share of it."""

PLAIN_PARTS = 6
"""A class, a confidence and four numbers."""

_KITTI_PARTS = {"labels": (15,), "predictions": (15, 16)}


def text_layout(given: Given) -> str | None:
    """Tell the format of a folder of text files.

    Parameters
    ----------
    given : Given

    Returns
    -------
    str or None
        "yolo": shares of the image, a confidence last. "text": a class, a confidence and four
        numbers, or pixels. "kitti". None if it is none of these.

    Raises
    ------
    InvalidInputError
        If a file cannot be read.
    """
    rows = given.rows
    if rows is None:
        return None
    if not len(rows):
        return "yolo"  # empty files are images without objects
    at = np.arange(0, len(rows), max(1, len(rows) // _SAMPLE), dtype=np.intp)
    lengths = rows.lengths[at]
    kitti = at[np.isin(lengths, _KITTI_PARTS[given.field])]
    if len(kitti) > MOST * len(at) and not _are_numbers(rows, kitti, 0, 1):
        return "kitti" if _are_numbers(rows, kitti, 1, 14) else None
    return _of_boxes(rows, at, lengths, given.field)


def _of_boxes(
    rows: TextRows, at: NDArray[np.intp], lengths: NDArray[np.intp], field: str
) -> str | None:
    plain = at[lengths == PLAIN_PARTS]
    if field == "predictions" and len(plain) > MOST * len(at):
        if not _are_numbers(rows, plain, 1, 5):
            return None
        named = not _are_numbers(rows, plain, 0, 1)
        part = confidence_part(rows.numbers(plain, 1, 5), named=named)
        return "yolo" if part is None else "text"
    short = lengths == PLAIN_PARTS - 1
    boxes = at[short | (lengths > PLAIN_PARTS)]
    if len(boxes) <= MOST * len(at) or not _are_numbers(rows, boxes, 1, 4):
        return None
    if are_shares(rows.numbers(boxes, 1, 4)):
        return "yolo"
    if short.mean() <= MOST:
        return None
    return "text" if field == "predictions" else "yolo"  # labels in pixels


def confidence_part(numbers: Numbers, *, named: bool = False) -> int | None:
    """Tell which of five numbers is the confidence, where it is not YOLO's line.

    Parameters
    ----------
    numbers : ndarray of float64, shape (n, 5)
        What stands behind the class.
    named : bool, default False
        Whether classes are names, which speaks against YOLO where both are possible.

    Returns
    -------
    int or None
        0 for the first, 4 for the last of a box in pixels; None for YOLO: centre and size as
        shares, confidence last.
    """
    if not are_shares(numbers[:, 1:4]):
        first, last = (_share(np.abs(numbers[:, part]) <= 1) for part in (0, 4))
        return 4 if last > first else 0
    corners = (numbers[:, 3:] >= numbers[:, 1:3]).all(axis=1)
    first, last = max(_inside(numbers[:, 1:]), _share(corners)), _inside(numbers[:, :4])
    return 0 if first > last or (named and first == last) else None


def _inside(boxes: Numbers) -> float:
    """Give the share of boxes, as centre and size, that are inside of the image."""
    centre, size = boxes[:, :2], boxes[:, 2:]
    with np.errstate(invalid="ignore", over="ignore"):  # of numbers that are no boxes
        low, high = centre - size / 2, centre + size / 2
    return _share(((low >= -_ROUNDING) & (high <= 1 + _ROUNDING)).all(axis=1))


def are_shares(numbers: Numbers) -> bool:
    """Tell whether most boxes can be shares of the image."""
    return _share((np.abs(numbers) <= LARGEST_SHARE).all(axis=1)) > MOST


def _are_numbers(rows: TextRows, at: NDArray[np.intp], first: int, count: int) -> bool:
    return _share(~np.isnan(rows.numbers(at, first, count)).any(axis=1)) > MOST


def _share(which: ArrayLike) -> float:
    flags = np.asarray(which)
    return float(flags.mean()) if flags.size else 0.0
