"""A rate of several models by a metric, and below it the differences from the first."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from bqplot import Axis, Figure, LinearScale, Lines, Scatter
from ipywidgets import HTML, VBox

from ea_widgets.widgets.base import send, text, theme
from ea_widgets.widgets.charts import name_lines
from ea_widgets.widgets.charts.category_bars import (
    BAR_OPACITY,
    BAR_ROOM,
    TURN,
    bar_paths,
    label_room,
)
from ea_widgets.widgets.charts.legend import LOOKS
from ea_widgets.widgets.charts.ticks import round_ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ea_widgets.widgets.charts import XAxis
    from ea_widgets.widgets.charts.curve_lines import Series

EMPTY = np.zeros(0)
NO_BAND = np.zeros((2, 0))
TOPS = (0.1, 0.25, 0.5, 1.0)
"""Where the axis of a rate, or of a difference, can end."""

MARGIN = {"top": 8, "bottom": 6, "left": 56, "right": 14}
ROOM_BELOW = 44
RATE_HEIGHT, DIFFERENCE_HEIGHT = 200, 110
TICKS = {"font-size": "11px", "fill": theme.MUTED}


class ModelsChart(VBox):
    """Two figures on one x axis: the rates, and the differences with their paired intervals.

    Parameters
    ----------
    rate : str
        What stands beside the upper axis, in plain text.
    describe : callable
        Gives the HTML of the tooltip of a bin, given its number.
    guard : callable
        Makes a handler show what it raises.

    Attributes
    ----------
    lines, differences, bands : list of Lines
        Fixed pools, one of each per model: lines that are removed can stay on screen. The first
        model, the baseline, has no difference.
    hits : Scatter
        Takes the mouse.
    rates, below : Figure
    """

    def __init__(
        self, rate: str, describe: Callable[[int], str], guard: Callable[..., Any]
    ) -> None:
        self._describe = describe
        self._title, self._legend, self._tip = HTML(), HTML(), HTML()
        self._x = LinearScale(min=0.0, max=1.0, allow_padding=False)
        self._y = LinearScale(min=-0.02, max=1.02, allow_padding=False)
        self._difference = LinearScale(min=-1.02, max=1.02, allow_padding=False)
        self._make_marks(guard)
        self._upper_x = self._x_axis(tick_labels=None)
        self._lower_x = self._x_axis(label_offset="32px", label_color=theme.MUTED)
        self._y_axis = self._axis_of(self._y, rate, ".0%")
        self._difference_axis = self._axis_of(self._difference, "difference", "+.0%")
        self.rates = self._figure([*self.lines, self.hits], [self._upper_x, self._y_axis])
        self.rates.layout.height = f"{RATE_HEIGHT + MARGIN['top'] + MARGIN['bottom']}px"
        self.below = self._figure(
            [*self.bands, self._zero, *self.differences, *self.whiskers],
            [self._lower_x, self._difference_axis],
        )
        self._charts = VBox([self.rates, self.below], layout={"overflow": "visible"})
        super().__init__(
            [self._title, self._charts, self._legend],
            layout={"flex": "1 1 400px", "min_width": "0", "width": "auto"},
        )

    def _make_marks(self, guard: Callable[..., Any]) -> None:
        above = {"x": self._x, "y": self._y}
        below = {"x": self._x, "y": self._difference}
        pool = list(enumerate(theme.SERIES))

        def line(number: int, colour: str, scales: dict[str, Any]) -> Lines:
            return Lines(
                x=EMPTY, y=EMPTY, scales=scales, colors=[colour], stroke_width=2, visible=False,
                line_style=theme.DASHES[number % len(theme.DASHES)],
            )  # fmt: skip

        self.lines = [line(*each, above) for each in pool]
        self.differences = [line(*each, below) for each in pool]
        self.bands = [
            Lines(
                x=EMPTY, y=NO_BAND, scales=below, fill="between", colors=[colour],
                fill_colors=[colour], fill_opacities=[0.24], opacities=[0.0], stroke_width=0,
                visible=False,
            )
            for colour in theme.SERIES
        ]  # fmt: skip
        self.whiskers = [
            Lines(
                x=np.zeros((0, 2)), y=np.zeros((0, 2)), scales=below, colors=[theme.FOREGROUND],
                stroke_width=1.5, visible=False,
            )
            for _ in theme.SERIES
        ]  # fmt: skip
        self._zero = Lines(
            x=EMPTY, y=EMPTY, scales=below, colors=[theme.FOREGROUND], stroke_width=1.5
        )
        self.hits = Scatter(
            x=EMPTY, y=EMPTY, scales=above, default_size=330, colors=[theme.FOREGROUND],
            opacities=[0.001], tooltip=self._tip, tooltip_style={"opacity": 1},
        )  # fmt: skip
        self.hits.on_hover(guard(self._hovered))

    def _x_axis(self, **options: Any) -> Axis:
        return Axis(
            scale=self._x, side="bottom", grid_lines="none", color=theme.GRID, tick_style=TICKS,
            **options,
        )  # fmt: skip

    def _axis_of(self, scale: LinearScale, label: str, tick_format: str) -> Axis:
        return Axis(
            scale=scale, side="left", label=label, label_color=theme.MUTED, label_offset="42px",
            grid_color=theme.GRID, color=theme.GRID, tick_style=TICKS, tick_format=tick_format,
        )  # fmt: skip

    def _figure(self, marks: list[Any], axes: list[Axis]) -> Figure:
        figure = Figure(
            marks=marks, axes=axes, fig_margin=MARGIN, background_style={"fill": "transparent"},
            display_toolbar=False, layout={"width": "auto", "min_width": "0"},
            legend_location="top-left", **LOOKS,
        )  # fmt: skip
        figure.add_class("eaw-figure")
        return figure

    def show(
        self,
        title: str,
        label: str,
        axis: XAxis,
        rates: Sequence[Series],
        differences: Sequence[Series],
        *,
        bars: bool,
    ) -> None:
        """Draw lines, or bars.

        Parameters
        ----------
        title : str
            HTML above.
        label : str
            Plain text below the x axis.
        axis : XAxis
            Where the bins stand.
        rates, differences : sequence of Series
            One of each per model, in order, at most as many as `theme.SERIES` has colours; those
            of the baseline's differences have no points.
        bars : bool
            Whether the bins are categories.
        """
        send(self._title, value=f'<div class="eaw-title">{title}</div>')
        send(self._charts.layout, display="flex")
        self._fit(axis, rates, differences, bars=bars)
        send(self._lower_x, label=label)
        for number, line in enumerate(self.lines):
            one = rates[number] if number < len(rates) else None
            self._show_line(line, one, axis, number, len(rates), bars=bars)
        for number in range(len(theme.SERIES)):
            one = differences[number] if number < len(differences) else None
            self._show_difference(number, one, axis, len(differences), bars=bars)
        send(self._zero, x=np.array([axis.low, axis.high]), y=np.zeros(2))
        # One target per bin and model, so that each point of a line takes the mouse.
        x = [axis.centers[one.bins] for one in rates]
        self._bins = np.concatenate([one.bins for one in rates]) if rates else np.zeros(0, int)
        heights = [one.rate for one in rates]
        send(
            self.hits,
            x=np.concatenate(x) if x else EMPTY,
            y=np.concatenate(heights) if x else EMPTY,
        )
        name_lines(self.lines, [one.name for one in rates])
        entries = "".join(
            f"<div>{theme.stroke_sample(theme.SERIES[i], theme.DASHES[i % len(theme.DASHES)])}"
            f"{escape(text.elide(one.name, 30))}</div>"
            for i, one in enumerate(rates)
        )
        send(self._legend, value=f'<div class="eaw-legend">{entries}</div>')

    def clear(self, title: str, words: str) -> None:
        """Draw nothing, and say why.

        Parameters
        ----------
        title : str
            HTML above.
        words : str
            Plain text.
        """
        send(self._title, value=f'<div class="eaw-title">{title}</div>')
        send(self._charts.layout, display="none")
        send(self._legend, value=f'<div class="eaw-muted">{escape(words)}</div>')

    def _fit(
        self, axis: XAxis, rates: Sequence[Series], differences: Sequence[Series], *, bars: bool
    ) -> None:
        """End the axes at one of a few heights, so that they seldom jump while a slider moves."""
        top = top_of([one.rate for one in rates])
        send(self._y, min=0.0 if bars else -0.02 * top, max=1.02 * top)
        send(self._y_axis, tick_values=round_ticks(0.0, top, 5))
        end = top_of([np.abs(ends) for one in differences for ends in (one.low, one.high)])
        send(self._difference, min=-1.02 * end, max=1.02 * end)
        send(self._difference_axis, tick_values=np.array([-end, -end / 2, 0.0, end / 2, end]))
        fine = end / 2 < 0.1 and round(end / 2, 2) != end / 2
        send(self._difference_axis, tick_format="+.1%" if fine else "+.0%")
        with self._x.hold_trait_notifications():
            send(self._x, min=axis.low, max=axis.high)
        # Labels first: new ticks take the labels that are there when bqplot begins to draw them.
        send(self._lower_x, tick_labels=axis.tick_labels)
        send(self._lower_x, tick_values=axis.tick_places)
        send(self._upper_x, tick_labels=dict.fromkeys(axis.tick_labels, ""))
        send(self._upper_x, tick_values=axis.tick_places)
        extra = label_room(axis.turned)
        anchor = {"text-anchor": "end" if axis.turned else "middle"}
        send(self._lower_x, tick_rotate=TURN if axis.turned else 0, label_offset=f"{32 + extra}px")
        send(self._lower_x, tick_style={**TICKS, **anchor})
        margin = {**MARGIN, "bottom": ROOM_BELOW + extra}
        send(self.below, fig_margin=margin)
        height = DIFFERENCE_HEIGHT + margin["top"] + margin["bottom"]
        send(self.below.layout, height=f"{height}px")

    @staticmethod
    def _show_line(
        line: Lines, one: Series | None, axis: XAxis, number: int, of: int, *, bars: bool
    ) -> None:
        if one is None or not len(one.rate):
            send(line, x=EMPTY, y=EMPTY, visible=False)
            return
        x, y = axis.centers[one.bins], one.rate
        looks: dict[str, Any] = {"fill": "none", "stroke_width": 2}
        if bars:
            x, y = bar_paths(x, y, number, of)
            looks = {"fill": "bottom", "stroke_width": 0, "fill_opacities": [BAR_OPACITY]}
        send(line, x=x, y=y, visible=True, fill_colors=list(line.colors), **looks)

    def _show_difference(
        self, number: int, one: Series | None, axis: XAxis, of: int, *, bars: bool
    ) -> None:
        line, band, whisker = (
            pool[number] for pool in (self.differences, self.bands, self.whiskers)
        )
        known = one is not None and len(one.rate) > 0
        if one is None or not known:
            send(line, x=EMPTY, y=EMPTY, visible=False)
        if one is None or not known or bars:
            send(band, x=EMPTY, y=NO_BAND, visible=False)
        if one is None or not known or not bars:
            send(whisker, x=np.zeros((0, 2)), y=np.zeros((0, 2)), visible=False)
        if one is None or not known:
            return
        x, ends = axis.centers[one.bins], np.vstack([one.low, one.high])
        if not bars:
            send(band, x=x, y=ends, visible=True)
            send(line, x=x, y=one.rate, visible=True, marker=None)
            return
        width = BAR_ROOM / max(of, 1)
        x = x - BAR_ROOM / 2 + (number + 0.5) * width
        send(whisker, x=np.column_stack([x, x]), y=ends.T, visible=True)
        # Joined to no other: a point per category.
        looks = {"marker": "circle", "marker_size": 40, "opacities": [0.0]}
        send(line, x=x, y=one.rate, visible=True, **looks)

    def _hovered(self, _mark: Scatter, event: dict[str, Any]) -> None:
        index = int(event["data"]["index"])
        if index < len(self._bins):
            send(self._tip, value=self._describe(int(self._bins[index])))


def top_of(values: Sequence[NDArray[np.float64]]) -> float:
    """Give the end of an axis that holds all of some heights, NaN aside."""
    highest = float(np.nanmax(np.concatenate([[0.0], *values])))
    return next(top for top in TOPS if top >= highest or top == 1.0)
