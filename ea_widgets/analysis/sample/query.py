"""What a question is asked about: thresholds and classes, checked at the door."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real

import numpy as np

from ea_widgets.errors import InvalidInputError, unknown_option


@dataclass(frozen=True)
class Choice:
    """Thresholds and classes, in a form that serves as a key.

    Attributes
    ----------
    iou_threshold, confidence_threshold : float
        In [0, 1].
    classes : tuple of int
        Codes of the chosen classes, ascending; all of them where none was named.
    """

    iou_threshold: float
    confidence_threshold: float
    classes: tuple[int, ...]


def as_number(value: object) -> float:
    """Return a real number as float; NaN for anything else, truth values included."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, Real)):
        return math.nan
    return float(value)


def check_fraction(field: str, value: object) -> float:
    """Return a number in [0, 1] as float, or refuse it."""
    number = as_number(value)  # NaN fails every comparison
    if not 0 <= number <= 1:
        raise InvalidInputError(field, f"is {value!r}", "Give a number from 0 to 1.")
    return number


def check_count(field: str, value: object, least: int = 1) -> int:
    """Return a whole number of at least `least`, or refuse it."""
    number = as_number(value)
    if not number.is_integer() or number < least:
        raise InvalidInputError(field, f"is {value!r}", f"Give a whole number from {least} up.")
    return int(number)


def check_option(field: str, value: object, options: tuple[str, ...]) -> str:
    """Return one of the options, or refuse it."""
    if not isinstance(value, str) or value not in options:
        raise unknown_option(field, value, options)
    return value


def check_classes(classes: object, class_names: tuple[str, ...]) -> tuple[int, ...]:
    """Return the codes of the named classes, ascending; all of them for an empty tuple."""
    if isinstance(classes, str) or not isinstance(classes, Iterable):
        raise InvalidInputError(
            "classes", f"is {classes!r}", "Give a tuple of class names; () takes all classes."
        )
    code = {name: number for number, name in enumerate(class_names)}
    chosen = set()
    for name in classes:
        if not isinstance(name, str) or name not in code:
            raise unknown_option("classes", name, class_names)
        chosen.add(code[name])
    return tuple(sorted(chosen)) if chosen else tuple(range(len(class_names)))


def check_choice(
    iou_threshold: object,
    confidence_threshold: object,
    classes: object,
    class_names: tuple[str, ...],
) -> Choice:
    """Check a choice at the door.

    Raises
    ------
    InvalidInputError
        If a threshold is not a number in [0, 1] or a class is unknown.
    """
    return Choice(
        check_fraction("iou_threshold", iou_threshold),
        check_fraction("confidence_threshold", confidence_threshold),
        check_classes(classes, class_names),
    )
