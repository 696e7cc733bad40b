"""Types of the choices: each refuses in words what it cannot be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral, Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from traitlets import Bool, Enum, TraitError, TraitType

from ea_widgets.analysis.slices import Condition
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class RefusedChoiceError(InvalidInputError, TraitError):
    """A choice that cannot be made; nothing has changed.

    It is a `TraitError` too, so that `hold_trait_notifications` rolls back.
    """


class Choice(TraitType[Any, Any]):
    """A choice of a person, which any thread may set."""

    def set(self, obj: Any, value: Any) -> None:
        """Set it, in the loop of the widget."""
        obj.carry_out(self.name, value, super().set)

    def refuse(self, value: object, remedy: str) -> RefusedChoiceError:
        """Build the error for a value that it cannot have."""
        return RefusedChoiceError(str(self.name), f"is {shown(value)}", remedy)


class Answer(TraitType[Any, Any]):
    """What a widget has found out, read only; out of sight, it is found out when it is asked for.

    Parameters
    ----------
    in_background : bool
        Whether a notebook computes it beside the kernel; it is waited for where somebody asks.
    """

    def __init__(self, *, in_background: bool = False) -> None:
        self._in_background = in_background
        super().__init__(None, allow_none=True, read_only=True)

    def get(self, obj: Any, cls: type[Any] | None = None) -> Any:
        """Give the answer to what is chosen now."""
        obj.catch_up(wait=self._in_background)
        return super().get(obj, cls)


class Evaluated(Choice):
    """An `Evaluation`."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuse what cannot answer, and a summary in place of an evaluation on the page."""
        if not (hasattr(value, "at") and hasattr(value, "class_names")):
            raise RefusedChoiceError(
                str(self.name),
                f"is of type {type(value).__name__}",
                "Give an ea.Evaluation, such as ea.Evaluation(dataset).",
            )
        shown = getattr(obj, str(self.name)) if obj.trait_has_value(self.name) else None
        if shown is not None and bool(getattr(shown, "ticks", {})) != bool(
            getattr(value, "ticks", {})
        ):
            raise RefusedChoiceError(
                str(self.name),
                f"is a {type(value).__name__} where a {type(shown).__name__} is shown",
                "Make another page of it: ea.explore(...).",
            )
        return value


class Threshold(Choice):
    """A threshold: what was counted at some only becomes the nearest of them."""

    # Not `validate`: a threshold can be set together with the evaluation that has others.
    def _cross_validate(self, obj: Any, value: Any) -> Any:
        return nearest_tick(getattr(obj, "evaluation", None), str(self.name), value)


class Share(Threshold):
    """A number from 0 to 1; never True or False."""

    def validate(self, _obj: Any, value: Any) -> float:
        """Refuse what is no such number."""
        number = _is_number(value)
        if not number or not 0 <= value <= 1:  # NaN too
            none = ", or None" if self.allow_none else ""
            raise self.refuse(value, f"Give a number from 0 to 1{none}.")
        return float(value)


