"""A slider for one confidence threshold, or for those of all classes, which it moves together."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import TYPE_CHECKING, Any

from ea_widgets.widgets.base import Control

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import FloatSlider

Threshold = float | Mapping[str, float]


class ThresholdControl(Control):
    """Holds a slider to one threshold, or to a mapping by class.

    Of a mapping the slider shows the median. A person who moves it moves the thresholds of all
    classes by as much; where it is moved back, they are what they were, to the last digit.

    Parameters
    ----------
    slider : FloatSlider
    act : callable
        Given what a person chooses: a number, or a mapping.
    **options : object
        See `Control`.
    """

    def __init__(
        self, slider: FloatSlider, act: Callable[[Threshold], None], **options: Any
    ) -> None:
        self._given: Mapping[str, float] | None = None
        self._choice: Threshold = slider.value
        self._tell = act
        super().__init__(slider, self._dragged, **options)

    @property
    def moved_by(self) -> float:
        """How far a person has moved the thresholds of all classes; 0 where there is one only."""
        if self._given is None:
            return 0.0
        steps = self._shorten(self.exact) - self._shorten(median(self._given.values()))
        return round(steps, 12)

    def show(self, value: Threshold, **first: object) -> None:
        """Show thresholds; nobody is told.

        Parameters
        ----------
        value : float or mapping of str to float
        **first : object
            Traits of the slider to be set before it.
        """
        if isinstance(value, Mapping):
            if value == self._choice and self._given is not None:
                return  # what the person moved them to
            self._given, self._choice = value, value
            super().show(median(value.values()), **first)
        else:
            self._given, self._choice = None, value
            super().show(value, **first)

    def _dragged(self, position: float) -> None:
        self._choice = position
        if self._given is not None:
            ends = self.widget.min, self.widget.max
            self._choice = moved(self._given, self.moved_by, *ends)
        self._tell(self._choice)


def moved(thresholds: Mapping[str, float], by: float, low: float, high: float) -> Threshold:
    """Move the thresholds of all classes, as far as confidences reach.

    Examples
    --------
    >>> moved({"cat": 0.25, "dog": 0.75}, 0.5, 0.0, 1.0)
    {'cat': 0.75, 'dog': 1.0}
    """
    if not by:
        return thresholds
    return {name: min(max(one + by, low), high) for name, one in thresholds.items()}


def thresholds_in_words(thresholds: Mapping[str, float], moved_by: float = 0.0) -> str:
    """Say between which thresholds classes have theirs, and how far these were moved.

    Examples
    --------
    >>> thresholds_in_words({"cat": 0.25, "dog": 0.75}, 0.05)
    '0.25 to 0.75 by class, moved by +0.05'
    """
    words = f"{min(thresholds.values()):.2f} to {max(thresholds.values()):.2f} by class"
    return f"{words}, moved by {moved_by:+.2f}" if moved_by else words


def confidence_in_words(threshold: Threshold) -> str:
    """Say from which confidence on predictions count.

    Examples
    --------
    >>> confidence_in_words(0.5), confidence_in_words({"cat": 0.25, "dog": 0.75})
    ('from 0.50', 'from 0.25 to 0.75 by class')
    """
    if isinstance(threshold, Mapping):
        return f"from {thresholds_in_words(threshold)}"
    return f"from {threshold:.2f}"
