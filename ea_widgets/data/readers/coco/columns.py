"""From lists of COCO entries to the columns of raw frames."""

from __future__ import annotations

from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd

from ea_widgets.data.checks.raw_frames import Fault
from ea_widgets.data.checks.refuse import BOX
from ea_widgets.data.readers.coco.schema import PlainPrediction
from ea_widgets.data.readers.coco.segmentations import find_boxes
from ea_widgets.data.readers.parsing.attributes import RESERVED, add_attributes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.readers.opening import Given

BOX_FIELDS = tuple((column, f"bbox[{place}]") for place, column in enumerate(BOX))
"""Names of a box's columns in COCO, for errors."""

IMAGE_FIELDS = {"id": "image_id", "width": "width", "height": "height", "file_name": "file_name"}
LABEL_FIELDS = {
    "id": "label_id",
    "image_id": "image_id",
    "category_id": "class_id",
    "iscrowd": "is_crowd",
    "ignore": "ignore",
    "segmentation": "segmentation",
    "area": "coco_area",
}
PREDICTION_FIELDS = {
    "id": "prediction_id",
    "image_id": "image_id",
    "category_id": "class_id",
    "category_name": "class_name",
    "score": "confidence",
    "file_name": "file_name",
    "segmentation": "segmentation",
}
_NUMBERS = frozenset({"score", "area", "width", "height"})
_ALWAYS = frozenset({"image_id", "class_id", "confidence"})
_READ_APART = frozenset({"attributes", "bbox", "keypoints", "segmentation", "category_name"})


def entry_frame(
    entries: Sequence[Any], fields: dict[str, str], name: str, faults: list[Fault]
) -> pd.DataFrame:
    """Give the fields of entries as columns, without boxes.

    Parameters
    ----------
    entries : sequence
        Structs, or whatever stands in a file.
    fields : dict of str to str
        Name in the file, and name of the column.
    name : str
        The frame's name, for faults.
    faults : list of Fault
        One is added where entries are no objects.

    Returns
    -------
    DataFrame
        Fields that no entry has are left out, but for ids and scores.
    """
    if _are_structs(entries):
        cells = {
            field: list(map(attrgetter(field), entries))
            for field in fields
            if field in entries[0].__struct_fields__
        }
        further: list[dict[str, Any]] = []
    else:
        objects = as_objects(entries, name, faults)
        cells = {field: [entry.get(field) for entry in objects] for field in fields}
        further = further_fields(objects, {*fields, *_READ_APART})
    columns = {}
    for field, values in cells.items():
        column = _column(values, numbers=field in _NUMBERS)
        if column is not None or fields[field] in _ALWAYS:
            given = _objects(values) if column is None else column
            # As a Series, or pandas looks for text in it, which must be Unicode then.
            typed = given.dtype != np.dtype(object)
            columns[fields[field]] = given if typed else pd.Series(given, dtype=object)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(entries)), copy=False)
    return add_attributes(frame, further, RESERVED) if any(further) else frame


_OTHER_NAMES = {
    "image_id": ("file_name", "image", "image_name", "img_id", "filename"),
    "score": ("confidence", "conf", "probability"),
    "bbox": ("box",),
    "category_id": ("class_id", "cls", "class", "label", "category"),
}
"""What hand-made results call COCO's fields."""

_INSTEAD = {"bbox": {"segmentation", "keypoints"}, "category_id": {"category_name"}}
"""Fields that make others needless."""


def with_usual_names(entries: Sequence[Any], notes: list[str]) -> Sequence[Any]:
    """Give predictions with COCO's names of fields, where no entry has them but others' names.

    Parameters
    ----------
    entries : sequence
        Whatever stands in a file.
    notes : list of str
        A sentence is added for each name.

    Returns
    -------
    sequence
        `entries` themselves where nothing is to be done.
    """
    objects = [entry for entry in entries if isinstance(entry, dict)]
    usual: dict[str, str] = {}
    for field, others in _OTHER_NAMES.items():
        known = {field, *_INSTEAD.get(field, ())}
        if any(not known.isdisjoint(entry) for entry in objects):
            continue
        other = next((name for name in others if any(name in entry for entry in objects)), None)
        if other is not None:
            usual[other] = field
            notes.append(f"The predictions have no `{field}`; `{other}` was read for it.")
    if not usual:
        return entries
    return [
        {usual.get(name, name): value for name, value in entry.items()}
        if isinstance(entry, dict)
        else entry
        for entry in entries
    ]


def further_fields(
    entries: Sequence[dict[str, Any]], known: Collection[str]
) -> list[dict[str, Any]]:
    """Give each entry's own fields, and the parts of its `attributes`, as far as they are scalars.

    Parameters
    ----------
    entries : sequence of dict
    known : collection of str
        Fields that are read otherwise.

    Returns
    -------
    list of dict
        Fields that hold a list or an object in some entry are left out everywhere.
    """
    found = []
    for entry in entries:
        attributes = entry.get("attributes")
        own = {str(field): value for field, value in entry.items() if field not in known}
        if isinstance(attributes, dict):
            own |= {str(field): value for field, value in attributes.items()}
        found.append(own)
    unfit = {
        field
        for own in found
        for field, value in own.items()
        if not isinstance(value, str | int | float | bool | None)
    }
    if unfit:
        found = [{f: value for f, value in own.items() if f not in unfit} for own in found]
    return found


