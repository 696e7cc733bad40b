"""Results of Ultralytics (8.4.190), whose boxes are in pixels of the original image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.adapters.categories import listed
from ea_widgets.data.adapters.rows import as_array, boxes_of, stack
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from ea_widgets.data.readers.opening import Given


class UltralyticsReader:
    """Reads Results, which are predictions; labels come from another format."""

    def recognises(self, given: Given) -> bool:
        """Tell whether it is one of Results, or a list of them."""
        source = given.source
        return _is_results(source[0] if isinstance(source, list | tuple) and source else source)

    def read_labels(self, given: Given) -> RawFrames:
        """Refuse: Results hold no labels."""
        raise InvalidInputError(
            given.field,
            "is a list of Results of Ultralytics, which are predictions",
            "Give the labels, such as the data.yaml that the model was trained with.",
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read boxes, or upright boxes around oriented ones."""
        results = [given.source] if _is_results(given.source) else list(given.source)
        names: dict[Any, Any] = {}
        keys, parts, oriented = [], [], False
        for row, result in enumerate(results):
            if not _is_results(result):
                raise InvalidInputError(
                    f"{given.field}[{row}]",
                    f"is of type {type(result).__name__}",
                    "Give the Results that `model.predict(...)` returns.",
                )
            names |= dict(result.names)
            keys.append(str(result.path))
            oriented |= result.boxes is None
            parts.append(_columns(result, f"{given.field}[{row}]"))
        frame = stack(keys, parts, "predictions")
        for column in ("class_id", "confidence"):
            if column not in frame:
                frame[column] = np.empty(0)
        notes = ["Oriented boxes were read as the upright boxes around them."] if oriented else []
        return RawFrames(predictions=frame, categories=listed(names), boxes="xyxy", notes=notes)


def _is_results(one: Any) -> bool:
    return all(hasattr(one, name) for name in ("boxes", "names", "path", "orig_shape"))


def _columns(result: Any, where: str) -> dict[str, Any]:
    boxes = result.boxes if result.boxes is not None else getattr(result, "obb", None)
    if boxes is None:
        raise InvalidInputError(
            where, "has no boxes", "Give the Results of a model that detects or segments."
        )
    corners = boxes_of(boxes.xyxy, f"{where}.boxes.xyxy")
    columns: dict[str, Any] = {"boxes": corners}
    if not len(corners):
        return columns
    columns["class_id"] = as_array(boxes.cls).astype(np.int64)
    columns["confidence"] = as_array(boxes.conf).astype(np.float64)
    if getattr(boxes, "id", None) is not None:
        columns["track_id"] = as_array(boxes.id).astype(np.int64)
    if getattr(result, "masks", None) is not None:
        polygons = [as_array(points).astype(np.float64) for points in result.masks.xy]
        columns["segmentation"] = [
            [points.ravel().tolist()] if len(points) >= 3 else None for points in polygons
        ]
    return columns
