"""Numbers and names as people read them. Text that comes from data is escaped here."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

ELLIPSIS = "…"
MISSING = "\N{EN DASH}"


def elide(text: str, limit: int) -> str:
    """Shorten a long text in its middle, where names differ least.

    Parameters
    ----------
    text : str
        Any text.
    limit : int
        Most characters to return, at least 3.

    Returns
    -------
    str
        The text itself where it fits.

    Examples
    --------
    >>> elide("Distance to the nearest other object (P)", 20)
    'Distance t…bject (P)'
    """
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return text[: limit - 1 - tail].rstrip() + ELLIPSIS + text[len(text) - tail :].lstrip()


def unique_labels(names: Iterable[str], limit: int) -> list[str]:
    """Shorten names so that they stay different from each other.

    Parameters
    ----------
    names : iterable of str
        Different names.
    limit : int
        Most characters of a name that needs no number.

    Returns
    -------
    list of str
        In the same order; a number follows where shortening made two the same.
    """
    labels: list[str] = []
    taken: set[str] = set()
    for name in names:
        label = short = elide(name, limit)
        count = 2
        while label in taken:
            label = f"{short} {count}"
            count += 1
        taken.add(label)
        labels.append(label)
    return labels


def number(value: float, digits: int = 3) -> str:
    """Write a value of a metric with some significant digits and never as ``5e-2``.

    Parameters
    ----------
    value : float
        Any number.
    digits : int
        Significant digits; whole numbers keep all of theirs.

    Returns
    -------
    str
        A dash for NaN.

    Examples
    --------
    >>> [number(v) for v in (0.00012345, 0.5, 12.345, 1234.5, 98765432.0)]
    ['0.000123', '0.5', '12.3', '1,234', '98,765,432']
    """
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    magnitude = math.floor(math.log10(abs(value))) if value else 0
    decimals = max(0, digits - 1 - magnitude)
    written = f"{value:,.{decimals}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def tick(value: float, digits: int = 3) -> str:
    """Write a value of a metric as short as an axis needs it.

    Parameters
    ----------
    value : float
        Any number.
    digits : int
        Significant digits.

    Returns
    -------
    str
        With ``k``, ``M`` or ``G`` from ten thousand on.

    Examples
    --------
    >>> [tick(v) for v in (0.25, 1200.0, 12000.0, 3.4e6)]
    ['0.25', '1,200', '12k', '3.4M']
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= max(size, 1e4):
            return number(value / size, digits) + letter
    return number(value, digits)


def rate(value: float) -> str:
    """Write a share or a score with three decimals.

    Parameters
    ----------
    value : float
        In [-1, 1], or NaN.

    Returns
    -------
    str
        A dash for NaN.

    Examples
    --------
    >>> rate(0.25), rate(float("nan")) == MISSING
    ('0.250', True)
    """
    return MISSING if np.isnan(value) else f"{value:.3f}"


def signed(value: float) -> str:
    """Write a correlation with its sign.

    Parameters
    ----------
    value : float
        In [-1, 1], or NaN.

    Returns
    -------
    str
        A dash for NaN; no sign where it rounds to nought.

    Examples
    --------
    >>> signed(0.25), signed(-0.1), signed(-0.0001)
    ('+0.250', '-0.100', '0.000')
    """
    if np.isnan(value):
        return MISSING
    return "0.000" if abs(value) < 0.0005 else f"{value:+.3f}"


def with_unit(value: str, unit: str) -> str:
    """Put a unit behind a number where it has one worth saying.

    Parameters
    ----------
    value : str
        A written number.
    unit : str
        As the catalogue of metrics has it; ``"1"`` and ranges such as ``"[0, 1]"`` say no unit.

    Returns
    -------
    str
        Not escaped.
    """
    return f"{value} {unit}" if says_something(unit) else value


def says_something(unit: str) -> bool:
    """Tell whether a unit is worth writing behind a number.

    Parameters
    ----------
    unit : str
        As the catalogue of metrics has it.

    Returns
    -------
    bool
        False for none, for ``"1"`` and for ranges such as ``"[0, 1]"``.
    """
    return bool(unit) and unit != "1" and not unit.startswith("[")


def table(heading: str, rows: Iterable[tuple[str, str]], remark: str = "") -> str:
    """Build the HTML of a tooltip. Everything is escaped here.

    Parameters
    ----------
    heading : str
        First line, bold.
    rows : iterable of (str, str)
        What it is, and its value.
    remark : str
        Last line.

    Returns
    -------
    str
        HTML.
    """
    body = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows
    )
    end = f"<p>{escape(remark)}</p>" if remark else ""
    return f'<div class="eaw-tip"><b>{escape(heading)}</b><table>{body}</table>{end}</div>'


def counted(count: int, singular: str, plural: str = "") -> str:
    """Write a count with its noun.

    Parameters
    ----------
    count : int
        How many.
    singular, plural : str
        The noun; the plural is the singular and an s unless given.

    Returns
    -------
    str
        Not escaped.

    Examples
    --------
    >>> counted(1, "class", "classes"), counted(2114, "label")
    ('1 class', '2,114 labels')
    """
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
