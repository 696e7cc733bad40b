"""Types of the choices that only a comparison has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.comparison import Comparison
from ea_widgets.widgets.base import Choice
from ea_widgets.widgets.base.traits import Confidence, RefusedChoiceError

if TYPE_CHECKING:
    from collections.abc import Sequence


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

    _each = "model, or None"

    def __init__(self) -> None:
        super().__init__(None, allow_none=True)

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuse what is neither None, nor a number in the span, nor a mapping of them."""
        return None if value is None else super().validate(obj, value)

    def _known(self, obj: Any) -> Sequence[str]:
        names: Sequence[str] = obj.comparison.names
        return names
