"""CVAT for images 1.1: one XML file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.core.geometry.placed_runs import placed_runs
from ea_widgets.data.checks.raw_frames import TURNED, TURNED_REMEDY, Fault, RawFrames
from ea_widgets.data.checks.refuse import BOX, Source
from ea_widgets.data.checks.values import as_id, as_number
from ea_widgets.data.readers.parsing.attributes import RESERVED, add_attributes, typed_column
from ea_widgets.data.readers.parsing.xml_tree import parse_xml
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from ea_widgets.data.readers.opening import Given

_FLAGS = {"0": False, "1": True}
_CONFIDENCES = ("confidence", "score")
_SHAPES = frozenset({"box", "polygon", "mask"})
_NO_BOXES = frozenset({"polyline", "points", "cuboid", "ellipse", "skeleton"})
_CORNERS = ("xtl", "ytl", "xbr", "ybr")
_GEOMETRY = frozenset({*_CORNERS, "points", "rle", "left", "top", "width", "height", "label"})


class CvatReader:
    """Reads CVAT for images."""

    def recognises(self, given: Given) -> bool:
        """Tell whether the root of an XML file is ``annotations``."""
        head = given.head
        return head[:1] == b"<" and b"<annotations" in head

    def read_labels(self, given: Given) -> RawFrames:
        """Read images, shapes and tags."""
        root = _root(given)
        elements = root.findall("image")
        images, tags = _images(elements)
        shapes = _Shapes("labels", elements, images)
        frame = add_attributes(shapes.frame, shapes.attributes, RESERVED)
        return RawFrames(
            images=images,
            labels=frame,
            categories=_categories(root, frame["class_name"].tolist(), tags),
            notes=shapes.notes(),
            faults=shapes.faults,
            sources={
                "images": Source("images", "labels.image", (("image_id", "id"),)),
                "labels": Source("labels", "labels.shapes"),
                "categories": Source("categories", "labels.meta.labels"),
            },
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read shapes that have a confidence among their attributes."""
        elements = _root(given).findall("image")
        images, _ = _images(elements)
        shapes = _Shapes("predictions", elements, images)
        name = next(
            (name for name in _CONFIDENCES if any(name in one for one in shapes.attributes)), None
        )
        if name is None and len(shapes.frame):
            raise InvalidInputError(
                given.field,
                "is CVAT's, whose shapes have no confidence",
                "Give every shape an attribute 'confidence', or predictions in another format. "
                "Were labels and predictions swapped?",
            )
        frame = shapes.frame
        confidence = [one.pop(name, None) if name else None for one in shapes.attributes]
        frame["confidence"] = pd.Series(confidence, dtype=object)
        return RawFrames(
            images=images[["image_id", "file_name"]],
            predictions=add_attributes(frame, shapes.attributes, RESERVED),
            notes=shapes.notes(),
            faults=shapes.faults,
            sources={"predictions": Source("predictions", "predictions.shapes")},
        )


def _root(given: Given) -> Element:
    root = parse_xml(given)
    if root.tag != "annotations" or root.find("track") is not None:
        video = root.tag == "annotations"
        raise InvalidInputError(
            given.field,
            "is CVAT for video, with tracks"
            if video
            else f"has the root <{root.tag[:40]}>, not <annotations>",
            "Export the task as 'CVAT for images 1.1'.",
        )
    return root


def _images(elements: Sequence[Element]) -> tuple[pd.DataFrame, set[str]]:
    """Give the images, with their tags as columns, and the names of the tags."""
    frame = pd.DataFrame(
        {
            column: pd.Series([element.get(name) for element in elements], dtype=object)
            for column, name in (
                *(("image_id", "id"), ("file_name", "name")),
                *(("width", "width"), ("height", "height"), ("subset", "subset")),
            )
        }
    )
    ids = [as_id(cell) for cell in frame["image_id"].tolist()]
    frame["image_id"] = pd.Series(ids, dtype=object)
    if frame["subset"].isna().all():
        frame = frame.drop(columns="subset")
    tags = {tag.get("label") or "" for element in elements for tag in element.findall("tag")}
    rows: list[dict[str, Any]] = []
    for element in elements:
        row: dict[str, Any] = dict.fromkeys(sorted(tags), False)
        for tag in element.findall("tag"):
            label = tag.get("label") or ""
            row[label] = True
            row |= {f"{label} {name}": value for name, value in _attributes(tag).items()}
        rows.append(row)
    return add_attributes(frame, rows, RESERVED), tags


def _attributes(element: Element) -> dict[str, Any]:
    return {one.get("name") or "": (one.text or "").strip() for one in element.findall("attribute")}


