"""MMDetection's results in memory: a list over images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.adapters.categories import listed
from ea_widgets.data.adapters.image_keys import items_by_image
from ea_widgets.data.adapters.rows import as_array, boxes_of, first_of, stack
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from ea_widgets.data.readers.opening import Given

_NAMES = ("img_id", "img_path", "ori_filename")
_REMEDY = (
    "Give a list over images of lists over classes of arrays of shape (n, 5) with x1, y1, x2, y2 "
    "and score, or of dicts with `pred_instances`: bboxes, scores and labels."
)


class MmdetectionReader:
    """Reads results of MMDetection 2 (arrays by class) and 3 (``pred_instances``).

    Kept are boxes, scores, masks as run lengths, and what names the image. Lists of version 2 name
    no images: they are those of the labels, in the same order. No version names classes: the option
    ``prediction_classes`` does, else they are numbers from 0, and ``class_ids`` of
    :func:`ea_widgets.read` says what these mean.
    """

    def recognises(self, given: Given) -> bool:
        """Tell whether the first image has arrays by class, or ``pred_instances``."""
        first: Any = first_of(given.source) if given.field == "predictions" else None
        if isinstance(first, Mapping):
            return "pred_instances" in first
        classes = first[0] if _has_masks(first) else first
        return (
            isinstance(classes, list | tuple)
            and bool(classes)
            and all(getattr(one, "ndim", 0) == 2 and one.shape[1] == 5 for one in classes)
        )

    def read_labels(self, given: Given) -> RawFrames:
        """Refuse: the format holds predictions only.

        Raises
        ------
        InvalidInputError
            Always.
        """
        raise InvalidInputError(
            given.field,
            "is a list of MMDetection's results, which are predictions",
            "Give the labels that the model was tested on, such as a COCO file.",
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read the boxes of all images.

        Raises
        ------
        InvalidInputError
            If an image is of another form, or there are more or fewer than the labels have.
        """
        source = given.source
        first = first_of(source)
        if isinstance(first, Mapping) and any(first.get(name) is not None for name in _NAMES):
            items = list(source)
            keys = [_key(index, item) for index, item in enumerate(items)]
        else:
            keys, items = items_by_image(given, given.label_images)
        parts = []
        for index, item in enumerate(items):
            try:
                parts.append(_part(item, f"{given.field}[{index}]"))
            except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
                if isinstance(error, InvalidInputError):
                    raise
                raise InvalidInputError(
                    f"{given.field}[{index}]", f"cannot be read ({error!r:.200})", _REMEDY
                ) from None
        frame = stack(keys, parts, given.field)
        for column in ("class_id", "confidence"):
            if column not in frame:
                frame[column] = np.empty(0)
        return RawFrames(
            predictions=frame,
            categories=listed((given.options or {}).get("prediction_classes")),
            boxes="xyxy",
        )


def _has_masks(image: Any) -> bool:
    """Tell whether an image of version 2 is a pair of boxes and masks, each by class."""
    return isinstance(image, tuple) and len(image) == 2 and isinstance(image[0], list | tuple)


def _key(index: int, item: Any) -> Any:
    named = [item[name] for name in _NAMES if item.get(name) is not None]
    if not named:
        raise InvalidInputError(
            f"predictions[{index}]", "does not name its image, as others do", _REMEDY
        )
    return named[0]


def _part(image: Any, where: str) -> dict[str, Any]:
    """Give the columns of one image."""
    if isinstance(image, Mapping):
        found = image["pred_instances"]
        part: dict[str, Any] = {
            "boxes": boxes_of(found["bboxes"], f"{where}.bboxes"),
            "class_id": as_array(found["labels"]).reshape(-1),
            "confidence": as_array(found["scores"]).reshape(-1),
        }
        masks = found.get("masks") if isinstance(found, Mapping) else None
        if isinstance(masks, list | tuple):
            part["segmentation"] = masks
        return part
    masks = image[1] if _has_masks(image) else None
    by_class = [as_array(one) for one in (image[0] if _has_masks(image) else image)]
    lengths = [len(one) for one in by_class]
    rows = np.concatenate([np.empty((0, 5)), *(one.reshape(-1, 5) for one in by_class)])
    part = {
        "boxes": rows[:, :4],
        "class_id": np.repeat(np.arange(len(by_class)), lengths),
        "confidence": rows[:, 4],
    }
    if masks is not None:
        part["segmentation"] = [mask for of_class in masks for mask in of_class]
    return part
