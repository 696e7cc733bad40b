"""Checks of columns, used by every reader: all problems of a kind at once, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Column = Sequence[Any] | NDArray[Any]

EXAMPLES = 3
"""How many of the offending values an error shows."""

LONGEST_TEXT = 80
"""Characters of a value that an error or a note shows."""

LONGEST_LIST = 100
"""Values of a list from which on it is counted, not shown."""

BOX = ("x", "y", "width", "height")


@dataclass(frozen=True)
class Source:
    """How to name a place in the user's data: a frame's row or a JSON list's entry.

    Parameters
    ----------
    name : str
        What the user calls it: "images", "labels" or "predictions".
    path : str or None
        The JSON list, such as "labels.annotations"; None for a DataFrame.
    fields : tuple of (str, str)
        JSON names of columns, where they differ.
    places : sequence of str, optional
        Where each row is, such as "0001.txt:5", in formats of many files.
    """

    name: str
    path: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    places: Sequence[str] | None = None

    def name_of(self, column: str) -> str:
        """Name a column as the user's file does."""
        return dict(self.fields).get(column, column)

    def field(self, column: str, row: int | None) -> str:
        """Name the column, and in JSON the first entry at fault, for the head of an error."""
        name = self.name_of(column)
        if self.path is None:
            return f"{self.name}.{column}"
        entry = self.path if row is None else f"{self.path}[{row}]"
        return f"{entry}.{name}" if name else entry

    def row(self, row: int) -> int | str:
        """Give the position of a row, or its file and line where the format has many files."""
        return row if self.places is None else self.places[row]

    def place(self, row: int) -> str:
        """Name one row or entry."""
        if self.places is not None:
            return self.places[row]
        return f"row {row}" if self.path is None else f"{self.path}[{row}]"

    def count(self, number: int) -> str:
        """Count rows or entries."""
        if self.path is None:
            return f"{number:,} row" if number == 1 else f"{number:,} rows"
        return f"{number:,} entry" if number == 1 else f"{number:,} entries"


def refuse(
    source: Source, column: str, rows: ArrayLike, values: Column, *, what: str, remedy: str
) -> None:
    """Raise if there are offending rows; name how many, and the first three with their values.

    Parameters
    ----------
    source : Source
        Where the column is from.
    column : str
        Its name.
    rows : array-like of int, shape (n_bad,)
        Positions of the rows at fault, ascending; none is fine.
    values : sequence
        The whole column; only the offending values are looked at.
    what : str
        What is wrong, after "`column` ".
    remedy : str
        What to do; a whole sentence.

    Raises
    ------
    InvalidInputError
        If `rows` is not empty.
    """
    bad = np.asarray(rows)
    if not len(bad):
        return
    some = [f"{shown(values[row])} ({source.place(row)})" for row in bad[:EXAMPLES].tolist()]
    more = f" and {len(bad) - EXAMPLES:,} more" if len(bad) > EXAMPLES else ""
    raise InvalidInputError(
        source.field(column, int(bad[0])),
        f"{what} in {source.count(len(bad))}: {', '.join(some)}{more}",
        remedy,
    )


