"""Curves of single classes, one line each: precision by recall, recall by false positives."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from bqplot import Axis, Figure, LinearScale, Lines, LogScale
from ipywidgets import HTML, VBox

from ea_widgets.widgets import wording
from ea_widgets.widgets.base import send, text, theme
from ea_widgets.widgets.charts.legend import LOOKS, name_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EMPTY = np.zeros(0)
HEIGHT = "300px"
SHARES: dict[str, Any] = {"tick_format": ".1f", "tick_values": np.linspace(0, 1, 6)}
PER_IMAGE = {0.125: "1/8", 0.25: "1/4", 0.5: "1/2", 1.0: "1", 2.0: "2", 4.0: "4", 8.0: "8"}
"""False positives per image at which recall is compared."""

FEWEST, MOST = 0.09, 11.0
"""Ends of that axis."""


class ClassCurves(VBox):
    """A chart of curves, one for each of a few classes.

    Parameters
    ----------
    title : str
    x, y : LinearScale or LogScale
    axes : list of Axis
    score : str
        What stands behind the name of a class.
    where : str
        Where the names stand in a picture that is saved.

    Attributes
    ----------
    lines : list of Lines
        A fixed pool: lines that are removed can stay on screen.
    figure : Figure
        Holds them.
    """

    def __init__(
        self, title: str, x: Any, y: LinearScale, axes: list[Axis], score: str, where: str
    ) -> None:
        self._words, self._score = title, score
        self._title = HTML()
        self._legend = HTML()
        self.lines = [
            Lines(
                x=EMPTY, y=EMPTY, scales={"x": x, "y": y}, colors=[colour],
                line_style=theme.DASHES[i % len(theme.DASHES)], stroke_width=2, visible=False,
            )
            for i, colour in enumerate(theme.SERIES)
        ]  # fmt: skip
        self.figure = Figure(
            marks=self.lines, axes=axes,
            fig_margin={"top": 8, "bottom": 44, "left": 54, "right": 14},
            background_style={"fill": "transparent"}, display_toolbar=False,
            layout={"width": "auto", "height": HEIGHT, "min_width": "0"},
            legend_location=where, **LOOKS,
        )  # fmt: skip
        self.figure.add_class("eaw-figure")
        super().__init__(
            [self._title, self.figure, self._legend],
            layout={"flex": "1 1 360px", "min_width": "0", "width": "auto"},
        )

    def show(
        self,
        curves: Sequence[tuple[str, NDArray[np.float64], NDArray[np.float64], float]],
        remark: str,
    ) -> None:
        """Draw curves.

        Parameters
        ----------
        curves : sequence of (str, ndarray, ndarray, float)
            Name of the class, x, y, its score; at most as many as `theme.SERIES` has colours.
        remark : str
            What else there is to say, in plain text.
        """
        words = f"{self._words} <span>{escape(remark)}</span>"
        send(self._title, value=f'<div class="eaw-title">{words}</div>')
        entries = []
        for index, line in enumerate(self.lines):
            if index >= len(curves):
                send(line, x=EMPTY, y=EMPTY, visible=False)
                continue
            name, x, y, score = curves[index]
            send(line, x=x, y=y, visible=True)
            dash = theme.DASHES[index % len(theme.DASHES)]
            sample = theme.stroke_sample(theme.SERIES[index], dash)
            told = f"{escape(text.elide(name, 30))} ({self._score} {text.rate(score)})"
            entries.append(f"<div>{sample}{told}</div>")
        name_lines(self.lines, [name for name, *_ in curves])
        send(self._legend, value=f'<div class="eaw-legend">{"".join(entries)}</div>')


def _share() -> LinearScale:
    return LinearScale(min=-0.02, max=1.02, allow_padding=False)


def _axis(scale: LinearScale | LogScale, side: str, label: str, **ticks: Any) -> Axis:
    return Axis(
        scale=scale, side=side, label=label, label_color=theme.MUTED,
        label_offset="32px" if side == "bottom" else "36px", grid_color=theme.GRID,
        color=theme.GRID, tick_style={"font-size": "11px", "fill": theme.MUTED}, **ticks,
    )  # fmt: skip


class PrecisionRecallChart(ClassCurves):
    """Precision by recall."""

    def __init__(self) -> None:
        recall, precision = _share(), _share()
        axes = [
            _axis(recall, "bottom", "recall", **SHARES),
            _axis(precision, "left", "precision", **SHARES),
        ]
        super().__init__(wording.PRECISION_BY_RECALL, recall, precision, axes, "AP", "bottom-left")
        self.add_class("eaw-precision-recall")


class FreeResponseChart(ClassCurves):
    """Recall by false positives per image (FROC), on a logarithmic axis."""

    def __init__(self) -> None:
        per_image, recall = LogScale(min=FEWEST, max=MOST, allow_padding=False), _share()
        at = np.array(list(PER_IMAGE))
        labels = {f"{value:g}": words for value, words in PER_IMAGE.items()}
        axes = [
            _axis(per_image, "bottom", "false positives per image", tick_values=at,
                  tick_labels=labels),
            _axis(recall, "left", "recall", **SHARES),
        ]  # fmt: skip
        super().__init__(
            wording.RECALL_BY_FALSE_POSITIVES, per_image, recall, axes, "mean", "top-left"
        )
        self.add_class("eaw-free-response")

    def show(
        self,
        curves: Sequence[tuple[str, NDArray[np.float64], NDArray[np.float64], float]],
        remark: str,
    ) -> None:
        """Draw curves; what is beyond an end of the axis stands at that end."""
        drawn = []
        for name, per_image, recall, score in curves:
            inside = per_image <= MOST
            x, y = np.maximum(per_image[inside], FEWEST), recall[inside]
            if not inside.all():
                x, y = np.append(x, MOST), np.append(y, y.max(initial=0.0))
            drawn.append((name, x, y, score))
        super().show(drawn, remark)
