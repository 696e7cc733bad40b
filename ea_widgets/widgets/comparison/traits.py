"""Types of the choices that only a comparison has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ea_widgets.analysis.comparison import Comparison
from ea_widgets.errors import unknown_option
from ea_widgets.widgets.base import Choice, span_of
from ea_widgets.widgets.base.traits import Confidence, RefusedChoiceError


class Compared(Choice):
    """A `Comparison`."""

    def validate(self, _obj: Any, value: Any) -> Any:
        """Refuse anything else."""
        if not isinstance(value, Comparison):
            raise RefusedChoiceError(
                str(self.name),
                f"is of type {type(value).__name__}",
                'Give an ea.Comparison, such as ea.compare({"old": a, "new": b}).',
            )
        return value


class ModelThresholds(Confidence):
    """One confidence threshold for all models, one by model, or None: each model's own best."""

    def __init__(self) -> None:
        super().__init__(None, allow_none=True)

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuse what is neither a number in the span of confidences nor a mapping of them."""
        if value is None:
            return None
        if isinstance(value, Mapping):
            if not value:
                raise self.refuse(dict(value), "Give a number for each model, or None.")
            checked = {name: self._number(obj, one) for name, one in value.items()}
            return MappingProxyType(checked)
        return self._number(obj, value)

    def _number(self, obj: Any, value: Any) -> float:
        number: float = Confidence.validate(self, obj, value)
        return number

    # Not `validate`: a mapping can be set together with the comparison that knows its models.
    def _cross_validate(self, obj: Any, value: Any) -> Any:
        if isinstance(value, Mapping):
            for name in value:
                if name not in obj.comparison.names:
                    error = unknown_option(str(self.name), name, obj.comparison.names)
                    raise RefusedChoiceError(error.field, error.problem, error.remedy)
        return value


def kept_thresholds(value: Any, comparison: Comparison) -> Any:
    """Give what of a choice of thresholds another comparison knows too.

    Parameters
    ----------
    value : float, mapping or None
        As `ModelThresholds` holds it.
    comparison : Comparison
        The new one.

    Returns
    -------
    float, mapping or None
        Numbers moved into the new span; None where no model of a mapping is left.
    """
    low, high = span_of(comparison)
    if value is None:
        return None
    if isinstance(value, Mapping):
        known = {n: min(max(one, low), high) for n, one in value.items() if n in comparison.names}
        return known or None
    return min(max(value, low), high)
