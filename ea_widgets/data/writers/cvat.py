"""Writes labels as "CVAT for images 1.1"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ea_widgets.data.checks.refuse import BOX
from ea_widgets.data.writers.output_file import write

if TYPE_CHECKING:
    import os

    from ea_widgets.data.frames import TidyFrames

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_cvat(
    frames: TidyFrames, path: str | os.PathLike[str], attributes: tuple[str, ...] = ()
) -> None:
    """Write images and labels as one XML file, which ``ea.read_cvat`` and CVAT read.

    Parameters
    ----------
    frames : TidyFrames
    path : path
    attributes : tuple of str
        Columns of the labels that become attributes of shapes; missing values are left out.

    Raises
    ------
    InvalidInputError
        If it cannot be written to.

    Notes
    -----
    A mask of one polygon is a polygon, any other label a box. The format has no crowds.
    """
    root = Element("annotations")
    SubElement(root, "version").text = "1.1"
    names = SubElement(SubElement(SubElement(root, "meta"), "task"), "labels")
    for name in frames.class_names:
        SubElement(SubElement(names, "label"), "name").text = _text(name)
    elements = {}
    for position, image in enumerate(frames.images.to_dict("records")):
        id_ = image["image_id"]
        fields = {
            "id": id_ if isinstance(id_, int) else position,
            "name": image.get("file_name") or id_,
            "width": int(image["width"]),
            "height": int(image["height"]),
        }
        elements[id_] = SubElement(root, "image", {k: _text(v) for k, v in fields.items()})
    for label in frames.labels.to_dict("records"):
        shape = _shape(label)
        for name in attributes:
            if (
                isinstance(label.get(name), str | int | float) and label[name] == label[name]
            ):  # not NaN
                SubElement(shape, "attribute", {"name": name}).text = _text(label[name])
        if isinstance(label["class_name"], str):
            elements[label["image_id"]].append(shape)
    indent(root)
    write(path, f"<?xml version='1.0' encoding='utf-8'?>\n{tostring(root, 'unicode')}\n")


def _shape(label: dict[Any, Any]) -> Element:
    x, y, width, height = (float(label[side]) for side in BOX)
    fields = {"label": _text(label["class_name"]), "source": "manual", "occluded": "0"}
    mask = label.get("segmentation")
    if isinstance(mask, list) and len(mask) == 1 and isinstance(mask[0], list):
        pairs = zip(mask[0][::2], mask[0][1::2], strict=True)
        points = ";".join(f"{float(a)!r},{float(b)!r}" for a, b in pairs)
        return Element("polygon", {**fields, "points": points, "z_order": "0"})
    ends = {"xtl": x, "ytl": y, "xbr": x + width, "ybr": y + height}
    return Element("box", {**fields, **{k: repr(v) for k, v in ends.items()}, "z_order": "0"})


def _text(value: Any) -> str:
    return _NOT_IN_XML.sub("\ufffd", str(value))
