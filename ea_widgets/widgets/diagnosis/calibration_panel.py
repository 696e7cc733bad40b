"""Whether confidence means precision: precision over confidence beside the diagonal."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from bqplot import Axis, Figure, LinearScale, Lines, Scatter
from ipywidgets import HTML, VBox
from traitlets import Any as AnyTrait

from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets.base import FoldedWidget, send, text, theme
from ea_widgets.widgets.controls import Export

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ea_widgets.analysis.calibration import Calibration
    from ea_widgets.analysis.view import View

EMPTY = np.zeros(0)
ROWS = 40
HEADS = ("class", "predictions", "error", "chance gives up to", "confidence less precision")
NOTE = (
    "Error: mean distance of precision from confidence over 15 bins of equal count, its bias "
    "subtracted (ECE). A perfectly calibrated model of these confidences stays under the number "
    "beside it in 95 % of data sets. A class in bold is beyond that."
)


class Reliability(FoldedWidget):
    """Precision over confidence beside the diagonal, folded until it is opened.

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

    Notes
    -----
    In a notebook it follows once the choices have rested for a quarter of a second. The error has
    no interval: percentiles of resamples hold it in 0 to 45 % of simulations, since it is biased
    and cannot be below 0. Beside it stands what chance gives a calibrated model; the mean of
    confidence less precision has its 95 % interval.
    """

    title = "Calibration: does confidence mean precision?"

    calibration = AnyTrait(None, read_only=True)
    """The `Calibration` on screen; None until then. Read only."""

    def _build_content(self) -> VBox:
        self._measuring = self._task(self._show)
        scales = {
            name: LinearScale(min=-0.02, max=1.02, allow_padding=False) for name in ("x", "y")
        }
        ends = np.array([0.0, 1.0])
        diagonal = Lines(
            x=ends, y=ends, scales=scales, colors=[theme.FOREGROUND], stroke_width=1,
            line_style="dashed",
        )  # fmt: skip
        self.line = Lines(x=EMPTY, y=EMPTY, scales=scales, colors=[theme.BLUE], stroke_width=2)
        self.points = Scatter(x=EMPTY, y=EMPTY, scales=scales, colors=[theme.BLUE],
                              default_size=36)  # fmt: skip
        self.whiskers = Lines(
            x=np.zeros((1, 2)), y=np.zeros((1, 2)), scales=scales, colors=[theme.BLUE],
            stroke_width=1.5, visible=False,
        )  # fmt: skip
        looks: dict[str, Any] = {
            "label_color": theme.MUTED, "grid_color": theme.GRID, "color": theme.GRID,
            "tick_values": np.linspace(0, 1, 6), "tick_format": ".0%",
            "tick_style": {"font-size": "11px", "fill": theme.MUTED},
        }  # fmt: skip
        axes = [
            Axis(scale=scales["x"], side="bottom", label="mean confidence (dashed: calibrated)",
                 label_offset="32px", **looks),
            Axis(scale=scales["y"], side="left", label="true positive rate (precision)",
                 label_offset="40px", **looks),
        ]  # fmt: skip
        self.figure = Figure(
            marks=[diagonal, self.whiskers, self.line, self.points], axes=axes,
            fig_margin={"top": 8, "bottom": 44, "left": 58, "right": 14},
            background_style={"fill": "transparent"}, display_toolbar=False,
            layout={"width": "auto", "height": "320px", "min_width": "0", "max_width": "620px"},
        )  # fmt: skip
        self.figure.add_class("eaw-figure")
        self._words, self._table = HTML(), HTML()
        self._save = Export(
            {"calibration": self.figure}, "calibration", self._numbers, self._task, self.guard
        )
        note = HTML(f'<div class="eaw-muted">{NOTE}</div>')
        return VBox([self._words, self.figure, self._save, note, self._table])

    def _numbers(self) -> pd.DataFrame | None:
        return None if self.calibration is None else self.calibration.bins

    def _draw(self) -> None:
        super()._draw()
        if not self.opened:
            self._measuring.cancel()
            self._memo.forget("calibration")

    def _draw_content(self) -> None:
        if self._memo.changed("calibration", self.answers):
            self._content.add_class("eaw-waiting")
            self._measuring.ask(partial(_measure, self.answers))

    def _show(self, found: Calibration) -> None:
        self.set_trait("calibration", found)
        self._save.forget()
        x, y, low, high = (
            found.bins[name].to_numpy(np.float64)
            for name in ("confidence", "precision", "precision_low", "precision_high")
        )
        for mark in (self.line, self.points):
            send(mark, x=x, y=y)
        drawn = len(x) > 0
        if drawn:
            send(self.whiskers, x=np.column_stack([x, x]), y=np.column_stack([low, high]))
        send(self.whiskers, visible=drawn)
        send(self._words, value=f'<div class="eaw-words">{escape(in_words(found))}</div>')
        send(self._table, value=table_html(found.per_class))
        self._content.remove_class("eaw-waiting")


def in_words(found: Calibration) -> str:
    """Say how far confidence is from precision, in plain text.

    Parameters
    ----------
    found : Calibration

    Returns
    -------
    str
    """
    if np.isnan(found.error):
        return f"No calibration: {found.problem or 'there are no predictions'}."
    ends = f"{found.error_low:.3f} to {found.error_high:.3f}"
    interval = "" if np.isnan(found.error_low) else f" ({ends})"
    than = "more than" if found.distinguishable else "no more than"
    words = (
        f"Calibration error {found.error:.3f}{interval}, {than} chance gives a calibrated model "
        f"({found.noise_floor:.3f}). Confidence less precision: {_excess(found)}"
    )
    low, high = found.overconfidence_low, found.overconfidence_high
    if np.isnan(low) or low <= 0 <= high:
        return f"{words}."
    return f"{words}: the model is too {'sure' if low > 0 else 'unsure'}."


def _excess(row: Any) -> str:
    """Write mean confidence less precision with its interval."""
    value, low, high = (
        float(getattr(row, f"overconfidence{end}")) for end in ("", "_low", "_high")
    )
    if np.isnan(value):
        return text.MISSING
    interval = "" if np.isnan(low) else f" ({low:+.3f} to {high:+.3f})"
    return f"{value:+.3f}{interval}"


def table_html(table: pd.DataFrame) -> str:
    """Write the calibration of each class as HTML; text from data is escaped."""
    heads = "".join(f"<th scope='col'>{words}</th>" for words in HEADS)
    rows = []
    shown: Any = table.head(ROWS).itertuples()
    for row in shown:
        name = escape(text.elide(str(row.Index), 40))
        known = not np.isnan(float(row.error))
        values = (
            f"<b>{name}</b>" if row.distinguishable else name,
            f"{row.n:,}",
            f"{row.error:.3f}" if known else text.MISSING,
            f"{row.noise_floor:.3f}" if known else text.MISSING,
            _excess(row),
        )
        rows.append("<tr>" + "".join(f"<td>{value}</td>" for value in values) + "</tr>")
    left = len(table) - len(rows)
    more = f'<div class="eaw-muted">and {left:,} more: view.calibration()</div>' if left else ""
    return (
        f'<div class="eaw-scroll"><table class="eaw-objects"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>{more}"
    )


def _measure(answers: View, should_stop: Callable[[], bool]) -> Calibration:
    """Ask for the calibration."""
    stop_if(should_stop)
    return answers.calibration()
