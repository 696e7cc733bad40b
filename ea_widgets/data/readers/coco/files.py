"""From COCO files or objects to lists of entries: structs at once, or dicts if one is odd."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ea_widgets.data.readers.coco.schema import (
    LabelFile,
    LabelFileWithImageFields,
    Prediction,
    PredictionFile,
)
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ea_widgets.data.readers.opening import Given

_Decoded = TypeVar("_Decoded")

WRAPPERS = ("predictions", "results", "detections")
"""Keys that hand-made files keep the list of results under."""

_SCORES = frozenset({"score", "confidence"})
_LABEL_KEYS = ("images", "annotations", "categories")
_LABELS_REMEDY = "COCO labels are an object with the lists 'images', 'annotations', 'categories'."
_PREDICTIONS_REMEDY = (
    "COCO predictions are a list of objects with image_id, category_id, bbox and score."
)


@dataclass(frozen=True)
class Entries:
    """What is read of a COCO file.

    Parameters
    ----------
    path : str
        Name of the list of objects in errors, such as "labels.annotations".
    objects : sequence
        Labels or predictions: structs of :mod:`ea_widgets.data.readers.coco.schema`, or whatever
        stands in the file.
    images, categories : sequence or None
        Likewise; None where the file has no such list.
    """

    path: str
    objects: Sequence[Any]
    images: Sequence[Any] | None = None
    categories: Sequence[Any] | None = None


def read_label_entries(given: Given) -> Entries:
    """Read COCO labels.

    Parameters
    ----------
    given : Given
        A JSON file, or what is in it.

    Returns
    -------
    Entries
        Values are not checked yet.

    Raises
    ------
    InvalidInputError
        If there is no such file, it is not JSON, or not of COCO's form.
    """
    path = "labels.annotations"
    for form in (LabelFile, LabelFileWithImageFields):
        decoded: Any = _decode(given, form)
        if decoded is not None:
            return Entries(path, decoded.annotations, decoded.images, decoded.categories)
    content = given.json
    _refuse_other_types(given)
    if isinstance(content, list | tuple):
        raise InvalidInputError(
            "labels",
            "is a list, as COCO predictions are",
            f"{_LABELS_REMEDY} Were labels and predictions swapped?",
        )
    _check_object("labels", content, _LABEL_KEYS, _LABELS_REMEDY)
    images, annotations, categories = (
        _check_list(f"labels.{key}", content[key]) for key in _LABEL_KEYS
    )
    return Entries(path, annotations, images, categories)


def read_prediction_entries(given: Given) -> Entries:
    """Read COCO predictions.

    Parameters
    ----------
    given : Given
        A JSON file, or what is in it: a list of results, or a whole data set whose annotations
        have a score.

    Returns
    -------
    Entries
        Values are not checked yet.

    Raises
    ------
    InvalidInputError
        If there is no such file, it is not JSON, or not of COCO's form.
    """
    is_list = isinstance(given.content, list | tuple)
    if given.path is not None:
        is_list = given.raw[:256].lstrip()[:1] == b"["
    if is_list:
        decoded = _decode(given, list[Prediction])
        if decoded is not None:
            return Entries("predictions", decoded)
    else:
        whole = _decode(given, PredictionFile)
        if whole is not None:
            return Entries(
                "predictions.annotations", whole.annotations, whole.images, whole.categories
            )
    content = given.json
    if isinstance(content, list | tuple):
        return Entries("predictions", content)
    _refuse_other_types(given)
    if not isinstance(content, dict):
        raise InvalidInputError(
            "predictions", f"is {_kind(content)}, not a list", _PREDICTIONS_REMEDY
        )
    if "annotations" not in content and "image_id" in content:
        return Entries("predictions", [content])  # JSON Lines of one line
    wrapped = next((key for key in WRAPPERS if isinstance(content.get(key), list | tuple)), None)
    if "annotations" not in content and wrapped is not None:
        return Entries(f"predictions.{wrapped}", content[wrapped])
    return _read_data_set(content)


def _read_data_set(content: dict[str, Any]) -> Entries:
    _check_object("predictions", content, ("annotations",), _PREDICTIONS_REMEDY)
    annotations = content["annotations"]
    if isinstance(annotations, list) and not any(
        isinstance(entry, dict) and not _SCORES.isdisjoint(entry) for entry in annotations
    ):
        raise InvalidInputError(
            "predictions",
            "is an object whose annotations have no score, as COCO labels are",
            f"{_PREDICTIONS_REMEDY} Were labels and predictions swapped?",
        )
    path = "predictions.annotations"
    images, categories = (
        None if content.get(key) is None else _check_list(f"predictions.{key}", content[key])
        for key in ("images", "categories")
    )
    return Entries(path, _check_list(path, annotations), images, categories)


def _decode(given: Given, form: type[_Decoded]) -> _Decoded | None:
    """Decode at once if everything is as it should be; None tells to look closer."""
    try:
        if given.path is None:
            return msgspec.convert(given.content, form)
        return msgspec.json.decode(given.raw, type=form)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, ValueError, OverflowError):
        return None
    except SystemError:  # msgspec 0.19, of a whole number of more than 4,300 digits
        return None


def _refuse_other_types(given: Given) -> None:
    if given.path is None and not isinstance(given.content, dict | list | tuple):
        raise InvalidInputError(
            given.field,
            f"is of type {type(given.source).__name__}",
            "Give the path of a COCO JSON file, or the object that json.load makes of one.",
        )


def _check_object(field: str, content: Any, keys: tuple[str, ...], remedy: str) -> None:
    if not isinstance(content, dict):
        raise InvalidInputError(field, f"is {_kind(content)}, not an object", remedy)
    missing = [repr(key) for key in keys if key not in content]
    if missing:
        some = ", ".join(repr(str(key)[:40]) for key in list(content)[:10]) or "none"
        noun = "key" if len(missing) == 1 else "keys"
        raise InvalidInputError(
            field, f"lacks the {noun} {', '.join(missing)}", f"{remedy} Its keys: {some}."
        )


def _check_list(path: str, entries: Any) -> Sequence[Any]:
    if isinstance(entries, list | tuple):
        return entries
    raise InvalidInputError(
        path, f"is of type {type(entries).__name__}, not a list", "Is the file in COCO's form?"
    )


def _kind(content: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", type(None): "null"}
    return names.get(type(content), "a number" if isinstance(content, int | float) else "no object")
