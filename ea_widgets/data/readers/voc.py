"""Pascal VOC: labels in XML, one file per image; results in text, one file per class."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.raw_frames import Fault, RawFrames, broken_files
from ea_widgets.data.checks.refuse import BOX, Source
from ea_widgets.data.checks.values import as_flag
from ea_widgets.data.readers.opening import Given
from ea_widgets.data.readers.parsing.folders import (
    find_images,
    last_part,
    list_files,
    stem,
    without_ending,
)
from ea_widgets.data.readers.parsing.image_files import choose_images
from ea_widgets.data.readers.parsing.text_rows import class_column
from ea_widgets.data.readers.parsing.xml_tree import UnsafeXmlError, parse_xml
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from pathlib import Path
    from xml.etree import ElementTree as ET


_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_FIELDS = tuple(zip(BOX, (f"bndbox.{corner}" for corner in _CORNERS), strict=True))
_NESTED = frozenset({"bndbox", "part", "polygon", "point", "object", "size", "attributes"})
_RESULTS = re.compile(r"(?:.*_)?det_[^_]+_(?P<name>.+)\.txt")
_ROOT = re.compile(rb"<annotation[\s>]")
_LOOKED_AT = 20
"""XML files that are looked at until one holds annotations; other tools' may be beside them."""

_RESULT_PARTS = 6
_DIFFICULT = ("count", "ignore")
_COUNTED = (
    "{:,} of {:,} labels are marked as difficult; they count as any other. "
    "`difficult='ignore'` of `ea.read_voc` leaves them out, as VOC's own evaluation does."
)
_REMEDY = "Give the folder of Pascal VOC's XML files (Annotations)."


