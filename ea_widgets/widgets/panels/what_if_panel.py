"""Try a rule on the spot: what the scores would be without the unsure predictions of a range."""

from __future__ import annotations

import json
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, Checkbox, HBox, Textarea, VBox
from traitlets import observe

from ea_widgets.analysis.actions import Rule
from ea_widgets.analysis.formatting import FROM_LABELS, categories_in_words, value_in_words
from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.checks.kinds import DATE
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import (
    STEP,
    Answer,
    Choice,
    Control,
    OutcomeWidget,
    RangedWidget,
    Share,
    asked,
    close_tree,
    on_screen,
    send,
    share_slider,
    span,
    span_of,
    text,
    to_step,
)
from ea_widgets.widgets.controls import Export, link_html
from ea_widgets.widgets.panels.advice import Advice, advice_html, take_advice
from ea_widgets.widgets.panels.effect_view import effect_html, effect_table

if TYPE_CHECKING:
    import pandas as pd

CODE_WIDTH, MOST_CODE_ROWS = 54, 14
LOAD = "rules = ea.Rule.list_from_json(text)"


def rows_for(code: str) -> int:
    """Count the rows that a text takes in half of a row of the page, as far as browsers need it.

    Parameters
    ----------
    code : str
        The text.

    Returns
    -------
    int
        From 2 to `MOST_CODE_ROWS`.
    """
    lines = (-(-len(line) // CODE_WIDTH) for line in code.splitlines())
    return min(max(2, sum(lines)), MOST_CODE_ROWS)


class Rules(Choice):
    """A tuple of rules."""

    def validate(self, _obj: Any, value: Any) -> tuple[Rule, ...]:
        """Refuse what is none."""
        if not isinstance(value, (tuple, list)) or not all(isinstance(r, Rule) for r in value):
            raise self.refuse(value, "Give a tuple of ea.Rule.")
        return tuple(value)


class WhatIf(OutcomeWidget, RangedWidget):
    """What to do, the baseline first; and rules to try.

    A rule drops the predictions of a metric's range that are not sure enough.

    Parameters
    ----------
    evaluation : Evaluation
        What the rules are tried on. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``, ``metric_range``, ``outcome``, ``min_confidence``, ``rules``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    min_confidence = Share(0.0, allow_none=True)
    """Predictions of the range below this confidence are dropped. Unitless, in [0, 1]; None drops
    all of the range. Default 0: none is dropped."""

    rules = Rules(())
    """The `Rule` objects that are kept; they hold together with the one being tried. Default
    empty."""

    effect = Answer()
    """Scores before and after all rules, as `Evaluation.what_if` gives them; None while there is
    none to try. Read only."""

    _inside = 0
    _threshold: float | None = None
    _just_kept = False

    def _drop_unknown(self) -> None:
        """Drop the rules too that a new evaluation cannot try."""
        super()._drop_unknown()
        table = self.evaluation.metrics
        known = {*table.index, *table["name"]}
        self.rules = tuple(rule for rule in self.rules if rule.metric in known)

    @property
    def rule(self) -> Rule | None:
        """The rule being tried; None while there is no range, or none for predictions."""
        metric = self._metric_of_predictions()
        if metric is None or not self.metric_range:
            return None
        return Rule(metric, min_confidence=self.min_confidence, **asked(self.metric_range))

    def to_json(self) -> str:
        """Write the rules as a JSON array: those kept, or the one being tried.

        `Rule.list_from_json` reads it.
        """
        return json.dumps([rule.to_dict() for rule in self._to_export()], ensure_ascii=False)

    def to_pandas(self) -> str:
        """Write the rules as lines of pandas, one each."""
        units = self.evaluation.metrics["unit"]
        return "\n".join(
            f"predictions = {rule.to_pandas(dates=units.get(rule.metric) == DATE)}"
            for rule in self._to_export()
        )

    def _build(self) -> tuple[Any, ...]:
        self._hint = HTML()
        self._sentence = HTML()
        self._slider = share_slider(
            "only above confidence", wording.RULE_CONFIDENCE_HINT,
            "400px", "520px",
        )  # fmt: skip
        self._drop_all = Checkbox(
            description="drop the whole range", indent=False,
            layout={"width": "auto", "margin": "2px 12px"},
        )  # fmt: skip
        self._best = self._button("maximize F1", wording.RULE_BEST_HINT)
        self._add = self._button("add rule", wording.RULE_ADD_HINT)
        self._effect = HTML()
        self._save = Export({}, "what-if", self._numbers, self._task, self.guard)
        self._list = VBox()
        self._json = self._area(wording.RULES_JSON)
        self._pandas = self._area(wording.RULES_PANDAS)
        self._saved = HTML()
        choose = self.guard(lambda value: setattr(self, "min_confidence", value))
        self._least = Control(self._slider, choose, shorten=to_step(STEP))
        self._everything = Control(self._drop_all, self._ticked)
        self._best.on_click(self._find_best)
        self._add.on_click(self._keep)
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        self._controls = Box([self._slider, self._drop_all, self._best, self._add], layout=row)
        take = {"flex": "1 1 400px", "min_width": "0"}
        label = '<span class="eaw-label">{}</span>'
        as_json = VBox([HTML(label.format("as JSON")), self._json, self._saved], layout=take)
        as_code = VBox(
            [HTML(label.format(wording.PANDAS_HINT)), self._pandas],
            layout=take,
        )
        self._take_away = Box([as_json, as_code], layout={**row, "align_items": "flex-start"})
        self._body = VBox()
        heading = HTML(
            '<div class="eaw-heading">Require more confidence here? '
            "<span>every score follows at once</span></div>"
        )
        self._use = self._button("use the threshold", wording.USE_THRESHOLD_HINT)
        self._use.on_click(self._use_threshold)
        self._advice, self._advising = HTML(), self._task(self._show_advice)
        use = Box([self._use], layout=row)
        what = HTML('<div class="eaw-heading">What to do</div>')
        return (what, self._advice, use, heading, self._hint, self._body)

    @staticmethod
    def _button(words: str, tooltip: str) -> Button:
        button = Button(description=words, tooltip=tooltip)
        button.add_class("eaw-plain")
        return button

    @staticmethod
    def _area(words: str) -> Textarea:
        area = Textarea(rows=2, disabled=False, tooltip=words, layout={"width": "auto"})
        area.add_class("eaw-code")
        return area

    def _draw(self) -> None:
        rule = self.rule
        self._ask_for_advice(rule)
        if rule is not None:
            self._count_range(rule)
        self._say_what_is_missing(rule)
        rules = self._in_force()
        self._show_controls(rule)
        self._show_rules()
        if not rules:
            self._memo.forget("effect")
            self.set_trait("effect", None)
            self._save.forget()
            send(self._body, children=())
            return
        if self._memo.changed("effect", self.answers, rules):
            effect = self.answers.what_if(rules)
            self.set_trait("effect", effect)
            whole = self.confidence_threshold == span_of(self.evaluation)[0]
            send(self._effect, value=effect_html(effect, whole=whole))
            self._save.forget()
        first = (self._sentence, self._controls) if rule is not None else ()
        kept = (self._list,) if self.rules else ()
        acts = bool(self.rules) or bool(self.effect.removed)  # else the code would do nothing
        done = (self._effect, self._save, *kept, self._take_away) if acts else (self._save,)
        send(self._body, children=(*first, *done))
        as_json = self.to_json()
        for area, code in ((self._json, as_json), (self._pandas, self.to_pandas())):
            send(area, value=code, rows=rows_for(code))
        link = link_html("rules.json", as_json, "save rules.json", "application/json")
        send(self._saved, value=f'{link} <span class="eaw-muted">read it with {LOAD}</span>')

    def _ask_for_advice(self, rule: Rule | None) -> None:
        """Try the baseline and the best rule for the range, once the choices rest."""
        ends = () if rule is None else (rule.metric, rule.low, rule.high, rule.isin)
        if not self._memo.changed("advice", self.answers, self.outcome, *ends):
            return
        self._advice.add_class("eaw-waiting")
        question = (self.iou_threshold, None, self.classes, self.where)
        whole = self.evaluation.at(*question)
        self._advising.ask(partial(take_advice, self.answers, whole, rule))

    def _show_advice(self, advice: Advice) -> None:
        self._threshold = advice.threshold
        html = advice_html(advice, self.in_words or "", missed=self.outcome == "missed")
        send(self._advice, value=html)
        self._advice.remove_class("eaw-waiting")
        self._offer_threshold()

    def _offer_threshold(self) -> None:
        """Let the threshold be used where it is not used already."""
        best = self._threshold
        send(self._use.layout, display="none" if best is None else None)
        words = "use the threshold" if best is None else f"use {text.number(best)} for all"
        send(
            self._use, description=words, disabled=best is None or best == self.confidence_threshold
        )

    @on_screen
    def _use_threshold(self, _button: object) -> None:
        if self._threshold is not None:
            self.confidence_threshold = self._threshold

    def _numbers(self) -> pd.DataFrame | None:
        """Give the scores before and after, on screen or not; None without a rule."""
        rules = self._in_force()
        return effect_table(self.answers.what_if(rules)) if rules else None

    def _count_range(self, rule: Rule) -> None:
        """Count the predictions of the range, anew where another range or others are chosen."""
        ends = (rule.metric, rule.low, rule.high, rule.isin)
        chosen = (self.confidence_threshold, self.classes)
        # Which are right and which are wrong does not matter here, so neither does the IoU.
        if self._memo.changed("count", self.evaluation, *chosen, *ends):
            kinds = ("true_positive", "false_positive")
            found = self.answers.objects_in_range(
                rule.metric, rule.low, rule.high, kind=kinds, page_size=1, isin=rule.isin
            )
            self._inside = found.total

    def _say_what_is_missing(self, rule: Rule | None) -> None:
        nothing = rule is not None and not self._inside
        if self.metric is None:
            words = wording.RULE_NEEDS_A_METRIC
        elif nothing:
            words = wording.RULE_DROPS_NOTHING.format(self.in_words)
        elif self._metric_of_predictions() is None:
            words = wording.RULE_NEEDS_PREDICTIONS.format(MetricName.parse(self.metric).name)
        else:
            words = wording.RULE_NEEDS_A_RANGE.format(MetricName.parse(self.metric).name)
        send(self._hint, value=f'<div class="eaw-hint">{escape(words)}</div>')
        send(self._hint.layout, display="block" if rule is None or nothing else "none")

    def _show_controls(self, rule: Rule | None) -> None:
        everything = self.min_confidence is None
        self._everything.show(everything)
        send(self._slider, disabled=everything)
        if not everything:
            self._least.show(self.min_confidence)
        send(self._best, disabled=not self._inside)
        send(self._add, disabled=rule is None or rule in self.rules or not self._inside)
        if rule is not None:
            send(self._sentence, value=f'<div class="eaw-title">{self._html(rule)}</div>')

    def _show_rules(self) -> None:
        """List the rules that are kept, each with a button to drop it."""
        shown = {row.children[0].tooltip: row for row in self._list.children}
        rows = []
        for index, rule in enumerate(self.rules):
            key = f"Remove rule {index + 1}: {self.describe(rule)}"
            row = shown.pop(key, None)
            if row is None:
                button = self._button("remove", key)
                button.on_click(lambda _button, rule=rule: self._forget(rule))
                words = HTML(f"<span>{self._html(rule)}</span>")
                row = HBox([button, words], layout={"align_items": "center"})
            rows.append(row)
        send(self._list, children=tuple(rows))
        for row in shown.values():
            close_tree(row)

    def _html(self, rule: Rule) -> str:
        """Say what a rule does, and whether it can be applied where nobody has labelled."""
        warning = f'. <span class="eaw-muted">{FROM_LABELS}</span>' if rule.needs_labels else ""
        return f"{escape(self.describe(rule))}{warning}"

    def describe(self, rule: Rule) -> str:
        """Say what a rule does.

        Parameters
        ----------
        rule : Rule
            Any rule.

        Returns
        -------
        str
            Plain text.
        """
        table = self.evaluation.metrics
        unit = str(table.loc[rule.metric, "unit"]) if rule.metric in table.index else ""
        name, level = MetricName.parse(rule.metric).parts
        if rule.isin is not None:
            where = f"{name} {categories_in_words(rule.isin)}"
        elif rule.low is not None and rule.high is not None:
            where = f"{name} {span(rule.low, rule.high, unit)}"
        elif rule.low is not None:
            where = f"{name} from {value_in_words(rule.low, unit)}"
        elif rule.high is not None:
            where = f"{name} up to {value_in_words(rule.high, unit)}"
        else:
            where = f"any {name}"
        of_image = " in images" if level == "F" else ""
        if rule.min_confidence is None:
            return f"Drop all predictions{of_image} with {where}"
        if not rule.min_confidence:
            return f"Predictions{of_image} with {where}: none is dropped yet"
        return (
            f"Keep predictions{of_image} with {where} "
            f"only above confidence {rule.min_confidence:.4g}"
        )

    def _metric_of_predictions(self) -> str | None:
        """Find the metric of predictions or images that stands for the chosen one."""
        if self.metric is None:
            return None
        names = self.evaluation.metrics.index
        name, level = MetricName.parse(self.metric).parts
        if level == "F":
            return self.metric
        displayed = (MetricName(name, level) for level in "PF")
        return next((metric for metric in displayed if metric in names), None)

    def _in_force(self) -> tuple[Rule, ...]:
        rule = self.rule
        return self.rules if rule is None or rule in self.rules else (*self.rules, rule)

    def _to_export(self) -> tuple[Rule, ...]:
        """Take the rules that are kept; the one being tried as long as there are none."""
        if self.rules:
            return self.rules
        return () if self.rule is None else (self.rule,)

    @on_screen
    def _ticked(self, everything: object) -> None:
        self.min_confidence = None if everything else self._least.exact

    @on_screen
    def _find_best(self, _button: object) -> None:
        rule = self.rule
        if rule is None:
            raise InvalidInputError("metric_range", "is not chosen", "Choose a range first.")
        best = self.answers.best_min_confidence(rule.metric, rule.low, rule.high, isin=rule.isin)
        self.min_confidence = best.rule.min_confidence

    @on_screen
    def _keep(self, _button: object) -> None:
        if self.rule is not None and self.rule not in self.rules:
            self.rules = (*self.rules, self.rule)
            self._just_kept = True

    @observe("metric", "metric_range")
    def _start_anew(self, _change: Any) -> None:
        """Drop nothing of the next range unasked: the number was the kept rule's."""
        if self._just_kept:
            self._just_kept = False
            self.min_confidence = 0.0

    @on_screen
    def _forget(self, rule: Rule) -> None:
        self.rules = tuple(kept for kept in self.rules if kept != rule)
