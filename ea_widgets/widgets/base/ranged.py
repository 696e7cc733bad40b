"""A range of the metric, for the widgets that show what lies in it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from traitlets import Tuple, validate

from ea_widgets.data.metrics.names import MetricName
from ea_widgets.widgets.base import text
from ea_widgets.widgets.base.widget import SHARED, EvaluationWidget, RefusedChoiceError

Range = tuple[float, float]


def _scale_of(metric: str) -> tuple[str, bool]:
    """Name of the scale of a metric: twins share one, those of images have their own."""
    name, level = MetricName.parse(metric).parts
    return name, level == "F"


class RangedWidget(EvaluationWidget):
    """A widget that looks at the objects in one range of the metric."""

    metric_range = Tuple()
    """Lowest and highest value looked at, both included, in the metric's own unit. Default empty:
    no range. Another metric empties it; the same metric at another level keeps it."""

    of_metric: tuple[str, ...] = ("metric_range",)
    """Traits in the unit of the metric: another metric empties them."""

    @classmethod
    def choice_names(cls) -> tuple[str, ...]:
        """List the traits whose change asks for a new drawing.

        Returns
        -------
        tuple of str
            The shared ones and the range.
        """
        return (*SHARED, "metric_range")

    @validate("metric_range")
    def _validate_range(self, proposal: Any) -> tuple[()] | Range:
        return check_range(proposal["value"])

    def _drop_unknown(self) -> None:
        """Drop the range too, when it is one of the metric before."""
        super()._drop_unknown()
        drawn: dict[str, Any] = dict(zip(self.choice_names(), self._drawn, strict=False))
        if not drawn:
            return
        before = drawn["metric"]
        other = self.metric is None or (
            before is not None and _scale_of(before) != _scale_of(self.metric)
        )
        for name in self.of_metric if other else ():
            ends = tuple(getattr(self, name))
            if ends and ends == tuple(drawn[name]):
                setattr(self, name, ())

    @property
    def in_words(self) -> str:
        """The range as people read it; empty without one. Plain text."""
        if self.metric is None or not self.metric_range:
            return ""
        unit = str(self.evaluation.metrics.loc[self.metric, "unit"])
        low, high = self.metric_range
        return f"{MetricName.parse(self.metric).name} {span(low, high, unit)}"


def check_range(value: tuple[Any, ...], field: str = "metric_range") -> tuple[()] | Range:
    """Check a range.

    Parameters
    ----------
    value : tuple
        Two numbers, or nothing.
    field : str
        Name of the trait.

    Returns
    -------
    tuple of float

    Raises
    ------
    RefusedChoiceError
        If it is neither, or the ends are swapped.
    """
    if not value:
        return ()
    numeric = len(value) == 2 and all(
        isinstance(end, (int, float, np.number)) and math.isfinite(end) for end in value
    )
    if not numeric:
        raise RefusedChoiceError(
            field, f"is {value!r}", "Give (low, high), two numbers, or () for no range."
        )
    low, high = float(value[0]), float(value[1])
    if low > high:
        raise RefusedChoiceError(
            field, f"is {value!r}, whose low end is above the high one", "Swap the two."
        )
    return (low, high)


def span(low: float, high: float, unit: str) -> str:
    """Write a range with as many digits as tell its ends apart.

    Parameters
    ----------
    low, high : float
        Its ends.
    unit : str
        As the catalogue of metrics has it.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> span(0.0, 0.24, "%"), span(1.0001, 1.0002, "")
    ('from 0 to 0.24 %', 'from 1.0001 to 1.0002')
    """
    digits = 3
    while low != high and text.number(low, digits) == text.number(high, digits) and digits < 15:
        digits += 1
    ends = f"from {text.number(low, digits)} to {text.number(high, digits)}"
    return text.with_unit(ends, unit)
