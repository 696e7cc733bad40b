"""Errors that a person can act on: what is wrong, with which value, and what to do."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

OPTIONS_SHOWN = 20


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
        self.field = field
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"`{field}` {problem}. {remedy}")

    def __reduce__(self) -> tuple[type[InvalidInputError], tuple[str | float | None, ...]]:
        """Pickle with all three parts, so that errors cross process borders."""
        return type(self), (self.field, self.problem, self.remedy)


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
    near = get_close_matches(str(value).casefold(), list(folded), n=1)
    hint = f"Did you mean {folded[near[0]]!r}? " if near else ""
    shown = ", ".join(repr(option) for option in options[:OPTIONS_SHOWN])
    more = f" and {len(options) - OPTIONS_SHOWN:,} more" if len(options) > OPTIONS_SHOWN else ""
    known = f"Options: {shown}{more}." if options else "There are none."
    return InvalidInputError(field, f"has no option {value!r}", f"{hint}{known}")


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