def shown(value: object) -> str:
    """Write a value as a person would: short, without numpy's type around it.

    Parameters
    ----------
    value : object
        Anything that a file or a user can hold: also whole numbers too long for Python to print,
        and lists nested too deeply.

    Returns
    -------
    str
        At most 80 characters.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple | dict) and len(value) > LONGEST_LIST:
        return f"{type(value).__name__} of {len(value):,} values"
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 3]}..."


def check_boxes(source: Source, boxes: Sequence[NDArray[np.float64]]) -> None:
    """Refuse boxes that are not finite or have a negative size.

    Parameters
    ----------
    source : Source
        Where they are from.
    boxes : sequence of four ndarray of float64, shape (n,)
        x, y, width and height, in pixels.

    Raises
    ------
    InvalidInputError
        If a number is NaN or infinite, or a width or height is negative.
    """
    for column, values in zip(BOX, boxes, strict=True):
        refuse(
            source,
            column,
            np.flatnonzero(~np.isfinite(values)),
            values,
            what="is not a finite number",
            remedy="Give boxes as finite numbers of pixels, or leave these rows out.",
        )
    for column, values in zip(BOX[2:], boxes[2:], strict=True):
        refuse(
            source,
            column,
            np.flatnonzero(values < 0),
            values,
            what="is negative",
            remedy="Boxes are x, y, width, height, with x, y at the top left; were these corners?",
        )


def check_sizes(source: Source, width: NDArray[np.float64], height: NDArray[np.float64]) -> None:
    """Refuse images whose size is not a finite number above 0.

    Parameters
    ----------
    source : Source
        Where they are from.
    width, height : ndarray of float64, shape (n,)
        In pixels.

    Raises
    ------
    InvalidInputError
        If a size is NaN, infinite, zero or negative.
    """
    for column, values in (("width", width), ("height", height)):
        refuse(
            source,
            column,
            np.flatnonzero(~(np.isfinite(values) & (values > 0))),
            values,
            what="is not a finite number above 0",
            remedy="Give the size of each image in pixels.",
        )


def check_areas(source: Source, areas: NDArray[np.float64]) -> None:
    """Refuse areas that are infinite or negative; NaN is one that is not stated.

    Parameters
    ----------
    source : Source
        Where they are from.
    areas : ndarray of float64, shape (n,)
        In square pixels.

    Raises
    ------
    InvalidInputError
        If there is one.
    """
    refuse(
        source,
        "coco_area",
        np.flatnonzero(np.isinf(areas) | (areas < 0)),
        areas,
        what="is infinite or negative",
        remedy="Give areas in square pixels, or leave them out.",
    )


def check_confidences(source: Source, confidence: NDArray[np.float64]) -> None:
    """Refuse confidences outside [0, 1].

    Parameters
    ----------
    source : Source
        Where they are from.
    confidence : ndarray of float64, shape (n,)
        One number per prediction.

    Raises
    ------
    InvalidInputError
        If one is NaN or outside [0, 1].
    """
    refuse(
        source,
        "confidence",
        np.flatnonzero(~((confidence >= 0) & (confidence <= 1))),
        confidence,
        what="is outside [0, 1]",
        remedy="Give confidences from 0 to 1; percentages are divided by 100 first.",
    )


def check_unique(source: Source, column: str, values: pd.Series) -> None:
    """Refuse ids that occur more than once.

    Parameters
    ----------
    source : Source
        Where they are from.
    column : str
        Name of the id's column.
    values : Series
        The ids.

    Raises
    ------
    InvalidInputError
        If an id repeats.
    """
    refuse(
        source,
        column,
        np.flatnonzero(values.duplicated().to_numpy()),
        values.to_list() if not values.is_unique else [],
        what="repeats an earlier id",
        remedy="Ids must be unique; were two files joined?",
    )


def check_known(
    source: Source, column: str, values: pd.Series, known: pd.Index, where: str
) -> NDArray[np.intp]:
    """Refuse ids that are not among the known ones.

    Parameters
    ----------
    source : Source
        Where the ids are from.
    column : str
        Name of their column.
    values : Series
        The ids.
    known : Index
        The known ids, unique.
    where : str
        What the known ids are called, in words.

    Returns
    -------
    ndarray of intp, shape (n,)
        Position of each id in `known`.

    Raises
    ------
    InvalidInputError
        If an id is unknown.
    """
    positions = known.get_indexer(pd.Index(values))
    unknown = np.flatnonzero(positions < 0)
    if len(unknown):
        first = ", ".join(shown(value) for value in known[:EXAMPLES].tolist())
        some = f", such as {first}" if first else ""
        refuse(
            source,
            column,
            unknown,
            values.to_list(),
            what=f"is not among the ids of {where}",
            remedy=f"Known are {len(known):,} ids{some}. "
            "Are both from the same data set, with ids of the same type?",
        )
    return positions
