"""Hold the choices of widgets together."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base.memo import same
from ea_widgets.widgets.base.widget import SHARED, EvaluationWidget

if TYPE_CHECKING:
    from collections.abc import Sequence


LINKED = (*SHARED, "outcome", "metric_range")
"""Traits that are held together, where the widgets have them."""


class Link:
    """Widgets that make one choice together.

    Parameters
    ----------
    widgets : sequence of EvaluationWidget
        The choices of the first are given to the others at once.

    Notes
    -----
    ``traitlets.link`` passes one trait at a time. A metric that only the new evaluation knows
    would reach the other widget before the evaluation itself, and be refused. Here all that
    differs goes over together, and each widget draws once.
    """

    def __init__(self, widgets: Sequence[EvaluationWidget]) -> None:
        self._widgets = tuple(widgets)
        self._source: EvaluationWidget | None = None
        self._waiting: list[EvaluationWidget] = []
        self._pass_on(self._widgets[0])
        for widget in self._widgets:
            widget.observe(self._follow, _linked(widget))

    def unlink(self) -> None:
        """Let each widget make its own choices again. A second call does nothing."""
        for widget in self._widgets:
            for name in _linked(widget):
                with suppress(ValueError):  # not there: called before
                    widget.unobserve(self._follow, name)

    def _follow(self, change: Any) -> None:
        """Pass a choice on; one that a widget makes upon being told another waits for its turn."""
        if self._source is None:
            self._pass_on(change["owner"])
        elif _different(change["owner"], self._source):
            self._waiting.append(change["owner"])
        elif not self._source.has_trait(change["name"]):
            self._waiting.insert(0, change["owner"])  # what the first one cannot know

    def _pass_on(self, source: EvaluationWidget) -> None:
        self._source = source
        try:
            for widget in self._widgets:
                if widget is not source:
                    widget.guard(_take)(widget, source)
        finally:
            self._source = None
            waiting, self._waiting = self._waiting, []
        if waiting:
            self._pass_on(waiting[-1])


def _take(widget: EvaluationWidget, source: EvaluationWidget) -> None:
    """Make the choices of another widget, all at once and only those that differ."""
    different = _different(widget, source)
    if not different:
        return
    if "metric" in different and {"metric_range"} <= {*_linked(widget)} & {*_linked(source)}:
        different.append("metric_range")  # even where it is equal: it is one of the new metric
    with widget.hold_trait_notifications():
        for name in different:
            setattr(widget, name, getattr(source, name))


def _different(widget: EvaluationWidget, other: EvaluationWidget) -> list[str]:
    """List the traits that two widgets have both, and that are not the same."""
    names = [name for name in _linked(widget) if other.has_trait(name)]
    return [n for n in names if not same((getattr(other, n),), (getattr(widget, n),))]


def _linked(widget: EvaluationWidget) -> list[str]:
    """List the traits of a widget that are held together."""
    return [name for name in LINKED if widget.has_trait(name)]


def link(*widgets: EvaluationWidget) -> Link:
    """Hold the choices of two or more widgets together: a click on one redraws the others.

    Parameters
    ----------
    *widgets : ImportancePanel, PerformanceByMetric, Examples or WhatIf
        At least two. What the first shows is what all show from now on: evaluation, classes,
        thresholds and metric, and the range of the metric where they have one.

    Returns
    -------
    Link
        With a method ``unlink()``.

    Raises
    ------
    InvalidInputError
        If there are fewer than two, or one is not a widget of this package.
    """
    for widget in widgets:
        if not isinstance(widget, EvaluationWidget):
            raise InvalidInputError(
                "widgets",
                f"holds a {type(widget).__name__}",
                "Give an ea.ImportancePanel and an ea.PerformanceByMetric.",
            )
    if len(widgets) < 2:
        raise InvalidInputError(
            "widgets", f"holds {len(widgets)}", "Give at least two widgets to link."
        )
    return Link(widgets)
