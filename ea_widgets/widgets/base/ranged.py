"""A range of the metric, for the widgets that show what is in it."""

from __future__ import annotations

from typing import Any

from ea_widgets.analysis.formatting import categories_in_words, date
from ea_widgets.analysis.slices import Condition, joined, where
from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.checks.kinds import DATE
from ea_widgets.widgets.base import text
from ea_widgets.widgets.base.traits import Ends
from ea_widgets.widgets.base.widget import EvaluationWidget

Range = tuple[float, float]
Extent = Range | frozenset[Any] | tuple[()]
"""A range, a set of categories, or nothing."""


def asked(chosen: Extent) -> dict[str, Any]:
    """Give the arguments of a question for the objects in a range, or of some categories."""
    if isinstance(chosen, frozenset):
        return {"isin": tuple(sorted(chosen, key=str))}
    low, high = chosen or (None, None)
    return {"low": low, "high": high}


def _scale_of(metric: str) -> tuple[str, bool]:
    """Name of the scale of a metric: counterparts share one, those of images have their own."""
    name, level = MetricName.parse(metric).parts
    return name, level == "F"


class RangedWidget(EvaluationWidget):
    """A widget about the objects in one range of the metric."""

    metric_range = Ends()
    """Lowest and highest value looked at, both included, in the metric's own unit; of a
    categorical metric a frozenset of categories. Default empty:
    no range. Another metric empties it, unless both are set at once, in any order, within
    ``hold_trait_notifications``; the same metric at another level keeps it."""

    of_metric: tuple[str, ...] = ("metric_range",)
    """Traits in the unit of the metric: another metric empties them."""

    def __init__(self, evaluation: object, **choices: Any) -> None:
        self._range_scale: tuple[str, bool] | None = None  # of the metric that the range belongs to
        self._just_given: set[str] = set()  # in the change under way, so that the metric may follow
        super().__init__(evaluation, **choices)

    def given(self, name: str) -> None:
        """Take a trait in the unit of the metric for one of the metric that it is set with.

        Parameters
        ----------
        name : str
            Of the trait.
        """
        self._just_given.add(name)

    def _drop_unknown(self) -> None:
        """Drop the range too, when it is one of another metric."""
        super()._drop_unknown()
        scale = None if self.metric is None else _scale_of(self.metric)
        other = self._range_scale not in {None, scale}
        old = [name for name in self.of_metric if other and name not in self._just_given]
        self._range_scale = scale
        self._just_given.clear()
        if any(getattr(self, name) for name in old):
            with self.hold_trait_notifications():
                for name in old:
                    setattr(self, name, ())

    def _carried_out(self) -> None:
        """Hold a range that was given again, and is the same one, to the present metric."""
        self._just_given.clear()
        super()._carried_out()

    def use_as_filter(self) -> None:
        """Narrow all numbers to the objects in the range, beside what they are narrowed to.

        The range itself is empty then. Without one, nothing happens.
        """
        if self.metric is None or not self.metric_range:
            return
        name, level = MetricName.parse(self.metric).parts
        # Labels go by their own value and predictions by theirs, whichever was looked at.
        chosen = where(self.metric if level == "F" else name, **asked(self.metric_range))
        parts: tuple[Condition, ...] = () if self.where is None else self.where.parts
        if chosen in parts:
            return
        with self.hold_trait_notifications():
            self.where = joined((*parts, chosen))
            self.metric_range = ()

    @property
    def in_words(self) -> str:
        """The range as people read it; empty without one. Plain text."""
        if self.metric is None or not self.metric_range:
            return ""
        unit = str(self.evaluation.metrics.loc[self.metric, "unit"])
        if isinstance(self.metric_range, frozenset):
            of_set = categories_in_words(asked(self.metric_range)["isin"])
            return f"{MetricName.parse(self.metric).name} {of_set}"
        low, high = self.metric_range
        return f"{MetricName.parse(self.metric).name} {span(low, high, unit)}"


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
    if unit == DATE:
        return f"from {date(low)} to {date(high)}"
    digits = 3
    while low != high and text.number(low, digits) == text.number(high, digits) and digits < 15:
        digits += 1
    ends = f"from {text.number(low, digits)} to {text.number(high, digits)}"
    return text.with_unit(ends, unit)
