"""The whole page in one widget."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, VBox

from ea_widgets.analysis.comparison import Comparison
from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.data.catalogue import BUILT_IN, MetricName
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.metrics.compute import compute_metrics
from ea_widgets.errors import InvalidInputError
from ea_widgets.reporting.report import report_html, report_view
from ea_widgets.reporting.static import static_page
from ea_widgets.widgets.base import (
    SHARED,
    Link,
    OutcomeWidget,
    RangedWidget,
    at_once,
    on_screen,
    send,
)
from ea_widgets.widgets.comparison import ComparisonPage, with_metrics
from ea_widgets.widgets.controls import ExportMenu, selection_code, write_new
from ea_widgets.widgets.diagnosis import FURTHER
from ea_widgets.widgets.examples import ANY, Examples
from ea_widgets.widgets.fallback import Fallback, nobody_answers
from ea_widgets.widgets.panels import (
    ImportancePanel,
    ImportanceSweep,
    PerClass,
    PerformanceByMetric,
    WhatIf,
    WorstRanges,
    opening_range,
    opening_threshold,
)
from ea_widgets.widgets.summary import (
    Summary,
    SummaryComparison,
    SummaryComparisonPage,
    SummaryPage,
)

if TYPE_CHECKING:
    import os

    from ipywidgets import Widget

    from ea_widgets.widgets.base import EvaluationWidget, Extent

KIND_OF = {"true_positive": "false_positive", "missed": "missed"}
"""Objects that are the errors of an outcome."""


class Explorer(OutcomeWidget, RangedWidget):
    """All widgets on one page, linked: what matters, where, which objects, and what to do.

    It opens at the confidence of the highest F1, where somebody would use the detector, and with
    the range that holds the most errors above average.

    Parameters
    ----------
    evaluation : Evaluation
        What they show. Can be assigned later, as by a training loop: all parts follow.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``where``, ``metric``, ``metric_range``, ``outcome``. They are those of all parts.
        ``confidence_threshold=0`` opens with all predictions, ``metric=None`` without a metric.

    Attributes
    ----------
    panel : ImportancePanel
        Choices, scores, importance.
    detail : PerformanceByMetric
        The two rates by the metric, where a range of it is chosen.
    worst : WorstRanges
        The ranges that hold the errors.
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
    _opened: tuple[str, Extent] = ("", ())

    def __init__(self, evaluation: object, **choices: Any) -> None:
        self._given = {*choices}
        super().__init__(evaluation, **choices)

    def _build(self) -> tuple[Widget, ...]:
        self._page = VBox()
        threshold = self._open()
        shared: dict[str, Any] = {name: getattr(self, name) for name in SHARED}
        shared["keep"] = self._kept
        ranged = {**shared, "metric_range": self.metric_range}
        explained = {"outcome": self.outcome}
        self.panel = ImportancePanel(**shared, **explained)
        self.panel.open_at(threshold)
        self.detail = PerformanceByMetric(**ranged, chips=False)
        self.worst = WorstRanges(**ranged, **explained)
        self.worst.follow()
        self.examples = Examples(**ranged, kind=KIND_OF[self.outcome])
        self.what_if = WhatIf(**ranged)
        self.sweep = ImportanceSweep(**shared, **explained)
        self.per_class = PerClass(**shared)
        self.further = tuple(kind(**shared) for kind in FURTHER)
        self.detail.stand_beside()
        self.panel.put_beside(self.detail, self.worst, self._tools())
        below = (self.examples, self.what_if, self.sweep, self.per_class, *self.further)
        for part in below:
            part.add_class("eaw-part")
        self._parts = (self.panel, self.detail, self.worst, *below)
        self._link = Link((self, *self._parts))
        self.worst.on_pick = self._show_errors
        self.panel.on_class = self._open_classes
        self.observe(self._turn, "outcome")
        self.what_if.observe(self.guard(self._lay_out), "rules")
        self._fallback = Fallback(self, self._still)
        self._renewing = self._task(lambda _nothing: self._fallback.renew(), 1.0, in_scripts=False)
        for part, name in ((self.panel, "settled"), (self.worst, "ranges"), (self.detail, "curve")):
            part.observe(self.guard(self._renew), name)
        rules = HTML(self._fallback.rules, layout={"height": "0", "margin": "0"})
        return (self._page, rules)

    def _still(self) -> str:
        """Write what is on the page without widgets."""
        curve, ranges = self.detail.curve, self.worst.ranges
        return static_page(self.panel.scores, self.panel.table, curve, ranges)

    def _renew(self, _change: object) -> None:
        """Keep what a saved notebook shows up to date, once the choices rest."""
        self._renewing.ask(lambda _should_stop: None)

    def _ipython_display_(self) -> None:
        self._fallback.display(self._repr_mimebundle_())

    def _open(self) -> float | None:
        """Choose what nobody has chosen; the threshold of the highest F1, where it is that."""
        threshold = None
        if "confidence_threshold" not in self._given:
            threshold = opening_threshold(self.evaluation, self)
            self.confidence_threshold = threshold
        if not self._given & {"metric", "metric_range"}:
            self._choose_range()
        return threshold

    def _choose_range(self) -> None:
        """Choose the range that holds the most errors above average."""
        if self.evaluation.cannot("worst_ranges") is None:
            metric, extent = opening_range(self.answers, self.outcome)
            if metric is not None:
                self._opened = (MetricName.parse(metric).name, extent)
            with self.hold_trait_notifications():
                self.metric, self.metric_range = metric, extent

    def _tools(self) -> Widget:
        """Make the menu of all that can be saved."""
        rows = (
            ("ranking", self.panel), ("curves", self.detail), ("concentrations", self.worst),
            ("selected objects", self.examples), ("what-if", self.what_if),
        )  # fmt: skip
        further = (("report (HTML)", self._write_report), ("selection (Python)", self._selection))
        saved = ((words, part._save) for words, part in rows)  # noqa: SLF001  # its own parts
        return ExportMenu(saved, further, self.guard)

    def report(self, path: str | os.PathLike[str] = "report.html", **options: Any) -> Path:
        """Write one page of HTML of what is chosen; see ``ea.report``.

        Parameters
        ----------
        path : str or path, default "report.html"
            Replaced where it exists.
        **options : object
            ``title``, ``slices``.

        Returns
        -------
        Path
            The file.
        """
        return report_view(self.answers, path, **options)

    def _write_report(self) -> str:
        path = write_new(Path("report.html"), report_html(self.answers))
        return f"written to {path.name}, in the notebook's folder"

    def _selection(self) -> tuple[str, str]:
        """Write what is chosen as Python."""
        names = (*SHARED[1:], "outcome", "metric_range")
        return "selection.py", selection_code({name: getattr(self, name) for name in names})

    def _open_classes(self) -> None:
        self.per_class.opened = True

    @on_screen
    def _turn(self, _change: object) -> None:
        """Show the objects that are the errors, and another range where it was one of the other."""
        self._show_errors()
        if self.metric is None:
            return
        untouched = (MetricName.parse(self.metric).name, self.metric_range) == self._opened
        if untouched or self.metric not in self.ranked():
            self._choose_range()

    def _show_errors(self) -> None:
        with self.examples.hold_trait_notifications():
            self.examples.kind, self.examples.reason = KIND_OF[self.outcome], ANY

    def _draw(self) -> None:
        self._lay_out()

    def _lay_out(self, _change: object = None) -> None:
        """Put on the page what means something by now."""
        shown: list[Widget] = [self.panel]
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


