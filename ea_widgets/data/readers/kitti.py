"""KITTI's object labels and results: text files of 15 and 16 columns, one per image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.data.checks.raw_frames import Fault, RawFrames, broken_files
from ea_widgets.data.checks.refuse import BOX, Source
from ea_widgets.data.readers.parsing.folders import find_images
from ea_widgets.data.readers.parsing.image_files import (
    choose_images,
    image_frame,
    image_ids,
    rows_of_images,
)
from ea_widgets.data.readers.parsing.text_layout import text_layout
from ea_widgets.data.readers.parsing.text_rows import image_column
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.readers.opening import Given
    from ea_widgets.data.readers.parsing.text_rows import TextRows

_LABEL_PARTS = 15
_SCORE = 15
_FIRST_OF_BOX = 4
_FURTHER = {
    "truncated": (1, -1),
    "occluded": (2, -1),
    "alpha": (3, -10),
    "object_height": (8, -1),
    "object_width": (9, -1),
    "object_length": (10, -1),
    "location_x": (11, -1000),
    "location_y": (12, -1000),
    "location_z": (13, -1000),
    "rotation_y": (14, -10),
}
"""Further columns: their part of the line, and the number that says that nothing is known."""

_IGNORED = "DontCare"
_REMEDY = (
    "A line is `type truncated occluded alpha left top right bottom height width length x y z "
    "rotation_y`, and a score behind it in results."
)


class KittiReader:
    """Reads KITTI's text files."""

    def recognises(self, given: Given) -> bool:
        """Tell whether it is a folder of text files with such lines."""
        try:
            return text_layout(given) == "kitti"
        except InvalidInputError:
            return False

    def read_labels(self, given: Given) -> RawFrames:
        """Read images and labels."""
        rows = _rows(given)
        faults: list[Fault] = []
        columns = _columns(rows, "labels", faults)
        names = rows.values(0)
        ignored = np.array([name == _IGNORED for name in names.tolist()], dtype=bool)
        classes = np.array([*(str(name) for name in names.tolist()), None], dtype=object)[:-1]
        classes[ignored] = None
        assert given.path is not None  # noqa: S101  # of a folder
        beside = find_images(given.path, rows.stems)
        pixels, listed = (None, []) if beside is None else beside
        notes: list[str] = []
        images = image_frame(
            given, rows.stems, choose_images(listed, set(rows.stems), notes), notes
        )
        faults += broken_files(rows_of_images(rows, images))
        frame = pd.DataFrame(
            {
                "image_id": image_ids(rows.files, rows.stems, images),
                "class_name": pd.Series(classes, dtype=object),
                **columns,
                "ignore": ignored,
                "is_crowd": ignored,
            }
        )
        return RawFrames(
            images=images,
            labels=frame,
            boxes="xyxy",
            pixels=pixels,
            notes=notes,
            faults=faults,
            sources={"labels": Source("labels", places=rows.places)},
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read a folder of result files."""
        rows = _rows(given)
        faults: list[Fault] = []
        columns = _columns(rows, "predictions", faults)
        scored = np.flatnonzero(rows.lengths > _SCORE)
        if len(scored):
            columns["confidence"] = np.full(len(rows), np.nan)
            columns["confidence"][scored] = rows.numbers(scored, _SCORE, 1)[:, 0]
        names = [str(name) for name in rows.values(0).tolist()]
        return RawFrames(
            predictions=pd.DataFrame(
                {
                    "image_id": image_column(rows),
                    "class_name": pd.Series(names, dtype=object),
                    **columns,
                }
            ),
            boxes="xyxy",
            faults=faults,
            sources={"predictions": Source("predictions", places=rows.places)},
        )


def _rows(given: Given) -> TextRows:
    rows = given.rows
    if rows is None:
        raise InvalidInputError(
            given.field, "is not a folder of text files", f"Give the folder label_2. {_REMEDY}"
        )
    return rows


def _columns(rows: TextRows, field: str, faults: list[Fault]) -> dict[str, NDArray[np.float64]]:
    """Give boxes and further numbers; lines with too few parts are faults."""
    whole = np.flatnonzero(rows.lengths >= _LABEL_PARTS)
    numbers = np.full((_LABEL_PARTS, len(rows)), np.nan)
    numbers[1:, whole] = rows.numbers(whole, 1, _LABEL_PARTS - 1).T
    bad = np.flatnonzero(rows.lengths < _LABEL_PARTS).tolist()
    if bad:
        values = [rows.text(row) for row in bad]
        faults.append(Fault(field, "line", bad, values, "has too few parts", _REMEDY))
    columns = {name: numbers[_FIRST_OF_BOX + at] for at, name in enumerate(BOX)}
    for name, (part, unknown) in _FURTHER.items():
        values_of = np.where(numbers[part] == unknown, np.nan, numbers[part])
        if not np.isnan(values_of).all():
            columns[name] = values_of
    return columns
