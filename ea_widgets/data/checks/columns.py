"""Columns of a user's DataFrame in the types that a Dataset promises."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api import types

from ea_widgets.data.checks.refuse import Source, refuse
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "boolean", "decimal"})
_LARGEST_ID = np.iinfo(np.int64).max


def as_ids(source: Source, column: str, values: pd.Series) -> pd.Series:
    """Bring ids to int64 or to text.

    Parameters
    ----------
    source : Source
        The frame.
    column : str
        Name of the ids' column.
    values : Series
        Whole numbers or text; not both, since ids must have an order.

    Returns
    -------
    Series of int64 or str
        With a RangeIndex.

    Raises
    ------
    InvalidInputError
        If an id is missing, not whole, too large, or neither a number nor text.
    """
    values = values.reset_index(drop=True)
    if values.hasnans:
        refuse(
            source,
            column,
            np.flatnonzero(values.isna().to_numpy()),
            values.to_list(),
            what="is missing",
            remedy="Give every row an id.",
        )
    kind = types.infer_dtype(values)
    if not len(values) or kind == "integer":
        _check_small(source, column, values)
        return values.astype(np.int64)
    if kind == "floating":
        refuse(
            source,
            column,
            np.flatnonzero((values != np.floor(values)).to_numpy()),
            values.to_list(),
            what="is not a whole number",
            remedy="Ids are whole numbers or text.",
        )
        _check_small(source, column, values)
        return values.astype(np.int64)
    if kind == "categorical":
        return as_ids(source, column, values.astype(values.cat.categories.dtype))
    if kind == "string":
        return values.astype("str")
    raise InvalidInputError(
        f"{source.name}.{column}",
        f"holds ids of kind {kind!r}",
        f"Ids are all whole numbers or all text: `{source.name}[{column!r}].astype(str)` helps.",
    )


def as_file_names(values: pd.Series) -> pd.Series:
    """Bring paths to text, and leave all else as it is.

    Parameters
    ----------
    values : Series
        Text or ``pathlib`` paths; missing ones are fine.

    Returns
    -------
    Series
        With a RangeIndex.
    """
    names = values.reset_index(drop=True)
    if names.dtype != object:
        return names
    given = names.to_list()
    if not any(isinstance(name, os.PathLike) for name in given):
        return names
    return pd.Series([os.fspath(name) if isinstance(name, os.PathLike) else name for name in given])


def _check_small(source: Source, column: str, values: pd.Series) -> None:
    if len(values) and max(abs(values.max()), abs(values.min())) > _LARGEST_ID:
        raise InvalidInputError(
            f"{source.name}.{column}",
            f"holds ids beyond {_LARGEST_ID}",
            "Give smaller ids, or ids as text.",
        )


def as_numbers(source: Source, column: str, values: pd.Series) -> NDArray[np.float64]:
    """Give a column as float64, or refuse it.

    Parameters
    ----------
    source : Source
        The frame.
    column : str
        Name of the column.
    values : Series
        Numbers; missing ones become NaN.

    Returns
    -------
    ndarray of float64, shape (n,)
        A copy.

    Raises
    ------
    InvalidInputError
        If the column does not hold numbers.
    """
    numbers = as_metric(values)
    if numbers is None:
        raise not_numeric(source.name, column, values)
    return numbers


def not_numeric(name: str, column: str, values: pd.Series) -> InvalidInputError:
    """Build the error for a column that should hold numbers and does not.

    Parameters
    ----------
    name : str
        Name of the frame.
    column : str
        Name of the column.
    values : Series
        The column.

    Returns
    -------
    InvalidInputError
        To be raised by the caller.
    """
    first = next((repr(value) for value in values if isinstance(value, str)), None)
    example = f" (its first text: {first})" if first else ""
    return InvalidInputError(
        f"{name}.{column}",
        f"is of type {values.dtype}, not numbers{example}",
        f"Turn it into numbers first, for example with `pandas.to_numeric({name}[{column!r}])`.",
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


def as_flags(source: Source, column: str, frame: pd.DataFrame) -> pd.Series:
    """Give a column of true or false, all false where the frame has none.

    Parameters
    ----------
    source : Source
        The frame's name.
    column : str
        Name of the column.
    frame : DataFrame
        The frame.

    Returns
    -------
    Series of bool
        With a RangeIndex.

    Raises
    ------
    InvalidInputError
        If a value is neither true nor false, 1 nor 0.
    """
    if column not in frame.columns:
        return pd.Series(np.zeros(len(frame), dtype=bool))
    numbers = as_numbers(source, column, frame[column])
    refuse(
        source,
        column,
        np.flatnonzero((numbers != 0) & (numbers != 1)),
        frame[column].to_list(),
        what="is neither true nor false",
        remedy="Give True or False, or 1 or 0.",
    )
    return pd.Series(numbers == 1)


def whole_if_possible(values: pd.Series) -> pd.Series:
    """Turn floats into int64 if all of them are whole.

    Parameters
    ----------
    values : Series of float64
        Finite numbers.

    Returns
    -------
    Series of int64 or float64
        Equal numbers.
    """
    return values.astype(np.int64) if (values == np.floor(values)).all() else values
