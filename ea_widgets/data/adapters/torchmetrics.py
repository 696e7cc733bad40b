"""Dicts of boxes, scores and labels, as torchmetrics (1.9.0) and torchvision have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.adapters.categories import listed
from ea_widgets.data.adapters.image_keys import items_by_image
from ea_widgets.data.adapters.rows import as_array, boxes_of, first_of, run_lengths, stack
from ea_widgets.data.adapters.sizes import add_sizes
from ea_widgets.data.checks.agreement.box_forms import parse_form
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.data.readers.coco.segmentations import find_boxes
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.readers.opening import Given

_COLUMNS = {
    "labels": {
        "labels": "class_id",
        "iscrowd": "is_crowd",
        "area": "coco_area",
    },
    "predictions": {"labels": "class_id", "scores": "confidence"},
}


class TorchmetricsReader:
    """Reads a dict of tensors or arrays per image."""

    def recognises(self, given: Given) -> bool:
        """Tell whether the first dict has boxes, or masks with labels."""
        first = first_of(given.source)
        return isinstance(first, Mapping) and ("boxes" in first or {"masks", "labels"} <= {*first})

    def read_labels(self, given: Given) -> RawFrames:
        """Read images and labels."""
        keys, parts, sizes = _parts(given)
        form = _box_form(given)
        raw = RawFrames(
            images=pd.DataFrame({"image_id": pd.Series(keys, dtype=object)}),
            labels=stack(keys, parts, "labels"),
            categories=listed((given.options or {}).get("classes")),
            boxes=form,
        )
        if "class_id" not in raw.labels:  # type: ignore[operator]  # just made
            raw.labels["class_id"] = np.empty(0, dtype=np.int64)  # type: ignore[index]  # just made
        if sizes and len(sizes) == len(keys):  # masks are of the image's size
            raw.images["width"], raw.images["height"] = zip(*sizes, strict=True)  # type: ignore[index]  # just made
        else:
            add_sizes(raw, given, self, _pixel_boxes)
        return raw

    def read_predictions(self, given: Given) -> RawFrames:
        """Read predictions."""
        keys, parts, _ = _parts(given)
        frame = stack(keys, parts, "predictions")
        for column in ("class_id", "confidence"):
            if column not in frame:
                frame[column] = np.empty(0)
        return RawFrames(
            predictions=frame,
            categories=listed((given.options or {}).get("prediction_classes")),
            boxes=_box_form(given),
        )


def _box_form(given: Given) -> str:
    form = str((given.options or {}).get("box_format", "xyxy"))
    parse_form(form, "box_format")
    return form


def _parts(given: Given) -> tuple[list[Any], list[dict[str, Any]], list[tuple[int, int]]]:
    """Give ids of images, columns of each, and sizes where there are masks."""
    keys, items = items_by_image(given)
    parts, sizes = [], []
    for key, item in zip(keys, items, strict=True):
        where = f"{given.field}[{key!r}]"
        _check(item, given.field, where)
        part: dict[str, Any] = {
            column: as_array(item[name]).reshape(-1)
            for name, column in _COLUMNS[given.field].items()
            if item.get(name) is not None
        }
        masks = item.get("masks")
        if masks is not None:
            masks = as_array(masks)
            if masks.ndim != 3:
                raise InvalidInputError(
                    f"{where}.masks", f"is of shape {masks.shape}", "Give (n, height, width)."
                )
            sizes.append((masks.shape[2], masks.shape[1]))
            part["segmentation"] = run_lengths(masks)
        if item.get("boxes") is None:
            part["boxes"] = _boxes_of_masks(masks, given)
        else:
            part["boxes"] = boxes_of(item["boxes"], f"{where}.boxes")
        parts.append(part)
    return keys, parts, sizes


def _check(item: Any, field: str, where: str) -> None:
    if not isinstance(item, Mapping):
        raise InvalidInputError(
            where, f"is of type {type(item).__name__}", "Give a dict for every image."
        )
    if field == "labels" and "scores" in item:
        raise InvalidInputError(
            where,
            "has scores, which labels have not",
            "Were labels and predictions swapped? torchmetrics takes predictions first.",
        )
    wanted = ("labels", "scores") if field == "predictions" else ("labels",)
    lacking = [name for name in wanted if item.get(name) is None]
    if item.get("boxes") is None and item.get("masks") is None:
        lacking.insert(0, "boxes")
    if lacking:
        swapped = "Were labels and predictions swapped? " if lacking == ["scores"] else ""
        raise InvalidInputError(
            where,
            f"lacks {', '.join(map(repr, lacking))}",
            f"{swapped}Every image has a dict of boxes, labels and, of predictions, scores.",
        )


def _boxes_of_masks(masks: Any, given: Given) -> Any:
    """Give the boxes around masks, in the form that boxes are given in."""
    pixels = [mask != 0 for mask in masks]
    found, _ = find_boxes([None] * len(pixels), pixels, [None] * len(pixels), given.field, [])
    boxes = np.array(found, dtype=np.float64).reshape(-1, 4)
    form = _box_form(given)
    if form == "xyxy":
        boxes[:, 2:] += boxes[:, :2]
    elif form == "cxcywh":
        boxes[:, :2] += boxes[:, 2:] / 2
    return boxes


def _pixel_boxes(given: Given) -> tuple[list[Any], list[NDArray[np.float64]]]:
    form = parse_form(_box_form(given))
    keys, parts, _ = _parts(given)
    nothing = np.zeros(1)
    return keys, [form.to_pixels(part["boxes"].T, nothing, nothing) for part in parts]
