"""From lines of YOLO's text files to boxes, polygons and confidences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.raw_frames import Fault
from ea_widgets.data.checks.refuse import BOX
from ea_widgets.data.readers.parsing.text_rows import class_column, image_column
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.readers.parsing.text_rows import TextRows

    Rows = NDArray[np.intp]

BOX_PARTS = 5
"""A class and four numbers."""

_CORNER_PARTS = 9
"""A class and four corners: an oriented box, if all polygons of a file are such."""

_TRACKED_PARTS = 7
"""A class, four numbers, a confidence and the number of a track."""

_FORM = "class x_center y_center width height"
_REMEDIES = {
    "labels": f"A line is `{_FORM}`, or `class x1 y1 x2 y2 ...` of a polygon. "
    "Were labels and predictions swapped?",
    "predictions": f"A line is `{_FORM} confidence`, as Ultralytics writes with save_conf.",
}
_ORIENTED_REMEDY = (
    "Oriented boxes are not evaluated. Give upright ones: the smallest and largest x and y of the "
    "corners."
)


@dataclass(frozen=True)
class _Kinds:
    """What each line is; arrays of bool, one per line."""

    boxes: NDArray[np.bool_]
    polygons: NDArray[np.bool_]
    oriented: NDArray[np.bool_]
    with_confidence: NDArray[np.bool_]
    with_track: NDArray[np.bool_]


def read_lines(rows: TextRows, field: str, keypoints: int, faults: list[Fault]) -> pd.DataFrame:
    """Turn lines into a frame.

    Parameters
    ----------
    rows : TextRows
        The lines.
    field : str
        "labels" or "predictions".
    keypoints : int
        Numbers of keypoints behind each box; they are left out.
    faults : list of Fault
        Faults are added: lines of another form.

    Returns
    -------
    DataFrame
        ``image_id`` (the file's stem), ``class_id`` or ``class_name``, the box as shares of the
        image (centre and size), and where there are any ``confidence``, ``track_id`` and
        ``segmentation`` (shares).

    Raises
    ------
    InvalidInputError
        If all lines are oriented boxes.
    """
    kinds = _kinds(rows, field, keypoints)
    if len(rows) and kinds.oriented.all():
        raise InvalidInputError(
            field,
            f"has an oriented box (a class and four corners) in every line, such as "
            f"{shown(rows.text(0))} ({rows.places[0]})",
            _ORIENTED_REMEDY,
        )
    numbers = np.full((len(rows), 4), np.nan)
    numbers[kinds.boxes] = rows.numbers(np.flatnonzero(kinds.boxes), 1, 4)
    polygons = _add_polygons(rows, kinds, numbers)
    for bad, what, remedy in (
        (
            ~(kinds.boxes | kinds.polygons | kinds.oriented),
            "has another number of parts",
            _REMEDIES[field],
        ),
        (
            (kinds.boxes | kinds.polygons) & np.isnan(numbers).any(axis=1),
            "has a part that is no number",
            _REMEDIES[field],
        ),
        (kinds.oriented, "is an oriented box (a class and four corners)", _ORIENTED_REMEDY),
    ):
        at = np.flatnonzero(bad).tolist()
        if at:
            values = [rows.text(row) for row in at]
            faults.append(Fault(field, "line", at, values, what, remedy))
    columns: dict[str, Any] = {"image_id": image_column(rows), **class_column(rows)}
    columns |= dict(zip(BOX, np.ascontiguousarray(numbers.T), strict=True))
    if kinds.with_confidence.any():
        confidence = np.full(len(rows), np.nan)
        for which, start in (
            (kinds.boxes, BOX_PARTS + keypoints),
            (kinds.polygons, -1),
        ):
            at_rows = np.flatnonzero(which & kinds.with_confidence)
            confidence[at_rows] = rows.numbers(at_rows, start, 1)[:, 0]
        columns["confidence"] = confidence
    if kinds.with_track.any():
        track = np.full(len(rows), np.nan)
        at_rows = np.flatnonzero(kinds.with_track)
        track[at_rows] = rows.numbers(at_rows, _TRACKED_PARTS - 1, 1)[:, 0]
        columns["track_id"] = track
    if polygons is not None:
        columns["segmentation"] = polygons
    return pd.DataFrame(columns, copy=False)


def _kinds(rows: TextRows, field: str, keypoints: int) -> _Kinds:
    lengths = rows.lengths
    boxes = lengths == BOX_PARTS + keypoints
    nothing = np.zeros(len(lengths), dtype=bool)
    confidence, tracks = nothing, nothing
    even = lengths % 2 == 0
    polygons = (lengths > BOX_PARTS + 1) & ~boxes
    if field == "predictions":
        tracks = _tracks(rows, lengths) & ~boxes
        one_more = lengths == BOX_PARTS + keypoints + 1
        boxes = boxes | one_more | tracks
        polygons &= ~boxes
        confidence = one_more | tracks | (polygons & even)
    else:
        polygons &= ~even
    corners = polygons & (lengths - confidence == _CORNER_PARTS)
    oriented = corners if np.array_equal(corners, polygons) else nothing
    return _Kinds(boxes, polygons & ~oriented, oriented, confidence & ~oriented, tracks)


def _tracks(rows: TextRows, lengths: Rows) -> NDArray[np.bool_]:
    """Find lines with a track's number, which have as many parts as a polygon of three points."""
    found = lengths == _TRACKED_PARTS
    last = rows.numbers(np.flatnonzero(found), _TRACKED_PARTS - 1, 1)[:, 0]
    whole = (last >= 1) & (last == np.floor(last))
    return found if whole.all() else np.zeros_like(found)


def _add_polygons(
    rows: TextRows, kinds: _Kinds, numbers: NDArray[np.float64]
) -> NDArray[np.object_] | None:
    """Fill in the boxes of polygons, and give the polygons; None if there are none."""
    every = np.flatnonzero(kinds.polygons)
    if not len(every):
        return None
    masks = np.empty(len(rows), dtype=object)
    lengths = rows.lengths[every] - 1 - kinds.with_confidence[every]
    for length in np.unique(lengths).tolist():
        at = every[lengths == length]
        points = rows.numbers(at, 1, length).reshape(len(at), -1, 2)
        low, high = points.min(axis=1), points.max(axis=1)
        with np.errstate(invalid="ignore", over="ignore"):  # of numbers that are no boxes
            numbers[at, :2], numbers[at, 2:] = (low + high) / 2, high - low
        usable = np.isfinite(points).all(axis=(1, 2))
        for row, polygon in zip(at[usable].tolist(), points[usable], strict=True):
            masks[row] = [polygon.ravel().tolist()]
    return masks