class Confidence(Threshold):
    """A confidence threshold, or one by class; numbers between those that confidences span."""

    _each = "class, or one for all"

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuse what is neither such a number nor a mapping of them."""
        if isinstance(value, Mapping):
            if not value:
                raise self.refuse({}, f"Give a number for each {self._each}.")
            return MappingProxyType({name: self._number(obj, one) for name, one in value.items()})
        return self._number(obj, value)

    # Not `validate`: a mapping can be set together with the evaluation that knows its names.
    def _cross_validate(self, obj: Any, value: Any) -> Any:
        if isinstance(value, Mapping):
            known = self._known(obj)
            for name in value:
                if name not in known:
                    raise _unknown(str(self.name), name, known)
        return super()._cross_validate(obj, value)

    def _known(self, obj: Any) -> Sequence[str]:
        """Give the names that a mapping may have."""
        if obj.evaluation.ticks:
            raise RefusedChoiceError(
                str(self.name),
                "is a mapping, and this is counted at one threshold for all classes",
                "Give a number.",
            )
        names: Sequence[str] = obj.evaluation.class_names
        return names

    def _number(self, obj: Any, value: Any) -> float:
        low, high = span_of(getattr(obj, "evaluation", None))
        number = _is_number(value)
        if not number or not low <= value <= high:  # NaN too
            raise self.refuse(value, f"Give a number from {low:g} to {high:g}.")
        return float(value)


def span_of(evaluation: object) -> tuple[float, float]:
    """Give the smallest and largest confidence threshold of an evaluation; else 0 and 1."""
    span: tuple[float, float] = getattr(evaluation, "confidence_span", (0.0, 1.0))
    return span


def kept_thresholds(value: Any, names: Sequence[str], span: tuple[float, float]) -> Any:
    """Give what of a choice of thresholds other names and another span of confidences allow.

    Parameters
    ----------
    value : float, mapping or None
        As `Confidence` holds it.
    names : sequence of str
        Those that a mapping may have.
    span : tuple of float

    Returns
    -------
    float, mapping or None
        Numbers moved into the span; None where no name of a mapping is left.
    """
    low, high = span
    if value is None:
        return None
    if isinstance(value, Mapping):
        known = {n: min(max(one, low), high) for n, one in value.items() if n in names}
        return known or None
    return min(max(value, low), high)


def nearest_tick(evaluation: object, name: str, value: Any) -> Any:
    """Give the nearest threshold that an evaluation can be asked for; most can be for any.

    Parameters
    ----------
    evaluation : Answers
    name : str
        Of the threshold, such as "iou_threshold".
    value : object
        What is no number stays as it is.

    Returns
    -------
    object
    """
    ticks = getattr(evaluation, "ticks", {}).get(name)
    if not ticks or not _is_number(value):
        return value
    return min(ticks, key=lambda tick: abs(tick - value))


class Count(Choice):
    """A whole number in a range.

    Parameters
    ----------
    default : int
    least : int
    most : int, optional
        Default: no limit.
    """

    def __init__(self, default: int, least: int, most: int | None = None) -> None:
        self._least, self._most = least, most
        super().__init__(default)

    def validate(self, _obj: Any, value: Any) -> int:
        """Refuse what is no such number."""
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        if not whole or value < self._least or (self._most is not None and value > self._most):
            end = "up" if self._most is None else f"to {self._most}"
            raise self.refuse(value, f"Give a whole number from {self._least} {end}.")
        return int(value)


class Flag(Choice, Bool):
    """True or False, and nothing that merely counts as one of them."""

    def validate(self, _obj: Any, value: Any) -> bool:
        """Refuse anything else."""
        if not isinstance(value, (bool, np.bool_)):
            raise self.refuse(value, "Give True or False.")
        return bool(value)


class Option(Choice, Enum):
    """One of a few names.

    Parameters
    ----------
    options : sequence of str
    default : str
    """

    def __init__(self, options: Sequence[str], default: str) -> None:
        self._options = tuple(options)
        super().__init__(self._options, default)

    def validate(self, _obj: Any, value: Any) -> Any:
        """Refuse other names, and say the nearest."""
        if value not in self._options:
            raise _unknown(str(self.name), value, self._options)
        return value


class Known(Choice):
    """A name that the evaluation knows, or None.

    Parameters
    ----------
    names : callable
        Gives the known ones, given the widget.
    """

    def __init__(self, names: Callable[[Any], Sequence[str]]) -> None:
        self._names = names
        super().__init__(None, allow_none=True)

    # Not `validate`: a name can be set together with the evaluation that knows it.
    def _cross_validate(self, obj: Any, value: Any) -> Any:
        if value is not None:
            names = list(self._names(obj))
            if value not in names:
                raise _unknown(str(self.name), value, names)
        return value


class ClassNames(Choice):
    """Names of classes that the evaluation knows, each once."""

    def validate(self, _obj: Any, value: Any) -> tuple[Any, ...]:
        """Refuse what is no list of names."""
        if not isinstance(value, (tuple, list)):
            raise self.refuse(value, "Give a tuple of class names, such as ('cat',).")
        return tuple(value)

    def _cross_validate(self, obj: Any, value: Any) -> Any:
        known = obj.evaluation.class_names
        for name in value:
            if name not in known:
                raise _unknown(str(self.name), name, known)
        return tuple(dict.fromkeys(value))


class Slice(Choice):
    """A condition on metrics that the evaluation knows, or None for everything."""

    def __init__(self) -> None:
        super().__init__(None, allow_none=True)

    def validate(self, _obj: Any, value: Any) -> Condition:
        """Refuse what is no condition."""
        if not isinstance(value, Condition):
            raise self.refuse(value, "Give a condition from ea.where, or None for everything.")
        return value

    # Not `validate`: a condition can be set together with the evaluation that knows its metrics.
    def _cross_validate(self, obj: Any, value: Any) -> Any:
        if value is not None:
            try:
                obj.evaluation.at(where=value)
            except InvalidInputError as error:
                raise RefusedChoiceError(error.field, error.problem, error.remedy) from error
        return value


class Ends(Choice):
    """Lowest and highest value of a range of the metric, a set of its categories, or nothing.

    Such a range belongs to a metric: to the one that is set together with it, in any order, or
    else to the one that is chosen already. See `RangedWidget`.

    Parameters
    ----------
    single : bool
        Whether the ends may be equal.
    """

    def __init__(self, *, single: bool = True) -> None:
        self._single = single
        super().__init__(())

    def set(self, obj: Any, value: Any) -> None:
        """Set it, in the loop of the widget."""
        obj.carry_out(self.name, value, self._put)

    def _put(self, obj: Any, value: Any) -> None:
        value = self._validate(obj, value)
        obj.given(self.name)  # even where it is the same one: it is one of the metric set with it
        TraitType.set(self, obj, value)

    def validate(self, _obj: Any, value: Any) -> Any:
        """Refuse what is no range."""
        if isinstance(value, (tuple, list)) and not value:
            return ()
        if isinstance(value, (set, frozenset)) and value and self._single:
            return frozenset(value)
        pair = isinstance(value, (tuple, list)) and len(value) == 2
        if not pair or not all(_is_number(end) and math.isfinite(end) for end in value):
            raise self.refuse(value, "Give (low, high), two numbers, or () for no range.")
        low, high = float(value[0]), float(value[1])
        if low > high:
            problem = f"is {shown(value)}, whose low end is above the high one"
            raise RefusedChoiceError(str(self.name), problem, "Swap the two.")
        if low == high and not self._single:
            raise self.refuse((low, high), "Give two ends that differ.")
        return (low, high)


def _is_number(value: object) -> bool:
    """Tell numbers apart from what merely counts as one."""
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def _unknown(field: str, value: object, options: Sequence[str]) -> RefusedChoiceError:
    error = unknown_option(field, value, options)
    return RefusedChoiceError(error.field, error.problem, error.remedy)
