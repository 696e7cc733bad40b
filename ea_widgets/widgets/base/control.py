"""Controls that show a choice and tell the moves of a person, and nothing else, apart from it."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from ipywidgets import FloatSlider, SelectionSlider

from ea_widgets.widgets.base.lifecycle import send
from ea_widgets.widgets.base.threads import MOVES

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import Widget


class Control:
    """Holds a control of ipywidgets to a choice, exactly.

    Parameters
    ----------
    widget : ipywidgets.Widget
        A slider, a menu, a box.
    act : callable
        Given what a person chooses. Not called for what :meth:`show` changes.
    of : str
        The trait of the control that holds the choice.
    shorten : callable, optional
        Gives a value as few digits as the control has. The control shows that many, so that the
        front end has nothing to round; and what it sends back is no move of a person where it is
        the present value so shortened. Default: values are shown as they are.

    Attributes
    ----------
    exact : object
        The value itself, whatever the control makes of it.
    """

    def __init__(
        self,
        widget: Widget,
        act: Callable[[Any], None],
        of: str = "value",
        shorten: Callable[[Any], Any] = lambda value: value,
    ) -> None:
        self.widget = widget
        self._act = act
        self._of = of
        self._shorten = shorten
        self._showing = False
        self.exact = getattr(widget, of)
        widget.observe(self._moved, of)

    def show(self, value: Any, **first: object) -> None:
        """Show a value; nobody is told.

        Parameters
        ----------
        value : object
            The value.
        **first : object
            Traits to be set before it, such as the options that it is one of.
        """
        with MOVES:
            self._showing = True
            try:
                send(self.widget, **first)
                self.exact = value
                short = self._shorten(value)
                # A slider is left where the person has it: to write it back would fight a drag.
                if self._shorten(getattr(self.widget, self._of)) != short:
                    send(self.widget, **{self._of: short})
            finally:
                self._showing = False

    def span(self, low: float, high: float) -> None:
        """Let a slider reach from one number to another, in a hundred steps.

        Parameters
        ----------
        low, high : float
        """
        step = (high - low) / 100
        self._shorten = to_step(step, low)
        # The wider end first: a slider never ends before it begins.
        ends = {"max": high, "min": low} if high > self.widget.min else {"min": low, "max": high}
        Control.show(self, self.exact, **ends, step=step)  # whatever stands for a choice

    def _moved(self, change: Any) -> None:
        with MOVES:
            new = change["new"]
            if self._showing or self._shorten(new) == self._shorten(self.exact):
                return
            self.exact = new
            self._act(new)


def to_step(step: float, start: float = 0.0) -> Callable[[float], float]:
    """Make a function that rounds to a slider's step, as the front end does.

    Parameters
    ----------
    step : float
        Of the slider.
    start : float, default 0
        Where the slider begins.

    Returns
    -------
    callable

    Examples
    --------
    >>> to_step(0.01)(1 / 3), to_step(0.01)(0.745)
    (0.33, 0.75)
    """
    return lambda value: round(start + math.floor((value - start) / step + 0.5) * step, 12)


def share_slider(description: str, tooltip: str, basis: str, widest: str) -> FloatSlider:
    """Make a slider from 0 to 1.

    Parameters
    ----------
    description, tooltip : str
        What it says.
    basis, widest : str
        The width that it asks for, and the largest that it takes.

    Returns
    -------
    FloatSlider
        To be held by a :class:`Control` that shortens by ``to_step(STEP)``.
    """
    return FloatSlider(
        min=0.0, max=1.0, step=STEP, description=description, readout_format=".2f",
        continuous_update=True, tooltip=tooltip, style={"description_width": "auto"},
        layout={"flex": f"1 1 {basis}", "max_width": widest},
    )  # fmt: skip


def tick_slider(
    description: str, tooltip: str, basis: str, widest: str, ticks: tuple[float, ...]
) -> SelectionSlider:
    """Make a slider that stops at some numbers only.

    Parameters
    ----------
    description, tooltip, basis, widest
        See :func:`share_slider`.
    ticks : tuple of float
        Ascending; at least one.

    Returns
    -------
    SelectionSlider
    """
    return SelectionSlider(
        options=tick_options(ticks), value=ticks[0], description=description,
        continuous_update=True, tooltip=tooltip, style={"description_width": "auto"},
        layout={"flex": f"1 1 {basis}", "max_width": widest},
    )  # fmt: skip


def tick_options(ticks: tuple[float, ...]) -> tuple[tuple[str, float], ...]:
    """Write the numbers that a slider stops at, with two digits or as many as they have."""
    return tuple((min(f"{tick:.2f}", f"{tick:g}", key=_error_of(tick)), tick) for tick in ticks)


def in_words(ticks: tuple[float, ...]) -> str:
    """Write numbers as people read them, evenly spaced ones in short.

    Examples
    --------
    >>> in_words((0.05, 0.1, 0.15, 0.2)), in_words((0.0, 0.1, 0.5))
    ('0.05 to 0.2 by 0.05', '0, 0.1, 0.5')
    """
    steps = {round(b - a, 9) for a, b in itertools.pairwise(ticks)}
    if len(ticks) > SPELLED_OUT and len(steps) == 1:
        return f"{ticks[0]:g} to {ticks[-1]:g} by {steps.pop():g}"
    return ", ".join(f"{tick:g}" for tick in ticks)


SPELLED_OUT = 3
"""So many evenly spaced numbers are no shorter in words."""


def _error_of(tick: float) -> Callable[[str], float]:
    return lambda words: abs(float(words) - tick)


STEP = 0.01
"""Step of the sliders from 0 to 1."""
