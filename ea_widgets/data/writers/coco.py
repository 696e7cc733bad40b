"""Writes a Dataset as COCO: instances.json and predictions.json."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.adapters.rows import run_lengths
from ea_widgets.data.checks.refuse import BOX
from ea_widgets.data.writers.output_file import save
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from ea_widgets.data.frames import TidyFrames

LABELS, PREDICTIONS = "instances.json", "predictions.json"

_IMAGES = {"image_id": "id", "file_name": "file_name", "width": "width", "height": "height"}
_OBJECTS = {"image_id": "image_id", "class_name": "category_id", "segmentation": "segmentation"}
_LABELS = {"label_id": "id", **_OBJECTS, "is_crowd": "iscrowd", "ignore": "ignore"}
_PREDICTIONS = {"prediction_id": "id", **_OBJECTS, "confidence": "score"}
_MEANT = frozenset(
    {*_IMAGES.values(), *_LABELS.values(), *_PREDICTIONS.values(), "bbox", "area"}
    | {"keypoints", "category_name", "attributes"}
)
"""Names that mean something in COCO; a metric of such a name goes to `attributes`."""


def write_coco(frames: TidyFrames, folder: str | os.PathLike[str]) -> None:
    """Write the frames of a Dataset as ``instances.json`` and ``predictions.json``.

    Parameters
    ----------
    frames : TidyFrames
    folder : path
        Made if it is not there; files of these names in it are replaced.

    Raises
    ------
    InvalidInputError
        If it cannot be written to.

    Notes
    -----
    Further columns become fields of the same names, missing values no field. `area` is the
    box's where no area is stated, since COCO's own tools need one.
    """
    numbers = _category_ids(frames)
    number_of = dict(zip(frames.class_names, numbers, strict=True))
    labels = _fields(frames.labels, _LABELS, number_of)
    box_area = (frames.labels["width"] * frames.labels["height"]).abs()
    area = frames.labels.get("coco_area", box_area).fillna(box_area)
    labels["area"] = area.tolist()
    labels["iscrowd"] = [int(crowd) for crowd in labels["iscrowd"]]
    labels["ignore"] = [1 if ignored else None for ignored in labels["ignore"]]
    truth = {
        "info": {"description": "Written by ea_widgets"},
        "images": _entries(_fields(frames.images, _IMAGES, number_of), frames.images, _IMAGES),
        "annotations": _entries(labels, frames.labels, _LABELS),
        "categories": [{"id": id_, "name": name} for name, id_ in number_of.items()],
    }
    found = _fields(frames.predictions, _PREDICTIONS, number_of)
    ids = found["id"]
    if ids == list(range(len(ids))):  # positions are given again by whoever reads it
        found["id"] = [None] * len(ids)
    results = _entries(found, frames.predictions, _PREDICTIONS)
    path = Path(os.path.expanduser(folder))  # noqa: PTH111  # Path's raises for unknown users
    try:
        path.mkdir(parents=True, exist_ok=True)
        for name, content in ((LABELS, truth), (PREDICTIONS, results)):
            text = json.dumps(content, allow_nan=False, separators=(",", ":"))
            save(path / name, text.encode("ascii"))
    except OSError as error:
        raise InvalidInputError(
            "folder",
            f"is {str(path)[:300]!r}, which cannot be written to ({error.strerror})",
            "Give a folder that you may write to.",
        ) from error


def _category_ids(frames: TidyFrames) -> list[int]:
    """Give the numbers that the labels gave to classes, else 1, 2, 3, ..."""
    given = () if frames.suspicions is None else frames.suspicions.class_ids
    numbers = [id_ for id_ in given if isinstance(id_, int) and not isinstance(id_, bool)]
    if len(set(numbers)) == len(frames.class_names):
        return numbers
    return list(range(1, len(frames.class_names) + 1))


def _fields(
    frame: pd.DataFrame, names: dict[str, str], number_of: dict[str, int]
) -> dict[str, list[Any]]:
    """Give the columns that mean something in COCO, by their names there."""
    fields: dict[str, list[Any]] = {}
    for column, name in names.items():
        if column == "class_name" and column in frame:
            fields[name] = [number_of[one] for one in frame[column].tolist()]
        elif column == "segmentation" and column in frame:
            fields[name] = [_mask(one) for one in frame[column].tolist()]
        elif column in frame:
            fields[name] = _plain(frame[column])
    if "x" in frame and "image_id" in fields:
        fields["bbox"] = frame[list(BOX)].to_numpy(np.float64).tolist()
    return fields


def _entries(
    fields: dict[str, list[Any]], frame: pd.DataFrame, names: dict[str, str]
) -> list[dict[str, Any]]:
    """Join the fields and all further columns of single values, row by row."""
    known = {*names, *BOX, "coco_area"}
    further = {
        str(column): values
        for column in frame
        if column not in known and (values := _plain(frame[column])) is not None
    }
    apart = {name: further.pop(name) for name in [*further] if name in _MEANT}
    entries = _rows({**fields, **further}, len(frame))
    for entry, attributes in zip(entries, _rows(apart, len(frame)), strict=True):
        if attributes:
            entry["attributes"] = attributes
    return entries


def _rows(columns: dict[str, list[Any]], count: int) -> list[dict[str, Any]]:
    if not columns:
        return [{} for _ in range(count)]
    names = tuple(columns)
    return [
        {name: cell for name, cell in zip(names, cells, strict=True) if cell is not None}
        for cells in zip(*columns.values(), strict=True)
    ]


def _plain(values: pd.Series) -> Any:
    """Give a column as values of JSON, None where one is missing; None for lists and objects."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = values.astype(str).where(values.notna())
    elif pd.api.types.is_timedelta64_dtype(values.dtype):
        values = values.dt.total_seconds()
    cells = [
        None if missing else cell
        for cell, missing in zip(values.tolist(), values.isna().tolist(), strict=True)
    ]
    if all(isinstance(cell, str | int | float | bool | None) for cell in cells):
        return cells
    return None


def _mask(mask: Any) -> Any:
    """Give a mask as lists and numbers: bitmaps as run lengths, bytes as text."""
    if isinstance(mask, np.ndarray):
        return run_lengths(mask[np.newaxis])[0] if mask.ndim == 2 else mask.tolist()
    if isinstance(mask, dict):
        return {key: _mask(value) for key, value in mask.items()}
    if isinstance(mask, list | tuple):
        return [_mask(part) for part in mask]
    if isinstance(mask, bytes):
        return mask.decode("ascii")
    return mask.item() if isinstance(mask, np.generic) else mask
