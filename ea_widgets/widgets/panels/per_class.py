"""Each class alone: average precision and recall as bars, and precision-recall curves, folded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from ipywidgets import HTML, Box, Dropdown, HBox, VBox

from ea_widgets.widgets import wording
from ea_widgets.widgets.base import FoldedWidget, Option, on_screen, send, text, theme
from ea_widgets.widgets.charts import (
    BarRows,
    FreeResponseChart,
    PrecisionRecallChart,
    RankedBars,
)
from ea_widgets.widgets.controls import Export

MOST_ROWS = 40
CHOSEN = "✓ "
ORDERS = ("lowest", "labels", "name")
ORDER_WORDS = {
    "lowest": "lowest average precision first",
    "labels": "most labels first",
    "name": "order of the data set",
}


class PerClass(FoldedWidget):
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

    title = wording.PER_CLASS

    order = Option(ORDERS, "lowest")
    """``"lowest"`` (average precision first), ``"labels"`` (most first) or ``"name"`` (as in the
    data set). Default ``"lowest"``."""

    def _build_content(self) -> VBox:
        self._rows: list[str] = []
        self._table = self._drawn_curves = pd.DataFrame()
        act = (self._pick, self._describe, self.guard)
        self._precision = RankedBars(*act, colours=(theme.BLUE, theme.BLUE))
        self._recall = RankedBars(*act, colours=(theme.GREEN, theme.GREEN))
        self._precision.say(wording.AP_OF_CLASSES, "AP")
        self._recall.say(wording.AR_OF_CLASSES, "AR")
        self._precision.add_class("eaw-class-precision")
        self._recall.add_class("eaw-class-recall")
        self._curves, self._free_response = PrecisionRecallChart(), FreeResponseChart()
        bars = {
            "class-average-precision": self._precision.figure,
            "class-average-recall": self._recall.figure,
        }
        self._save_bars = Export(bars, "classes", lambda: self._table, self._task, self.guard)
        lines = {"precision-recall": self._curves.figure}
        if self.can("froc"):
            lines["free-response"] = self._free_response.figure
        self._save_curves = Export(
            lines, "precision-recall", lambda: self._drawn_curves, self._task, self.guard
        )
        self._order = Dropdown(
            options=[(words, order) for order, words in ORDER_WORDS.items()],
            layout={"width": "230px"}, tooltip=wording.CLASS_ORDER_HINT,
        )  # fmt: skip
        self._control(self._order, "order")
        self._note = HTML()
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "flex-start"}
        label = HTML('<span class="eaw-label">Order</span>')
        # A summary has no such counts.
        charts = [self._curves, *([self._free_response] if self.can("froc") else [])]
        both = Box(charts, layout=row)
        curves = (both, self._save_curves) if self.can("precision_recall") else ()
        return VBox(
            [
                HBox([label, self._order], layout={"align_items": "center"}),
                Box([self._precision, self._recall], layout=row),
                self._note,
                self._save_bars,
                *curves,
            ]
        )

    def _draw_content(self) -> None:
        if self._memo.changed("classes", self.answers, self.order):
            self._save_bars.forget()
            self._save_curves.forget()
            self._table = self._sorted(self._answers_for(()).scores().per_class)
            self._show_bars(self._table.head(MOST_ROWS))
            if self.can("precision_recall"):
                self._show_curves(self._table)

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

    def _show_curves(self, table: pd.DataFrame) -> None:
        """Draw the curves of the chosen classes, or else of those with most labels."""
        most = len(theme.SERIES)
        sizes = table["labels"].sort_values(ascending=False, kind="stable")
        pool = [name for name in sizes.index if not self.classes or name in self.classes]
        known = [name for name in pool if sizes[name] > 0]
        wanted = known[:most]
        if not wanted:
            self._drawn_curves = pd.DataFrame()
            for chart in (self._curves, self._free_response):
                chart.show((), wording.NO_LABELS_OF_CLASSES)
            return
        answers = self._answers_for(tuple(wanted))
        curves = answers.precision_recall()
        if self.can("froc"):
            self._show_free_response(answers.froc(by_class=True), wanted)
        self._drawn_curves = curves
        lines = []
        for name in wanted:
            own = curves[(curves["class_name"] == name) & (curves["kind"] == "interpolated")]
            recall, precision = (own[c].to_numpy(np.float64) for c in ("recall", "precision"))
            # Up to the highest recall that is reached: beyond it there is no precision to draw.
            reached = int(np.count_nonzero(precision))
            score = float(table.loc[name, "average_precision"])
            lines.append((name, recall[:reached], precision[:reached], score))
        left = len(known) - len(wanted)
        remark = wording.INTERPOLATED
        if left:
            what = text.counted(left, "class", "classes")
            remark = f"the {len(wanted)} classes with most labels; {what} left out"
        self._curves.show(lines, remark)

    def _show_free_response(self, curves: pd.DataFrame, wanted: list[str]) -> None:
        lines = []
        for name in wanted:
            own = curves[curves["class_name"] == name]
            raw, compared = (own[own["kind"] == kind] for kind in ("raw", "reference"))
            columns = ("false_positives_per_image", "recall")
            x, y = (raw[column].to_numpy(np.float64) for column in columns)
            lines.append((name, x, y, float(compared["recall"].mean())))
        self._free_response.show(lines, wording.FROC_MEAN)

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
