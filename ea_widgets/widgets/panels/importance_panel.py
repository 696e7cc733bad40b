"""The upper half of the page: choices, scores, and which metrics matter."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, Checkbox, HBox, ToggleButtons, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.actions import why_no_range
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import (
    OUTCOME_WORDS,
    STEP,
    Control,
    Flag,
    Known,
    OutcomeWidget,
    on_screen,
    send,
    share_slider,
    span_of,
    tick_options,
    tick_slider,
    to_step,
)
from ea_widgets.widgets.base.control import in_words
from ea_widgets.widgets.controls import (
    CROSS,
    ClassPicker,
    Export,
    FilterChips,
    More,
    NameField,
    ThresholdControl,
    thresholds_in_words,
)
from ea_widgets.widgets.panels.opening import opening_threshold
from ea_widgets.widgets.panels.ranking_charts import FOLD_ABOVE, Ranking
from ea_widgets.widgets.panels.ranking_rows import twins_of
from ea_widgets.widgets.panels.scores_view import counts_html, errors_html, readouts_html

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from ipywidgets import Widget

    from ea_widgets.analysis.view import View

BEST, EVERYTHING = "highest F1", "all predictions"


class ImportancePanel(OutcomeWidget):
    """Scores of a detector, and the metrics that drive them, live under the choices.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later: the panel redraws in place.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``, ``outcome``, ``given``, ``all_metrics``, ``include_class``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.

    Notes
    -----
    Intervals and noise floors are computed in a thread once the choices rest. Their matrix
    products keep the linear algebra of the whole process (BLAS) to one thread for as long, so that
    the next move is not held up: a training loop in the same kernel slows down meanwhile.
    """

    all_metrics = Flag(default_value=False)
    """Whether every metric has its bar; else, of more than fifteen, the first twelve and the chosen
    one have. Default False."""

    include_class = Flag(default_value=False)
    """Whether the class is ranked among the metrics, as ``Class (P)`` or ``Class (O)``. Default
    False."""

    scores = AnyTrait(None, read_only=True)
    """The `Scores` on screen. Read only."""

    importance = AnyTrait(None, read_only=True)
    """The table behind the bars, as `Evaluation.importance` gives it. Read only."""

    given = Known(lambda panel: ("class", *panel.ranked()))
    """Importance beyond this: displayed name of a metric that is ranked, or ``"class"``; what the
    others say that it does not say already. Default None: importance by itself."""

    settled = AnyTrait(None, read_only=True)
    """The table with intervals and noise floors, as `Evaluation.importance(settled=True)` gives it;
    None until the choices have rested and it is computed. Read only."""

    best_threshold: float | None = None
    """Confidence of the highest F1 under the other choices; None until somebody asks for it."""

    _will_settle = _short = False
    _alike: Mapping[str, str] = MappingProxyType({})

    on_class: Callable[[], None] | None = None
    """Called when the bar of the class is clicked, which is no metric with a curve."""

    def _build(self) -> tuple[Any, ...]:
        self._counts = HTML()
        self._picker = ClassPicker(self.evaluation.class_names, self.classes)
        self._iou, self._overlap = self._slider("iou_threshold", "IoU", wording.IOU_HINT)
        self._confidence, self._sureness = self._slider(
            "confidence_threshold", "Confidence", wording.CONFIDENCE_HINT,
            ThresholdControl,
        )  # fmt: skip
        self._chips = FilterChips(partial(setattr, self, "where"), self.guard)
        self._cut = ToggleButtons(
            options=(BEST, EVERYTHING), index=None, style={"button_width": "auto"},
            tooltips=[wording.BEST_F1_HINT, wording.EVERYTHING_HINT],
        )  # fmt: skip
        self._cuts = Control(self._cut, self._cut_chosen)
        self._by_class = Button(tooltip=wording.ONE_FOR_ALL, layout={"display": "none"})
        self._by_class.add_class("eaw-chip")
        self._by_class.on_click(lambda _button: self._one_for_all())
        self._readouts, self._errors = HTML(), HTML()
        self._outcome = ToggleButtons(
            options=OUTCOME_WORDS,
            value=self.outcome,
            tooltips=[
                wording.WHAT_DRIVES_FALSE_POSITIVES,
                wording.WHAT_DRIVES_MISSED,
            ],
            style={"button_width": "auto"},
        )
        pick = self.guard(partial(setattr, self, "metric"))
        self._menu = NameField(
            wording.CLICK_A_BAR, pick, self.guard, description="Metric", layout={"width": "320px"},
            tooltip=wording.METRIC_HINT,
        )  # fmt: skip
        self._given = NameField(
            wording.ON_ITS_OWN,
            self.guard(partial(setattr, self, "given")),
            self.guard,
            description="Importance",
            layout={"width": "290px"},
            tooltip=wording.GIVEN_HINT,
        )
        self._every = Checkbox(indent=False, layout={"width": "auto", "margin": "2px 12px"})
        self._with_class = Checkbox(
            description="class too", indent=False, layout={"width": "auto", "margin": "2px 12px"},
            tooltip=wording.CLASS_TOO_HINT,
        )  # fmt: skip
        self._ranking = Ranking(self._bar_picked, self.guard)
        self._settling = self._task(self._settle, in_scripts=False)
        charts = {
            "importance": self._ranking.importance.figure,
            "correlation": self._ranking.correlation.figure,
        }
        self._save = Export(charts, "importance", lambda: self.table, self._task, self.guard)
        self._importance_chart = self._ranking.importance
        self._correlation_chart = self._ranking.correlation
        self._bars, self._correlations = self._importance_chart.bars, self._correlation_chart.bars
        self._control(self._picker, "classes", of="classes")
        self._control(self._outcome, "outcome")
        self._control(self._every, "all_metrics")
        self._control(self._with_class, "include_class")
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        middle = {"align_items": "center"}
        explained = HTML('<span class="eaw-label">Explain</span>')
        switch = HBox([explained, self._outcome], layout=middle)
        self._explain = Box([switch, self._errors], layout=row)
        self._explain.add_class("eaw-explain")
        self._data = Box([self._counts], layout={**row, "justify_content": "space-between"})
        self._below = Box([self._every, self._with_class, self._given, self._save], layout=row)
        ranked = VBox([self._menu, self._ranking, self._below], layout={"min_width": "0"})
        ranked.add_class("eaw-ranked")
        self._halves = Box([ranked], layout={"display": "block"})
        choices = Box(
            [self._picker, self._iou, self._confidence, self._by_class, self._cut], layout=row
        )
        self.head = VBox([choices, self._chips], layout={"overflow": "visible"})
        shown = (self._readouts, self._data, self._explain)
        return (self.head, *shown, self._halves)

    def put_beside(
        self, curves: Widget, ranges: Widget, tools: Widget, further: Sequence[Widget] = ()
    ) -> None:
        """Stand beside a widget that follows a click on a bar, and take less room for it.

        Parameters
        ----------
        curves : ipywidgets.Widget
            Goes to the right of the ranking, or below it where that is too narrow. It has a field
            of the metrics of its own.
        ranges : ipywidgets.Widget
            Goes below the ranking, or below the curves.
        tools : ipywidgets.Widget
            Of the whole page; go to the end of the row of the errors.
        further : sequence of ipywidgets.Widget
            Controls of the ranges, to be hidden with those of the ranking that few people need.

        Notes
        -----
        The page puts `head`, the choices, above all its parts: they stay in sight there.
        """
        controls = (self._with_class, self._given, *further)
        more = More("options", wording.OPTIONS_HINT, controls, self.guard)
        send(self._below, children=(self._every, more, self._save))
        self._picker.fold()
        self._ranking.shorten()
        self._save.leave_out("correlation")  # without names there: they stand at the other chart
        send(self._menu.layout, display="none")
        self._short = True
        send(self._data, children=(self._readouts, self._counts))
        send(self._explain, children=(*self._explain.children, tools))
        ranges.add_class("eaw-concentrations")
        send(self._halves.layout, display="grid")
        self._halves.add_class("eaw-halves")
        send(self._halves, children=(*self._halves.children, ranges, curves))
        self.add_class("eaw-dense")
        moved = {self.head, self._readouts}
        send(self, children=tuple(part for part in self.children if part not in moved))
        self.head.add_class("eaw-head")
        self._show_counts()
        self._show_ranking()

    def _draw(self) -> None:
        self._picker.offer(self.evaluation.class_names)
        if self._memo.changed("best", self.evaluation, *self._but_confidence()):
            self.best_threshold = None
        asked = (self.answers, self.outcome, self.given, self.include_class)
        if self._memo.changed("answers", *asked):
            self._ask()
        self._show_cut()
        self._show_menus()
        self._show_ranking()

    def add_remark(self, remark: Widget) -> None:
        """Put a line below that on how much data there is."""
        at = self.children.index(self._data) + 1
        send(self, children=(*self.children[:at], remark, *self.children[at:]))

    def _slider(
        self, trait: str, words: str, tooltip: str, kind: type[Control] = Control
    ) -> tuple[Any, Any]:
        """Make the slider of a threshold; it stops at ticks only, where only these can be asked."""
        size = ("190px", "460px")
        ticks = self.evaluation.ticks.get(trait)
        if ticks:
            slider: Any = tick_slider(words, tooltip, *size, ticks)
            return slider, self._control(slider, trait)
        slider = share_slider(words, tooltip, *size)
        return slider, self._control(slider, trait, kind, shorten=to_step(STEP))

    def _offer_thresholds(self) -> None:
        """Let the sliders reach over the thresholds that there are."""
        span, ticks = span_of(self.evaluation), dict(self.evaluation.ticks)
        if not self._memo.changed("span", span, *ticks.values()):
            return
        controls = {"iou_threshold": self._overlap, "confidence_threshold": self._sureness}
        if not ticks:
            self._sureness.span(*span)
        for trait, numbers in ticks.items():
            controls[trait].show(getattr(self, trait), options=tick_options(numbers))

    def _but_confidence(self) -> tuple[Any, ...]:
        """List what the best confidence threshold depends on."""
        return (self.iou_threshold, None, self.classes, self.where)

    def open_at(self, threshold: float | None) -> None:
        """Say that the confidence on screen is that of the highest F1."""
        self.best_threshold = threshold
        self._show_cut()

    def _show_cut(self) -> None:
        """Show whether the threshold is one that has a name, or whether each class has its own."""
        lowest, _ = span_of(self.evaluation)
        chosen = self.confidence_threshold
        by_class = isinstance(chosen, Mapping)
        if by_class:
            words = thresholds_in_words(chosen, self._sureness.moved_by)
            send(self._by_class, description=f"{words} {CROSS}")
        send(self._by_class.layout, display=None if by_class else "none")
        names = {lowest: EVERYTHING, self.best_threshold: BEST}
        self._cuts.show(None if by_class else names.get(chosen))

    @on_screen
    def _one_for_all(self) -> None:
        """Use where the slider is for all classes."""
        self.confidence_threshold = self._sureness.exact

    @on_screen
    def _cut_chosen(self, name: str | None) -> None:
        """Leave out what a button says."""
        lowest, _ = span_of(self.evaluation)
        if name != BEST:
            self.confidence_threshold = lowest
            return
        self.best_threshold = opening_threshold(self.evaluation, self)
        self.confidence_threshold = self.best_threshold
        self._show_cut()

    def _ask(self) -> None:
        """Get the answers to the choices, and show the scores."""
        answers = self.answers
        ranked: dict[str, Any] = {"outcome": self.outcome, "include_class": self.include_class}
        if self.given is not None:
            ranked["given"] = self.given
        self._settling.cancel()
        self._save.forget()
        scores = answers.scores()
        if answers.confidence_threshold is not None:
            # Of all predictions, as everybody's are.
            whole = self.evaluation.at(*self._but_confidence())
            scores = scores.with_averages_of(whole.scores())
        importance = answers.importance(**ranked)
        if self._memo.changed("counts", self.evaluation):
            self._show_counts()
        coco = answers.coco_summary() if self.can("coco_summary") else {}
        send(self._readouts, value=readouts_html(scores, coco))
        if self.can("reasons"):
            send(self._errors, value=errors_html(answers.reasons(), self.outcome))
        self._chips.show(self.where, self.evaluation)
        self.set_trait("scores", scores)
        self.set_trait("importance", importance)
        self.set_trait("settled", None)
        self._settle_later = partial(_settled, answers, ranked)
        self._will_settle = self.can("settled") and self._settling.ask(self._settle_later)

    def _show_counts(self) -> None:
        facts, ticks = self.evaluation.facts, self._ticks_in_words()
        send(self._counts, value=counts_html(facts, ticks, short=self._short))

    def settle(self) -> None:
        """Compute intervals and noise floors now, and draw them.

        In a notebook this happens by itself once the choices rest; a script can ask for it.
        """
        if self.settled is None and self.can("settled"):
            self._settling.now(self._settle_later)

    @property
    def table(self) -> pd.DataFrame:
        """All rows behind the bars, with intervals once they are known."""
        return self.importance if self.settled is None else self.settled

    def _settle(self, table: pd.DataFrame) -> None:
        self.set_trait("settled", table)
        self._save.forget()
        self._show_ranking()

    def _ticks_in_words(self) -> str:
        """Say where the sliders stop, in plain text; nothing where they do not."""
        named = (("iou_threshold", "IoU"), ("confidence_threshold", "confidence"))
        told = [
            f"{words} {in_words(self.evaluation.ticks[trait])}"
            for trait, words in named
            if trait in self.evaluation.ticks
        ]
        return f"Counted at {'; at '.join(told)}" if told else ""

    def _show_menus(self) -> None:
        """Offer every metric by name: the way to choose one from the keyboard."""
        for question, control in (("given", self._given), ("include_class", self._with_class)):
            send(control.layout, display=None if self.can(question) else "none")
        if not self._memo.changed("menus", self.evaluation, self.outcome, self.metric, self.given):
            return
        self._menu.show(((name, name) for name in self.evaluation.metrics.index), self.metric)
        known = ("class", *self.ranked())
        self._given.show(((f"controlling for {name}", name) for name in known), self.given)

    def _bar_picked(self, name: str) -> None:
        """Choose the metric of a bar; the class has a part of the page of its own."""
        if name in self.evaluation.metrics.index:
            self.metric = name
        elif self.on_class is not None:
            self.on_class()

    def _show_ranking(self) -> None:
        count = len(self.importance)
        whole = len(self.evaluation.metrics)
        told = f"Those that can explain these errors; the data set has {whole:,} in all"
        send(self._every, description=f"all {count} metrics", tooltip=told)
        send(self._every.layout, display="flex" if count > FOLD_ABOVE else "none")
        known = self.evaluation.metrics
        chosen = None if self.metric is None else (self.metric, known.loc[self.metric, "name"])
        table = self.table
        whole, twins = self.all_metrics, self._twins()
        self._ranking.show(table, chosen, self.outcome, whole=whole, twins=twins)
        scores = self.scores
        varies = scores.true_positives and (
            scores.false_negatives if self.outcome == "missed" else scores.false_positives
        )
        self._ranking.say_nothing("" if varies else why_no_range(scores, self.outcome))
        waiting = self.settled is None and self._will_settle
        self._ranking.explain(table, given=self.given, waiting=waiting)

    def _twins(self) -> Mapping[str, str]:
        if self._memo.changed("twins", self.evaluation, self.outcome):
            self._alike = twins_of(self.evaluation, self.outcome)
        return self._alike

    def _drop_unknown(self) -> None:
        """Drop what is given too, where it is not ranked any more."""
        super()._drop_unknown()
        self._offer_thresholds()  # before they are shown: a slider refuses what it does not offer
        if self.given is not None and self.given not in {"class", *self.ranked()}:
            self.given = None


def _settled(
    answers: View, ranked: dict[str, Any], should_stop: Callable[[], bool]
) -> pd.DataFrame:
    """Ask for the intervals, until told to stop."""
    return answers.importance(**ranked, settled=True, should_stop=should_stop)
