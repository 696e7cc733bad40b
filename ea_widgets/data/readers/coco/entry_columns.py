"""From typed COCO entries to arrays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.refuse import BOX, Source, check_areas, check_boxes, refuse
from ea_widgets.data.masks.encoding import has_mask
from ea_widgets.data.readers.coco.segmentations import fill_boxes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.readers.coco.schema import Annotation, Prediction

    Id = int | str
    Columns = dict[str, Any]

_LARGEST = np.iinfo(np.int64).max

BBOX_FIELDS = tuple((column, f"bbox[{place}]") for place, column in enumerate(BOX))
"""Names of a box's columns in COCO, for errors."""


@dataclass(frozen=True)
class Codes:
    """A column of ids as positions in the ids that occur.

    Parameters
    ----------
    rows : ndarray of intp, shape (n,)
        Position in `used` of each entry's id.
    used : list of int or str
        The ids, each once, in order of appearance.
    """

    rows: NDArray[np.intp]
    used: list[Any]


def encode(values: Sequence[Id]) -> Codes:
    """Give each id a number, in order of appearance.

    Parameters
    ----------
    values : sequence of int or str
        One id per entry.

    Returns
    -------
    Codes
        Positions and ids.
    """
    column: NDArray[Any]
    if set(map(type, values)) == {int}:
        try:
            column = np.fromiter(values, np.int64, len(values))
        except OverflowError:  # such an id is then unknown, or text beside others
            column = np.array(values, dtype=object)
    else:
        column = np.array(values, dtype=object)
    rows, used = pd.factorize(column)
    return Codes(rows.astype(np.intp, copy=False), used.tolist())


def find(source: Source, column: str, codes: Codes, known: Mapping[Any, int]) -> NDArray[np.intp]:
    """Look ids up, and refuse unknown ones.

    Parameters
    ----------
    source : Source
        Where the ids are from.
    column : str
        Name of their field.
    codes : Codes
        The ids.
    known : mapping of int or str to int
        Position of each known id.

    Returns
    -------
    ndarray of intp, shape (n,)
        Position of each entry's id.

    Raises
    ------
    InvalidInputError
        If an id is unknown.
    """
    found = np.array([known.get(id_, -1) for id_ in codes.used], dtype=np.intp)
    positions = found[codes.rows]
    if len(found) and found.min() < 0:
        where = "labels.images" if column == "image_id" else "labels.categories"
        some = ", ".join(repr(id_) for id_ in list(known)[:3])
        such = f", such as {some}" if some else ""
        refuse(
            source,
            column,
            np.flatnonzero(positions < 0),
            [codes.used[row] for row in codes.rows.tolist()],
            what=f"is not among the ids of `{where}`",
            remedy=f"Known are {len(known):,} ids{such}; 1 and '1' are two ids.",
        )
    return positions


def id_column(source: Source, column: str, values: Sequence[Id]) -> tuple[pd.Series, bool]:
    """Give ids as int64 if all are whole numbers, else as text.

    Parameters
    ----------
    source : Source
        Where the ids are from.
    column : str
        Name of their column.
    values : sequence of int or str
        The ids.

    Returns
    -------
    ids : Series of int64 or str
        With a RangeIndex.
    mixed : bool
        Whether there were numbers and text.

    Raises
    ------
    InvalidInputError
        If a number does not fit into 64 bits.
    """
    kinds = set(map(type, values))
    if kinds <= {int}:
        try:
            return pd.Series(np.fromiter(values, np.int64, len(values))), False
        except OverflowError:
            large = [row for row, id_ in enumerate(values) if abs(int(id_)) > _LARGEST]
            refuse(
                source,
                column,
                large,
                values,
                what="does not fit into 64 bits",
                remedy="Give smaller ids, or ids as text.",
            )
    return pd.Series([str(id_) for id_ in values], dtype="str"), len(kinds) > 1


def box_columns(source: Source, entries: Sequence[Annotation | Prediction]) -> Columns:
    """Give the boxes as four columns, checked.

    Parameters
    ----------
    source : Source
        Where the entries are from.
    entries : sequence of Annotation or Prediction
        The entries.

    Returns
    -------
    dict of str to ndarray of float64, shape (n,)
        x, y, width and height in pixels.

    Raises
    ------
    InvalidInputError
        If a box is missing, not finite, or of negative size.
    """
    boxes = fill_boxes(source, entries)
    numbers = np.fromiter(chain.from_iterable(boxes), np.float64, 4 * len(boxes))
    columns = np.ascontiguousarray(numbers.reshape(-1, 4).T)
    check_boxes(source, list(columns))
    return dict(zip(BOX, columns, strict=True))


def mask_column(entries: Sequence[Annotation | Prediction]) -> Columns:
    """Give the masks as a column, as they stand in the file, if there are any.

    Parameters
    ----------
    entries : sequence of Annotation or Prediction
        The entries.

    Returns
    -------
    dict
        ``segmentation`` with None where an entry has no mask; empty if none has.
    """
    masks = [entry.segmentation for entry in entries]
    if masks.count(None) == len(masks):
        return {}
    column = np.empty(len(masks), dtype=object)
    column[:] = [mask if has_mask(mask) else None for mask in masks]
    return {"segmentation": column} if any(map(has_mask, masks)) else {}


def area_column(source: Source, entries: Sequence[Annotation]) -> Columns:
    """Give the areas that the file states, if it states any.

    Parameters
    ----------
    source : Source
        Where the entries are from.
    entries : sequence of Annotation
        The labels.

    Returns
    -------
    dict
        ``coco_area`` in square pixels, NaN where it is not stated; empty if no entry has one.

    Raises
    ------
    InvalidInputError
        If an area is infinite or negative.
    """
    stated = [entry.area for entry in entries]
    if stated.count(None) == len(stated):
        return {}
    areas = np.array(stated, dtype=np.float64)
    check_areas(source, areas)
    return {"coco_area": areas}


def flag_column(
    source: Source, name: str, values: Sequence[bool | int | None]
) -> NDArray[np.bool_]:
    """Give 0, 1, true, false or nothing as booleans.

    Parameters
    ----------
    source : Source
        Where the values are from.
    name : str
        Name of the field.
    values : sequence of bool, int or None
        One per entry.

    Returns
    -------
    ndarray of bool, shape (n,)
        False where nothing is said.

    Raises
    ------
    InvalidInputError
        If a value is neither 0 nor 1.
    """
    refuse(
        source,
        name,
        [row for row, value in enumerate(values) if value not in {None, 0, 1}],
        values,
        what="is neither 0 nor 1",
        remedy="Give 1 for true, 0 for false.",
    )
    return np.array([bool(value) for value in values], dtype=bool)
