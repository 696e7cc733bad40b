"""From COCO files or loaded objects to typed entries."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ea_widgets.data.readers.coco.schema import (
    Annotation,
    Category,
    Image,
    NamedImage,
    Prediction,
    clean_entries,
)
from ea_widgets.errors import InvalidInputError

_Decoded = TypeVar("_Decoded")

_LONGEST_SHOWN = 300  # a whole JSON text may be given for a path

_LABEL_KEYS = ("images", "annotations", "categories")
_LABELS_REMEDY = "COCO labels are an object with the lists 'images', 'annotations', 'categories'."
_PREDICTIONS_REMEDY = (
    "COCO predictions are a list of objects with image_id, category_id, bbox and score."
)


class LabelFile(msgspec.Struct):
    """What is read of a COCO label file."""

    images: list[Image]
    annotations: list[Annotation]
    categories: list[Category]


class _PredictionFile(msgspec.Struct):
    """Predictions in the form of a whole data set, with images and categories of their own."""

    annotations: list[Prediction]
    images: list[NamedImage] | None = None
    categories: list[Category] | None = None


@dataclass(frozen=True)
class Predictions:
    """What is read of a COCO results file.

    Parameters
    ----------
    path : str
        The list's name in errors: "predictions" or "predictions.annotations".
    entries : list of Prediction
        In the order of the file.
    images : list of NamedImage or None
        Images that the file itself numbers.
    categories : list of Category or None
        Categories that the file itself numbers.
    """

    path: str
    entries: list[Prediction]
    images: list[NamedImage] | None = None
    categories: list[Category] | None = None


def read_labels(source: Any) -> LabelFile:
    """Read COCO labels.

    Parameters
    ----------
    source : path, dict or pycocotools.coco.COCO
        A JSON file, or what is in it.

    Returns
    -------
    LabelFile
        Typed entries; values are not checked yet.

    Raises
    ------
    InvalidInputError
        If there is no such file, it is not JSON, or not of COCO's form.
    """
    raw, content = _open("labels", source)
    decoded = _decode(raw, content, LabelFile)
    if decoded is not None:
        return decoded
    content = _parse("labels", raw, content)
    if isinstance(content, list):
        raise InvalidInputError(
            "labels",
            "is a list, as COCO predictions are",
            f"{_LABELS_REMEDY} Were labels and predictions swapped?",
        )
    _check_object("labels", content, _LABEL_KEYS, _LABELS_REMEDY)
    return LabelFile(
        images=clean_entries("labels.images", content["images"], Image),
        annotations=clean_entries("labels.annotations", content["annotations"], Annotation),
        categories=clean_entries("labels.categories", content["categories"], Category),
    )


def read_predictions(source: Any) -> Predictions:
    """Read COCO predictions.

    Parameters
    ----------
    source : path, list, dict or pycocotools.coco.COCO
        A JSON file, or what is in it: a list of results, or a whole data set whose annotations
        have a score.

    Returns
    -------
    Predictions
        Typed entries; values are not checked yet.

    Raises
    ------
    InvalidInputError
        If there is no such file, it is not JSON, or not of COCO's form.
    """
    raw, content = _open("predictions", source)
    is_object = _starts_with_brace(raw) if raw is not None else isinstance(content, dict)
    if is_object:
        return _read_data_set(raw, content)
    decoded = _decode(raw, content, list[Prediction])
    if decoded is not None:
        return Predictions("predictions", decoded)
    content = _parse("predictions", raw, content)
    if isinstance(content, dict):  # a file that starts with a byte order mark
        return _read_data_set(None, content)
    if not isinstance(content, list | tuple):
        raise InvalidInputError(
            "predictions", f"is {_kind(content)}, not a list", _PREDICTIONS_REMEDY
        )
    return Predictions("predictions", clean_entries("predictions", content, Prediction))


def _read_data_set(raw: bytes | None, content: Any) -> Predictions:
    decoded = _decode(raw, content, _PredictionFile)
    path = "predictions.annotations"
    if decoded is not None:
        return Predictions(path, decoded.annotations, decoded.images, decoded.categories)
    content = _parse("predictions", raw, content)
    _check_object("predictions", content, ("annotations",), _PREDICTIONS_REMEDY)
    annotations = content["annotations"]
    if isinstance(annotations, list) and not any(
        isinstance(entry, dict) and "score" in entry for entry in annotations
    ):
        raise InvalidInputError(
            "predictions",
            "is an object whose annotations have no score, as COCO labels are",
            f"{_PREDICTIONS_REMEDY} Were labels and predictions swapped?",
        )
    images, categories = content.get("images"), content.get("categories")
    return Predictions(
        path,
        clean_entries(path, annotations, Prediction),
        None if images is None else clean_entries("predictions.images", images, NamedImage),
        None
        if categories is None
        else clean_entries("predictions.categories", categories, Category),
    )


def _open(field: str, source: Any) -> tuple[bytes | None, Any]:
    """Give the bytes of a file, or the object that was given."""
    if not isinstance(source, str | os.PathLike):
        loaded = getattr(source, "dataset", source)  # pycocotools' COCO keeps the object there
        if isinstance(loaded, dict | list | tuple):
            return None, loaded
        raise InvalidInputError(
            field,
            f"is of type {type(source).__name__}",
            "Give the path of a COCO JSON file, or the object that json.load makes of one.",
        )
    path = Path(source)
    try:
        return path.read_bytes(), None
    except FileNotFoundError:
        raise InvalidInputError(
            field, f"is {_shown(path)}, which does not exist", "Give the path of a COCO JSON file."
        ) from None
    except IsADirectoryError:
        raise InvalidInputError(
            field, f"is {_shown(path)}, which is a folder", "Give the path of a COCO JSON file."
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error  # without the path, which may be long
        raise InvalidInputError(
            field, f"is {_shown(path)}, which cannot be read ({why})", "Check path and rights."
        ) from error


def _shown(path: Path) -> str:
    text = repr(str(path))
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _decode(raw: bytes | None, content: Any, form: type[_Decoded]) -> _Decoded | None:
    """Decode at once if everything is as it should be; None tells to look closer."""
    try:
        if raw is None:
            return msgspec.convert(content, form)
        return msgspec.json.decode(raw, type=form)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def _parse(field: str, raw: bytes | None, content: Any) -> Any:
    """Parse without a form, and with the NaN and Infinity that Python's json writes."""
    if raw is None:
        return content
    try:
        return json.loads(raw)
    except json.JSONDecodeError as error:
        raise InvalidInputError(
            field,
            f"is not JSON: {error.msg} in line {error.lineno}, column {error.colno}",
            "Give a COCO JSON file; was it written completely?",
        ) from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise InvalidInputError(
            field, f"is not JSON: {error}", "Give a COCO JSON file, encoded as UTF-8."
        ) from None


def _check_object(field: str, content: Any, keys: tuple[str, ...], remedy: str) -> None:
    if not isinstance(content, dict):
        raise InvalidInputError(field, f"is {_kind(content)}, not an object", remedy)
    missing = [repr(key) for key in keys if key not in content]
    if missing:
        shown = ", ".join(repr(key) for key in list(content)[:10]) or "none"
        noun = "key" if len(missing) == 1 else "keys"
        raise InvalidInputError(
            field, f"lacks the {noun} {', '.join(missing)}", f"{remedy} Its keys: {shown}."
        )


def _kind(content: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", type(None): "null"}
    return names.get(type(content), "a number" if isinstance(content, int | float) else "no object")


def _starts_with_brace(raw: bytes) -> bool:
    return raw[:256].lstrip()[:1] == b"{"
