"""How a training went on: scores and the worst ranges of the labels, checkpoint by checkpoint."""

from __future__ import annotations

from html import escape
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from bqplot import Axis, Figure, LinearScale, Lines
from ipywidgets import HTML, Box, VBox

from ea_widgets.analysis.comparison import History
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base import close_tree, error_html, send, style_sheet, text, theme
from ea_widgets.widgets.base.cells import replace_earlier
from ea_widgets.widgets.base.threads import AnyThread
from ea_widgets.widgets.charts import LOOKS, name_lines, round_ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.analysis.comparison import Model, TracedRange

EMPTY = np.zeros(0)
HEIGHT = "260px"
SCORES = {"mean_average_precision": "mAP", "mean_average_recall": "mAR", "f1": "F1"}
OUTCOMES = {"missed": "Missed labels", "true_positive": "False positives"}
ALL = {"missed": "all labels", "true_positive": "all predictions"}
RANGES = len(theme.SERIES) - 1
WAITING = "No checkpoint yet: `history.add(evaluation)` after each epoch draws the next point."


class EvaluationHistory(AnyThread, VBox):
    """Lines over the checkpoints of a training: mAP, and where the last one errs most.

    Put it into a cell, then call :meth:`add` after each epoch. Of a checkpoint only its scores
    are kept, which labels it missed, and counts of its predictions; the ranges are those in which
    the last one misses the most labels, and has the most false positives, followed back through
    all the others.

    Parameters
    ----------
    iou_threshold : float, default 0.5
        Smallest IoU that counts as a match.
    confidence_threshold : float, default 0.0
        Predictions below it are left out of everything but mAP and mAR.
    keep : bool, default False
        Whether the widget lives on when its notebook cell is run again.

    Attributes
    ----------
    table : DataFrame
        Scores by `epoch`.
    ranges : tuple of TracedRange
        Those on screen.

    Examples
    --------
    >>> import ea_widgets as ea
    >>> history = ea.EvaluationHistory()
    >>> history.add(ea.load_demo(), epoch=3)
    >>> history.table.index.tolist()
    [3.0]
    """

    def __init__(
        self,
        iou_threshold: float = 0.5,
        confidence_threshold: float = 0.0,
        *,
        keep: bool = False,
    ) -> None:
        if not isinstance(keep, bool):
            raise InvalidInputError("keep", f"is {keep!r}", "Give True or False.")
        self._history, self._adding = History(iou_threshold, confidence_threshold), Lock()
        self._ranges: tuple[TracedRange, ...] = ()
        super().__init__()
        self._lives_elsewhere()  # remembers the loop that it is made in
        self._message, self._words = HTML(), HTML()
        self._scores = EpochChart("Scores", "score")
        self._errors = {
            outcome: EpochChart(f"{title}: the worst ranges of the last checkpoint", title.lower())
            for outcome, title in OUTCOMES.items()
        }
        row = {"display": "flex", "flex_flow": "row wrap"}
        self._charts = Box([self._scores, *self._errors.values()], layout=row)
        self.add_class("eaw")
        self.children = (style_sheet(), self._message, self._words, self._charts)
        self._draw()
        if not keep:
            replace_earlier(self)

    @property
    def table(self) -> pd.DataFrame:
        """Scores of each checkpoint; index `epoch`."""
        return self._history.table

    @property
    def ranges(self) -> tuple[TracedRange, ...]:
        """The worst ranges of the last checkpoint, of labels and of predictions."""
        return self._ranges

    def add(self, evaluation: Model, epoch: float | None = None) -> None:
        """Add a checkpoint; from any thread.

        Parameters
        ----------
        evaluation : Dataset or Evaluation
            On the same images and labels as those before.
        epoch : float, optional
            Default: one more than the last. One that is there is replaced.

        Raises
        ------
        InvalidInputError
            If the images or labels are others, or the epoch is no number.
        """
        with self._adding:
            self._history.add(evaluation, epoch)
        self.call_in_loop(self._draw, _as_it_is)

    def close(self) -> None:
        """Take it off the page and out of the kernel."""
        close_tree(self)

    def _draw(self) -> None:
        """Draw the checkpoints that there are; what goes wrong is shown."""
        try:
            with self._adding:
                table = self._history.table
                found = {one: self._history.worst_ranges(RANGES, one) for one in OUTCOMES}
            self._ranges = (*found["missed"], *found["true_positive"])
            send(self._words, value=f'<div class="eaw-words">{said(table)}</div>')
            epochs = table.index.to_numpy()
            self._scores.show(epochs, {SCORES[name]: table[name].to_numpy() for name in SCORES})
            of_all = {"missed": table["recall"], "true_positive": table["precision"]}
            for outcome, chart in self._errors.items():
                lines = {one.words: one.errors for one in found[outcome]}
                chart.show(epochs, {ALL[outcome]: 1 - of_all[outcome].to_numpy(), **lines})
            # Hidden figures would ask the browser for rectangles of negative size.
            charts = (self._scores, *self._errors.values())
            send(self._charts, children=charts if len(epochs) else ())
            send(self._message, value="")
        except Exception as error:  # noqa: BLE001  # the edge: it must be seen
            send(self._message, value=error_html(error))


