"""YOLO labels and predictions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ea_widgets.data.checks.refuse import Source
from ea_widgets.data.readers.base import Fault, RawFrames
from ea_widgets.data.readers.opening import read_small
from ea_widgets.data.readers.parsing.class_files import categories_beside
from ea_widgets.data.readers.parsing.image_files import image_frame, image_ids
from ea_widgets.data.readers.parsing.text_rows import split_rows
from ea_widgets.data.readers.read import read
from ea_widgets.data.readers.text_layout import text_layout
from ea_widgets.data.readers.yolo.layout import find_config, find_layout
from ea_widgets.data.readers.yolo.lines import read_lines
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.readers.opening import Given

_FORM = "cxcywhn"


def read_yolo(
    labels: str | os.PathLike[str],
    predictions: Any,
    images: Any = None,
    *,
    split: str = "val",
    names: Sequence[str] | None = None,
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
) -> Dataset:
    """Read labels in YOLO's text format, with predictions of any format.

    Parameters
    ----------
    labels : path
        A ``data.yaml``; darknet's ``obj.data``; or a folder of text files, one per image, with
        lines ``class x_center y_center width height`` or ``class x1 y1 x2 y2 ...`` (a polygon),
        in shares of the image. Folders that a ``data.yaml`` names and that were moved are looked
        for beside it. An image without a label file, or with an empty one, has no labels.
    predictions : path or object
        A folder of text files as Ultralytics writes them with ``save_txt`` and ``save_conf``
        (``class x_center y_center width height confidence``), its ``predictions.json``, or any
        other format that :func:`ea_widgets.read` knows. Without confidences AP is NaN.
    images : path, mapping or callable, optional
        Where pixels come from, and with them the sizes of images, which the format does not
        hold. Default: the folder of images beside the labels.
    split : str, default "val"
        Which images of a ``data.yaml``: "train", "val" or "test".
    names : sequence of str, optional
        Names of the classes, by number. Default: those of the ``data.yaml``, or of
        ``classes.txt`` or a ``.names`` file beside the labels.
    on_problem, boxes, class_ids : optional
        As :func:`ea_widgets.read` takes them.

    Returns
    -------
    Dataset
        Image ids are the stems of files. Polygons are kept as ``segmentation``, numbers of tracks
        as ``track_id``.

    Raises
    ------
    InvalidInputError
        As :func:`ea_widgets.read`; if there are no label files, or no image to take a size from;
        or if all lines are oriented boxes.

    Notes
    -----
    The format holds no ids of labels, no crowds, nothing to be ignored and no attributes; keypoints
    are not kept.
    """
    options: dict[str, Any] = {"split": split}
    if names is not None:
        options["names"] = names
    return read(
        labels,
        predictions,
        images,
        format={"labels": "yolo"},
        on_problem=on_problem,
        boxes=boxes,
        class_ids=class_ids,
        options=options,
    )


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
        rows = split_rows(
            (f"{key}.txt", read_small(given.field, os.fspath(at)))
            for key, at in layout.label_files.items()
        )
        faults: list[Fault] = []
        frame = read_lines(rows, "labels", layout.keypoints, faults)
        images = image_frame(given, layout.label_files, layout.images, layout.notes)
        frame["image_id"] = image_ids(rows.files, rows.stems, images)
        check_sizes_can_be_had(given, layout.pixels, len(frame))
        return RawFrames(
            images=images,
            labels=frame,
            categories=categories_beside(given, layout.classes),
            boxes=_FORM,
            polygons_are_shares=True,
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
