"""Datasets of datumaro (1.13.12), and through it the formats that it reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.adapters.rows import as_array, run_lengths
from ea_widgets.data.adapters.supervision import common_folder
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.data.checks.refuse import BOX
from ea_widgets.data.readers.opening import Given, describe, shown_path
from ea_widgets.data.readers.parsing.attributes import RESERVED, add_attributes
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_OPTION = "datumaro_format"
_METHODS = ("media_type", "categories", "subsets", "__iter__")
_CONFIDENCES = ("confidence", "score")
_USUAL = {"group": 0, "z_order": 0, "object_id": -1}
_TURNED = (
    "Turned boxes of the {} are polygons with an upright box around them ({:,}); "
    "`iou_type='segm'` judges the polygons."
)
_REMEDY = "Name the format as datumaro does: `options={{'datumaro_format': {!r}}}`."


class DatumaroReader:
    """Reads a ``datumaro.Dataset``, or files through datumaro, which is an extra.

    Files are read by datumaro only where ``format`` of :func:`ea_widgets.read` says so: other
    readers need no package. The option ``datumaro_format`` names the format, for both or as a
    mapping from "labels" and "predictions"; by default datumaro detects it. As a single name,
    ``format="datumaro"`` is that of the labels.

    Notes
    -----
    Kept are ids, file names, sizes, subsets and attributes of images; names of classes; boxes,
    polygons and masks; ``id``, ``group``, ``z_order``, ``object_id`` and each attribute of objects.
    A polygon or a mask has the box around it; so has a turned box, which becomes a polygon.
    Objects of one image with the same group, id and class are one: datumaro writes the polygons of
    one COCO label so. Confidences are the attribute "confidence" or "score".

    Not kept are tags, captions, points, lines, ellipses and cuboids, which a note counts. Datumaro
    itself rounds coordinates to hundredths of a pixel, and numbers classes from 0 whatever the
    file says; ``class_ids`` of :func:`ea_widgets.read` says so of predictions by number.
    """

    def recognises(self, given: Given) -> bool:
        """Tell whether it is such a dataset in memory."""
        return given.path is None and all(
            callable(getattr(given.source, name, None)) for name in _METHODS
        )

    def read_labels(self, given: Given) -> RawFrames:
        """Read images and labels."""
        items, classes = _load(given)
        keys = _keys(items)
        images = _images(items, keys)
        names = images["file_name"].dropna().tolist() if "file_name" in images else []
        objects = _Objects(given.field, items, keys, classes)
        return RawFrames(
            images=images,
            labels=objects.frame(),
            categories=list(enumerate(classes)),
            pixels=common_folder(names),
            notes=objects.notes(),
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read objects that have a confidence among their attributes."""
        items, classes = _load(given)
        objects = _Objects(given.field, items, _keys(items), classes)
        present = {name for one in objects.attributes for name in one}
        name = next((name for name in _CONFIDENCES if name in present), None)
        if name is None and objects.rows:
            raise InvalidInputError(
                given.field,
                "is datumaro's, whose objects have no confidence",
                "Give every object an attribute 'score', or predictions in another format. "
                "Were labels and predictions swapped?",
            )
        for row, attributes in zip(objects.rows, objects.attributes, strict=True):
            row["confidence"] = attributes.pop(name, None) if name else None
        return RawFrames(predictions=objects.frame("confidence"), notes=objects.notes())


def _load(given: Given) -> tuple[list[Any], list[str]]:
    """Give the items of a dataset and the names of its classes, by number."""
    if given.path is None:
        if not DatumaroReader().recognises(given):
            raise InvalidInputError(
                given.field, describe(given), "Give a path, or a `datumaro.Dataset`."
            )
        return _parts(given.source)
    path = given.path
    try:
        from datumaro import Dataset  # noqa: PLC0415  # an extra
        from datumaro.components.environment import Environment  # noqa: PLC0415
    except ImportError:
        raise InvalidInputError(
            given.field,
            "is to be read by datumaro, which is not installed",
            "Install the extra: `pip install 'ea_widgets[datumaro]'`.",
        ) from None
    if not path.exists():
        raise InvalidInputError(
            given.field, f"is {shown_path(path)}, which does not exist", "Check the path."
        )
    name = (given.options or {}).get(_OPTION)
    if isinstance(name, Mapping):
        name = name.get(given.field)
    if name is None:
        found = Environment().detect_dataset(str(path))
        if len(found) != 1:
            what = f"may be any of {', '.join(found)}" if found else "is of no format of datumaro"
            remedy = _REMEDY.format(found[0] if found else "dota")
            raise InvalidInputError(given.field, f"is {shown_path(path)}, which {what}", remedy)
        name = found[0]
    try:
        return _parts(Dataset.import_from(str(path), name))
    except Exception as error:  # of many types, some of them raised by parsers of files
        cause = error.__cause__ or error  # datumaro's own error names the path only
        raise InvalidInputError(
            given.field,
            f"cannot be read by datumaro as {name!r} ({type(cause).__name__}: {cause})",
            "Datumaro's documentation shows names of formats, and the folders and files of each.",
        ) from error


def _parts(dataset: Any) -> tuple[list[Any], list[str]]:
    listed = {kind.name: value for kind, value in dataset.categories().items()}.get("label")
    return list(dataset), [] if listed is None else [one.name for one in listed.items]


def _keys(items: Sequence[Any]) -> list[str]:
    """Give the id of each image; with its subset before it if ids of subsets are alike."""
    ids = [item.id for item in items]
    if len(set(ids)) == len(ids):
        return ids
    return [f"{item.subset}/{item.id}" for item in items]