class EpochChart(VBox):
    """Lines over epochs.

    Parameters
    ----------
    title, quantity : str
        Above the chart, and beside its upright axis.

    Attributes
    ----------
    lines : list of Lines
        A fixed pool: lines that are removed can stay on screen.
    """

    def __init__(self, title: str, quantity: str) -> None:
        self._x = LinearScale(min=0.0, max=1.0, allow_padding=False)
        scales = {"x": self._x, "y": LinearScale(min=-0.02, max=1.02, allow_padding=False)}
        self.lines = [
            Lines(
                x=EMPTY, y=EMPTY, scales=scales, colors=[colour], stroke_width=2, visible=False,
                line_style=theme.DASHES[i % len(theme.DASHES)], marker="circle", marker_size=24,
            )
            for i, colour in enumerate(theme.SERIES)
        ]  # fmt: skip
        style = {
            "label_color": theme.MUTED, "grid_color": theme.GRID, "color": theme.GRID,
            "tick_style": {"font-size": "11px", "fill": theme.MUTED},
        }  # fmt: skip
        self._epochs = Axis(
            scale=scales["x"], side="bottom", label="epoch", label_offset="32px", **style
        )
        rates = Axis(
            scale=scales["y"], side="left", label=quantity, label_offset="42px",
            tick_values=np.linspace(0, 1, 6), tick_format=".0%", **style,
        )  # fmt: skip
        self.figure = Figure(
            marks=self.lines, axes=[self._epochs, rates],
            fig_margin={"top": 8, "bottom": 44, "left": 58, "right": 14},
            background_style={"fill": "transparent"}, display_toolbar=False,
            layout={"width": "auto", "height": HEIGHT, "min_width": "0"},
            legend_location="top-left", **LOOKS,
        )  # fmt: skip
        self.figure.add_class("eaw-figure")
        self._legend = HTML()
        super().__init__(
            [HTML(f'<div class="eaw-title">{title}</div>'), self.figure, self._legend],
            layout={"flex": "1 1 380px", "min_width": "0", "width": "auto"},
        )

    def show(self, epochs: NDArray[np.float64], series: dict[str, NDArray[np.float64]]) -> None:
        """Draw lines by name, at most as many as there are colours."""
        if not len(epochs):
            return
        low, high = float(epochs[0]), float(epochs[-1])
        room = 0.03 * (high - low) or 0.5
        ticks = round_ticks(low, high) if low < high else epochs
        if (epochs == epochs.round()).all():
            ticks = ticks[ticks == ticks.round()]
        send(self._epochs, tick_values=ticks, tick_format=tick_format(ticks))
        send(self._x, min=low - room, max=high + room)
        entries = []
        names = list(series)
        for number, line in enumerate(self.lines):
            if number >= len(names):
                send(line, x=EMPTY, y=EMPTY, visible=False)
                continue
            rates = series[names[number]]
            send(line, x=epochs, y=rates, visible=True)
            dash = theme.DASHES[number % len(theme.DASHES)]
            sample = theme.stroke_sample(theme.SERIES[number], dash)
            told = escape(text.elide(names[number], 60))
            last = "none" if np.isnan(rates[-1]) else f"{rates[-1]:.1%}"
            entries.append(f"<div>{sample}{told}: {last}</div>")
        name_lines(self.lines, names)
        send(self._legend, value=f'<div class="eaw-legend">{"".join(entries)}</div>')


def tick_format(ticks: Sequence[float] | NDArray[np.float64]) -> str:
    """Write whole epochs without decimals."""
    return "d" if all(float(tick).is_integer() for tick in ticks) else "~g"


def said(table: pd.DataFrame) -> str:
    """Say how far it has come, as HTML; no text of the data is in it."""
    if table.empty:
        return WAITING.replace("`", "")
    scores: Any = table["mean_average_precision"]
    words = f"{len(table):,} checkpoint{'s' if len(table) > 1 else ''}; mAP {scores.iloc[-1]:.3f}"
    words += f" at epoch {scores.index[-1]:g}"
    if len(table) > 1 and scores.notna().any():
        words += f", highest {scores.max():.3f} at epoch {scores.idxmax():g}"
    return f"{words}."


def _as_it_is(call: Callable[[], None]) -> Callable[[], None]:
    """Leave a call as it is: drawing shows what it raises."""
    return call
