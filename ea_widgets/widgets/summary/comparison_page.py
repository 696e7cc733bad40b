"""The page of a comparison of summaries: scores and curves side by side."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, VBox
from traitlets import Any as AnyTrait

from ea_widgets.summary.comparison import SummaryComparison
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import Choice, EvaluationWidget, send, text, tick_options, tick_slider
from ea_widgets.widgets.base.traits import RefusedChoiceError
from ea_widgets.widgets.comparison.curves import Curves
from ea_widgets.widgets.comparison.looks import looks
from ea_widgets.widgets.comparison.score_table import scores_html
from ea_widgets.widgets.comparison.whole_scores import whole_scores
from ea_widgets.widgets.controls import ClassPicker, NameField
from ea_widgets.widgets.summary.unanswered import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.comparison import ComparedScores
    from ea_widgets.summary.comparison import SummaryComparisonView

NO_METRIC = "choose a metric"
SIZE = ("260px", "460px")


class ComparedSummaries(Choice):
    """A `SummaryComparison`."""

    def validate(self, _obj: Any, value: Any) -> Any:
        """Refuse anything else."""
        if not isinstance(value, SummaryComparison):
            raise RefusedChoiceError(
                str(self.name),
                f"is of type {type(value).__name__}",
                'Give what ea.compare({"old": summary, "new": summary}) gives.',
            )
        return value


class SummaryComparisonPage(EvaluationWidget):
    """Two or more models from their summaries, live under one choice of classes and thresholds.

    Parameters
    ----------
    comparison : SummaryComparison
        What is shown, as ``ea.compare`` gives it. Can be assigned later.
    keep : bool
        Whether the page lives on when its notebook cell is run again. Default False.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``. Thresholds become the nearest at which was counted.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    _subject = "comparison"

    comparison = ComparedSummaries()
    """The `SummaryComparison` shown."""

    scores = AnyTrait(None, read_only=True)
    """The `ComparedScores` on screen: mAP and mAR over all predictions. Read only."""

    settled = AnyTrait(None, read_only=True)
    """The same with paired intervals; None while they are computed. Read only."""

    curve = AnyTrait(None, read_only=True)
    """The `ComparedCurve` on screen; None without a metric. Read only."""

    _will_settle = False

    def __init__(self, comparison: object, *, keep: bool = False, **choices: Any) -> None:
        self._given = {*choices}
        super().__init__(comparison, keep=keep, **choices)

    @property
    def evaluation(self) -> Any:
        """The comparison: it answers what a summary does, for all models at once."""
        return self.comparison

    def _build(self) -> tuple[Any, ...]:
        if "metric" not in self._given:
            self.metric = next(iter(self._ranked()), None)
        ticks = self.comparison.ticks
        self._facts, self._readouts = HTML(), HTML()
        self._settling = self._task(self._settle, in_scripts=False)
        self._readouts.add_class("eaw-scores")
        self._picker = ClassPicker(self.comparison.class_names, self.classes)
        self._picker.fold()
        self._sliders = {
            trait: self._control(tick_slider(words, tooltip, *SIZE, ticks[trait]), trait)
            for trait, words, tooltip in (
                ("iou_threshold", "IoU", wording.IOU_HINT),
                ("confidence_threshold", "Confidence", wording.CONFIDENCE_HINT),
            )
        }
        self._control(self._picker, "classes", of="classes")
        self._menu = NameField(
            NO_METRIC,
            self.guard(partial(setattr, self, "metric")),
            self.guard,
            description="Metric",
            layout={"width": "360px"},
            tooltip=wording.METRIC_HINT,
        )
        self._curves = Curves(self.guard)
        self._charts = Box(layout={"display": "block"})
        self.unanswered = Unanswered(self.comparison.summaries[0], keep=self._kept)
        self.unanswered.add_class("eaw-part")
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        by_metric = VBox([self._menu, self._charts])
        by_metric.add_class("eaw-part")
        sliders = [control.widget for control in self._sliders.values()]
        choices = Box([self._picker, *sliders], layout=row)
        return (looks(), self._facts, choices, self._readouts, by_metric, self.unanswered)

    def _ranked(self) -> list[str]:
        """List the metrics that all models have, those first that drive the baseline's errors."""
        known = self.comparison.metrics.index
        at = (self.iou_threshold, self.confidence_threshold)
        ranked = self.comparison.at(*at).views[0].importance().index
        return [name for name in ranked if name in known]

    def _drop_unknown(self) -> None:
        """Drop the choices that a new comparison does not know, and offer its thresholds."""
        super()._drop_unknown()
        if self._memo.changed("ticks", self.comparison):
            for trait, control in self._sliders.items():
                options = tick_options(self.comparison.ticks[trait])
                control.show(getattr(self, trait), options=options)

    def _draw(self) -> None:
        comparison = self.comparison
        if self._memo.changed("comparison", comparison):
            send(self._facts, value=facts_html(comparison))
            self._picker.offer(comparison.class_names)
            self.unanswered.evaluation = comparison.summaries[0]
        asked = (self.iou_threshold, self.confidence_threshold, self.classes)
        if self._memo.changed("answers", comparison, *asked):
            self._settling.cancel()
            self._view: SummaryComparisonView = comparison.at(*asked)
            self._whole: SummaryComparisonView = comparison.at(
                self.iou_threshold, None, self.classes
            )
            scores = whole_scores(self._view, self._whole)
            self.set_trait("scores", scores)
            self.set_trait("settled", None)
            self._will_settle = self._settling.ask(self._answer())
            self._show_scores(scores)
        if self._memo.changed("menu", comparison, self.metric):
            self._menu.show(((n, n) for n in comparison.metrics.index), self.metric)
        if self._memo.changed("curve", self._view, self.metric):
            curve = None if self.metric is None else self._view.curve(self.metric)
            self.set_trait("curve", curve)
            if curve is not None:
                self._curves.show(curve)
            # Hidden figures would ask the browser for rectangles of negative size.
            send(self._charts, children=() if curve is None else (self._curves,))

    def _answer(self) -> Callable[[Callable[[], bool]], ComparedScores]:
        """Give the question for the intervals, until told to stop."""
        view, whole = self._view, self._whole
        return lambda should_stop: whole_scores(view, whole, settled=True, should_stop=should_stop)

    def settle(self) -> None:
        """Compute intervals now, and show them.

        In a notebook this happens by itself once the choices rest; a script can ask for it.
        """
        if self.settled is None:
            self._settling.now(self._answer())

    def _settle(self, scores: ComparedScores) -> None:
        self.set_trait("settled", scores)
        self._show_scores(scores)

    def _show_scores(self, scores: ComparedScores) -> None:
        waiting = self.settled is None and self._will_settle
        send(self._readouts, value=scores_html(scores, waiting=waiting))


def facts_html(comparison: SummaryComparison) -> str:
    """Write what is compared; all text from data is escaped."""
    facts = comparison.summaries[0].facts
    told = (
        text.counted(facts.images, "image"),
        text.counted(facts.labels, "label"),
        text.counted(len(comparison.names), "model"),
        f"differences from {text.elide(comparison.names[0], 40)}",
    )
    return f'<div class="eaw-counts">{escape(" · ".join(told))}</div>'