class VocReader:
    """Reads Pascal VOC's XML files, and the result files of its devkit."""

    def recognises(self, given: Given) -> bool:
        """Tell whether it is a folder of such XML files, or of result files by class."""
        try:
            if given.field == "predictions":
                return any(_RESULTS.fullmatch(stem_name) for stem_name in _result_names(given))
            return any(map(_is_annotation, _xml_files(given)[:_LOOKED_AT]))
        except InvalidInputError:
            return False

    def read_labels(self, given: Given) -> RawFrames:
        """Read images and labels."""
        files = _xml_files(given)
        if not files or given.path is None:
            raise InvalidInputError(given.field, "has no XML files", _REMEDY)
        folder = given.path if given.is_folder else given.path.parent
        images: list[dict[str, Any]] = []
        others: list[str] = []
        objects: list[dict[str, Any]] = []
        places: list[str] = []
        names = [path.relative_to(folder).as_posix() for path in files]
        keys = list(map(without_ending, names))
        unique = len(set(map(last_part, keys))) == len(keys)
        broken: dict[int, InvalidInputError] = {}
        for path, name, key in zip(files, names, keys, strict=True):
            root = _root(given, path, name)
            if isinstance(root, InvalidInputError):
                broken[len(images)] = root
                images.append({"image_id": last_part(key) if unique else key, "key": key})
                continue
            if root.tag != "annotation":
                others.append(name)
                continue
            image_id = last_part(key) if unique else key
            images.append({"image_id": image_id, "key": key, **_image(root)})
            for number, found in enumerate(root.iter("object"), 1):
                objects.append({"image_id": image_id, **_object(found)})
                places.append(f"{name}, object {number}")
        if 2 * len(broken) > len(files):
            raise next(iter(broken.values()))
        if not objects and not any(len(image) > 2 for image in images):  # ids
            raise InvalidInputError(given.field, "has no Pascal VOC annotations", _REMEDY)
        frame = pd.DataFrame(objects, columns=None if objects else ["image_id", "class_name", *BOX])
        for column in ("class_name", *BOX):
            if column not in frame:
                frame[column] = None
        notes = _ignore_difficult(given, frame)
        notes += _notes_on(others)
        image_table = pd.DataFrame(images)
        pixels = _take_files_beside(folder, image_table)
        return RawFrames(
            images=image_table.drop(columns="key"),
            labels=frame,
            boxes="xyxy",
            pixels=pixels,
            notes=notes,
            faults=broken_files(broken),
            sources={
                "labels": Source("labels", None, _FIELDS, places=places),
                "images": Source("images", places=[f"{image['key']}.xml" for image in images]),
            },
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read the result files of the devkit."""
        rows = given.rows
        if rows is None:
            raise InvalidInputError(
                given.field,
                "is not a folder of text files",
                "Give the folder of the devkit's result files, such as comp4_det_test_car.txt.",
            )
        whole = np.flatnonzero(rows.lengths == _RESULT_PARTS)
        numbers = np.full((len(rows), 5), np.nan)
        numbers[whole] = rows.numbers(whole, 1, 5)
        bad = np.flatnonzero(rows.lengths != _RESULT_PARTS).tolist()
        remedy = "A line is `image_id confidence xmin ymin xmax ymax`."
        faults = [
            Fault(
                "predictions",
                "line",
                bad,
                [rows.text(row) for row in bad],
                "has another number of parts",
                remedy,
            )
        ]
        of_image = next(iter(class_column(rows).values()))
        classes = [_class_of(name) for name in rows.names]
        frame = pd.DataFrame(
            {
                "image_id": of_image,
                "class_name": pd.Series([classes[at] for at in rows.files], dtype=object),
                "confidence": numbers[:, 0],
                **dict(zip(BOX, numbers[:, 1:].T, strict=True)),
            }
        )
        return RawFrames(
            predictions=frame,
            boxes="xyxy",
            faults=faults if bad else [],
            sources={"predictions": Source("predictions", places=rows.places)},
        )


def _notes_on(others: list[str]) -> list[str]:
    such = f"such as {shown(others[0])}" if others else ""
    note = f"{len(others):,} XML files that hold no `annotation` are left out, {such}."
    return [note] if others else []


def _root(given: Given, path: Path, name: str) -> ET.Element | InvalidInputError:
    try:
        return parse_xml(Given(given.field, path), name)
    except UnsafeXmlError:
        raise
    except InvalidInputError as error:
        return error


def _take_files_beside(folder: Path, images: pd.DataFrame) -> Path | None:
    """Name images by the files that are beside the labels, and give the folder of these."""
    keys = images["key"].tolist()
    found = find_images(folder, keys)
    if found is None:
        return None
    pixels, listed = found
    chosen = choose_images(list(listed), set(keys), [])
    names = zip(keys, images["file_name"].tolist(), strict=True)
    images["file_name"] = [chosen.get(key, name) for key, name in names]
    return pixels


def _ignore_difficult(given: Given, frame: pd.DataFrame) -> list[str]:
    """Let difficult labels be ignored, if that is wished; else say how many there are."""
    wanted = (given.options or {}).get("difficult", _DIFFICULT[0])
    if wanted not in _DIFFICULT:
        raise unknown_option("difficult", wanted, _DIFFICULT)
    if "difficult" not in frame:
        return []
    flags = [bool(as_flag(value)) for value in frame["difficult"].tolist()]
    if wanted == "ignore":
        frame["ignore"] = np.array(flags, dtype=bool)
        return []
    return [_COUNTED.format(sum(flags), len(flags))] if any(flags) else []


def _result_names(given: Given) -> list[str]:
    if given.path is None or not given.is_folder:
        return []
    return [one.rpartition("/")[2] for one in list_files(given.path, frozenset({".txt"}))]


def _class_of(name: str) -> str:
    base = name.rpartition("/")[2]
    found = _RESULTS.fullmatch(base)
    return stem(base) if found is None else found["name"]


def _is_annotation(file: Path) -> bool:
    try:
        return _ROOT.search(Given("labels", file).head) is not None
    except InvalidInputError:
        return False  # one broken file among many


def _xml_files(given: Given) -> list[Path]:
    if given.path is None:
        return []
    if given.is_folder:
        names = list_files(given.path, frozenset({".xml"}))
        return [given.path / name for name in names]
    return [given.path] if given.path.suffix.lower() == ".xml" else []


def _image(root: ET.Element) -> dict[str, Any]:
    """Give the fields of an image."""
    found: dict[str, Any] = {"file_name": _text(root, "filename")}
    for side in ("width", "height"):
        number = _text(root, f"size/{side}")
        found[side] = None if number == "0" else number
    _add_scalars(root, found, taken={"filename"})
    return found


def _object(element: ET.Element) -> dict[str, Any]:
    """Give the fields of a label."""
    found: dict[str, Any] = {"class_name": _text(element, "name")}
    box = element.find("bndbox")
    for column, corner in zip(BOX, _CORNERS, strict=True):
        found[column] = None if box is None else _number(box.findtext(corner))
    _add_scalars(element, found, taken={"name"})
    for attribute in element.iterfind("attributes/attribute"):
        name, value = _text(attribute, "name"), _text(attribute, "value")
        if name is not None:
            found.setdefault(name, value)
    polygon = _polygon(element)
    if polygon is not None:
        found["segmentation"] = [polygon]
    return found


def _add_scalars(element: ET.Element, found: dict[str, Any], taken: set[str]) -> None:
    """Add every further field; of fields with fields of their own, these by both names."""
    for child in element:
        if child.tag in _NESTED or child.tag in taken:
            continue
        if len(child):
            for inner in child:
                if not len(inner):
                    found.setdefault(f"{child.tag}.{inner.tag}", _number(inner.text))
        else:
            found.setdefault(child.tag, _number(child.text))


def _polygon(element: ET.Element) -> list[float] | None:
    """Give the polygon that some tools write: x1, y1, x2, y2 and so on."""
    polygon = element.find("polygon")
    if polygon is None:
        return None
    points: list[float] = []
    for at in range(1, len(polygon) // 2 + 1):
        x, y = (_number(_text(polygon, f"{axis}{at}")) for axis in "xy")
        if not isinstance(x, int | float) or not isinstance(y, int | float):
            return None
        points += [float(x), float(y)]
    return points if len(points) >= 6 else None  # three points


def _text(element: ET.Element, path: str) -> str | None:
    found = element.findtext(path)
    return found.strip() or None if isinstance(found, str) else None


def _number(text: str | None) -> Any:
    """Give text as a number if it is one."""
    clean = (text or "").strip()
    if not clean:
        return None
    try:
        return int(clean) if clean.isascii() and len(clean) < 16 else clean
    except ValueError:
        pass
    try:
        return float(clean)
    except ValueError:
        return clean
