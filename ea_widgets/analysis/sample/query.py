"""What a question is asked about: thresholds and classes, checked at the door."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.checks import as_number, check_fraction
from ea_widgets.analysis.slices import Condition
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Query:
    """Thresholds and classes, checked, in a form that serves as a key.

    Attributes
    ----------
    iou_threshold : float
        In [0, 1].
    confidence_threshold : float or tuple of float
        Predictions below it are left out; minus infinity leaves nothing out. A tuple holds one
        for each class, by code.
    classes : tuple of int
        Codes of the chosen classes, ascending; all of them where none was named.
    where : Condition, optional
        The slice that is looked at; everything by default.
    """

    iou_threshold: float
    confidence_threshold: float | tuple[float, ...]
    classes: tuple[int, ...]
    where: Condition | None = None

    @property
    def keeps_every_confidence(self) -> bool:
        """Whether the confidence leaves no prediction out."""
        return self.confidence_threshold == -math.inf

    def is_sure(
        self, confidence: NDArray[np.float64], class_code: NDArray[np.intp]
    ) -> NDArray[np.bool_]:
        """Mark predictions that are not below the confidence threshold.

        Parameters
        ----------
        confidence : ndarray of float64, shape (n,)
        class_code : ndarray of intp, shape (n,)

        Returns
        -------
        ndarray of bool, shape (n,)
            True for predictions without a confidence.
        """
        threshold = self.confidence_threshold
        if isinstance(threshold, tuple):
            return ~(confidence < np.array(threshold)[class_code])
        return ~(confidence < threshold)


def check_classes(classes: object, class_names: tuple[str, ...]) -> tuple[int, ...]:
    """Return the codes of the named classes, ascending; all of them for an empty tuple."""
    if isinstance(classes, str) or not isinstance(classes, Iterable):
        raise InvalidInputError(
            "classes", f"is {shown(classes)}", "Give a tuple of class names; () takes all classes."
        )
    code = {name: number for number, name in enumerate(class_names)}
    chosen = set()
    for name in classes:
        if not isinstance(name, str) or name not in code:
            raise unknown_option("classes", name, class_names)
        chosen.add(code[name])
    return tuple(sorted(chosen)) if chosen else tuple(range(len(class_names)))


def check_confidence(
    value: object, class_names: tuple[str, ...], span: tuple[float, float] = (0.0, 1.0)
) -> float | tuple[float, ...]:
    """Return a confidence threshold, or one for each class, or refuse it.

    Parameters
    ----------
    value : float, mapping of str to float, or None
        None leaves nothing out. Classes that a mapping does not name keep all predictions.
    class_names : tuple of str
    span : tuple of float, default (0, 1)
        Smallest and largest threshold that make sense: 0 and 1, or wider where confidences are.

    Returns
    -------
    float or tuple of float
        Minus infinity where nothing is left out. A tuple has one entry for each class.

    Raises
    ------
    InvalidInputError
        If a threshold is no number in that span, or a class is unknown.
    """
    field = "confidence_threshold"
    if value is None:
        return -math.inf
    if isinstance(value, Mapping):
        thresholds = dict.fromkeys(class_names, -math.inf)
        for name, threshold in value.items():
            if name not in thresholds:
                raise unknown_option(field, name, class_names)
            checked = check_confidence(threshold, class_names, span)
            thresholds[name] = checked if isinstance(checked, float) else -math.inf
        distinct = set(thresholds.values())
        return distinct.pop() if len(distinct) == 1 else tuple(thresholds.values())
    number = as_number(value)
    low, high = span
    if not low <= number <= high:  # NaN fails every comparison
        raise InvalidInputError(
            field, f"is {shown(value)}", f"Give a number from {low:g} to {high:g}."
        )
    return number if number > low else -math.inf


def check_query(
    iou_threshold: object,
    confidence_threshold: object,
    classes: object,
    class_names: tuple[str, ...],
    span: tuple[float, float] = (0.0, 1.0),
    where: object = None,
) -> Query:
    """Check a query at the door.

    Raises
    ------
    InvalidInputError
        If a threshold cannot be used or a class is unknown.
    """
    return Query(
        check_fraction("iou_threshold", iou_threshold),
        check_confidence(confidence_threshold, class_names, span),
        check_classes(classes, class_names),
        check_condition(where),
    )


def check_condition(where: object) -> Condition | None:
    """Return a condition, or None for everything, or refuse it."""
    if where is not None and not isinstance(where, Condition):
        raise InvalidInputError(
            "where", f"is {shown(where)}", "Give ea.where(...), or several joined by `&`."
        )
    return where
