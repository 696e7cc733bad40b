"""Numbers and names as people read them. Text that comes from data is escaped here."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.formatting import number, percent, says_something, with_unit

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ELLIPSIS",
    "MISSING",
    "as_it_is",
    "counted",
    "elide",
    "explained",
    "number",
    "percent",
    "rate",
    "says_something",
    "share",
    "signed",
    "table",
    "tick",
    "unique_labels",
    "with_unit",
]

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


def as_it_is(text: str) -> str:
    r"""Keep MathJax away from a name: it typesets the descriptions of tick boxes.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        With a backslash before each dollar sign, which MathJax takes away, and a mark of no width
        behind each other backslash, so that none begins a formula.

    Examples
    --------
    >>> as_it_is("from $5 to $10")
    'from \\$5 to \\$10'
    """
    return text.replace("\\", "\\\N{WORD JOINER}").replace("$", "\\$")


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


def share(value: float) -> str:
    """Write a rate in percent, with one decimal.

    Parameters
    ----------
    value : float
        In [0, 1], or NaN.

    Returns
    -------
    str
        A dash for NaN.

    Examples
    --------
    >>> share(0.2514), share(1.0), share(float("nan")) == MISSING
    ('25.1 %', '100.0 %', True)
    """
    return MISSING if np.isnan(value) else f"{100 * value:.1f} %"


def signed(value: float) -> str:
    """Write a correlation with its sign.

    Parameters
    ----------
    value : float
        In [-1, 1], or NaN.

    Returns
    -------
    str
        A dash for NaN; no sign where it rounds to 0.

    Examples
    --------
    >>> signed(0.25), signed(-0.1), signed(-0.0001)
    ('+0.250', '-0.100', '0.000')
    """
    if np.isnan(value):
        return MISSING
    return "0.000" if abs(value) < 0.0005 else f"{value:+.3f}"


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


def explained(short: str, more: Iterable[str]) -> str:
    """Build a line with a "?" that opens what explains it. Everything is escaped here.

    Parameters
    ----------
    short : str
        What is on screen.
    more : iterable of str
        Sentences behind the "?".

    Returns
    -------
    str
        HTML, in the flow of a line.
    """
    behind = escape(" ".join(more))
    name = "" if short else ' aria-label="Explanation"'
    return f'<details class="eaw-why"><summary{name}>{escape(short)}</summary>{behind}</details>'


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
