"""Errors that a person can act on: what is wrong, with which value, and what to do."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

OPTIONS_SHOWN = 20

LONGEST_TEXT = 80
"""Characters of a value that an error or a note shows."""

LONGEST_LIST = 100
"""Values of a list from which on it is counted, not shown."""

LONGEST_PART = 1_200
"""Characters of the problem, or of the remedy, that an error has at most."""


class InvalidInputError(ValueError):
    """Raised at a public entry point when an argument cannot be used.

    Parameters
    ----------
    field : str
        Name of the argument, column or JSON field.
    problem : str
        What is wrong with it, with the offending value; no full stop.
    remedy : str
        What to do about it; a whole sentence.
    """

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        self.field = field = cut(field, LONGEST_TEXT)
        self.problem = problem = cut(problem, LONGEST_PART)
        self.remedy = remedy = cut(remedy, LONGEST_PART)
        super().__init__(f"`{field}` {problem}. {remedy}")

    def __reduce__(self) -> tuple[type[InvalidInputError], tuple[str | float | None, ...]]:
        """Pickle with all three parts, so that errors cross process borders."""
        return type(self), (self.field, self.problem, self.remedy)


def cut(text: str, limit: int) -> str:
    """Shorten a text that names from the data have made long; its end stays readable."""
    if len(text) <= limit:
        return text
    return f"{text[: limit - limit // 3 - 5]} ... {text[len(text) - limit // 3 :]}"


def shown(value: object) -> str:
    """Write a value as a person would: short, without numpy's type around it.

    Parameters
    ----------
    value : object
        Anything that a file or a user can hold: also whole numbers too long for Python to print,
        lists nested too deeply, and objects that cannot be printed.

    Returns
    -------
    str
        At most 80 characters.
    """
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()  # type: ignore[attr-defined]  # a scalar of numpy
    if isinstance(value, list | tuple | dict) and len(value) > LONGEST_LIST:
        return f"{type(value).__name__} of {len(value):,} values"
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001  # a refusal never crashes
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 3]}..."


class MetricWarning(UserWarning):
    """Some values of metrics are missing, or a cache is not used; the rest is as it should be."""


def unknown_option(field: str, value: object, options: Sequence[str]) -> InvalidInputError:
    """Build the error for a name that is not among the known ones.

    Parameters
    ----------
    field : str
        Name of the argument.
    value : object
        What was given.
    options : sequence of str
        The known names; the nearest to `value` is suggested.

    Returns
    -------
    InvalidInputError
        To be raised by the caller.

    Examples
    --------
    >>> print(unknown_option("metric", "Brigthness", ["Area (F)", "Brightness (F)"]))
    `metric` has no option 'Brigthness'. Did you mean 'Brightness (F)'? Options: 'Area (F)', \
'Brightness (F)'.
    """
    folded = {option.casefold(): option for option in reversed(options)}
    asked = value[:300] if isinstance(value, str) else shown(value)
    near = get_close_matches(asked.casefold(), list(folded), n=1)
    hint = f"Did you mean {shown(folded[near[0]])}? " if near else ""
    listed = ", ".join(map(shown, options[:OPTIONS_SHOWN]))
    more = f" and {len(options) - OPTIONS_SHOWN:,} more" if len(options) > OPTIONS_SHOWN else ""
    known = f"Options: {listed}{more}." if options else "There are none."
    return InvalidInputError(field, f"has no option {shown(value)}", f"{hint}{known}")


class SummaryMismatchError(InvalidInputError):
    """Raised where summaries, or the parts of one, were not made in the same way."""


class RepeatedImageError(InvalidInputError):
    """Raised where an image would be counted twice."""


class SummaryFormatError(InvalidInputError):
    """Raised where bytes are no summary, are damaged, or of a version that is not known."""


class NotAnswerableError(InvalidInputError):
    """Raised where a summary cannot answer: it holds counts at ticks, and no objects.

    Parameters
    ----------
    field, problem, remedy : str
        See :class:`InvalidInputError`.
    nearest : float, optional
        The nearest value at which it can answer; None where there is none.
    """

    def __init__(self, field: str, problem: str, remedy: str, nearest: float | None = None) -> None:
        self.nearest = nearest
        super().__init__(field, problem, remedy)

    def __reduce__(self) -> tuple[type[InvalidInputError], tuple[str | float | None, ...]]:
        """Pickle with all parts."""
        return type(self), (self.field, self.problem, self.remedy, self.nearest)
