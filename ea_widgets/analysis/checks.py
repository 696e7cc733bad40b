"""Arguments of questions, checked at the door."""

from __future__ import annotations

import math
from numbers import Real

import numpy as np

from ea_widgets.errors import InvalidInputError, shown, unknown_option


def as_number(value: object) -> float:
    """Return a real number as float; NaN for anything else, truth values included."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, Real)):
        return math.nan
    try:
        return float(value)
    except OverflowError:  # a whole number beyond any float
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]


def check_fraction(field: str, value: object) -> float:
    """Return a number in [0, 1] as float, or refuse it."""
    number = as_number(value)  # NaN fails every comparison
    if not 0 <= number <= 1:
        raise InvalidInputError(field, f"is {shown(value)}", "Give a number from 0 to 1.")
    return number


def check_count(field: str, value: object, least: int = 1) -> int:
    """Return a whole number of at least `least`, or refuse it."""
    number = as_number(value)
    if not number.is_integer() or number < least:
        raise InvalidInputError(
            field, f"is {shown(value)}", f"Give a whole number from {least} up."
        )
    return int(number)


def check_one_or_two(field: str, value: object) -> int:
    """Return 1 or 2, or refuse it."""
    number = check_count(field, value)
    if number > 2:
        raise InvalidInputError(field, f"is {shown(value)}", "Give 1 or 2.")
    return number


def check_option(field: str, value: object, options: tuple[str, ...]) -> str:
    """Return one of the options, or refuse it."""
    if not isinstance(value, str) or value not in options:
        raise unknown_option(field, value, options)
    return value


def check_end(field: str, value: object) -> float | None:
    """Return an end of a range as float, or None where it is open."""
    if value is None:
        return None
    number = as_number(value)
    if not math.isfinite(number):
        raise InvalidInputError(
            field, f"is {shown(value)}", "Give a finite number, or None for an open end."
        )
    return number


def check_order(low: float | None, high: float | None) -> None:
    """Refuse a range whose ends are swapped."""
    if low is not None and high is not None and low > high:
        raise InvalidInputError("low", f"is {shown(low)}, above `high`, {high!r}", "Swap the two.")


def check_flag(field: str, value: object) -> bool:
    """Return a truth value, or refuse anything else."""
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidInputError(field, f"is {shown(value)}", "Give True or False.")
    return bool(value)
