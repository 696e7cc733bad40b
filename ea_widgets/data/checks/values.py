"""Single values of odd columns: ids, numbers, flags and text as people and tools write them.

Only columns that are not typed come here; numpy does the rest.
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pandas as pd
from pandas.api import types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Id = int | str

UNKNOWN, AMBIGUOUS = -1, -2
"""Positions of what is not among the known, and of what can mean several of them."""

_WHOLE = re.compile(r"([+-]?\d{1,100})(\.0*)?", re.ASCII)
_LONGEST_ID = 100  # digits; more are no id, and Python does not print over 4,300
_TRUE = frozenset({"1", "1.0", "true", "yes", "y", "t"})
_FALSE = frozenset({"0", "0.0", "false", "no", "n", "f", ""})


def is_missing(value: object) -> bool:
    """Tell whether a cell is empty: None, NaN, NaT or pandas' NA."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float | np.floating) and value != value  # noqa: PLR0124  # NaN


def clean_text(text: str) -> str:
    """Make text that is no Unicode writable: lone surrogates become U+FFFD; the rest stays.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Can be encoded as UTF-8.
    """
    if text.isascii():
        return text
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


_LARGEST_EXACT = 2**53
"""From here on floats stand for several whole numbers."""


def as_id(value: object) -> Id | None:
    """Give an id so that equal ids are equal: 1, 1.0, "1" are 1; other text is itself.

    Parameters
    ----------
    value : object
        One cell.

    Returns
    -------
    int, str or None
        UUIDs, dates (ISO 8601), paths and bytes as text. None where it is no id, such as a float
        so large that neighbours of it are one number.
    """
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, str):
        text = clean_text(value)
        if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID:
            number = int(text)
            return number if str(number) == text else text
        return text
    if isinstance(value, bool | np.bool_):
        return None
    if isinstance(value, Integral):
        whole = int(value)
        return whole if abs(whole) < 10**_LONGEST_ID else None
    if isinstance(value, Real | Decimal):
        real = float(value)
        exact = real.is_integer() and abs(real) < _LARGEST_EXACT
        return int(real) if exact else None
    return _id_of_object(value)


def _id_of_object(value: object) -> str | None:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return clean_text(os.fsdecode(value))
    return str(value) if isinstance(value, UUID) else None


def loose_id(id_: Id) -> Id:
    """Give an id in the form in which ids that people take for one are equal.

    Parameters
    ----------
    id_ : int or str
        As :func:`as_id` gives it.

    Returns
    -------
    int or str
        The number for a whole number however it is written; other text without spaces around it.

    Examples
    --------
    >>> [loose_id(id_) for id_ in ("1.0", " 1 ", "001", 1, "1.5", "a ")]
    [1, 1, 1, 1, '1.5', 'a']
    """
    if isinstance(id_, int):
        return id_
    text = id_.strip()
    found = _WHOLE.fullmatch(text)
    return text if found is None else int(found[1])


def positions_of(used: Sequence[Id | None], known: Sequence[Id | None]) -> NDArray[np.intp]:
    """Find ids among the known ones: the equal one, else the only one that is alike.

    Parameters
    ----------
    used, known : sequence of int, str or None
        As :func:`as_id` gives them; the known ones each once, None is never found.

    Returns
    -------
    ndarray of intp, shape (n_used,)
        Position in `known`; :data:`UNKNOWN`, or :data:`AMBIGUOUS` where several are alike.
    """
    equal = {id_: row for row, id_ in enumerate(known) if id_ is not None}
    found = [UNKNOWN if id_ is None else equal.get(id_, UNKNOWN) for id_ in used]
    if UNKNOWN in found:
        alike: dict[Id, int] = {}
        for id_, row in equal.items():
            key = loose_id(id_)
            alike[key] = AMBIGUOUS if key in alike else row
        found = [
            alike.get(loose_id(id_), UNKNOWN) if row == UNKNOWN and id_ is not None else row
            for id_, row in zip(used, found, strict=True)
        ]
    return np.array(found, dtype=np.intp)


def as_number(value: object) -> float | None:
    """Give a number, also one that is written as text.

    Parameters
    ----------
    value : object
        One cell.

    Returns
    -------
    float or None
        NaN for an empty cell, None where it is no number.
    """
    if is_missing(value):
        return math.nan
    if isinstance(value, bool | np.bool_ | complex):
        return None
    try:
        if isinstance(value, str):
            return None if "_" in value else float(value.strip() or "nan")
        return float(value)  # type: ignore[arg-type]  # what is no number raises
    except (TypeError, ValueError, OverflowError):
        return None