def _categories(root: Element, used: Sequence[Any], tags: set[str]) -> list[tuple[str, str]]:
    """List the labels of the task in its order, without those that are tags only."""
    meta = root.find("meta")
    listed = [] if meta is None else [one.findtext("name") for one in meta.iter("label")]
    seen = set(used)
    names = [name for name in listed if name and (name in seen or name not in tags)]
    # Their names stand for ids: CVAT has none.
    return [(name, name) for name in dict.fromkeys([*names, *(name for name in used if name)])]


class _Shapes:
    """The shapes of all images that have a box, and what is odd among them."""

    def __init__(self, kind: str, elements: Sequence[Element], images: pd.DataFrame) -> None:
        self.kind = kind
        self.faults: list[Fault] = []
        self.attributes: list[dict[str, Any]] = []
        self._other = Counter[str]()
        rows: list[dict[str, Any]] = []
        sizes = zip(images["width"].tolist(), images["height"].tolist(), strict=True)
        for element, image_id, size in zip(
            elements, images["image_id"].tolist(), sizes, strict=True
        ):
            for shape in element:
                if shape.tag in _SHAPES:
                    rows.append(
                        {
                            "image_id": image_id,
                            **_row(shape, size),
                            "class_name": shape.get("label"),
                        }
                    )
                    self.attributes.append(_attributes(shape))
                elif shape.tag in _NO_BOXES:
                    self._other[shape.tag] += 1
        self.frame = self._frame(rows)

    def _frame(self, rows: list[dict[str, Any]]) -> pd.DataFrame:
        columns = dict.fromkeys(["image_id", "class_name", *_CORNERS])
        columns |= dict.fromkeys(name for row in rows for name in row)
        cells = {name: [row.get(name) for row in rows] for name in columns}
        rotated = cells.pop("rotation", [])
        turned = [row for row, angle in enumerate(rotated) if angle and as_number(angle) != 0.0]
        if turned:
            self.faults.append(
                Fault(
                    self.kind,
                    "rotation",
                    turned,
                    [rotated[row] for row in turned],
                    TURNED,
                    TURNED_REMEDY,
                )
            )
        frame = pd.DataFrame(
            {name: pd.Series(values, dtype=object) for name, values in cells.items()}
        )
        x, y, right, bottom = (_numbers(cells[name]) for name in _CORNERS)
        frame = frame.drop(columns=[*_CORNERS])
        for name, side in zip(BOX, (x, y, right - x, bottom - y), strict=True):
            frame[name] = side
        if "z_order" in frame:
            frame["z_order"] = typed_column(cells["z_order"])
        if "occluded" in frame:
            frame["occluded"] = typed_column([_FLAGS.get(str(cell)) for cell in cells["occluded"]])
        return frame

    def notes(self) -> list[str]:
        """Say which shapes were left out, being no boxes."""
        if not self._other:
            return []
        counted = ", ".join(f"{n:,} of type {kind}" for kind, n in sorted(self._other.items()))
        return [f"Shapes that are no boxes, polygons or masks are left out: {counted}."]


def _row(shape: Element, size: tuple[Any, Any]) -> dict[str, Any]:
    """Give the box, the mask and the further fields of a shape; no corners if it is broken."""
    cells = {name: value for name, value in shape.attrib.items() if name not in _GEOMETRY}
    further: dict[str, Any] = {
        f"attribute {name}" if name in RESERVED else name: value for name, value in cells.items()
    }
    if shape.tag == "box":
        corners: Any = [shape.get(name) for name in _CORNERS]
    elif shape.tag == "polygon":
        points = _points(shape.get("points") or "")
        if points is None:
            return further
        corners = [*points.min(axis=0).tolist(), *points.max(axis=0).tolist()]
        further["segmentation"] = [points.ravel().tolist()]
    else:
        placed = _mask(shape, size)
        if placed is None:
            return further
        corners, further["segmentation"] = placed
    return {**dict(zip(_CORNERS, corners, strict=True)), **further}


def _numbers(cells: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Read corners; NaN for what is no number, which the door leaves out."""
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells))
    except (TypeError, ValueError, OverflowError):
        numbers = [as_number(cell) for cell in cells]
        return np.array([np.nan if one is None else one for one in numbers], dtype=np.float64)


def _points(text: str) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    try:
        points = np.array([pair.split(",") for pair in text.split(";")], dtype=np.float64)
    except ValueError:
        return None
    return points if points.ndim == 2 and points.shape[1] == 2 and len(points) else None


def _mask(shape: Element, size: tuple[Any, Any]) -> tuple[Any, Any] | None:
    """Read run lengths of a part of the image, row after row, that start with the background."""
    try:
        counts = np.array((shape.get("rle") or "").split(","), dtype=np.int64)
        left, top, width, height = (
            int(shape.get(name) or "") for name in ("left", "top", "width", "height")
        )
        whole = int(size[0]), int(size[1])
    except (ValueError, OverflowError, TypeError):
        return None
    runs = placed_runs(counts, (left, top, width, height), whole)
    return None if runs is None else ((left, top, left + width, top + height), runs)
