"""The upper half of the page: choices, scores, and which metrics matter."""

from __future__ import annotations

from typing import Any

from ipywidgets import HTML, Box, Checkbox, Dropdown, FloatSlider, HBox, ToggleButtons
from traitlets import Any as AnyTrait
from traitlets import Bool, Enum, link

from ea_widgets.widgets.base import SHARED, EvaluationWidget, on_screen
from ea_widgets.widgets.class_picker import ClassPicker
from ea_widgets.widgets.lifecycle import send
from ea_widgets.widgets.ranking import FOLD_ABOVE, Ranking
from ea_widgets.widgets.scores_view import counts_html, readouts_html

OUTCOMES = ("true_positive", "missed")
NO_METRIC = "click a bar, or choose one here"


class ImportancePanel(EvaluationWidget):
    """Scores of a detector, and the metrics that drive them, live under the choices.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later: the panel redraws in place.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``, ``outcome``, ``all_metrics``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    outcome = Enum(OUTCOMES, "true_positive")
    """What the metrics are ranked by: ``"true_positive"``, whether predictions are right, or
    ``"missed"``, whether label objects are missed. Default ``"true_positive"``."""

    all_metrics = Bool(default_value=False)
    """Whether every metric has its bar; else, of more than fifteen, the first twelve and the chosen
    one have. Default False."""

    scores = AnyTrait(None, read_only=True)
    """The `Scores` on screen. Read only."""

    importance = AnyTrait(None, read_only=True)
    """The table behind the bars, as `Evaluation.importance` gives it. Read only."""

    _asked: tuple[object, ...] = ()
    _told: object = None

    @classmethod
    def choice_names(cls) -> tuple[str, ...]:
        """List the traits whose change asks for a new drawing.

        Returns
        -------
        tuple of str
            The shared ones, ``outcome`` and ``all_metrics``.
        """
        return (*SHARED, "outcome", "all_metrics")

    def _build(self) -> tuple[Any, ...]:
        self._counts = HTML()
        self._picker = ClassPicker(self.evaluation.class_names, self.classes)
        self._iou = self._slider("IoU", "Smallest overlap that counts as a match")
        self._confidence = self._slider("Confidence", "Predictions below this are left out")
        self._readouts = HTML()
        self._outcome = ToggleButtons(
            options=[("wrong predictions", "true_positive"), ("missed objects", "missed")],
            value=self.outcome,
            tooltips=["What tells right predictions from wrong ones", "What tells missed objects"],
            style={"button_width": "auto"},
        )
        self._menu = Dropdown(
            options=[(NO_METRIC, None)], layout={"width": "270px"}, tooltip="The metric looked at"
        )
        self._every = Checkbox(indent=False, layout={"width": "auto", "margin": "2px 12px"})
        self._ranking = Ranking(self._pick)
        self._importance_chart = self._ranking.importance
        self._correlation_chart = self._ranking.correlation
        self._bars, self._correlations = self._importance_chart.bars, self._correlation_chart.bars
        self._picker.observe(self._classes_picked, "classes")
        self._menu.observe(self._metric_picked, "value")
        link((self, "iou_threshold"), (self._iou, "value"))
        link((self, "confidence_threshold"), (self._confidence, "value"))
        link((self, "outcome"), (self._outcome, "value"))
        link((self, "all_metrics"), (self._every, "value"))
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        middle = {"align_items": "center"}
        label = '<span class="eaw-label">{}</span>'
        return (
            self._counts,
            self._picker,
            Box([self._iou, self._confidence], layout=row),
            self._readouts,
            Box(
                [
                    HBox([HTML(label.format("Rank by")), self._outcome], layout=middle),
                    self._every,
                    HBox([HTML(label.format("Metric")), self._menu], layout=middle),
                ],
                layout={**row, "justify_content": "space-between"},
            ),
            self._ranking,
        )

    @staticmethod
    def _slider(description: str, tooltip: str) -> FloatSlider:
        return FloatSlider(
            min=0.0, max=1.0, step=0.01, description=description, readout_format=".2f",
            continuous_update=True, tooltip=tooltip,
            style={"description_width": "auto"}, layout={"flex": "1 1 260px", "max_width": "460px"},
        )  # fmt: skip

    def _draw(self) -> None:
        self._picker.offer(self.evaluation.class_names, self.classes)
        question = (
            self.evaluation,
            self.iou_threshold,
            self.confidence_threshold,
            self.classes,
            self.outcome,
        )
        if not _same_question(question, self._asked):
            self._asked = ()
            self._ask()
            self._asked = question
        self._show_menu()
        self._show_ranking()

    def _ask(self) -> None:
        """Get the answers to the choices, and show the scores."""
        choices: dict[str, Any] = {
            "iou_threshold": self.iou_threshold,
            "confidence_threshold": self.confidence_threshold,
            "classes": self.classes,
        }
        scores = self.evaluation.scores(**choices)
        importance = self.evaluation.importance(outcome=self.outcome, **choices)
        if self._told is not self.evaluation:
            send(self._counts, value=counts_html(self.evaluation.dataset))
            self._coco = self.evaluation.coco_summary()
            self._told = self.evaluation
        send(self._readouts, value=readouts_html(scores, self._coco))
        self.set_trait("scores", scores)
        self.set_trait("importance", importance)

    def _show_menu(self) -> None:
        """Offer every metric by name: the way to choose one from the keyboard."""
        options = ((NO_METRIC, None), *((name, name) for name in self.evaluation.metrics.index))
        self._menu.unobserve(self._metric_picked, "value")
        try:
            send(self._menu, options=options)
            send(self._menu, value=self.metric)
        finally:
            self._menu.observe(self._metric_picked, "value")

    def _show_ranking(self) -> None:
        count = len(self.importance)
        send(self._every, description=f"all {count} metrics")
        send(self._every.layout, display="flex" if count > FOLD_ABOVE else "none")
        known = self.evaluation.metrics
        chosen = None if self.metric is None else (self.metric, known.loc[self.metric, "name"])
        self._ranking.show(self.importance, chosen, self.outcome, whole=self.all_metrics)

    @on_screen
    def _pick(self, name: str) -> None:
        self.metric = name

    @on_screen
    def _metric_picked(self, change: Any) -> None:
        self.metric = change["new"]

    @on_screen
    def _classes_picked(self, change: Any) -> None:
        self.classes = change["new"]


def _same_question(new: tuple[object, ...], old: tuple[object, ...]) -> bool:
    """Tell whether two questions are about the same evaluation and ask the same."""
    return bool(old) and new[0] is old[0] and new[1:] == old[1:]
