"""Attributes of entries, as annotation tools write them, as further columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.refuse import BOX
from ea_widgets.data.checks.values import is_missing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

RESERVED = frozenset(
    {
        *("image_id", "file_name", "label_id", "prediction_id", "class_name", "class_id", *BOX),
        *("is_crowd", "ignore", "segmentation", "coco_area", "confidence", "box_is_of_mask"),
    }
)
"""Columns that have a meaning of their own in one of the frames."""

_TRUTH = {"true": True, "false": False}


def add_attributes(
    frame: pd.DataFrame, attributes: Sequence[dict[str, Any]], reserved: Collection[str] = ()
) -> pd.DataFrame:
    """Add a column for every attribute.

    Parameters
    ----------
    frame : DataFrame
    attributes : sequence of dict, of length n_rows
        Attributes of each row by name; scalars, or text.
    reserved : collection of str
        Names that no attribute may have besides the columns of the frame; such an attribute is
        named "attribute x".

    Returns
    -------
    DataFrame
        Numbers as such, also where they are written as text; "true" and "false" as truth where
        every row has one of them; other text as it is. Empty cells are missing.
    """
    names = dict.fromkeys(name for one in attributes for name in one)
    taken = {*frame.columns, *reserved}
    columns: dict[str, pd.Series] = {}
    for name in names:
        column = name
        while column in taken:
            column = f"attribute {column}"
        taken.add(column)
        columns[column] = typed_column([one.get(name) for one in attributes])
    if not columns:
        return frame
    return pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)


def typed_column(cells: Sequence[Any]) -> pd.Series:
    """Give cells as numbers if all of them are, as truth if all are, else as they are.

    Parameters
    ----------
    cells : sequence
        Scalars; None, NaN and "" are missing.

    Returns
    -------
    Series of float64, int64, bool or object
        With None for what is missing in a column of objects.
    """
    given = [None if is_missing(cell) or cell == "" else cell for cell in cells]
    present = [cell for cell in given if cell is not None]
    truth = [_truth(cell) for cell in given]
    if truth and None not in truth:
        return pd.Series(truth, dtype=bool)
    if present and not any(isinstance(cell, bool) for cell in present):
        try:
            numbers = np.array([np.nan if cell is None else float(cell) for cell in given])
        except (TypeError, ValueError, OverflowError):
            numbers = np.empty(0)
        if len(numbers):
            return pd.Series(numbers)
    return pd.Series(given, dtype=object)


def _truth(cell: Any) -> bool | None:
    if isinstance(cell, bool):
        return cell
    return _TRUTH.get(cell.lower()) if isinstance(cell, str) else None
