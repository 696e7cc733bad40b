"""Numbers and ranges as people read them, in plain text."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.checks.kinds import DATE
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_DECIMALS = 4

LEAST_PLAIN = 1e-4
"""Smaller numbers are written as ``9.96e-5``: nobody counts noughts."""

FROM_LABELS = "Needs labels: it explains errors, and cannot filter new predictions."

MOST_NAMED = 4
"""Categories of a set that are named."""

LONG, SHORT = 10 * 86400.0, 10 * 60.0
"""Spans from which on a date is enough, and below which seconds are needed."""

SINGULAR = {"objects": "object"}


def number(value: float, digits: int = 3) -> str:
    """Write a number with some significant digits, whole ones in full, tiny ones as ``9.96e-5``.

    Parameters
    ----------
    value : float
        Any number.
    digits : int
        Significant digits; whole numbers keep all of theirs.

    Returns
    -------
    str
        A dash for NaN. Without its commas, Python reads it as the rounded number.

    Examples
    --------
    >>> [number(v) for v in (0.00012345, 0.5, 12.345, 1234.5, 98765432.0, -0.0)]
    ['0.000123', '0.5', '12.3', '1,234', '98,765,432', '0']
    >>> [number(v) for v in (0.0000996, 0.00009996, -5e-8)]
    ['9.96e-5', '0.0001', '-5e-8']
    """
    if not math.isfinite(value):
        return "\N{EN DASH}" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if 0 < abs(float(f"{mantissa}e{exponent}")) < LEAST_PLAIN:
        return f"{without_noughts(mantissa)}e{int(exponent)}"
    magnitude = math.floor(math.log10(abs(value))) if value else 0
    return without_noughts(f"{value + 0.0:,.{max(0, digits - 1 - magnitude)}f}")


def without_noughts(written: str) -> str:
    """Drop the noughts at the end of a decimal fraction."""
    return written.rstrip("0").rstrip(".") if "." in written else written


def percent(rate: float) -> str:
    """Write a share of 1 in whole percent, with a digit more where that would hide something.

    Examples
    --------
    >>> [percent(r) for r in (0.5, 0.004, 0.996, 0.0, 1.0, 0.3333)]
    ['50 %', '0.4 %', '99.6 %', '0 %', '100 %', '33 %']
    """
    if math.isnan(rate):
        return "\N{EN DASH}"
    near_an_end = 0 < rate < 0.01 or 0.99 < rate < 1
    return f"{digits_of(rate, 1 if near_an_end else 0)} %"


def rates_in_words(rate: float, low: float, high: float, average: float) -> str:
    """Write a rate with its interval and the average, with the digits that tell them apart.

    Examples
    --------
    >>> rates_in_words(0.03, 0.02, 0.04, 0.58)
    '3 % (2 to 4 %; overall 58 %)'
    >>> rates_in_words(0.0481, 0.0473, 0.0490, 0.0636)
    '4.8 % (4.7 to 4.9 %; overall 6.4 %)'
    >>> rates_in_words(0.21, 0.19, 0.2296, 0.2312)
    '21 % (19 to 23 %; overall 23.1 %)'
    >>> rates_in_words(0.996, 0.98, 0.999, 0.7)
    '99.6 % (98 to 99.9 %; overall 70 %)'
    """
    for decimals in (0, 1, 2):
        written = [digits_of(share, decimals) for share in (rate, low, high, average)]
        inner = [share for share in (rate, low, high) if 0 < share < 1]
        # "100 %" would not be true of 99.6 %.
        true = all(0 < float(digits_of(share, decimals)) < 100 for share in inner)
        if written[1] != written[2] and written[0] != written[3] and true:
            break
    if not low <= average <= high:
        # As written, too, the interval must not hold the average.
        near = 1 if average < low else 2
        while (
            float(written[1]) <= float(written[3]) <= float(written[2]) and decimals < MOST_DECIMALS
        ):
            decimals += 1
            end = (low, high)[near - 1]
            written[near], written[3] = digits_of(end, decimals), digits_of(average, decimals)
    return f"{written[0]} % ({written[1]} to {written[2]} %; overall {written[3]} %)"


def digits_of(rate: float, decimals: int) -> str:
    """Write a percentage with at most so many decimals."""
    return without_noughts(f"{100 * rate:.{decimals}f}")


def with_unit(written: str, unit: str) -> str:
    """Put a unit behind a number where it has one worth saying.

    Parameters
    ----------
    written : str
        A number, or a range.
    unit : str
        As the catalogue of metrics has it.

    Returns
    -------
    str
        Not escaped.

    Examples
    --------
    >>> with_unit("3", "px"), with_unit("0.3", ""), with_unit("0.3", "[0, 1]"), with_unit("2", "1")
    ('3 px', '0.3', '0.3', '2')
    >>> with_unit("1", "objects"), with_unit("from 0 to 1", "objects")
    ('1 object', 'from 0 to 1 objects')
    """
    if not says_something(unit):
        return written
    return f"{written} {SINGULAR.get(unit, unit) if written == '1' else unit}"


def says_something(unit: str) -> bool:
    """Tell whether a unit is worth writing behind a number.

    Parameters
    ----------
    unit : str
        As the catalogue of metrics has it.

    Returns
    -------
    bool
        False for none, for ``"1"``, a plain ratio, and for ranges such as ``"[0, 1]"``.
    """
    return bool(unit) and unit not in {"1", DATE} and not unit.startswith("[")


def categories_in_words(names: tuple[object, ...]) -> str:
    """Write a set of categories.

    Parameters
    ----------
    names : tuple
        One at least.

    Returns
    -------
    str

    Examples
    --------
    >>> categories_in_words(("night",)), categories_in_words(("night", "dusk"))
    ('= night', 'in night, dusk')
    >>> categories_in_words(tuple("abcdef"))
    'in a, b, c, d and 2 more'
    """
    if len(names) == 1:
        return f"= {names[0]}"
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return f"in {', '.join(map(str, names[:MOST_NAMED]))}{more}"


def value_in_words(value: object, unit: str = "") -> str:
    """Write a value of any metric: a category, a date, or a number with its unit.

    Examples
    --------
    >>> value_in_words("night"), value_in_words(0.25, "%"), value_in_words(86400.0, "date")
    ('night', '0.25 %', '1970-01-02')
    """
    if isinstance(value, str | bool) or not isinstance(value, float | int):
        return str(value)
    if unit == DATE and math.isfinite(value):
        return date(value)
    return with_unit(number(value), unit)


def date(seconds: float) -> str:
    """Write a moment in UTC; midnight without the time.

    Examples
    --------
    >>> date(1.7e9)
    '2023-11-14 22:13:20'
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(seconds))
    return moment.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00")


