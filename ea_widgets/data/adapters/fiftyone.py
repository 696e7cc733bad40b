"""Samples of FiftyOne (1.22.1): labels and predictions in fields of one collection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.adapters.rows import boxes_of, stack
from ea_widgets.data.adapters.supervision import common_folder
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from ea_widgets.data.readers.opening import Given

_FIELDS = {
    "labels": ("label_field", "ground_truth"),
    "predictions": ("prediction_field", "predictions"),
}
_OWN = frozenset({"id", "index", "instance", "tags", "attributes", "mask", "mask_path"})
_NAMES = {"iscrowd": "is_crowd", "label": "class_name"}


class FiftyOneReader:
    """Reads the detections of two fields."""

    def recognises(self, given: Given) -> bool:
        """Tell whether it is a collection of samples."""
        return hasattr(given.source, "iter_samples")

    def read_labels(self, given: Given) -> RawFrames:
        """Read images and labels."""
        keys, parts, images = _read(given)
        frame = stack(keys, parts, "labels")
        if "class_name" not in frame:
            frame["class_name"] = np.empty(0, dtype=object)
        names = [image["file_name"] for image in images]
        return RawFrames(
            images=pd.DataFrame(
                images, columns=["image_id", "file_name", "width", "height"], dtype=object
            ),
            labels=frame,
            boxes="xywhn",
            pixels=common_folder(names),
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read predictions."""
        keys, parts, _ = _read(given)
        frame = stack(keys, parts, "predictions")
        for column in ("class_name", "confidence"):
            if column not in frame:
                frame[column] = None if len(frame) else np.empty(0, dtype=object)
        return RawFrames(predictions=frame, boxes="xywhn")


def _read(given: Given) -> tuple[list[Any], list[dict[str, Any]], list[dict[str, Any]]]:
    argument, usual = _FIELDS[given.field]
    field = (given.options or {}).get(argument, usual)
    keys, parts, images, found = [], [], [], False
    for sample in given.source:
        key = str(sample.id)
        if not sample.has_field(field):
            raise InvalidInputError(
                argument,
                f"is {shown(field)}, which the sample {key} has not",
                "Name the field of the detections, such as 'ground_truth'.",
            )
        detections = getattr(sample[field], "detections", None)
        found |= detections is not None
        keys.append(key)
        parts.append(_columns(detections or [], f"{given.field}[{key}]", given.field))
        metadata = sample.metadata
        images.append(
            {
                "image_id": key,
                "file_name": sample.filepath,
                "width": getattr(metadata, "width", None),
                "height": getattr(metadata, "height", None),
            }
        )
    if keys and not found:
        raise InvalidInputError(
            argument,
            f"is {shown(field)}, which holds no detections in any sample",
            "Name a field of the type Detections.",
        )
    return keys, parts, images


def _columns(detections: list[Any], where: str, field: str) -> dict[str, Any]:
    """Give label, confidence and the attributes of one sample's detections as columns."""
    columns: dict[str, Any] = {
        "boxes": boxes_of([one.bounding_box for one in detections], where),
        "class_name": [one.label for one in detections],
    }
    if field == "predictions":
        columns["confidence"] = [one.confidence for one in detections]
    attributes = [dict(one.iter_attributes()) for one in detections]
    for name in sorted({name for one in attributes for name in one}):
        if name not in _OWN:
            columns[_NAMES.get(name, name)] = [one.get(name) for one in attributes]
    return columns
