"""Which further columns are metrics, of which kind, and why others are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api import types

from ea_widgets.data.checks.columns import as_metric, without_infinities
from ea_widgets.data.checks.values import clean_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

DATE = "date"
"""Unit of metrics that are moments: seconds since 1970, shown as dates."""

_MOMENTS = frozenset({"datetime", "datetime64", "date"})
_SPANS = frozenset({"timedelta", "timedelta64"})
_WORDS = frozenset({"string", "mixed-integer", "mixed"})
_PLAIN = (str, bool, int, float, np.number, np.bool_)
_ISO_DATE = r"^\d{4}-\d\d-\d\d([ T]|$)"
_LEADING_NOUGHT = r"^\s*[-+]?0\d"
"""Marks codes such as ``007``, which are names and no numbers."""


def metric_of(frame: str, column: str, values: pd.Series, notes: list[str]) -> pd.Series | str:
    """Give a column in the type of its kind of metric, or say why it is none.

    Parameters
    ----------
    frame, column : str
        For sentences.
    values : Series
        Any column.
    notes : list of str
        A sentence is added where values became missing or texts were read as numbers.

    Returns
    -------
    Series or str
        With a RangeIndex, of float64 (numbers), datetime64 (moments, of UTC), timedelta64 (spans
        of time) or category (text, categories and truth values; the categories as
        :func:`as_categories` orders them). Or the reason: ``"holds lists"``.
    """
    values = values.reset_index(drop=True)
    cells = values if types.is_numeric_dtype(values.dtype) else values.astype(object)
    kind = types.infer_dtype(cells, skipna=True)
    if kind == "boolean" or isinstance(values.dtype, pd.CategoricalDtype):
        return as_categories(values)
    numbers = as_metric(values)
    if numbers is not None:
        return pd.Series(without_infinities(frame, column, numbers, notes))
    if kind in _MOMENTS | _SPANS:
        return moments_of(cells) if kind in _MOMENTS else pd.Series(pd.to_timedelta(cells))
    if kind in _WORDS:
        return words_of(frame, column, cells, notes)
    return "is empty" if kind == "empty" else f"holds values of type {kind}"


def moments_of(cells: pd.Series) -> pd.Series:
    """Give dates and times in UTC, without a zone; those without a zone are taken for UTC."""
    moments = pd.to_datetime(cells, errors="coerce", utc=True, format="ISO8601")
    return pd.Series(moments.dt.tz_localize(None))


def words_of(frame: str, column: str, cells: pd.Series, notes: list[str]) -> pd.Series | str:
    """Give texts as categories, or as numbers where all are written numbers.

    See :func:`metric_of`.
    """
    known = cells.notna()
    there = cells[known]
    odd = next((cell for cell in there if not isinstance(cell, str | bool | int | float)), None)
    if odd is not None:
        return f"holds values of type {type(odd).__name__}"
    text = there.map(str)
    numbers = pd.to_numeric(text, errors="coerce")
    if numbers.notna().all() and not text.str.contains(_LEADING_NOUGHT).any():
        result = np.full(len(cells), np.nan)
        result[known.to_numpy()] = numbers.to_numpy(np.float64)
        notes.append(f"The texts of column {column!r} of the {frame} are read as numbers.")
        return pd.Series(without_infinities(frame, column, result, notes))
    if len(text) and text.str.match(_ISO_DATE).all():
        moments = moments_of(cells)
        if moments.notna().equals(known):
            return moments
    if len(text) > 1 and text.is_unique:
        return "has another text in each row"
    words = text.map({word: clean_text(word) for word in text.unique()})
    return as_categories(words.reindex(cells.index))


def as_categories(values: pd.Series) -> pd.Series:
    """Give a column as categories: those that occur, by falling count, equal counts by name.

    Parameters
    ----------
    values : Series
        Text, categories or truth values, maybe with gaps.

    Returns
    -------
    Series of category
        Unordered. Truth values are False and then True, whatever their counts.

    Examples
    --------
    >>> list(as_categories(pd.Series(["sun", "rain", "rain", None])).cat.categories)
    ['rain', 'sun']
    """
    given = values.astype("category")
    names = [one if isinstance(one, _PLAIN) else str(one) for one in given.cat.categories]
    codes = given.cat.codes.to_numpy(np.intp)
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    kept: list[Any] = [False, True]
    if not types.is_bool_dtype(pd.Index(names).dtype) or not names:
        order = sorted(range(len(names)), key=lambda code: (-counts[code], str(names[code])))
        kept = list(dict.fromkeys(names[code] for code in order if counts[code]))
    number = {name: at for at, name in enumerate(kept)}
    position = np.array([*(number.get(name, -1) for name in names), -1], np.intp)
    return pd.Series(pd.Categorical.from_codes(position[codes], dtype=pd.CategoricalDtype(kept)))


def is_metric(dtype: Any) -> bool:
    """Whether a column of a tidy frame, of this type, is a metric."""
    return kind_of(dtype) != ""


def kind_of(dtype: Any) -> str:
    """Tell the kind of metric that a column of a tidy frame is: "numeric", "categorical", or ""."""
    if isinstance(dtype, pd.CategoricalDtype):
        return "categorical"
    numeric = types.is_float_dtype(dtype) or (isinstance(dtype, np.dtype) and dtype.kind in "mM")
    return "numeric" if numeric else ""


def unit_of(dtype: Any) -> str:
    """Give the unit of a column that is a date or a span of time; "" of any other."""
    kind = dtype.kind if isinstance(dtype, np.dtype) else ""
    return {"M": DATE, "m": "s"}.get(kind, "")


def numbers_of(values: pd.Series) -> NDArray[np.float64]:
    """Give the column of a metric as numbers: dates and spans in seconds, categories as codes.

    Parameters
    ----------
    values : Series
        Of a tidy frame.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where a value is missing.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy(np.float64)
        return np.where(codes < 0, np.nan, codes)
    if isinstance(dtype, np.dtype) and dtype.kind in "mM":
        unit = np.timedelta64(1, "s")
        origin = np.datetime64(0, "s") if dtype.kind == "M" else np.timedelta64(0, "s")
        seconds: NDArray[np.float64] = (values.to_numpy() - origin) / unit
        return seconds
    numbers: NDArray[np.float64] = values.to_numpy(np.float64, na_value=np.nan)
    return numbers


def values_of(values: pd.Series) -> NDArray[Any]:
    """Give the column of a metric as numbers, see :func:`numbers_of`, or as categories."""
    if kind_of(values.dtype) == "categorical":
        return values.astype(object).to_numpy()
    return numbers_of(values)


def positive_category(values: pd.Series) -> str | bool | None:
    """Name the one of two categories whose successes make a correlation positive.

    True, or else the rarer one of the whole data set; None where there are not two.
    """
    categories = values.cat.categories
    return categories[1] if len(categories) == 2 else None
