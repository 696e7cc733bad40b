"""The whole page of an evaluation in one widget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML

from ea_widgets.data.catalogue import MetricName
from ea_widgets.reporting.report import report_html, report_view
from ea_widgets.reporting.static import static_page
from ea_widgets.widgets.base import (
    KIND_OF,
    SHARED,
    Link,
    Option,
    OutcomeWidget,
    RangedWidget,
    on_screen,
)
from ea_widgets.widgets.controls import ExportMenu, Tabs, selection_code, write_new
from ea_widgets.widgets.diagnosis import (
    CocoTable,
    Confusion,
    ErrorKinds,
    ImageTable,
    LabelErrors,
    OperatingPoint,
    Pairs,
    Reliability,
    Slices,
)
from ea_widgets.widgets.examples import ANY, Examples
from ea_widgets.widgets.fallback import Fallback
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

if TYPE_CHECKING:
    import os

    from ipywidgets import Widget

    from ea_widgets.widgets.base import EvaluationWidget, Extent

FURTHER = (
    ("What to do", "Threshold", OperatingPoint),
    ("What to do", "Calibration", Reliability),
    ("What to do", "Kinds of error", ErrorKinds),
    ("Confusion", "Confusion", Confusion),
    ("Images", "Images", ImageTable),
    ("By IoU", "COCO", CocoTable),
    ("Data", "Slices", Slices),
    ("Data", "Pairs", Pairs),
    ("Data", "Label errors", LabelErrors),
)
"""Parts that stand in tabs: the tab, what it is called within the tab, and its kind."""

TABS = ("Examples", "What to do", "Classes", "Confusion", "Images", "By IoU", "Data")


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
        The objects of the range.
    what_if : WhatIf
        Rules for the range.
    sweep : ImportanceSweep
        Importance over IoU thresholds.
    per_class : PerClass
        Each class alone.
    further : tuple of EvaluationWidget
        The other parts of the tabs. Of all parts in tabs only the one on screen computes.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    tab = Option(TABS, TABS[0])
    """Which tab is open: ``"Examples"``, ``"What to do"``, ``"Classes"``, ``"Confusion"``,
    ``"Images"``, ``"By IoU"`` or ``"Data"``. Default ``"Examples"``."""

    _parts: tuple[EvaluationWidget, ...] = ()
    _link: Link | None = None
    _opened: tuple[str, Extent] = ("", ())

    def __init__(self, evaluation: object, **choices: Any) -> None:
        self._given = {*choices}
        super().__init__(evaluation, **choices)

    def _build(self) -> tuple[Widget, ...]:
        threshold = self._open()
        shared: dict[str, Any] = {name: getattr(self, name) for name in SHARED}
        shared["keep"] = self._kept
        ranged = {**shared, "metric_range": self.metric_range}
        explained = {"outcome": self.outcome}
        self.panel = ImportancePanel(**shared, **explained)
        self.panel.open_at(threshold)
        self.detail = PerformanceByMetric(**ranged, chips=False)
        self.worst = WorstRanges(**ranged, **explained)
        self.examples = Examples(**ranged, kind=KIND_OF[self.outcome])
        self.what_if = WhatIf(**ranged, asleep=True)
        self.sweep = ImportanceSweep(**shared, **explained)
        self.per_class = PerClass(**shared)
        self.further = tuple(kind(**shared) for _, _, kind in FURTHER)
        self.detail.stand_beside()
        self.examples.condense()
        self.panel.put_beside(self.detail, self.worst, self._tools(), self.worst.hand_over())
        self._tabs = self._tabbed()
        below = (self.examples, self.what_if, self.sweep, self.per_class, *self.further)
        self._parts = (self.panel, self.detail, self.worst, *below)
        self._link = Link((self, *self._parts))
        self.worst.on_pick = self._show_errors
        self.worst.observe(self.guard(self._listed), "ranges")
        self._listed({"new": self.worst.ranges})
        self.panel.on_class = self._open_classes
        self.observe(self._turn, "outcome")
        self.what_if.observe(self.guard(self._rule_set), ["rules", "min_confidence"])
        self._fallback = Fallback(self, self._still)
        self._renewing = self._task(lambda _nothing: self._fallback.renew(), 1.0, in_scripts=False)
        for part, name in ((self.panel, "settled"), (self.worst, "ranges"), (self.detail, "curve")):
            part.observe(self.guard(self._renew), name)
        rules = HTML(self._fallback.rules, layout={"height": "0", "margin": "0"})
        return (self.panel.head, self.panel, self._tabs, rules)

    def _tabbed(self) -> Tabs:
        """Put the parts into tabs."""
        tabs: dict[str, dict[str, EvaluationWidget]] = {tab: {} for tab in TABS}
        tabs["Examples"]["Examples"] = self.examples
        tabs["What to do"]["Rules"] = self.what_if
        tabs["Classes"]["Classes"] = self.per_class
        tabs["By IoU"]["Importance"] = self.sweep
        for (tab, name, _), part in zip(FURTHER, self.further, strict=True):
            tabs[tab][name] = part
        return Tabs(tabs, self.guard, lambda tab: setattr(self, "tab", tab))

    def _listed(self, change: Any) -> None:
        """Let the curves not repeat what the list says."""
        ranges = change["new"]
        self.detail.leave_unsaid(frozenset(() if ranges is None else ranges["sentence"]))

    def _rule_set(self, change: Any) -> None:
        """Show a rule that is tried from a script."""
        fewer = change["name"] == "rules" and len(change["new"]) < len(change["old"])
        if not fewer and change["new"] != 0:
            self._tabs.show(self.what_if)

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
        self._tabs.open_tab(self.tab)

    def close(self) -> None:
        """Take all of it off the page and out of the kernel."""
        if self._link is not None:
            self._link.unlink()
        for part in self._parts:
            part.close()
        super().close()
