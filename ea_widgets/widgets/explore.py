"""The whole page in one widget."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from ipywidgets import VBox
from traitlets import dlink

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.metrics.catalogue import BUILT_IN
from ea_widgets.data.metrics.compute import compute_metrics
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base.cells import replace_earlier
from ea_widgets.widgets.base.lifecycle import close_tree, send
from ea_widgets.widgets.base.link import link
from ea_widgets.widgets.examples.examples_panel import ANY, Examples
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.per_class import PerClass
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from ea_widgets.widgets.panels.sweep_panel import ImportanceSweep
from ea_widgets.widgets.panels.what_if_panel import WhatIf
from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges

if TYPE_CHECKING:
    from collections.abc import Iterator


class Explorer(VBox):
    """All widgets on one page, linked: what matters, where, which objects, and what to do.

    Parameters
    ----------
    evaluation : Evaluation
        What they show.

    Attributes
    ----------
    panel : ImportancePanel
        Choices, scores, importance. ``panel.evaluation`` can be assigned; the others follow.
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
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.panel = ImportancePanel(evaluation)
        self.detail = PerformanceByMetric(evaluation)
        self.worst = WorstRanges(evaluation)
        self.examples = Examples(evaluation)
        self.what_if = WhatIf(evaluation)
        self.sweep = ImportanceSweep(evaluation)
        self.per_class = PerClass(evaluation)
        parts = (self.worst, self.examples, self.what_if, self.sweep, self.per_class)
        for part in parts:
            part.add_class("eaw-part")
        self._link = link(self.panel, self.detail, *parts)
        self.worst.around_pick = self._turned_to
        dlink((self.panel, "outcome"), (self.sweep, "outcome"))
        super().__init__()
        for part in (self.detail, self.what_if):
            part.observe(self._lay_out, ["metric", "metric_range"])
        self.what_if.observe(self._lay_out, "rules")
        self._lay_out()
        replace_earlier(self)

    @contextmanager
    def _turned_to(self, outcome: str) -> Iterator[None]:
        """Rank by an outcome, and show the objects that are its errors; each draws once."""
        with self.panel.hold_trait_notifications(), self.examples.hold_trait_notifications():
            self.panel.outcome = outcome
            self.examples.kind = "missed" if outcome == "missed" else "false_positive"
            self.examples.reason = ANY
            yield

    def _lay_out(self, _change: object = None) -> None:
        """Put on the page what means something by now."""
        shown = [self.panel, self.detail, self.worst]
        if self.detail.metric is not None:
            shown.append(self.examples)
        if self.what_if.metric_range or self.what_if.rules:
            shown.append(self.what_if)
        send(self, children=(*shown, self.sweep, self.per_class))

    def close(self) -> None:
        """Take all of it off the page and out of the kernel."""
        self._link.unlink()
        for part in (self.panel, self.detail, self.worst, self.examples, self.what_if):
            part.close()
        self.sweep.close()
        self.per_class.close()
        close_tree(self)


def explore(dataset: Dataset | Evaluation) -> Explorer:
    """Show which properties of the data drive the model's performance.

    Parameters
    ----------
    dataset : Dataset or Evaluation
        The data. A data set without any metric gets those of its boxes and images first; one
        with columns of your own only, those of its boxes.

    Returns
    -------
    Explorer
        A widget for a notebook cell, with ``.panel``, ``.detail``, ``.worst``, ``.examples``,
        ``.what_if``, ``.sweep`` and ``.per_class``.

    Raises
    ------
    InvalidInputError
        If it is neither.
    """
    if isinstance(dataset, Evaluation):
        return Explorer(dataset)
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
    return Explorer(Evaluation(dataset))
