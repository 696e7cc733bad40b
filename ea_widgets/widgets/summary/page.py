"""The page on a summary: that of an evaluation, as far as counts can answer it."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from ipywidgets import HTML, VBox

from ea_widgets.analysis.ranges.finder import APART
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets.base import (
    KIND_OF,
    SHARED,
    Link,
    OutcomeWidget,
    RangedWidget,
    on_screen,
    send,
)
from ea_widgets.widgets.controls import ExportMenu
from ea_widgets.widgets.examples import ANY, Examples
from ea_widgets.widgets.panels import (
    ImportancePanel,
    ImportanceSweep,
    PerClass,
    PerformanceByMetric,
    WorstRanges,
)
from ea_widgets.widgets.summary.average_precision import error_html
from ea_widgets.widgets.summary.unanswered import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import Widget

    from ea_widgets.summary.summary import Summary
    from ea_widgets.summary.summary_view import SummaryView
    from ea_widgets.widgets.base import EvaluationWidget


class SummaryPage(OutcomeWidget, RangedWidget):
    """What matters, the curves and examples, from a summary: exact at the thresholds counted.

    It opens at the counted confidence of the highest F1, and with the bin of the first metric that
    holds the most errors above average.

    Parameters
    ----------
    evaluation : Summary
        What is shown. Can be assigned later: all parts follow.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``, ``metric_range``. Thresholds become the nearest at which was counted.

    Attributes
    ----------
    panel : ImportancePanel
        Choices, scores, importance.
    detail : PerformanceByMetric
        The two rates by the metric.
    worst : WorstRanges
        Where errors concentrate.
    examples : Examples
        Examples of the range, of those that the summary keeps.
    sweep : ImportanceSweep
        Importance over IoU thresholds, folded.
    per_class : PerClass
        Each class alone, folded.
    unanswered : Unanswered
        What cannot be shown, why, and what to do, folded.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    _parts: tuple[EvaluationWidget, ...] = ()
    _link: Link | None = None

    def __init__(self, evaluation: object, **choices: Any) -> None:
        self._given = {*choices}
        super().__init__(evaluation, **choices)

    def _build(self) -> tuple[Widget, ...]:
        threshold = self._open()
        shared: dict[str, Any] = {name: getattr(self, name) for name in SHARED}
        shared["keep"] = self._kept
        ranged = {**shared, "metric_range": self.metric_range}
        self._error = HTML()
        self._preparing = self._task(lambda _done: None, in_scripts=False)
        explained = {"outcome": self.outcome}
        self.panel = ImportancePanel(**shared, **explained)
        self.panel.open_at(threshold)
        self.detail = PerformanceByMetric(**ranged, chips=False)
        self.worst = WorstRanges(**ranged, **explained)
        self.worst.hand_over()
        self.examples = Examples(**ranged, kind=KIND_OF[self.outcome])
        self.sweep = ImportanceSweep(**shared, **explained)
        self.per_class = PerClass(**shared)
        self.unanswered = Unanswered(**shared)
        self.detail.stand_beside()
        self.panel.put_beside(self.detail, VBox(), self._tools())
        self.panel.add_remark(self._error)
        below = (self.worst, self.examples, self.sweep, self.per_class, self.unanswered)
        for part in below:
            part.add_class("eaw-part")
        self._parts = (self.panel, self.detail, *below)
        self._link = Link((self, *self._parts))
        self.panel.on_class = self._open_classes
        self.observe(self._turn, "outcome")
        return (VBox([self.panel.head, self.panel, *below]),)

    def _open(self) -> float | None:
        """Choose what nobody has chosen, so that neither curves nor pictures are empty.

        Returns
        -------
        float or None
            The confidence of the highest F1, where it was chosen.
        """
        summary: Summary = self.evaluation
        threshold = None
        if "confidence_threshold" not in self._given:
            best = summary.at(self.iou_threshold, None, self.classes).best_threshold()
            threshold = summary.lowest if np.isnan(best) else best
            self.confidence_threshold = threshold
        if not self._given & {"metric", "metric_range"}:
            table = self.answers.importance(self.outcome)
            ranked = table.index[~table["name"].isin(APART)]
            with self.hold_trait_notifications():
                self.metric = next(iter(ranked), None)
                if self.metric is not None:
                    view: SummaryView = self.answers  # type: ignore[assignment]
                    self.metric_range = worst_bin(view, self.metric, self.outcome)
        return threshold

    def _open_classes(self) -> None:
        self.per_class.opened = True

    def _tools(self) -> Widget:
        """Make the menu of all that can be saved."""
        rows = (("ranking", self.panel), ("curves", self.detail),
                ("concentrations", self.worst), ("examples", self.examples))  # fmt: skip
        saved = ((words, part._save) for words, part in rows)  # noqa: SLF001  # its own parts
        return ExportMenu(saved, (), self.guard)

    @on_screen
    def _turn(self, _change: object) -> None:
        """Show the objects that are the errors."""
        with self.examples.hold_trait_notifications():
            self.examples.kind, self.examples.reason = KIND_OF[self.outcome], ANY

    def _draw(self) -> None:
        if self._memo.changed("prepared", self.evaluation, self.classes):
            here = (self.iou_threshold, self.confidence_threshold)
            self._preparing.ask(partial(_prepare, self.evaluation, self.classes, here))
        asked = (self.evaluation, self.iou_threshold, self.classes)
        if self._memo.changed("error", *asked):
            whole = self.evaluation.at(self.iou_threshold, None, self.classes)
            send(self._error, value=f'<div class="eaw-muted">{error_html(whole)}</div>')

    def close(self) -> None:
        """Take all of it off the page and out of the kernel."""
        if self._link is not None:
            self._link.unlink()
        for part in self._parts:
            part.close()
        super().close()


def _prepare(
    summary: Summary,
    classes: tuple[str, ...],
    here: tuple[float, float],
    should_stop: Callable[[], bool],
) -> None:
    """Count what each slider can ask for next, the nearest first, until told to stop."""
    ticks = summary.ticks
    pairs = product(ticks["iou_threshold"], ticks["confidence_threshold"])
    for pair in sorted(
        pairs, key=lambda pair: sum(a != b for a, b in zip(pair, here, strict=True))
    ):
        stop_if(should_stop)
        summary.at(*pair, classes).prepare()


def worst_bin(view: SummaryView, metric: str, outcome: str) -> tuple[float, float] | tuple[()]:
    """Find the bin of a curve with the most errors above average.

    Parameters
    ----------
    view : SummaryView
    metric : str
        Displayed name.
    outcome : {"true_positive", "missed"}
        Which errors.

    Returns
    -------
    tuple of float
        Its ends; empty without any, and of categories.
    """
    curve = view.curve(metric)
    missed = outcome == "missed"
    table = curve.labels if missed else curve.predictions
    if not len(table) or "bin_low" not in table:
        return ()
    errors = table["rate"] if missed else 1 - table["rate"]
    average = curve.average_false_negative_rate if missed else 1 - curve.average_true_positive_rate
    row = table.iloc[int((table["n"] * (errors - average)).to_numpy().argmax())]
    return float(row["bin_low"]), float(row["bin_high"])
