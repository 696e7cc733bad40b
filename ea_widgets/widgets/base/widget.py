"""What the widgets share: the choices of a person, checked; one drawing per change; errors seen."""

from __future__ import annotations

import traceback
from functools import wraps
from html import escape
from math import isnan
from typing import TYPE_CHECKING, Any, TypeVar

from ipywidgets import HTML, VBox
from traitlets import Any as AnyTrait
from traitlets import Float, TraitError, Tuple, Unicode, validate

from ea_widgets.errors import InvalidInputError, unknown_option
from ea_widgets.widgets.base.background import foreground
from ea_widgets.widgets.base.cells import replace_earlier
from ea_widgets.widgets.base.lifecycle import close_tree, send
from ea_widgets.widgets.base.theme import style_sheet

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = ("evaluation", "classes", "iou_threshold", "confidence_threshold", "metric")
"""Traits that `link` holds together."""

_Handler = TypeVar("_Handler", bound="Callable[..., None]")


class RefusedChoiceError(InvalidInputError, TraitError):
    """A choice that cannot be made; nothing has changed.

    It is a `TraitError` too, so that `hold_trait_notifications` rolls back.
    """


def refused(error: InvalidInputError) -> RefusedChoiceError:
    """Turn a refusal into one that traitlets rolls back for."""
    return RefusedChoiceError(error.field, error.problem, error.remedy)


def on_screen(handler: _Handler) -> _Handler:
    """Show what a handler raises in the widget, since Jupyter would only log it.

    Parameters
    ----------
    handler : callable
        A method of an `EvaluationWidget` that the front end or a trait calls.

    Returns
    -------
    callable
        The same, never raising.
    """

    @wraps(handler)
    def run(self: EvaluationWidget, *args: object) -> None:
        try:
            handler(self, *args)
        except Exception as error:  # noqa: BLE001  # the edge: whatever it is, it must be seen
            self.report(error)

    return run  # type: ignore[return-value]


class EvaluationWidget(VBox):
    """A widget that shows an evaluation under the choices of a person.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown.
    **choices : object
        Initial values of the traits below, or of any trait of an ipywidgets ``VBox``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    evaluation = AnyTrait()
    """The `Evaluation` shown. Assigning another redraws, and keeps the choices that it knows."""

    classes = Tuple()
    """Names of the classes looked at, in any order. Empty means all. Default empty."""

    iou_threshold = Float(0.5)
    """Smallest IoU that counts as a match. Unitless, in [0, 1]. Default 0.5."""

    confidence_threshold = Float(0.0)
    """Predictions below this confidence are left out. Unitless, in [0, 1]. Default 0."""

    metric = Unicode(None, allow_none=True)
    """Displayed name of the metric looked at, level included. Default None: none chosen yet."""

    _ready = False
    _drawn: tuple[object, ...] = ()

    def __init__(self, evaluation: object, **choices: Any) -> None:
        known = type(self).class_trait_names()
        for name in choices:
            if name not in known:
                options = [n for n in type(self).choice_names() if n != "evaluation"]
                raise unknown_option(type(self).__name__, name, [*options, "layout"])
        super().__init__(evaluation=evaluation, **choices)
        self.add_class("eaw")
        self.layout.overflow = "visible"
        self._drawn: tuple[object, ...] = ()
        self._message = HTML(layout={"display": "none"})
        self.children = (style_sheet(), self._message, *self._build())
        self._ready = True
        self._draw_if_changed()
        replace_earlier(self)

    @classmethod
    def choice_names(cls) -> tuple[str, ...]:
        """List the traits whose change asks for a new drawing.

        Returns
        -------
        tuple of str
            The shared ones and those of the class itself.
        """
        return SHARED

    def _build(self) -> tuple[VBox, ...]:
        """Make the parts, once. To be overridden."""
        raise NotImplementedError

    def _draw(self) -> None:
        """Show the choices and the answers to them. To be overridden."""
        raise NotImplementedError

    @validate("evaluation")
    def _validate_evaluation(self, proposal: Any) -> object:
        value = proposal["value"]
        if not (hasattr(value, "importance") and hasattr(value, "curve")):
            raise RefusedChoiceError(
                "evaluation",
                f"is of type {type(value).__name__}",
                "Give an ea.Evaluation, such as ea.Evaluation(dataset).",
            )
        return value

    @validate("classes")
    def _validate_classes(self, proposal: Any) -> tuple[str, ...]:
        value = tuple(dict.fromkeys(proposal["value"]))
        known = set(self.evaluation.class_names)
        for name in value:
            if name not in known:
                raise refused(unknown_option("classes", name, self.evaluation.class_names))
        return value

    @validate("metric")
    def _validate_metric(self, proposal: Any) -> str | None:
        value = proposal["value"]
        if value is not None and value not in self.evaluation.metrics.index:
            raise refused(unknown_option("metric", value, list(self.evaluation.metrics.index)))
        return value

    @validate("iou_threshold", "confidence_threshold")
    def _validate_threshold(self, proposal: Any) -> float:
        value = proposal["value"]
        if isnan(value) or not 0 <= value <= 1:
            raise RefusedChoiceError(
                proposal["trait"].name, f"is {value}", "Give a number from 0 to 1."
            )
        return value

    def _drop_unknown(self) -> None:
        """Drop the choices that a new evaluation does not know, all at once."""
        known = set(self.evaluation.class_names)
        with self.hold_trait_notifications():
            self.classes = tuple(name for name in self.classes if name in known)
            if self.metric not in self.evaluation.metrics.index:
                self.metric = None

    def notify_change(self, change: Any) -> None:
        """Draw, then tell the observers of a trait: they find the results of the new choice.

        Parameters
        ----------
        change : Bunch
            As traitlets gives it.
        """
        if not (self._ready and change["name"] in self.choice_names()):
            super().notify_change(change)
            return
        with foreground():  # until the linked widgets have drawn as well
            self._draw_if_changed()
            super().notify_change(change)

    @on_screen
    def _draw_if_changed(self) -> None:
        """Draw unless what is chosen is what was drawn last: one change draws once."""
        self._drop_unknown()
        chosen = tuple(getattr(self, name) for name in self.choice_names())
        if len(chosen) == len(self._drawn) and all(
            new is old if name == "evaluation" else new == old
            for name, new, old in zip(self.choice_names(), chosen, self._drawn, strict=True)
        ):
            return
        self._drawn = chosen
        self._draw()
        send(self._message, value="")
        send(self._message.layout, display="none")

    def report(self, error: Exception) -> None:
        """Show an error on screen, in words.

        Parameters
        ----------
        error : Exception
            What went wrong. Its text is escaped.
        """
        if isinstance(error, InvalidInputError):
            words = escape(str(error))
        else:
            trace = "".join(traceback.format_exception(error))
            words = (
                f"<b>This could not be shown.</b> {escape(type(error).__name__)}: "
                f"{escape(str(error))}<br>What is below may belong to the choice before."
                f"<details><summary>details</summary><pre>{escape(trace)}</pre></details>"
            )
        send(self._message, value=f'<div class="eaw-error" role="alert">{words}</div>')
        send(self._message.layout, display="block")

    def close(self) -> None:
        """Take the widget and all its parts off the page and out of the kernel."""
        self._ready = False
        close_tree(self)
