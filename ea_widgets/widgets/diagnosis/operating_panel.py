"""Precision, recall and F1 over confidence, and where to cut; folded until it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from bqplot import Axis, Figure, LinearScale, Lines
from ipywidgets import HTML, Button, HBox, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.operating.code_lines import LIBRARIES
from ea_widgets.widgets.base import FoldedWidget, on_screen, send, span_of, text, theme
from ea_widgets.widgets.charts import LOOKS, name_lines, round_ticks
from ea_widgets.widgets.controls import Export, TextFile, TextFiles

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ea_widgets.analysis.operating import OperatingPoints
    from ea_widgets.analysis.view import View

EMPTY = np.zeros(0)
HEIGHT = "300px"
MARGIN = 0.02
ROWS = 40
RATES = {"precision": theme.BLUE, "recall": theme.GREEN, "f_beta": theme.VERMILION}
COLUMNS = {
    "threshold": "threshold",
    "precision": "precision",
    "recall": "recall",
    "f_beta": "F1",
    "held_out_f_beta": "F1 held out",
}


class OperatingPoint(FoldedWidget):
    """Precision, recall and F1 over confidence, folded until it is opened.

    The best threshold for all classes is chosen by a button, and so is that of each class, which
    is in the table.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``where``, ``opened``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    title = "Operating point: precision, recall and F1 over confidence"

    points = AnyTrait(None, read_only=True)
    """The `OperatingPoints` on screen; None until then. Read only."""

    def _build_content(self) -> VBox:
        self._finding = self._task(self._show)
        self._span = LinearScale(min=-MARGIN, max=1 + MARGIN, allow_padding=False)
        scales = {"x": self._span, "y": LinearScale(min=-MARGIN, max=1 + MARGIN)}
        self.lines = [
            Lines(
                x=EMPTY, y=EMPTY, scales=scales, colors=[colour], stroke_width=2,
                line_style=theme.DASHES[index],
            )
            for index, colour in enumerate(RATES.values())
        ]  # fmt: skip
        self._here, self._best = (
            Lines(x=EMPTY, y=EMPTY, scales=scales, colors=[theme.FOREGROUND], stroke_width=width,
                  line_style=style)
            for width, style in ((1, "dotted"), (1, "solid"))
        )  # fmt: skip
        style: dict[str, Any] = {
            "label_color": theme.MUTED, "grid_color": theme.GRID, "color": theme.GRID,
            "tick_style": {"font-size": "11px", "fill": theme.MUTED},
        }  # fmt: skip
        self._confidences = Axis(
            scale=self._span, side="bottom", label_offset="32px",
            label="confidence threshold (solid: best, dotted: the slider)", **style,
        )  # fmt: skip
        rates = Axis(
            scale=scales["y"], side="left", tick_values=np.linspace(0, 1, 6), tick_format=".0%",
            **style,
        )  # fmt: skip
        self.figure = Figure(
            marks=[*self.lines, self._here, self._best], axes=[self._confidences, rates],
            fig_margin={"top": 8, "bottom": 44, "left": 54, "right": 14},
            background_style={"fill": "transparent"}, display_toolbar=False,
            layout={"width": "auto", "height": HEIGHT, "min_width": "0"},
            legend_location="top-left", **LOOKS,
        )  # fmt: skip
        self.figure.add_class("eaw-figure")
        names = ("precision", "recall", "F1")
        dashed = zip(names, RATES.values(), theme.DASHES, strict=False)
        samples = "".join(f"<div>{theme.stroke_sample(c, d)}{n}</div>" for n, c, d in dashed)
        self._words = HTML()
        self._use = Button(tooltip="Leave out predictions below the best threshold")
        self._use.add_class("eaw-plain")
        self._use.on_click(lambda _button: self._used(self._threshold))
        self._own_words = HTML()
        self._use_own = Button(
            description="use one by class", layout={"width": "auto"},
            tooltip="Give each class its own best threshold; the slider moves all of them together",
        )  # fmt: skip
        self._use_own.add_class("eaw-plain")
        self._use_own.on_click(lambda _button: self._used(self._own))
        self._table = HTML()
        self._save = Export(
            {"operating-point": self.figure}, "operating-points", self._numbers, self._task,
            self.guard,
        )  # fmt: skip
        self._files = TextFiles(
            [
                TextFile("JSON", "The thresholds by class as a file", "thresholds.json",
                         self._json),
                *(TextFile(library, f"Lines of Python for {library}",
                           f"thresholds_{library}.py", partial(self._code, library), "text/plain")
                  for library in LIBRARIES),
            ],
            self._task, self.guard,
        )  # fmt: skip
        row = {"flex_flow": "row wrap", "align_items": "center"}
        legend = HTML(f'<div class="eaw-legend">{samples}</div>')
        used = HBox([self._words, self._use], layout=row)
        used_by_class = HBox([self._own_words, self._use_own], layout=row)
        return VBox(
            [used, used_by_class, self.figure, legend, self._save, self._table, self._files]
        )

    def _numbers(self) -> pd.DataFrame | None:
        return None if self.points is None else self.points.table

    def _json(self) -> tuple[str, str] | None:
        """Write the thresholds by class; None where there are none yet."""
        if self.points is None:
            return None
        with TemporaryDirectory() as folder:
            path = Path(folder) / "thresholds.json"
            self.points.to_json(path)
            return path.read_text("utf-8"), self._how_many()

    def _code(self, library: str) -> tuple[str, str] | None:
        """Write lines of Python that use the thresholds by class."""
        return None if self.points is None else (self.points.code(library), self._how_many())

    def _how_many(self) -> str:
        return text.counted(len(self.points.thresholds()), "class", "classes")

    def _draw(self) -> None:
        super()._draw()
        if not self.opened:
            self._finding.cancel()
            self._memo.forget("points")

    def _draw_content(self) -> None:
        if isinstance(self.confidence_threshold, Mapping):  # the lines are of one for all
            send(self._here, x=EMPTY, y=EMPTY)
        else:
            send(self._here, x=np.full(2, self.confidence_threshold), y=np.array([0.0, 1.0]))
        # Not the confidence threshold: the lines are over all of them.
        chosen = (self.iou_threshold, self.classes, self.where)
        if self._memo.changed("points", self.evaluation, *chosen):
            self._content.add_class("eaw-waiting")
            iou, classes, where = chosen
            self._finding.ask(partial(_find, self.evaluation.at(iou, None, classes, where)))
        self._offer()

    def _offer(self) -> None:
        """Let the best thresholds be used where there are some that are not used already."""
        for button, best in ((self._use, self._threshold()), (self._use_own, self._own())):
            send(button, disabled=best is None or best == self.confidence_threshold)

    def _own(self) -> dict[str, float] | None:
        """Give the best threshold of each class; None where there is none.

        Classes that are not looked at have that of all others.
        """
        best = self._threshold()
        if self.points is None or best is None:
            return None
        return dict.fromkeys(self.evaluation.class_names, best) | self.points.thresholds()

    def _threshold(self) -> float | None:
        """Give the best threshold; None where there is none."""
        best = float("nan") if self.points is None else self.points.threshold
        return None if np.isnan(best) else best

    def _show(self, points: OperatingPoints) -> None:
        """Draw the rates of all classes together, and tabulate the points of each."""
        self.set_trait("points", points)
        self._save.forget()
        self._files.forget()
        low, high = span_of(self.evaluation)
        room = MARGIN * (high - low)
        send(self._span, min=low - room, max=high + room)
        send(self._confidences, tick_values=round_ticks(low, high, 10))
        rows = points.curve[points.curve["class_name"] == "all"]
        for line, rate in zip(self.lines, RATES, strict=True):
            x, y = (rows[name].to_numpy(np.float64) for name in ("confidence", rate))
            send(line, x=x, y=y)
        name_lines(self.lines, ("precision", "recall", "F1"))
        best = self._threshold()
        if best is None:
            send(self._best, x=EMPTY, y=EMPTY)
            words = str(points.table["problem"].iloc[0])
        else:
            send(self._best, x=np.full(2, best), y=np.array([0.0, 1.0]))
            first = points.table.iloc[0]
            words = (
                f"Highest F1 at confidence {text.number(best)}: {_percent(first['f_beta'])} "
                f"(held out {_percent(first['held_out_f_beta'])}), precision "
                f"{_percent(first['precision'])}, recall {_percent(first['recall'])}."
            )
        send(self._words, value=f'<div class="eaw-words">{escape(words)}</div>')
        send(self._use, description="use this" if best is None else f"use {text.number(best)}")
        send(self._own_words, value=f'<div class="eaw-words">{_own_in_words(points)}</div>')
        send(self._table, value=table_html(points.table))
        self._offer()
        self._content.remove_class("eaw-waiting")

    @on_screen
    def _used(self, best: Callable[[], Any]) -> None:
        if best() is not None:
            self.confidence_threshold = best()


