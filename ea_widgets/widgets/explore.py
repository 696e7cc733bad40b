"""The whole page in one widget."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ipywidgets import VBox

from ea_widgets.analysis.comparison import Comparison
from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.data.catalogue import BUILT_IN
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.metrics.compute import compute_metrics
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base import SHARED, Link, RangedWidget, send
from ea_widgets.widgets.comparison import ComparisonPage
from ea_widgets.widgets.comparison.prepare import with_metrics
from ea_widgets.widgets.diagnosis import FURTHER
from ea_widgets.widgets.examples import ANY, Examples
from ea_widgets.widgets.panels import (
    ImportancePanel,
    ImportanceSweep,
    PerClass,
    PerformanceByMetric,
    WhatIf,
    WorstRanges,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ipywidgets import Widget

    from ea_widgets.widgets.base import EvaluationWidget


class Explorer(RangedWidget):
    """All widgets on one page, linked: what matters, where, which objects, and what to do.

    Parameters
    ----------
    evaluation : Evaluation
        What they show. Can be assigned later, as by a training loop: all parts follow.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``where``, ``metric``, ``metric_range``. They are those of all parts.

    Attributes
    ----------
    panel : ImportancePanel
        Choices, scores, importance.
    detail : PerformanceByMetric
        The two rates by the metric, where a range of it is chosen.
    worst : WorstRanges
        The ranges that hold the errors. A click on one turns the panel and the gallery to its
        outcome.
    examples : Examples
        The objects of the range; on the page once there is a metric.
    what_if : WhatIf
        Rules for the range; on the page once there is a range, or a rule.
    sweep : ImportanceSweep
        Importance over IoU thresholds, folded.
    per_class : PerClass
        Each class alone, folded.
    further : tuple of EvaluationWidget
        The parts of `ea_widgets.widgets.diagnosis.FURTHER`, folded.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    _parts: tuple[EvaluationWidget, ...] = ()
    _link: Link | None = None

    def _build(self) -> tuple[Widget, ...]:
        self._page = VBox()
        shared: dict[str, Any] = {name: getattr(self, name) for name in SHARED}
        shared["keep"] = self._kept
        ranged = {**shared, "metric_range": self.metric_range}
        self.panel = ImportancePanel(**shared)
        self.detail = PerformanceByMetric(**ranged, chips=False)
        self.worst = WorstRanges(**ranged)
        self.examples = Examples(**ranged)
        self.what_if = WhatIf(**ranged)
        self.sweep = ImportanceSweep(**shared)
        self.per_class = PerClass(**shared)
        self.further = tuple(kind(**shared) for kind in FURTHER)
        self.detail.stand_beside()
        self.panel.put_beside(self.detail)
        below = (self.worst, self.examples, self.what_if, self.sweep, self.per_class, *self.further)
        for part in below:
            part.add_class("eaw-part")
        self._parts = (self.panel, self.detail, *below)
        self._link = Link((self, *self._parts))
        self.worst.around_pick = self._turned_to
        self.panel.on_class = self._open_classes
        self.panel.observe(self.guard(self._outcome_changed), "outcome")
        self.what_if.observe(self.guard(self._lay_out), "rules")
        return (self._page,)

    @contextmanager
    def _turned_to(self, outcome: str) -> Iterator[None]:
        """Rank by an outcome, and show the objects that are its errors; each draws once."""
        with self.panel.hold_trait_notifications(), self.examples.hold_trait_notifications():
            self.panel.outcome = outcome
            self.examples.kind = "missed" if outcome == "missed" else "false_positive"
            self.examples.reason = ANY
            yield

    def _open_classes(self) -> None:
        self.per_class.opened = True

    def _outcome_changed(self, change: Any) -> None:
        self.sweep.outcome = change["new"]

    def _draw(self) -> None:
        self._lay_out()

    def _lay_out(self, _change: object = None) -> None:
        """Put on the page what means something by now."""
        shown: list[Widget] = [self.panel, self.worst]
        if self.metric is not None:
            shown.append(self.examples)
        if self.metric_range or self.what_if.rules:
            shown.append(self.what_if)
        send(self._page, children=(*shown, self.sweep, self.per_class, *self.further))

    def close(self) -> None:
        """Take all of it off the page and out of the kernel."""
        if self._link is not None:
            self._link.unlink()
        for part in self._parts:
            part.close()
        super().close()


def explore(
    dataset: Dataset | Evaluation | Comparison, *, keep: bool = False, **choices: Any
) -> Explorer | ComparisonPage:
    """Show which properties of the data drive the model's performance.

    Parameters
    ----------
    dataset : Dataset, Evaluation or Comparison
        The data; or several models on them, which get a `ComparisonPage`. A data set without any
        metric gets those of its boxes and images first; one with columns of your own only, those
        of its boxes.
    keep : bool
        Whether the page lives on when its notebook cell is run again. Default False: the next run
        closes it.
    **choices : object
        See `Explorer`.

    Returns
    -------
    Explorer or ComparisonPage
        A widget for a notebook cell, with ``.panel``, ``.detail``, ``.worst``, ``.examples``,
        ``.what_if``, ``.sweep`` and ``.per_class``. ``page.evaluation = another`` shows another
        evaluation in all of them.

    Raises
    ------
    InvalidInputError
        If it is neither.
    """
    if isinstance(dataset, Comparison):
        return ComparisonPage(with_metrics(dataset), keep=keep, **choices)
    if isinstance(dataset, Evaluation):
        return Explorer(dataset, keep=keep, **choices)
    if not isinstance(dataset, Dataset):
        raise InvalidInputError(
            "dataset",
            f"is of type {type(dataset).__name__}",
            "Give a Dataset, such as ea.load_demo() or ea.read_coco(...), or an Evaluation of one.",
        )
    if dataset.metrics.empty:
        dataset = compute_metrics(dataset)
    elif not {spec.name for spec in BUILT_IN} & {*dataset.metrics["name"]}:
        dataset = compute_metrics(
            dataset,
            metrics=[spec.name for spec in BUILT_IN if spec.needs == "boxes"],
            progress=False,
        )
    return Explorer(Evaluation(dataset), keep=keep, **choices)