def plain_frame(given: Given) -> pd.DataFrame | None:
    """Give predictions that have the four fields of COCO and no other as typed columns.

    A piece of the file at a time: what was decoded is in the processor's cache when its columns
    are taken, and the memory is used again for the next piece.

    Parameters
    ----------
    given : Given

    Returns
    -------
    DataFrame or None
        None if they are no list in a file, the entries are others, or an id has more than 63 bits.
    """
    if given.path is None:
        return None
    pieces = []
    try:
        for piece in _pieces(given.raw):
            entries = _PLAIN.decode(piece)
            number = len(entries)
            image, category = (
                np.fromiter(map(attrgetter(field), entries), np.int64, number)
                for field in ("image_id", "category_id")
            )
            score = np.fromiter(map(attrgetter("score"), entries), np.float64, number)
            corners = chain.from_iterable(map(attrgetter("bbox"), entries))
            boxes = np.fromiter(corners, np.float64, 4 * number).reshape(-1, 4).T
            pieces.append((image, category, score, *boxes))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, ValueError, OverflowError):
        return None
    if not pieces:
        return None
    names = ("image_id", "class_id", "confidence", *BOX)
    columns = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return pd.DataFrame(dict(zip(names, columns, strict=True)), copy=False)


_PLAIN = msgspec.json.Decoder(list[PlainPrediction])

_PIECE = 1 << 20
"""Bytes decoded at once, about."""


def _pieces(raw: bytes) -> Iterator[bytes]:
    """Cut a list of flat objects into lists of some of them.

    Raises
    ------
    ValueError
        If it is no list, or something else is between the objects.
    """
    start, stop = raw.find(b"[") + 1, raw.rfind(b"]")
    if raw[: start - 1].strip() or raw[stop + 1 :].strip() or start > stop:
        raise ValueError
    while start < stop:
        end = raw.find(b"}", start + _PIECE, stop) + 1
        if not end:
            yield b"[" + raw[start:stop] + b"]"
            return
        yield b"[" + raw[start:end] + b"]"
        following = raw.find(b",", end, stop)
        between = raw[end : stop if following < 0 else following]
        if between.strip():
            raise ValueError
        start = stop if following < 0 else following + 1


def _are_structs(entries: Sequence[Any]) -> bool:
    return bool(entries) and isinstance(entries[0], msgspec.Struct)


def as_objects(entries: Sequence[Any], name: str, faults: list[Fault]) -> list[dict[str, Any]]:
    """Give entries as dicts, empty ones for those that are no objects, which are faults."""
    odd = [row for row, entry in enumerate(entries) if not isinstance(entry, dict)]
    if not odd:
        return list(entries)
    faults.append(
        Fault(
            name,
            "",
            odd,
            [entries[row] for row in odd],
            "is not an object",
            "Every entry is an object, with its fields by name.",
        )
    )
    return [entry if isinstance(entry, dict) else {} for entry in entries]


def _column(values: list[Any], *, numbers: bool = False) -> NDArray[Any] | None:
    """Type a column if all of its values are whole numbers or floats; None if it is empty."""
    if values and values[0] is None and values.count(None) == len(values):
        return None
    kinds = set(map(type, values))
    if not kinds:
        return None
    try:
        if kinds == {int} and not numbers:
            return np.fromiter(values, np.int64, len(values))
        if kinds == {float} or (numbers and kinds <= {int, float}):
            return np.fromiter(values, np.float64, len(values))
    except OverflowError:
        pass
    return _objects(values)


def _objects(values: list[Any]) -> NDArray[Any]:
    return np.fromiter(values, object, len(values))


def add_boxes(frame: pd.DataFrame, entries: Sequence[Any], name: str, faults: list[Fault]) -> None:
    """Add the columns of the boxes, taken from masks or keypoints where an entry has none.

    Parameters
    ----------
    frame : DataFrame
        Of labels or predictions; changed.
    entries : sequence
        The entries, as many as rows.
    name : str
        "labels" or "predictions".
    faults : list of Fault
        Faults are added: entries without a box, or of another form.

    Raises
    ------
    InvalidInputError
        If run lengths are met without pycocotools.
    """
    if _are_structs(entries):
        boxes: list[Any] = list(map(attrgetter("bbox"), entries))
        if None not in boxes:
            numbers = np.fromiter(chain.from_iterable(boxes), np.float64, 4 * len(boxes))
            for column, values in zip(
                BOX, np.ascontiguousarray(numbers.reshape(-1, 4).T), strict=True
            ):
                frame[column] = values
            return
        masks = [entry.segmentation for entry in entries]
        points = [entry.keypoints for entry in entries]
    else:
        objects = [entry if isinstance(entry, dict) else {} for entry in entries]
        boxes, masks, points = (
            [entry.get(field) for entry in objects]
            for field in ("bbox", "segmentation", "keypoints")
        )
    found, of_mask = find_boxes(boxes, masks, points, name, faults)
    for place, column in enumerate(BOX):
        values = [None if box is None else box[place] for box in found]
        typed = _column(values, numbers=True)
        if typed is None:
            typed = np.full(len(values), np.nan)
        is_odd = typed.dtype == np.dtype(object)
        frame[column] = pd.Series(typed, dtype=object) if is_odd else typed
    if any(of_mask):
        frame["box_is_of_mask"] = np.array(of_mask, dtype=bool)
