"""Writes labels as tasks of Label Studio."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ea_widgets.data.checks.refuse import BOX
from ea_widgets.data.writers.output_file import write

if TYPE_CHECKING:
    import os

    from ea_widgets.data.frames import TidyFrames


def write_label_studio(
    frames: TidyFrames, path: str | os.PathLike[str], attributes: tuple[str, ...] = ()
) -> None:
    """Write images and labels as tasks with annotations, which ``ea.read_label_studio`` reads.

    Parameters
    ----------
    frames : TidyFrames
    path : path
    attributes : tuple of str
        Columns of text of the labels that become choices of regions.

    Raises
    ------
    InvalidInputError
        If it cannot be written to.

    Notes
    -----
    Boxes are written, in per cent of the image. The format has no crowds.
    """
    images = frames.images.to_dict("records")
    results: dict[Any, list[dict[str, Any]]] = {image["image_id"]: [] for image in images}
    size = {image["image_id"]: (image["width"], image["height"]) for image in images}
    for label in frames.labels.to_dict("records"):
        if isinstance(label["class_name"], str):
            image_id = label["image_id"]
            results[image_id] += _regions(label, size[image_id], attributes)
    tasks = [
        {
            "id": image["image_id"],
            "data": {"image": image.get("file_name") or str(image["image_id"])},
            "annotations": [{"result": results[image["image_id"]]}],
        }
        for image in images
    ]
    write(path, json.dumps(tasks, allow_nan=False, separators=(",", ":")))


def _regions(
    label: dict[Any, Any], size: tuple[float, float], attributes: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Give a label as a rectangle, and its attributes as choices of the same region."""
    width, height = (float(side) for side in size)
    shared = {
        "id": str(label["label_id"]),
        "to_name": "image",
        "original_width": int(width),
        "original_height": int(height),
        "image_rotation": 0,
    }
    whole = (width, height, width, height)
    box = {side: 100 * float(label[side]) / of for side, of in zip(BOX, whole, strict=True)}
    said = [name for name in attributes if isinstance(label.get(name), str)]
    return [
        {
            **shared,
            "from_name": "label",
            "type": "rectanglelabels",
            "value": {**box, "rotation": 0, "rectanglelabels": [label["class_name"]]},
        },
        *(
            {
                **shared,
                "from_name": name,
                "type": "choices",
                "value": {**box, "rotation": 0, "choices": [label[name]]},
            }
            for name in said
        ),
    ]
