"""Plain text detections: a class, a confidence and four numbers a line, one file per image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.agreement.box_forms import FORMS, parse_form
from ea_widgets.data.checks.raw_frames import Fault, RawFrames
from ea_widgets.data.checks.refuse import BOX, Source
from ea_widgets.data.readers.parsing.class_files import categories_beside
from ea_widgets.data.readers.parsing.text_layout import (
    LARGEST_SHARE,
    PLAIN_PARTS,
    confidence_part,
    text_layout,
)
from ea_widgets.data.readers.parsing.text_rows import class_column, image_column
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.readers.opening import Given
    from ea_widgets.data.readers.parsing.text_rows import TextRows

ENOUGH = 20
"""Boxes from which on they are taken for corners, if all could be."""

_REMEDY = "A line is a class, a confidence and the four numbers of a box."


class TextReader:
    """Reads plain text detections, as mAP scripts and evaluation tools take them.

    A line is ``class confidence a b c d``, or ``class a b c d confidence``; the class is a name
    or a number, named by ``classes.txt`` or a ``.names`` file beside. The four numbers are told
    by what they can be, and the note says as what they were read; ``boxes`` says it outright. The
    format has nothing else to be kept. It is one of predictions only.
    """

    def recognises(self, given: Given) -> bool:
        """Tell whether it is a folder of text files with such lines."""
        try:
            return given.field == "predictions" and text_layout(given) == "text"
        except InvalidInputError:
            return False

    def read_labels(self, given: Given) -> RawFrames:
        """Refuse: the format has no images of its own."""
        raise InvalidInputError(
            given.field,
            "cannot be plain text, which is a format of predictions",
            "Give labels in another format.",
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read a folder of text files."""
        rows = given.rows
        if rows is None:
            raise InvalidInputError(given.field, "is not a folder of text files", _REMEDY)
        whole = rows.lengths == PLAIN_PARTS
        silent = rows.lengths == PLAIN_PARTS - 1
        numbers = np.full((len(rows), 5), np.nan)
        numbers[whole] = rows.numbers(np.flatnonzero(whole), 1, 5)
        numbers[silent, :4] = rows.numbers(np.flatnonzero(silent), 1, 4)
        named = "class_name" in class_column(rows)
        part = confidence_part(numbers[whole], named=named) if whole.any() else 4
        if part == 0:
            numbers[whole] = np.roll(numbers[whole], -1, axis=1)
        faults = _faults(rows, ~(whole | silent))
        form = guess_form(numbers[:, :4])
        columns: dict[str, Any] = {"image_id": image_column(rows), **class_column(rows)}
        columns |= dict(zip(BOX, numbers.T, strict=False))
        if whole.any():
            columns["confidence"] = numbers[:, 4]
        return RawFrames(
            predictions=pd.DataFrame(columns),
            categories=categories_beside(given),
            boxes=form,
            notes=[_note(form)],
            faults=faults,
            sources={"predictions": Source("predictions", places=rows.places)},
        )


def guess_form(numbers: NDArray[np.float64]) -> str:
    """Tell what four numbers of boxes can be.

    Parameters
    ----------
    numbers : ndarray of float64, shape (n, 4)

    Returns
    -------
    str
        As :func:`ea_widgets.data.checks.agreement.box_forms.parse_form` takes it: corners if each
        third number is above the first and each fourth above the second in all of at least 20
        boxes; else sizes, with the centre where they are shares of the image.
    """
    known = numbers[np.isfinite(numbers).all(axis=1)]
    corners = len(known) >= ENOUGH and bool((known[:, 2:] > known[:, :2]).all())
    if len(known) and (np.abs(known) <= LARGEST_SHARE).all(axis=1).mean() > 0.5:
        return "xyxyn" if corners else "cxcywhn"
    return "xyxy" if corners else "xywh"


def _note(form: str) -> str:
    parsed = parse_form(form)
    shares = ", as shares of the image" if parsed.shares else " in pixels"
    return (
        f"Boxes of the predictions were read as {FORMS[parsed.order]}{shares}, as their numbers "
        "allow; `boxes` says it otherwise."
    )


def _faults(rows: TextRows, bad: NDArray[np.bool_]) -> list[Fault]:
    at = np.flatnonzero(bad).tolist()
    values = [rows.text(row) for row in at]
    what = "has another number of parts"
    return [Fault("predictions", "line", at, values, what, _REMEDY)] if at else []
