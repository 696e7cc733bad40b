"""Columns of a user's DataFrame in the types that a Dataset promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api import types

from ea_widgets.data.checks.values import as_id, clean_text
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "boolean", "decimal"})
_LARGEST_ID = np.iinfo(np.int64).max


def ids_of(values: pd.Series, notes: list[str], noun: str) -> pd.Series:
    """Give ids that are known to be usable in a type of their own.

    Parameters
    ----------
    values : Series
        Whole numbers, text, and what :func:`ea_widgets.data.checks.values.as_id` makes such.
    notes : list of str
        A sentence is added where there are both.
    noun : str
        "image", "label" or "prediction".

    Returns
    -------
    Series of int64, uint64 or str
        Numbers where all are numbers of 64 bits, else text. With a RangeIndex.
    """
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "iu":
        numbers = values.to_numpy()
        small = dtype.kind == "i" or not len(numbers) or numbers.max() <= _LARGEST_ID
        return pd.Series(numbers.astype(np.int64) if small else numbers.astype(np.uint64))
    cells = [cell if isinstance(cell, str) else as_id(cell) for cell in values.tolist()]
    whole = [cell for cell in cells if isinstance(cell, int)]
    if len(whole) == len(cells):
        for kind in (np.int64, np.uint64):
            try:
                return pd.Series(np.array(whole, dtype=kind))
            except OverflowError:
                continue
        return pd.Series([str(cell) for cell in whole], dtype="str")
    if whole:
        notes.append(f"Some {noun} ids are numbers and some text; all are kept as text.")
    return text_of(map(str, cells))


def text_of(cells: Iterable[str | None]) -> pd.Series:
    """Give text as a column, with U+FFFD for what is no Unicode.

    Parameters
    ----------
    cells : iterable of str or None

    Returns
    -------
    Series of str
        With a RangeIndex.
    """
    return pd.Series([cell if cell is None else clean_text(cell) for cell in cells], dtype="str")


def not_a_metric(name: str, column: str, reason: str) -> InvalidInputError:
    """Build the error for a column that should be a metric and cannot be.

    Parameters
    ----------
    name : str
        Name of the frame.
    column : str
        Name of the column.
    reason : str
        What is odd about it: ``"holds values of type list"``.

    Returns
    -------
    InvalidInputError
        To be raised by the caller.
    """
    return InvalidInputError(
        f"{name}.{column}",
        f"{reason}, and so cannot be a metric",
        "Give numbers, dates, truth values, or text that several rows share.",
    )


def as_metric(values: pd.Series) -> NDArray[np.float64] | None:
    """Give a column as float64 if it holds numbers.

    Parameters
    ----------
    values : Series
        Any column.

    Returns
    -------
    ndarray of float64, shape (n,), or None
        A copy with NaN where a value is missing; None if the column does not hold real numbers.
    """
    dtype = values.dtype
    if types.is_complex_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype):
        return None
    if types.is_numeric_dtype(dtype) or types.is_bool_dtype(dtype):
        return values.to_numpy(np.float64, na_value=np.nan, copy=True)
    if not types.is_object_dtype(dtype):
        return None if len(values) else np.empty(0)
    if len(values) and types.infer_dtype(values, skipna=True) not in _NUMBERS:
        return None
    try:
        return pd.to_numeric(values).to_numpy(np.float64, na_value=np.nan, copy=True)
    except OverflowError:  # whole numbers beyond the range of floats
        return None


def without_infinities(
    name: str, column: str, numbers: NDArray[np.float64], notes: list[str]
) -> NDArray[np.float64]:
    """Make infinite values of a metric missing, in place, and say so.

    Parameters
    ----------
    name : str
        Name of the frame.
    column : str
        Name of the metric.
    numbers : ndarray of float64, shape (n,)
        Its values; changed.
    notes : list of str
        A sentence is added if there are infinite values.

    Returns
    -------
    ndarray of float64, shape (n,)
        `numbers`.
    """
    infinite = np.isinf(numbers)
    if infinite.any():
        count = int(infinite.sum())
        verb = "value counts" if count == 1 else "values count"
        notes.append(f"{count:,} infinite {verb} as missing in {name}, column {column!r}.")
        numbers[infinite] = np.nan
    return numbers


def whole_if_possible(values: NDArray[np.float64]) -> NDArray[np.float64] | NDArray[np.int64]:
    """Turn floats into int64 if all of them are whole and small enough.

    Parameters
    ----------
    values : ndarray of float64

    Returns
    -------
    ndarray of int64 or float64
        Equal numbers; floats where one is missing.
    """
    whole = (values == np.floor(values)) & (np.abs(values) < 2.0**63)
    return values.astype(np.int64) if whole.all() else values