def _own_in_words(points: OperatingPoints) -> str:
    """Say what a threshold for each class gives; HTML."""
    together = points.together
    if np.isnan(together["f_beta"]):
        return ""
    words = (
        f"One for each class: F1 {_percent(together['f_beta'])} "
        f"(held out {_percent(together['held_out_f_beta'])})."
    )
    return text.explained(words, ["The slider then moves all of them together."])


def table_html(table: pd.DataFrame) -> str:
    """Write the points of all classes and of each; text from data is escaped."""
    heads = "".join(f"<th scope='col'>{words}</th>" for words in ("class", *COLUMNS.values()))
    rows = []
    for name, row in table.head(ROWS).iterrows():
        cells = [_percent(row[column]) for column in COLUMNS]
        cells[0] = text.number(row["threshold"]) if not np.isnan(row["threshold"]) else text.MISSING
        numbers = "".join(f"<td>{cell}</td>" for cell in cells)
        why = f' <span class="eaw-muted">{escape(row["problem"])}</span>' if row["problem"] else ""
        rows.append(f"<tr><td>{escape(text.elide(str(name), 40))}{why}</td>{numbers}</tr>")
    left = len(table) - len(rows)
    more = f'<div class="eaw-muted">and {left:,} more in the CSV file</div>' if left else ""
    return (
        f'<div class="eaw-scroll"><table class="eaw-objects"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>{more}"
    )


def _percent(rate: float) -> str:
    return text.MISSING if np.isnan(rate) else f"{rate:.1%}"


def _find(answers: View, _should_stop: Callable[[], bool]) -> OperatingPoints:
    """Ask for the points; they take a moment only."""
    return answers.operating_points()
