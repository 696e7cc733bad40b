"""The upper half of the page: choices, scores, and which metrics matter."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from ipywidgets import HTML, Box, Dropdown, FloatSlider, HBox, ToggleButtons
from traitlets import Any as AnyTrait
from traitlets import Enum, link

from ea_widgets.widgets import text, theme
from ea_widgets.widgets.bars import BarRows, RankedBars
from ea_widgets.widgets.base import SHARED, EvaluationWidget, on_screen
from ea_widgets.widgets.class_picker import ClassPicker
from ea_widgets.widgets.lifecycle import send
from ea_widgets.widgets.scores_view import counts_html, readouts_html

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("true_positive", "missed")
NO_METRIC = "click a bar, or choose one here"
WORDS = {
    "true_positive": (
        "of predictions: right or wrong",
        "share of the outcome that the metric explains (1: all of it)",
        "with a prediction being right",
        "correlation (-1 to 1); above 0: right where the metric is high",
    ),
    "missed": (
        "of label objects: found or missed",
        "share of the outcome that the metric explains (1: all of it)",
        "with an object being missed",
        "correlation (-1 to 1); above 0: missed where the metric is high",
    ),
}


class ImportancePanel(EvaluationWidget):
    """Scores of a detector, and the metrics that drive them, live under the choices.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later: the panel redraws in place.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``, ``outcome``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    outcome = Enum(OUTCOMES, "true_positive")
    """What the metrics are ranked by: ``"true_positive"``, whether predictions are right, or
    ``"missed"``, whether label objects are missed. Default ``"true_positive"``."""

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
            The shared ones and ``outcome``.
        """
        return (*SHARED, "outcome")

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
        self._importance_chart = RankedBars(
            self._pick, self._describe, colours=(theme.BLUE, theme.BLUE)
        )
        self._correlation_chart = RankedBars(
            self._pick, self._describe, colours=(theme.BLUE, theme.VERMILION), diverging=True
        )
        self._importance_chart.add_class("eaw-importance")
        self._correlation_chart.add_class("eaw-correlation")
        self._bars, self._correlations = self._importance_chart.bars, self._correlation_chart.bars
        self._picker.observe(self._classes_picked, "classes")
        self._menu.observe(self._metric_picked, "value")
        link((self, "iou_threshold"), (self._iou, "value"))
        link((self, "confidence_threshold"), (self._confidence, "value"))
        link((self, "outcome"), (self._outcome, "value"))
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
                    HBox([HTML(label.format("Metric")), self._menu], layout=middle),
                ],
                layout={**row, "justify_content": "space-between"},
            ),
            Box(
                [self._importance_chart, self._correlation_chart],
                layout={**row, "align_items": "flex-start"},
            ),
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
        self._show_bars()

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

    def _show_bars(self) -> None:
        table: pd.DataFrame = self.importance
        names = tuple(table.index)
        marked = self._row_of_metric(table)
        shares = table["importance"].to_numpy(np.float64)
        correlations = table["correlation"].to_numpy(np.float64)
        subtitle, axis, against, direction = WORDS[self.outcome]
        self._importance_chart.say(f"Metric importance <span>{escape(subtitle)}</span>", axis)
        self._correlation_chart.say(f"Metric correlation <span>{escape(against)}</span>", direction)
        self._importance_chart.show(
            BarRows(
                names,
                shares,
                tuple(text.rate(v) for v in shares),
                _column(table, "importance_low"),
                _column(table, "importance_high"),
                _column(table, "noise_floor"),
                ~_column(table, "distinguishable").astype(bool),
            ),
            marked,
        )
        self._correlation_chart.show(
            BarRows(
                names,
                correlations,
                tuple(text.signed(v) for v in correlations),
                _column(table, "correlation_low"),
                _column(table, "correlation_high"),
            ),
            marked,
        )

    def _row_of_metric(self, table: pd.DataFrame) -> int | None:
        """Find the row of the chosen metric, or of its twin at the level that is ranked."""
        if self.metric in table.index:
            return list(table.index).index(self.metric)
        if self.metric is None:
            return None
        twins = np.flatnonzero(table["name"] == self.evaluation.metrics.loc[self.metric, "name"])
        return int(twins[0]) if len(twins) else None

    def _describe(self, index: int) -> str:
        """Write the tooltip of a row."""
        row = self.importance.iloc[index]
        levels = {"F": "frame", "P": "prediction", "O": "label object"}
        unit = row["unit"] if text.says_something(row["unit"]) else "none"
        return text.table(
            str(self.importance.index[index]),
            [
                ("importance", text.rate(row["importance"])),
                ("correlation", text.signed(row["correlation"])),
                ("level", levels.get(row["level"], str(row["level"]))),
                ("unit", unit),
                ("objects with a value", f"{int(row['n']):,}"),
            ],
            row["description"],
        )

    @on_screen
    def _pick(self, index: int) -> None:
        names = tuple(self.importance.index)
        if index < len(names):
            self.metric = names[index]

    @on_screen
    def _metric_picked(self, change: Any) -> None:
        self.metric = change["new"]

    @on_screen
    def _classes_picked(self, change: Any) -> None:
        self.classes = change["new"]


def _column(table: pd.DataFrame, name: str) -> Any:
    """Take a column that only the settled phase has."""
    return table[name].to_numpy(np.float64) if name in table else np.zeros(0)


def _same_question(new: tuple[object, ...], old: tuple[object, ...]) -> bool:
    """Tell whether two questions are about the same evaluation and ask the same."""
    return bool(old) and new[0] is old[0] and new[1:] == old[1:]
