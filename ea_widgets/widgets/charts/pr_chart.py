"""Precision by recall, one line per class."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from bqplot import Axis, Figure, LinearScale, Lines
from ipywidgets import HTML, VBox

from ea_widgets.widgets.base import send, text, theme
from ea_widgets.widgets.charts.legend import LOOKS, name_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EMPTY = np.zeros(0)
HEIGHT = "300px"


class PrecisionRecallChart(VBox):
    """A chart of precision-recall curves.

    Attributes
    ----------
    lines : list of Lines
        A fixed pool: lines that are removed can stay on screen.
    figure : Figure
        Holds them.
    """

    def __init__(self) -> None:
        self._title = HTML()
        self._legend = HTML()
        recall = LinearScale(min=-0.02, max=1.02, allow_padding=False)
        precision = LinearScale(min=-0.02, max=1.02, allow_padding=False)
        self.lines = [
            Lines(
                x=EMPTY, y=EMPTY, scales={"x": recall, "y": precision}, colors=[colour],
                line_style=theme.DASHES[i % len(theme.DASHES)], stroke_width=2, visible=False,
            )
            for i, colour in enumerate(theme.SERIES)
        ]  # fmt: skip
        ticks = {"font-size": "11px", "fill": theme.MUTED}
        axes = [
            Axis(
                scale=scale, side=side, label=label, label_color=theme.MUTED,
                label_offset=offset, grid_color=theme.GRID, color=theme.GRID, tick_format=".1f",
                tick_values=np.linspace(0, 1, 6), tick_style=ticks,
            )
            for scale, side, label, offset in (
                (recall, "bottom", "recall", "32px"),
                (precision, "left", "precision", "36px"),
            )
        ]  # fmt: skip
        self.figure = Figure(
            marks=self.lines, axes=axes,
            fig_margin={"top": 8, "bottom": 44, "left": 54, "right": 14},
            background_style={"fill": "transparent"}, display_toolbar=False,
            layout={"width": "auto", "height": HEIGHT, "min_width": "0"},
            legend_location="bottom-left", **LOOKS,
        )  # fmt: skip
        self.figure.add_class("eaw-figure")
        super().__init__(
            [self._title, self.figure, self._legend],
            layout={"flex": "1 1 360px", "min_width": "0", "width": "auto"},
        )
        self.add_class("eaw-precision-recall")

    def show(
        self,
        curves: Sequence[tuple[str, NDArray[np.float64], NDArray[np.float64], float]],
        remark: str,
    ) -> None:
        """Draw curves.

        Parameters
        ----------
        curves : sequence of (str, ndarray, ndarray, float)
            Name of the class, recall, precision, average precision; at most as many as
            `theme.SERIES` has colours.
        remark : str
            What else there is to say, in plain text.
        """
        words = f"Precision by recall <span>{escape(remark)}</span>"
        send(self._title, value=f'<div class="eaw-title">{words}</div>')
        entries = []
        for index, line in enumerate(self.lines):
            if index >= len(curves):
                send(line, x=EMPTY, y=EMPTY, visible=False)
                continue
            name, recall, precision, average = curves[index]
            send(line, x=recall, y=precision, visible=True)
            dash = theme.DASHES[index % len(theme.DASHES)]
            sample = theme.stroke_sample(theme.SERIES[index], dash)
            told = f"{escape(text.elide(name, 30))} (AP {text.rate(average)})"
            entries.append(f"<div>{sample}{told}</div>")
        name_lines(self.lines, [name for name, *_ in curves])
        send(self._legend, value=f'<div class="eaw-legend">{"".join(entries)}</div>')