def as_flag(value: object) -> bool | None:
    """Give true or false, also where it is written as text or another number.

    Parameters
    ----------
    value : object
        One cell.

    Returns
    -------
    bool or None
        False for an empty cell; None where it is neither true, false, 1 nor 0.
    """
    if is_missing(value):
        return False
    if isinstance(value, str):
        word = value.strip().casefold()
        return True if word in _TRUE else False if word in _FALSE else None
    number = float(value) if isinstance(value, bool | np.bool_) else as_number(value)
    return None if number not in {0.0, 1.0} else bool(number)


@dataclass(frozen=True)
class Codes:
    """A column as positions in the values that occur.

    Parameters
    ----------
    rows : ndarray of intp, shape (n,)
        Position in `used` of each row's value; -1 where it is missing or unusable.
    used : list
        The values, each once, in order of appearance.
    missing, odd : ndarray of bool, shape (n,)
        Rows without a value; rows whose value cannot be used.
    """

    rows: NDArray[np.intp]
    used: list[Any]
    missing: NDArray[np.bool_]
    odd: NDArray[np.bool_]


def id_codes(values: pd.Series) -> Codes:
    """Read a column of ids.

    Parameters
    ----------
    values : Series
        Whole numbers, text, or both, of any type.

    Returns
    -------
    Codes
        With ids as :func:`as_id` gives them.
    """
    return _codes(values, as_id)


def name_codes(values: pd.Series) -> Codes:
    """Read a column of names of classes: text or whole numbers.

    Parameters
    ----------
    values : Series
        Of any type.

    Returns
    -------
    Codes
        With names as text.
    """
    return _codes(values, _as_name)


def _as_name(value: object) -> str | None:
    if isinstance(value, str):
        return clean_text(value)
    whole = as_id(value) if isinstance(value, Real | Decimal) else None
    return None if whole is None else str(whole)


def _codes(values: pd.Series, convert: Any) -> Codes:
    if isinstance(values.dtype, pd.CategoricalDtype):
        rows = values.cat.codes.to_numpy(np.intp)
        return _converted(rows, values.cat.categories.tolist(), convert)
    dtype = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind in "iu":
        numbers = values.to_numpy()
        rows, occurring = pd.factorize(numbers)
        none = np.zeros(len(rows), dtype=bool)
        named = [one if convert is as_id else str(one) for one in occurring.tolist()]
        return Codes(rows.astype(np.intp, copy=False), named, none, none)
    if types.is_float_dtype(dtype) or isinstance(dtype, pd.StringDtype):
        rows, used = pd.factorize(values)
        return _converted(rows, list(used), convert)
    # Anything may be in a column of objects: what cannot be hashed, and True, which equals 1.
    cells = [value.item() if isinstance(value, np.generic) else value for value in values.tolist()]
    kinds = set(map(type, cells))
    if kinds <= {str} or kinds <= {int}:
        rows, occurring = pd.factorize(np.fromiter(cells, object, len(cells)))
        return _converted(rows, occurring.tolist(), convert)
    missing = np.fromiter(map(is_missing, cells), bool, len(cells))
    ids = [None if gone else convert(cell) for cell, gone in zip(cells, missing, strict=True)]
    places: dict[Any, int] = {}
    places_of = np.fromiter(
        (-1 if id_ is None else places.setdefault(id_, len(places)) for id_ in ids),
        np.intp,
        len(ids),
    )
    return Codes(places_of, list(places), missing, (places_of < 0) & ~missing)


def _converted(rows: NDArray[Any], used: list[Any], convert: Any) -> Codes:
    """Convert the values that occur; two of them can be one id."""
    places: dict[Any, int] = {}
    targets = []
    for value in used:
        id_ = convert(value)
        targets.append(-1 if id_ is None else places.setdefault(id_, len(places)))
    codes: NDArray[np.intp] = rows.astype(np.intp, copy=False)
    missing = codes < 0
    if targets == list(range(len(used))):
        return Codes(codes, list(places), missing, np.zeros(len(codes), dtype=bool))
    found = np.array([*targets, -1], dtype=np.intp)[codes]
    return Codes(found, list(places), missing, (found < 0) & ~missing)


def numbers_of(values: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Read a column of numbers.

    Parameters
    ----------
    values : Series
        Numbers, or numbers as text; missing ones become NaN.

    Returns
    -------
    numbers : ndarray of float64, shape (n,)
        NaN where there is no number. Not a copy where the column holds float64.
    odd : ndarray of bool, shape (n,)
        Cells that are neither a number nor empty.
    """
    dtype = values.dtype
    if types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype):
        return values.to_numpy(np.float64, na_value=np.nan), np.zeros(len(values), dtype=bool)
    cells = [as_number(cell) for cell in values.tolist()]
    odd = np.fromiter((cell is None for cell in cells), bool, len(cells))
    return np.array([np.nan if cell is None else cell for cell in cells], np.float64), odd


def fold_name(text: str) -> str:
    """Give a name in the form in which names that people take for one are equal.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        One Unicode form, without case or spaces around it.
    """
    return unicodedata.normalize("NFC", clean_text(text)).casefold().strip()
