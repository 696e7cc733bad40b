"""YOLO labels and predictions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ea_widgets.data.checks.raw_frames import Fault, RawFrames, broken_files
from ea_widgets.data.checks.refuse import BOX, Source
from ea_widgets.data.readers.opening import read_rows
from ea_widgets.data.readers.parsing.class_files import categories_beside
from ea_widgets.data.readers.parsing.image_files import image_frame, image_ids, rows_of_images
from ea_widgets.data.readers.parsing.text_layout import are_shares, text_layout
from ea_widgets.data.readers.yolo.layout import find_config, find_layout
from ea_widgets.data.readers.yolo.lines import read_lines
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from ea_widgets.data.readers.opening import Given

_FORM = "cxcywhn"


class YoloReader:
    """Reads YOLO's text files."""

    def recognises(self, given: Given) -> bool:
        """Tell whether it is a ``data.yaml``, or a folder of text files with such lines."""
        try:
            if find_config(given) is not None and given.field == "labels":
                return True
            return text_layout(given) == "yolo"
        except InvalidInputError:
            return False

    def read_labels(self, given: Given) -> RawFrames:
        """Read images and labels."""
        layout = find_layout(given)
        paths = {f"{key}.txt": os.fspath(at) for key, at in layout.label_files.items()}
        rows = read_rows(given.field, paths)
        faults: list[Fault] = []
        frame = read_lines(rows, "labels", layout.keypoints, faults)
        images = image_frame(given, layout.label_files, layout.images, layout.notes)
        faults += broken_files(rows_of_images(rows, images))
        frame["image_id"] = image_ids(rows.files, rows.stems, images)
        shares = not len(frame) or are_shares(frame[list(BOX)].to_numpy())
        if shares:
            check_sizes_can_be_had(given, layout.pixels, len(frame))
        else:
            layout.notes.append(_PIXELS)
        return RawFrames(
            images=images,
            labels=frame,
            categories=categories_beside(given, layout.classes),
            boxes=_FORM if shares else "cxcywh",
            polygons_are_shares=shares,
            pixels=layout.pixels,
            notes=layout.notes + ([_NO_KEYPOINTS] if layout.keypoints else []),
            faults=faults,
            sources={"labels": Source("labels", places=rows.places)},
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read a folder of text files."""
        rows = given.rows
        if rows is None:
            raise InvalidInputError(
                given.field,
                "is not a folder of text files",
                "Give the folder that save_txt wrote (.../labels), or predictions.json.",
            )
        faults: list[Fault] = []
        frame = read_lines(rows, "predictions", 0, faults)
        return RawFrames(
            predictions=frame,
            categories=categories_beside(given),
            boxes=_FORM,
            polygons_are_shares=True,
            faults=faults,
            sources={"predictions": Source("predictions", places=rows.places)},
        )


_PIXELS = (
    "Most boxes of the labels are no shares of the image, as YOLO writes them: their numbers are "
    "above 1. They were read as centre and size in pixels; `boxes={'labels': ...}` says it "
    "otherwise."
)
_NO_KEYPOINTS = "Keypoints of the labels are not evaluated, and were left out."


def check_sizes_can_be_had(given: Given, pixels: Any, count: int) -> None:
    """Refuse boxes that are shares of images that nobody can find."""
    if count and pixels is None and given.images is None:
        raise InvalidInputError(
            "images",
            "is not given, and there are no image files beside the labels",
            "Boxes are shares of the images here, so their sizes are needed: give `images=` the "
            "folder of the images.",
        )
