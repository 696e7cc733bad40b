"""What the widgets share: the choices of a person, checked; one drawing per change; errors seen."""

from __future__ import annotations

import traceback
from contextlib import nullcontext, suppress
from functools import cache, wraps
from html import escape
from typing import TYPE_CHECKING, Any, TypeVar

from ipywidgets import HTML, VBox

from ea_widgets.errors import InvalidInputError, shown, unknown_option
from ea_widgets.widgets.base.background import REST, BackgroundTask, at_once, foreground
from ea_widgets.widgets.base.cells import replace_earlier
from ea_widgets.widgets.base.control import Control
from ea_widgets.widgets.base.lifecycle import close_tree, send
from ea_widgets.widgets.base.memo import Memo
from ea_widgets.widgets.base.theme import style_sheet
from ea_widgets.widgets.base.threads import MOVES, AnyThread
from ea_widgets.widgets.base.traits import (
    Choice,
    ClassNames,
    Confidence,
    Evaluated,
    Known,
    Share,
    Slice,
    kept_thresholds,
    nearest_tick,
    span_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import Widget

    from ea_widgets.analysis.evaluation import Evaluation
    from ea_widgets.analysis.slices import Condition
    from ea_widgets.analysis.view import View

SHARED = ("evaluation", "classes", "iou_threshold", "confidence_threshold", "where", "metric")
"""Traits that `link` holds together."""

_Handler = TypeVar("_Handler", bound="Callable[..., Any]")


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
    def run(self: EvaluationWidget, *args: Any) -> Any:
        return self.guard(handler.__get__(self))(*args)

    return run  # type: ignore[return-value]


class EvaluationWidget(AnyThread, VBox):
    """A widget that shows an evaluation under the choices of a person.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown.
    keep : bool
        Whether the widget lives on when its notebook cell is run again. Default False: the next
        run closes it, so that nobody holds ten of them.
    asleep : bool
        Whether it draws nothing before `wake`, as a part of a page that is out of sight. Default
        False.
    **choices : object
        Initial values of the traits below, or of any trait of an ipywidgets ``VBox``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.

    Notes
    -----
    Any thread may set the traits, such as a training loop that assigns ``evaluation``: in a
    notebook the kernel's own loop carries the change out, whole, and the thread goes on at once.
    """

    evaluation = Evaluated()
    """The `Evaluation` shown. Assigning another redraws, and keeps the choices that it knows."""

    classes = ClassNames(())
    """Names of the classes looked at, in any order. Empty means all. Default empty."""

    iou_threshold = Share(0.5)
    """Smallest IoU that counts as a match. Unitless, in [0, 1]. Default 0.5."""

    confidence_threshold = Confidence(0.0)
    """Predictions below this confidence are left out. Unitless, in [0, 1], or as far as confidences
    reach; or a mapping by class name, where classes that it does not name keep all predictions.
    Default 0; the lowest confidence where some are below 0: nothing is left out."""

    where = Slice()
    """The slice of the data that every number is about, from ``ea.where``. Default None:
    everything. Another evaluation keeps the conditions that it knows."""

    metric = Known(lambda widget: widget.evaluation.metrics.index)
    """Displayed name of the metric looked at, level included. Default None: none chosen yet."""

    _subject = "evaluation"
    """Name of the trait that holds what is shown."""

    _answers: View | None = None
    _own_layout: Widget | None = None
    _ready = False
    _closed = False
    _lowest = 0.0
    _up_to_date = True
    _asleep = _alone = False
    _tried = False
    _tasks: tuple[BackgroundTask, ...] = ()
    _held: tuple[tuple[str, Control], ...] = ()

    def __init__(
        self, evaluation: object, *, keep: bool = False, asleep: bool = False, **choices: Any
    ) -> None:
        known = type(self).class_trait_names()
        for name in choices:
            if name not in known:
                options = [
                    n for n in type(self).choice_names() if n not in {"evaluation", self._subject}
                ]
                raise unknown_option(type(self).__name__, name, [*options, "keep", "layout"])
        if not isinstance(keep, bool):
            raise InvalidInputError("keep", f"is {shown(keep)}", "Give True or False.")
        self._kept = keep
        self._memo = Memo()
        super().__init__(**{self._subject: evaluation}, **choices)
        self._message = HTML(layout={"display": "none"})
        self._own_layout = None if choices.get("layout") is self.layout else self.layout
        self.add_class("eaw")
        if self._own_layout is not None:
            self.layout.overflow = "visible"
        self.children = (style_sheet(), self._message, *self._build())
        self._ready = True
        self._asleep = asleep
        self._draw_if_changed()
        if not keep:
            replace_earlier(self)

    @classmethod
    @cache
    def choice_names(cls) -> tuple[str, ...]:
        """List the traits whose change asks for a new drawing.

        Returns
        -------
        tuple of str
            The shared ones, then those of the class itself.
        """
        own = (name for name, trait in cls.class_traits().items() if isinstance(trait, Choice))
        return tuple(dict.fromkeys((*SHARED, *own)))

    @property
    def answers(self) -> View:
        """The evaluation under the thresholds and classes chosen: it answers every question.

        The same as long as none of them changes.
        """
        thresholds = (self.iou_threshold, self.confidence_threshold)
        key = (self.evaluation, *thresholds, self.classes, self.where)
        if self._memo.changed("view", *key) or self._answers is None:
            self._answers = self._answers_for(self.classes)
        return self._answers

    def can(self, question: str) -> bool:
        """Tell whether what is shown can answer a question, by the name of its method."""
        return self.evaluation.cannot(question) is None

    def _answers_for(self, classes: tuple[str, ...]) -> View:
        """Give the evaluation under the choices, but of other classes."""
        query = (self.iou_threshold, self.confidence_threshold, classes, self.where)
        view: View = self.evaluation.at(*query)
        return view

    def _build(self) -> tuple[Widget, ...]:
        """Make the parts, once. To be overridden."""
        raise NotImplementedError

    def _draw(self) -> None:
        """Show the choices and the answers to them. To be overridden."""
        raise NotImplementedError

    def _control(
        self, widget: Widget, trait: str, kind: type[Control] = Control, **options: Any
    ) -> Control:
        """Hold a control to a trait, both ways."""
        control = kind(widget, self.guard(lambda value: setattr(self, trait, value)), **options)
        self._held = (*self._held, (trait, control))
        return control

    def _task(self, deliver: Callable[[Any], None], rest: float = REST, **options: Any) -> Any:
        """Make a computation in the background, which closing the widget stops."""
        task = BackgroundTask(deliver, self._failed, rest=rest, **options)
        self._tasks = (*self._tasks, task)
        return task

    def guard(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Make a handler show what it raises, since Jupyter would only log it.

        Parameters
        ----------
        handler : callable
            Called by the front end, or by an observer.

        Returns
        -------
        callable
            The same, never raising but for an interrupt; None where it failed. Once the widget is
            closed it does nothing: a message may have been on its way.
        """

        def run(*args: Any) -> Any:
            if self._closed:
                return None
            with MOVES:
                try:
                    return handler(*args)
                except Exception as error:  # noqa: BLE001  # the edge: it must be seen
                    self.show_error(error)
                    return None

        return run

    def _drop_unknown(self) -> None:
        """Drop the choices that a new evaluation does not know, all at once."""
        if not self._memo.changed("known", self.evaluation):
            return
        known, span = self.evaluation.class_names, span_of(self.evaluation)
        everything = self.confidence_threshold == self._lowest
        kept = None if everything else kept_thresholds(self.confidence_threshold, known, span)
        self._lowest = span[0]
        threshold = self._lowest if kept is None else kept
        with self.hold_trait_notifications():
            self.classes = tuple(name for name in self.classes if name in known)
            self.confidence_threshold = nearest_tick(
                self.evaluation, "confidence_threshold", threshold
            )
            self.iou_threshold = nearest_tick(self.evaluation, "iou_threshold", self.iou_threshold)
            self.where = known_part(self.evaluation, self.where)
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
            try:
                self._draw_if_changed()
            finally:  # the linked widgets follow even where the drawing was interrupted
                super().notify_change(change)

    def sleep(self) -> None:
        """Draw nothing for as long as it is out of sight; the choices are taken all the same."""
        self._asleep = not self._alone

    def wake(self) -> None:
        """Draw what was chosen in the meantime."""
        self._asleep = False
        if self._ready:
            self._draw_if_changed()

    def catch_up(self, *, wait: bool) -> None:
        """Draw what is chosen now, where it is out of sight and somebody asks for the answer.

        Parameters
        ----------
        wait : bool
            Whether what a notebook computes beside the kernel is computed now.
        """
        if not (self._asleep and self._ready) or self._lives_elsewhere():
            return  # another thread than the kernel's gets the last answer
        with MOVES:
            self._asleep = False
            try:
                with at_once() if wait else nullcontext():
                    self._draw_if_changed()
            finally:
                self._asleep = True

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Be displayed by itself: it is seen then, whatever the page shows that it is a part of."""
        self._alone = True
        self.wake()
        return super()._repr_mimebundle_(**options)

    def _draw_if_changed(self) -> None:
        """Draw unless what is chosen is what was drawn last: one change draws once.

        A drawing that failed or was interrupted does not count as drawn: the next choice, even
        the same again, draws everything anew.
        """
        self._tried = True
        try:
            self._drop_unknown()
            if self._asleep:
                return
            chosen = [getattr(self, name) for name in self.choice_names()]
            if not self._memo.changed("drawn", *chosen):
                return
            self._up_to_date = False
            for trait, control in self._held:
                control.show(getattr(self, trait))
            self._draw()
        except BaseException as error:  # the edge: whatever it is, it must be seen
            self._failed(error)
            if not isinstance(error, Exception):
                raise
        else:
            self._up_to_date = True
            send(self._message, value="")
            send(self._message.layout, display="none")

    def _carried_out(self) -> None:
        """Draw again where the last drawing failed, though nothing else was chosen."""
        tried, self._tried = self._tried, False
        if self._ready and not self._up_to_date and not tried:
            self._draw_if_changed()

    def _failed(self, error: BaseException) -> None:
        """Show an error, and take nothing for drawn."""
        self._up_to_date = False
        self._memo.clear()
        self.show_error(error)

    def show_error(self, error: BaseException) -> None:
        """Show an error on screen, in words.

        Parameters
        ----------
        error : BaseException
            What went wrong. Its text is escaped.
        """
        send(self._message, value=error_html(error))
        send(self._message.layout, display="block")

    def _take_posted(self) -> None:
        if self._ready:
            self.guard(super()._take_posted)()

    def __repr__(self) -> str:
        """Say what it is: this stands where no front end can show it, instead of all its parts."""
        if not self._ready:
            return f"{type(self).__name__}()"
        return f"{type(self).__name__} of {self.evaluation!r}: run the cell to make it live"

    def close(self) -> None:
        """Take the widget and all its parts off the page and out of the kernel."""
        self._ready, self._closed = False, True
        for task in self._tasks:
            task.cancel()
        layout = self._trait_values.get("layout")  # a default must not be made here
        close_tree(self, [] if layout in {None, self._own_layout} else [layout])
        if self._own_layout is not None:
            self._own_layout.close()  # the user may have put another in its place


def error_html(error: BaseException) -> str:
    """Put an error in words, for the page; its text is escaped."""
    if isinstance(error, InvalidInputError):
        words = escape(str(error))
    else:
        trace = "".join(traceback.format_exception(error))
        words = (
            f"<b>This could not be shown.</b> {escape(type(error).__name__)}: "
            f"{escape(str(error))}<br>What is below may belong to the choice before."
            f"<details><summary>details</summary><pre>{escape(trace)}</pre></details>"
        )
    return f'<div class="eaw-error" role="alert">{words}</div>'


def known_part(evaluation: Evaluation, where: Condition | None) -> Condition | None:
    """Leave out of a slice the conditions that an evaluation does not know."""
    kept: Condition | None = None
    for part in () if where is None else where.parts:
        wanted = part if kept is None else kept & part
        with suppress(InvalidInputError):
            evaluation.at(where=wanted)
            kept = wanted
    return kept
