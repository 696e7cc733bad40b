"""Detections and DetectionDataset of supervision (0.31.2)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.adapters.categories import listed
from ea_widgets.data.adapters.image_keys import items_by_image
from ea_widgets.data.adapters.rows import as_array, boxes_of, first_of, run_lengths, stack
from ea_widgets.data.adapters.sizes import add_sizes
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.readers.opening import Given

_NAMES = "class_name"


class SupervisionReader:
    """Reads a DetectionDataset, or Detections by image."""

    def recognises(self, given: Given) -> bool:
        """Tell whether it has the attributes of either."""
        return _is_dataset(given.source) or _is_detections(first_of(given.source))

    def read_labels(self, given: Given) -> RawFrames:
        """Read images and labels."""
        keys, items = _items(given)
        parts = [_columns(item, f"labels[{key!r}]") for key, item in zip(keys, items, strict=True)]
        for part in parts:
            part.pop("confidence", None)
        raw = RawFrames(
            images=pd.DataFrame({"image_id": pd.Series(keys, dtype=object)}),
            labels=stack(keys, parts, "labels"),
            categories=_categories(given),
            boxes="xyxy",
        )
        if all(isinstance(key, str) for key in keys):
            raw.images["file_name"] = keys  # type: ignore[index]  # just made
        if _is_dataset(given.source):
            raw.pixels = common_folder(keys)
        add_sizes(raw, given, self, _pixel_boxes)
        return raw

    def read_predictions(self, given: Given) -> RawFrames:
        """Read predictions."""
        keys, items = _items(given)
        parts = []
        for key, item in zip(keys, items, strict=True):
            where = f"predictions[{key!r}]"
            part = _columns(item, where)
            if len(part["boxes"]) and part.get("confidence") is None:
                raise InvalidInputError(
                    f"{where}.confidence",
                    "is None, as in detections that are labels",
                    "Every prediction needs a confidence. Were labels and predictions swapped?",
                )
            parts.append(part)
        frame = stack(keys, parts, "predictions")
        if "confidence" not in frame:
            frame["confidence"] = np.empty(0)
        return RawFrames(predictions=frame, categories=_categories(given), boxes="xyxy")


def _is_detections(item: Any) -> bool:
    return all(hasattr(item, name) for name in ("xyxy", "class_id", "confidence", "data"))


def _is_dataset(source: Any) -> bool:
    return all(hasattr(source, name) for name in ("image_paths", "annotations", "classes"))


def _items(given: Given) -> tuple[list[Any], list[Any]]:
    source = given.source
    if _is_dataset(source):
        keys = list(source.image_paths)
        return keys, [source.annotations[key] for key in keys]
    keys, items = items_by_image(given)
    for key, item in zip(keys, items, strict=True):
        if not _is_detections(item):
            raise InvalidInputError(
                f"{given.field}[{key!r}]",
                f"is of type {type(item).__name__}",
                "Give an sv.Detections for every image, Detections.empty() for one without.",
            )
    return keys, items


def _columns(item: Any, where: str) -> dict[str, Any]:
    boxes = boxes_of(item.xyxy, f"{where}.xyxy")
    columns: dict[str, Any] = {"boxes": boxes}
    if not len(boxes):
        return columns
    for name, values in (
        ("confidence", item.confidence),
        ("class_id", item.class_id),
        ("track_id", getattr(item, "tracker_id", None)),
    ):
        if values is not None:
            columns[name] = as_array(values)
    if getattr(item, "mask", None) is not None:
        columns["segmentation"] = run_lengths(item.mask)
    for name, values in item.data.items():
        array = as_array(values)
        if array.ndim == 1:
            columns[name] = array
    return columns if {"class_id", _NAMES} & set(columns) else columns | {"class_id": None}


def _categories(given: Given) -> list[tuple[Any, Any]] | None:
    return listed((given.options or {}).get("classes") or getattr(given.source, "classes", None))


def _pixel_boxes(given: Given) -> tuple[list[Any], list[NDArray[np.float64]]]:
    keys, items = _items(given)
    corners = [boxes_of(item.xyxy, given.field).T for item in items]
    return keys, [np.concatenate([box[:2], box[2:] - box[:2]]) for box in corners]


def common_folder(paths: Sequence[str]) -> str | None:
    """Give the folder that all images of a dataset are in; None if it is not on this machine."""
    if not paths or not Path(paths[0]).is_file():
        return None
    try:
        folder = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])  # noqa: PTH100, PTH120  # as text
    except ValueError:  # on two drives
        return None
    return folder
