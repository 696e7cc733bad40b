"""Each class alone: average precision and recall as bars, and precision-recall curves, folded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from ipywidgets import HTML, Accordion, Box, Dropdown, HBox, VBox
from traitlets import Bool, Enum, link

from ea_widgets.widgets.base import text, theme
from ea_widgets.widgets.base.lifecycle import send, set_quietly
from ea_widgets.widgets.base.widget import SHARED, EvaluationWidget, on_screen
from ea_widgets.widgets.charts.bars import BarRows, RankedBars
from ea_widgets.widgets.charts.pr_chart import PrecisionRecallChart
from ea_widgets.widgets.controls.export import TakeAway

MOST_ROWS = 40
CHOSEN = "✓ "
ORDERS = ("lowest", "labels", "name")
ORDER_WORDS = {
    "lowest": "lowest average precision first",
    "labels": "most labels first",
    "name": "order of the data set",
}


class PerClass(EvaluationWidget):
    """Average precision and recall of each class, folded until it is opened.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``opened``, ``order``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    opened = Bool(default_value=False)
    """Whether the charts are unfolded. Default False."""

    order = Enum(ORDERS, "lowest")
    """``"lowest"`` (average precision first), ``"labels"`` (most first) or ``"name"`` (as in the
    data set). Default ``"lowest"``."""

    @classmethod
    def choice_names(cls) -> tuple[str, ...]:
        """List the traits whose change asks for a new drawing.

        Returns
        -------
        tuple of str
            The shared ones, whether it is opened, and the order.
        """
        return (*SHARED, "opened", "order")

    def _build(self) -> tuple[Any, ...]:
        self._rows: list[str] = []
        self._table = self._drawn_curves = pd.DataFrame()
        self._precision = RankedBars(self._pick, self._describe, colours=(theme.BLUE, theme.BLUE))
        self._recall = RankedBars(self._pick, self._describe, colours=(theme.GREEN, theme.GREEN))
        self._precision.say(
            "Average precision <span>(AP) of each class; a click picks the class</span>", "AP"
        )
        self._recall.say("Average recall <span>(AR) of each class</span>", "AR")
        self._precision.add_class("eaw-class-precision")
        self._recall.add_class("eaw-class-recall")
        self._curves = PrecisionRecallChart()
        bars = {
            "class-average-precision": self._precision.figure,
            "class-average-recall": self._recall.figure,
        }
        self._save_bars = TakeAway(bars, "classes", lambda: self._table, self.report)
        lines = {"precision-recall": self._curves.figure}
        self._save_curves = TakeAway(lines, "precision-recall", lambda: self._drawn_curves,
                                     self.report)  # fmt: skip
        self._order = Dropdown(
            options=[(words, order) for order, words in ORDER_WORDS.items()],
            layout={"width": "230px"}, tooltip="Order of the classes",
        )  # fmt: skip
        link((self, "order"), (self._order, "value"))
        self._note = HTML()
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "flex-start"}
        label = HTML('<span class="eaw-label">Order</span>')
        self._content = VBox(
            [
                HBox([label, self._order], layout={"align_items": "center"}),
                Box([self._precision, self._recall], layout=row),
                self._note,
                self._save_bars,
                self._curves,
                self._save_curves,
            ]
        )
        self._inside = VBox()
        self._fold = Accordion([self._inside], selected_index=None)
        self._fold.set_title(0, "Each class: average precision and recall, precision by recall")
        self._fold.observe(self._folded, "selected_index")
        return (self._fold,)

    def _draw(self) -> None:
        place = 0 if self.opened else None
        set_quietly(self._fold, "selected_index", self._folded, selected_index=place)
        if not self.opened:
            # Hidden figures would ask the browser for rectangles of negative size.
            send(self._inside, children=())
            return
        choices: dict[str, Any] = {
            "iou_threshold": self.iou_threshold,
            "confidence_threshold": self.confidence_threshold,
        }
        self._save_bars.forget()
        self._save_curves.forget()
        self._table = self._sorted(self.evaluation.scores(**choices).per_class)
        self._show_bars(self._table.head(MOST_ROWS))
        self._show_curves(self._table, choices)
        send(self._inside, children=(self._content,))

    def _sorted(self, table: pd.DataFrame) -> pd.DataFrame:
        """Put the classes in order, those without labels last; chosen ones are always shown."""
        if self.order == "lowest":
            table = table.sort_values("average_precision", kind="stable")
        elif self.order == "labels":
            table = table.sort_values("labels", ascending=False, kind="stable")
        chosen = table.index.isin(self.classes)
        if len(table) > MOST_ROWS and chosen[MOST_ROWS:].any():
            table = table.iloc[np.argsort(~chosen, kind="stable")]
        return table

    def _show_bars(self, table: pd.DataFrame) -> None:
        self._rows = [str(name) for name in table.index]
        names = tuple((CHOSEN if n in self.classes else "") + n for n in self._rows)
        for chart, column in (
            (self._precision, "average_precision"),
            (self._recall, "average_recall"),
        ):
            values = table[column].to_numpy(np.float64)
            numbers = tuple(text.rate(value) for value in values)
            chart.show(BarRows(names, values, numbers), None)
        left = len(self.evaluation.class_names) - len(table)
        words = f"{text.counted(left, 'more class', 'more classes')} in this order." if left else ""
        send(self._note, value=f'<div class="eaw-muted">{words}</div>' if words else "")

    def _show_curves(self, table: pd.DataFrame, choices: dict[str, Any]) -> None:
        """Draw the curves of the chosen classes, or else of those with most labels."""
        most = len(theme.SERIES)
        sizes = table["labels"].sort_values(ascending=False, kind="stable")
        pool = [name for name in sizes.index if not self.classes or name in self.classes]
        known = [name for name in pool if sizes[name] > 0]
        wanted = known[:most]
        if not wanted:
            self._drawn_curves = pd.DataFrame()
            self._curves.show((), "no labels of these classes")
            return
        curves = self.evaluation.precision_recall(classes=tuple(wanted), **choices)
        self._drawn_curves = curves
        lines = []
        for name in wanted:
            own = curves[(curves["class_name"] == name) & (curves["kind"] == "interpolated")]
            recall, precision = (own[c].to_numpy(np.float64) for c in ("recall", "precision"))
            lines.append((name, recall, precision, float(table.loc[name, "average_precision"])))
        left = len(known) - len(wanted)
        remark = "interpolated as COCO does; the area below is AP"
        if left:
            what = text.counted(left, "class", "classes")
            remark = f"the {len(wanted)} classes with most labels; {what} left out"
        self._curves.show(lines, remark)

    def _describe(self, index: int) -> str:
        """Write the tooltip of a class."""
        if index >= len(self._rows):
            return ""
        row: Any = self._table.loc[self._rows[index]]
        return text.table(
            self._rows[index],
            [
                ("average precision", text.rate(float(row["average_precision"]))),
                ("average recall", text.rate(float(row["average_recall"]))),
                ("precision", text.rate(float(row["precision"]))),
                ("recall", text.rate(float(row["recall"]))),
                ("labels", f"{int(row['labels']):,}"),
                ("predictions", f"{int(row['predictions']):,}"),
            ],
        )

    @on_screen
    def _pick(self, index: int) -> None:
        """Choose a class, or let it go."""
        if index >= len(self._rows):
            return
        chosen = {*self.classes} ^ {self._rows[index]}
        self.classes = tuple(name for name in self.evaluation.class_names if name in chosen)

    @on_screen
    def _folded(self, change: Any) -> None:
        self.opened = change["new"] == 0