def _images(items: Sequence[Any], keys: Sequence[str]) -> pd.DataFrame:
    rows = []
    for item, key in zip(items, keys, strict=True):
        path = getattr(item.media, "path", None) or None
        # Of a file whose size is not known yet, the door reads the header.
        known = getattr(item.media, "has_size", False) or path is None
        size = getattr(item.media, "size", None) if known else None
        height, width = size or (None, None)
        rows.append((key, path, width, height, item.subset))
    columns = ["image_id", "file_name", "width", "height", "subset"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    unknown = ["file_name"] if frame["file_name"].isna().all() else []
    if frame["subset"].nunique() < 2:
        unknown.append("subset")
    frame = frame.drop(columns=unknown)
    return add_attributes(frame, [dict(item.attributes) for item in items], RESERVED)


class _Objects:
    """The boxes, polygons and masks of all images, and what is odd among them."""

    def __init__(
        self, kind: str, items: Sequence[Any], keys: Sequence[str], classes: Sequence[str]
    ) -> None:
        self.kind = kind
        self.rows: list[dict[str, Any]] = []
        self.attributes: list[dict[str, Any]] = []
        self._other = Counter[str]()
        self._turned = 0
        for item, key in zip(items, keys, strict=True):
            instances: dict[Any, dict[str, Any]] = {}
            for found in item.annotations:
                shape = found.type.name
                if shape not in _SHAPES:
                    self._other[shape] += 1
                    continue
                self._turned += shape == "rotated_bbox"
                box, segmentation = _SHAPES[shape](found)
                same = (found.group, found.id, found.label)
                row = instances.get(same)
                if found.group and found.id and row and _join(row, box, segmentation):
                    continue
                instances[same] = row = {
                    "image_id": key,
                    "class_name": _name(classes, found.label),
                    **dict(zip(BOX, box, strict=True)),
                    "segmentation": segmentation,
                    "id": found.id,
                    **{name: getattr(found, name, usual) for name, usual in _USUAL.items()},
                }
                self.rows.append(row)
                self.attributes.append(dict(found.attributes))

    def frame(self, *further: str) -> pd.DataFrame:
        """Give a row for each object, without columns that say nothing."""
        columns = ["image_id", "class_name", *BOX, "segmentation", "id", *_USUAL, *further]
        table = pd.DataFrame(self.rows, columns=columns)
        ids = table["id"]
        if len(ids) and ids.is_unique and (ids > 0).all():
            table = table.rename(columns={"id": f"{self.kind[:-1]}_id"})
        elif not ids.any():
            table = table.drop(columns="id")
        idle = [name for name, usual in _USUAL.items() if (table[name] == usual).all()]
        if (table["group"] == ids).all() and "group" not in idle:  # as of COCO's
            idle.append("group")
        if table["segmentation"].isna().all():
            idle.append("segmentation")
        crowds = [one.pop("is_crowd", False) for one in self.attributes]
        if any(crowds):
            table["is_crowd"] = crowds
        return add_attributes(table.drop(columns=idle), self.attributes, RESERVED)

    def notes(self) -> list[str]:
        """Say which annotations were left out, and which boxes are turned."""
        notes = [_TURNED.format(self.kind, self._turned)] if self._turned else []
        if self._other:
            counted = ", ".join(f"{n:,} of type {kind}" for kind, n in sorted(self._other.items()))
            notes.append(
                f"Of the {self.kind}, what is no box, polygon or mask is left out: {counted}."
            )
        return notes


def _name(classes: Sequence[str], label: int | None) -> Any:
    """Give the name of a class; its number where it has none, None where there is no class."""
    return label if label is None or not 0 <= label < len(classes) else classes[label]


def _join(row: dict[str, Any], box: Sequence[float], segmentation: Any) -> bool:
    """Add a further part to an object, if that can be; a box says where the object is."""
    whole = row["segmentation"]
    if segmentation is None:
        if whole is None:
            return False
        row |= dict(zip(BOX, box, strict=True))
    elif whole is None:
        row["segmentation"] = segmentation
    elif isinstance(whole, list) and isinstance(segmentation, list):
        row["segmentation"] = whole + segmentation
        x, y, width, height = (row[side] for side in BOX)
        left, top = min(x, box[0]), min(y, box[1])
        right, bottom = max(x + width, box[0] + box[2]), max(y + height, box[1] + box[3])
        row |= dict(zip(BOX, (left, top, right - left, bottom - top), strict=True))
    else:
        return False
    return True


def _of_box(found: Any) -> tuple[Sequence[float], Any]:
    return (found.x, found.y, found.w, found.h), None


def _of_polygon(found: Any) -> tuple[Sequence[float], Any]:
    return _outline(np.asarray(found.points, dtype=np.float64).reshape(-1, 2))


def _of_turned(found: Any) -> tuple[Sequence[float], Any]:
    cx, cy, width, height, degrees = found.points
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width / 2, height / 2)
    return _outline(corners @ turn + (cx, cy))


def _outline(points: NDArray[np.float64]) -> tuple[Sequence[float], Any]:
    """Give a polygon, with the box around it."""
    if not len(points):
        return (np.nan,) * 4, None
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    return (*low.tolist(), *size.tolist()), [points.ravel().tolist()]


def _of_mask(found: Any) -> tuple[Sequence[float], Any]:
    mask = as_array(found.image) != 0
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return (np.nan,) * 4, None
    left, top = int(columns[0]), int(rows[0])
    box = (left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)
    return box, run_lengths([mask])[0]


_SHAPES = {
    "bbox": _of_box,
    "polygon": _of_polygon,
    "rotated_bbox": _of_turned,
    "mask": _of_mask,
}
