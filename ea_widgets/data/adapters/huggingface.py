"""Object detection datasets of Hugging Face (datasets 5.2.0), and predictions of transformers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.adapters.categories import listed
from ea_widgets.data.adapters.image_keys import image_keys, items_by_image
from ea_widgets.data.adapters.rows import as_array, boxes_of, first_of, stack
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.data.readers.opening import Given

_COLUMNS = {
    "category": "class",
    "label": "class",
    "category_id": "class",
    "labels": "class",
    "id": "label_id",
    "bbox_id": "label_id",
    "area": "coco_area",
    "iscrowd": "is_crowd",
}
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def _is_dataset(source: Any) -> bool:
    return hasattr(source, "features") and hasattr(source, "column_names")


def _splits(source: Any) -> list[Any]:
    """Name the splits of a DatasetDict; none of anything else."""
    if not isinstance(source, Mapping) or not all(map(_is_dataset, source.values())):
        return []
    return list(source)


class HuggingFaceReader:
    """Reads labels from a column of objects."""

    def recognises(self, given: Given) -> bool:
        """Tell whether it is a dataset with features, or a dict of such, by split."""
        return _is_dataset(given.source) or bool(_splits(given.source))

    def read_labels(self, given: Given) -> RawFrames:
        """Read images and labels."""
        dataset, options = given.source, given.options or {}
        splits = _splits(dataset)
        if splits:
            raise InvalidInputError(
                given.field,
                f"is a dict of splits: {', '.join(map(repr, splits[:5]))}",
                f"Give one of them: `dataset[{splits[0]!r}]`.",
            )
        column = options.get("objects", "objects")
        if column not in dataset.column_names:
            raise unknown_option("objects", column, dataset.column_names)
        keys = image_keys(dataset) or []
        rows = dataset
        if hasattr(dataset, "select_columns"):  # without decoding every image
            known = [name for name in dataset.column_names if name != "image"]
            rows = dataset.select_columns(known)
        parts, images = [], []
        for key, row in zip(keys, rows, strict=True):
            parts.append(_columns(row[column], f"labels[{key!r}].{column}"))
            images.append({name: row[name] for name in row if name not in {column, "image"}})
        frame = stack(keys, parts, "labels")
        names = _class_names(dataset.features[column])
        text = "class" in frame and len(frame) and isinstance(frame["class"].iloc[0], str)
        frame = frame.rename(columns={"class": "class_name" if text else "class_id"})
        if not {"class_name", "class_id"} & set(frame):
            frame["class_id"] = np.empty(0) if not len(frame) else None
        table = pd.DataFrame(images, index=range(len(keys)))
        table["image_id"] = pd.Series(keys, dtype=object)
        pixels = _pixels(dataset, keys)
        return RawFrames(
            images=table,
            labels=frame,
            categories=None if text else listed(options.get("classes") or names),
            pixels=pixels,
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Refuse: the objects of a dataset are labels."""
        raise InvalidInputError(
            given.field,
            "is a dataset of Hugging Face, whose objects are labels",
            "Give what a pipeline or post_process_object_detection returns for each image.",
        )


class PipelineReader:
    """Reads what the object-detection pipeline of transformers gives for each image."""

    def recognises(self, given: Given) -> bool:
        """Tell whether items are lists of dicts with score, label and box."""
        source = given.source
        items = list(source.values()) if isinstance(source, Mapping) else source
        if not isinstance(items, list | tuple) or not all(isinstance(one, list) for one in items):
            return False
        first = first_of(next((one for one in items if one), None))
        return isinstance(first, Mapping) and {"score", "label", "box"} <= set(first)

    def read_labels(self, given: Given) -> RawFrames:
        """Refuse: a pipeline gives predictions."""
        raise InvalidInputError(
            given.field,
            "is what a pipeline returns, which are predictions",
            "Were labels and predictions swapped?",
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read predictions."""
        keys, items = items_by_image(given)
        parts = []
        for key, item in zip(keys, items, strict=True):
            where = f"predictions[{key!r}]"
            try:
                boxes = [[one["box"][side] for side in _CORNERS] for one in item]
                labels = [one["label"] for one in item]
                scores = [one["score"] for one in item]
            except (KeyError, TypeError) as error:
                raise InvalidInputError(
                    where,
                    f"lacks {shown(error.args[0])} in one of its objects",
                    "Give dicts with score, label, and box with xmin, ymin, xmax, ymax.",
                ) from None
            parts.append(
                {"boxes": boxes_of(boxes, where), "class_name": labels, "confidence": scores}
            )
        frame = stack(keys, parts, "predictions")
        for column in ("class_name", "confidence"):
            if column not in frame:
                frame[column] = np.empty(0)
        return RawFrames(predictions=frame, boxes="xyxy")


def _columns(objects: Any, where: str) -> dict[str, Any]:
    """Give the objects of one image, lists by field or a list of dicts, as columns."""
    if isinstance(objects, list):
        fields = dict.fromkeys(name for one in objects for name in one)
        objects = {name: [one.get(name) for one in objects] for name in fields}
    if not isinstance(objects, Mapping) or (objects and "bbox" not in objects):
        raise InvalidInputError(
            where, f"is {shown(objects)}", "Objects have bbox, and category or label."
        )
    columns: dict[str, Any] = {"boxes": boxes_of(objects.get("bbox", []), f"{where}.bbox")}
    for name, values in objects.items():
        if name != "bbox":
            columns[_COLUMNS.get(str(name), str(name))] = values
    return columns


def _class_names(feature: Any) -> list[str] | None:
    """Find the names of a ClassLabel among the features of the objects."""
    inner = getattr(feature, "feature", feature)  # a list of dicts, or a dict of lists
    if isinstance(inner, list):
        inner = inner[0]
    for name, kind in inner.items() if isinstance(inner, Mapping) else ():
        names = getattr(getattr(kind, "feature", kind), "names", None)
        if _COLUMNS.get(name) == "class" and names is not None:
            return list(names)
    return None


def _pixels(dataset: Any, keys: list[Any]) -> Callable[[Any], Any] | None:
    if "image" not in dataset.column_names:
        return None
    rows = {key: row for row, key in enumerate(keys)}

    def pixels(image_id: Any) -> Any:
        return as_array(dataset[rows[image_id]]["image"])

    return pixels