Page = Explorer | ComparisonPage | SummaryPage | SummaryComparisonPage


def explore(
    dataset: Dataset | Evaluation | Comparison | Summary | SummaryComparison,
    *,
    keep: bool = False,
    pixels: Any = None,
    settle: bool | None = None,
    **choices: Any,
) -> Page:
    """Show which properties of the data drive the model's performance.

    Parameters
    ----------
    dataset : Dataset, Evaluation, Comparison, Summary or SummaryComparison
        The data; or several models on them, which get a `ComparisonPage`; or counts of them, which
        get a `SummaryPage`, and of several models a `SummaryComparisonPage`. A data set without any
        metric gets those of its boxes and images first; one with columns of your own only, those
        of its boxes.
    keep : bool
        Whether the page lives on when its notebook cell is run again. Default False: the next run
        closes it.
    pixels : str, path, mapping or callable, optional
        Of a summary: where the images of its examples are; see ``ea.Dataset.from_frames``.
    settle : bool, optional
        Whether intervals, ranges and pictures are computed before the page is shown, and not once
        the choices rest: for a notebook that is run to be read as a file. Default: where nobody
        could answer the kernel, as in nbconvert.
    **choices : object
        See `Explorer`.

    Returns
    -------
    Explorer, ComparisonPage, SummaryPage or SummaryComparisonPage
        A widget for a notebook cell, with ``.panel``, ``.detail``, ``.worst``, ``.examples``,
        ``.what_if``, ``.sweep`` and ``.per_class``. ``page.evaluation = another`` shows another
        evaluation in all of them.

    Raises
    ------
    InvalidInputError
        If it is neither.
    """
    with at_once() if settle or (settle is None and nobody_answers()) else nullcontext():
        return _page(dataset, keep=keep, pixels=pixels, **choices)


def _page(dataset: object, *, keep: bool, pixels: Any, **choices: Any) -> Page:
    """Make the page of what is given."""
    if isinstance(dataset, Summary):
        shown = dataset if pixels is None else dataset.with_pixels(pixels)
        return SummaryPage(shown, keep=keep, **choices)
    if isinstance(dataset, SummaryComparison):
        return SummaryComparisonPage(dataset, keep=keep, **choices)
    if pixels is not None:
        raise InvalidInputError(
            "pixels", "is given, and this is no summary", "Give them where the data are read."
        )
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
