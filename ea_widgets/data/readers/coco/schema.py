"""Entries of COCO files: their types, and what to say of those that do not fit."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ea_widgets.data.checks.refuse import Source, refuse
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Box = tuple[float, float, float, float]

# gc=False: the garbage collector need not track entries, which cannot form cycles; with half a
# million of them it would take more time than decoding.


class Image(msgspec.Struct, gc=False):
    """An image of the label file."""

    id: int | str
    width: float
    height: float
    file_name: str | None = None


class NamedImage(msgspec.Struct, gc=False):
    """An image of a prediction file that numbers its own."""

    id: int | str
    file_name: str | None = None


class Category(msgspec.Struct, gc=False):
    """A category."""

    id: int
    name: str


class Annotation(msgspec.Struct, gc=False):
    """A label."""

    image_id: int | str
    category_id: int
    id: int | str | None = None
    bbox: Box | None = None
    area: float | None = None
    iscrowd: bool | int | None = None
    ignore: bool | int | None = None
    segmentation: Any = None


class Prediction(msgspec.Struct, gc=False):
    """A prediction."""

    image_id: int | str
    category_id: int
    score: float
    bbox: Box | None = None
    segmentation: Any = None
    file_name: str | None = None


_Entry = TypeVar("_Entry", bound=msgspec.Struct)


def _id(value: Any) -> int | str:
    if isinstance(value, str):
        return value
    return _whole(value)


def _whole(value: Any) -> int:
    number = _number(value)
    if not number.is_integer():
        raise TypeError
    return int(value)  # exact, where the float is not


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError
    return float(value)


def _box(value: Any) -> Box | None:
    if value is None or len(value) == 0:
        return None
    x, y, width, height = value
    return _number(x), _number(y), _number(width), _number(height)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(_whole(value))  # classes named 0, 1, 2


def _file_name(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def _flag(value: Any) -> int:
    if value is not None and value not in {0, 1}:  # True and False are among them
        raise TypeError
    return int(value or 0)


def _area(value: Any) -> float | None:
    return None if value is None else _number(value)


def _optional_id(value: Any) -> int | str | None:
    return None if value is None else _id(value)


_KINDS: dict[str, tuple[Callable[[Any], Any], str, str]] = {
    "id": (_optional_id, "is neither a whole number nor text", "Ids are whole numbers or text."),
    "image_id": (_id, "is neither a whole number nor text", "Ids are whole numbers or text."),
    "category_id": (_whole, "is not a whole number", "Give the id of one of the categories."),
    "bbox": (_box, "is not four numbers", "Boxes are [x, y, width, height] in pixels."),
    "score": (_number, "is not a number", "Give scores from 0 to 1."),
    "width": (_number, "is not a number", "Give the size of each image in pixels."),
    "height": (_number, "is not a number", "Give the size of each image in pixels."),
    "area": (_area, "is not a number", "Give areas in square pixels, or leave them out."),
    "iscrowd": (_flag, "is neither 0 nor 1", "Give 1 for true, 0 for false."),
    "ignore": (_flag, "is neither 0 nor 1", "Give 1 for true, 0 for false."),
    "name": (_text, "is not text", "Give every category a name."),
    "file_name": (_file_name, "is not text", "Give file names as text, or leave them out."),
    "segmentation": (lambda value: value, "", ""),
}


def clean_entries(path: str, entries: Any, form: type[_Entry]) -> list[_Entry]:
    """Bring entries of untyped JSON into their form, or say what is wrong with all of them.

    This is the slow way, taken when decoding at once has failed: for an error that names every
    place, or for values that fit after all, such as NaN, whole floats and numpy's numbers.

    Parameters
    ----------
    path : str
        The list's name in errors, such as "labels.annotations".
    entries : object
        What stands there; should be a list of dicts.
    form : type
        One of the structs of this module.

    Returns
    -------
    list
        Instances of `form`, in the same order.

    Raises
    ------
    InvalidInputError
        If `entries` is no list, an entry no object, or a field missing or of the wrong type.
    """
    if not isinstance(entries, list | tuple):
        raise InvalidInputError(
            path, f"is of type {type(entries).__name__}, not a list", "Is the file in COCO's form?"
        )
    source = Source(path, path)
    refuse(
        source,
        "",
        [row for row, entry in enumerate(entries) if not isinstance(entry, dict)],
        entries,
        what="is not an object",
        remedy="Every entry is an object, with its fields by name.",
    )
    columns = {}
    for field in msgspec.structs.fields(form):
        kind = "category_id" if form is Category and field.name == "id" else field.name
        columns[field.name] = _clean_field(source, field, _KINDS[kind], entries)
    return [
        form(**dict(zip(columns, values, strict=True)))
        for values in zip(*columns.values(), strict=True)
    ]


def _clean_field(
    source: Source, field: Any, kind: tuple[Callable[[Any], Any], str, str], entries: Sequence[Any]
) -> list[Any]:
    convert, what, remedy = kind
    values = [entry.get(field.name) for entry in entries]
    if field.required:
        missing = [row for row, value in enumerate(values) if value is None]
        refuse(source, field.name, missing, entries, what="is missing", remedy=remedy)
    bad = []
    for row, value in enumerate(values):
        try:
            values[row] = convert(value)
        except (TypeError, ValueError, OverflowError):
            bad.append(row)
    if bad:
        given = [entry.get(field.name) for entry in entries]
        refuse(source, field.name, bad, given, what=what, remedy=remedy)
    return values