def moment(written: str) -> float:
    """Read a date that a person has typed.

    Parameters
    ----------
    written : str
        ISO 8601, with or without a time; of UTC, unless it names a zone.

    Returns
    -------
    float
        Seconds since 1970.

    Raises
    ------
    InvalidInputError
        If it is no date.

    Examples
    --------
    >>> moment("1970-01-02"), moment("1970-01-01 01:00+01:00")
    (86400.0, 0.0)
    """
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        remedy = "Write 2024-05-31 or 2024-05-31 14:00."
        raise InvalidInputError("date", f"is {shown(written)}", remedy) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def date_labels(moments: NDArray[np.float64]) -> list[str]:
    """Write moments as short as they can be told apart.

    Parameters
    ----------
    moments : ndarray of float64, shape (n,)
        Seconds since 1970.

    Returns
    -------
    list of str
        Months where all are the first of one, days where they are far apart, else with the time.

    Examples
    --------
    >>> date_labels(np.array([1.7e9, 1.7e9 + 7200])), date_labels(np.array([0.0, 86400.0 * 30]))
    (['11-14 22:13', '11-15 00:13'], ['1970-01-01', '1970-01-31'])
    """
    seconds = np.round(moments).astype(np.int64).astype("M8[s]")
    written = np.datetime_as_string(seconds)
    if len(written) and all(one.endswith("-01T00:00:00") for one in written):
        years = all(one.endswith("-01-01T00:00:00") for one in written)
        return [str(one[: -len("-01-01T00:00:00" if years else "-01T00:00:00")]) for one in written]
    span = float(np.ptp(moments)) if len(moments) else 0.0
    if span >= LONG or all(one.endswith("T00:00:00") for one in written):
        return [str(one[: -len("T00:00:00")]) for one in written]
    end = len("2023-01-01T00:00") if span >= SHORT else None
    start = len("2023-") if span >= SHORT else len("2023-01-")
    return [str(one[start:end]).replace("T", " ") for one in written]


def displayed_names(asked: object, name: str, level: str) -> tuple[str, ...]:
    """List the displayed names that a metric can have in one table, the first that exists counts.

    Parameters
    ----------
    asked : object
        The name as it was given, with or without the level.
    name : str
        The same without.
    level : {"P", "O"}
        Of the objects of that table.

    Returns
    -------
    tuple of str
        Asked for one of images, only that one: objects may have a metric of the same name.

    Examples
    --------
    >>> displayed_names("Blur (P)", "Blur", "O")
    ('Blur (O)', 'Blur (F)')
    >>> displayed_names("Blur (F)", "Blur", "O")
    ('Blur (F)',)
    """
    of_images = MetricName(name, "F")
    return (of_images,) if asked == of_images else (MetricName(name, level), of_images)
