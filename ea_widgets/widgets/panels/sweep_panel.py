"""Importance over the whole range of IoU thresholds, folded until it is opened."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from bqplot import Axis, Figure, LinearScale, Lines
from ipywidgets import HTML, VBox
from traitlets import Any as AnyTrait

from ea_widgets.widgets import wording
from ea_widgets.widgets.base import FoldedWidget, OutcomeWidget, send, text, theme
from ea_widgets.widgets.charts import LOOKS, name_lines, round_ticks
from ea_widgets.widgets.controls import Export
from ea_widgets.widgets.panels.ranking_rows import sort_rows, twins_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ea_widgets.analysis.view import View

EMPTY = np.zeros(0)
HEIGHT = "300px"
LEAST_LIMIT, ROOM, MARGIN = 0.1, 1.06, 0.02


class ImportanceSweep(OutcomeWidget, FoldedWidget):
    """Lines of the importance of the top metrics by IoU threshold.

    What matters for finding objects at all may differ from what matters for placing them well.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``confidence_threshold``, ``outcome``,
        ``opened``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    title = wording.IMPORTANCE_BY_IOU

    sweep = AnyTrait(None, read_only=True)
    """The table on screen, as `Evaluation.importance_sweep` gives it; None until then."""

    def _build_content(self) -> VBox:
        self._sweeping = self._task(self._show)
        threshold = LinearScale(min=-MARGIN, max=1 + MARGIN, allow_padding=False)
        self._length = LinearScale(min=0.0, max=LEAST_LIMIT, allow_padding=False)
        scales = {"x": threshold, "y": self._length}
        self.lines = [
            Lines(
                x=EMPTY, y=EMPTY, scales=scales, colors=[colour], stroke_width=2, visible=False,
                line_style=theme.DASHES[i % len(theme.DASHES)],
            )
            for i, colour in enumerate(theme.SERIES)
        ]  # fmt: skip
        self._here = Lines(
            x=EMPTY, y=EMPTY, scales=scales, colors=[theme.FOREGROUND], stroke_width=1,
            line_style="dotted",
        )  # fmt: skip
        style = {
            "label_color": theme.MUTED, "grid_color": theme.GRID, "color": theme.GRID,
            "tick_style": {"font-size": "11px", "fill": theme.MUTED},
        }  # fmt: skip
        self._values_axis = Axis(
            scale=self._length, side="left", label="importance", label_offset="40px", **style
        )
        axes = [
            Axis(
                scale=threshold, side="bottom", label="IoU threshold (dotted: the slider)",
                label_offset="32px", tick_values=np.linspace(0, 1, 11), tick_format=".1f", **style,
            ),
            self._values_axis,
        ]  # fmt: skip
        figure = Figure(
            marks=[*self.lines, self._here], axes=axes,
            fig_margin={"top": 8, "bottom": 44, "left": 58, "right": 14},
            background_style={"fill": "transparent"}, display_toolbar=False,
            layout={"width": "auto", "height": HEIGHT, "min_width": "0"},
            legend_location="top-left", **LOOKS,
        )  # fmt: skip
        figure.add_class("eaw-figure")
        self._legend = HTML()
        charts = {"importance-over-iou": figure}
        self._save = Export(
            charts, "importance-over-iou", lambda: self.sweep, self._task, self.guard
        )
        content = VBox([figure, self._legend, self._save])
        content.add_class("eaw-sweep")
        return content

    def _draw(self) -> None:
        super()._draw()
        if not self.opened:
            self._sweeping.cancel()
            self._memo.forget("sweep")

    def _draw_content(self) -> None:
        here = np.full(2, self.iou_threshold)
        send(self._here, x=here, y=np.array([0.0, self._length.max]))
        # Not the IoU threshold: the lines are over all of them.
        chosen = (self.confidence_threshold, self.classes, self.where, self.outcome)
        if self._memo.changed("sweep", self.evaluation, *chosen):
            self._content.add_class("eaw-waiting")
            self._sweeping.ask(partial(_sweep, self.answers, self.outcome))

    def _show(self, table: pd.DataFrame) -> None:
        """Draw the lines of a table."""
        self._save.forget()
        names = list(dict.fromkeys(table["metric"]))
        # The lines of near-duplicates would hide each other.
        folded = sort_rows(names, twins_of(self.evaluation, self.outcome)).folded
        names = [name for name in names if name not in folded]
        most = max(LEAST_LIMIT, float(table["importance"].max()) if len(table) else 0.0)
        limit = min(1.0, ROOM * most)
        send(self._values_axis, tick_values=round_ticks(0.0, limit, 5), tick_format=".2f")
        send(self._length, min=-MARGIN * limit, max=limit)
        send(self._here, y=np.array([0.0, limit]))
        entries = []
        for index, line in enumerate(self.lines):
            if index >= len(names):
                send(line, x=EMPTY, y=EMPTY, visible=False)
                continue
            rows = table[table["metric"] == names[index]]
            send(
                line,
                x=rows["iou_threshold"].to_numpy(),
                y=rows["importance"].to_numpy(),
                visible=True,
            )
            sample = theme.stroke_sample(
                theme.SERIES[index], theme.DASHES[index % len(theme.DASHES)]
            )
            entries.append(f"<div>{sample}{escape(text.elide(names[index], 40))}</div>")
        name_lines(self.lines, names)
        words = "".join(entries) or wording.NO_METRICS
        send(self._legend, value=f'<div class="eaw-legend">{words}</div>')
        self._content.remove_class("eaw-waiting")
        self.set_trait("sweep", table)


def _sweep(answers: View, outcome: str, should_stop: Callable[[], bool]) -> pd.DataFrame:
    """Ask for the sweep, until told to stop."""
    return answers.importance_sweep(outcome=outcome, top=len(theme.SERIES), should_stop=should_stop)
