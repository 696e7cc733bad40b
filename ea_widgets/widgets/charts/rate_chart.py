"""A rate by a metric: points at the bins, their support, and the average as a dashed line."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from bqplot import Axis, Figure, LinearScale, Lines, Scatter
from bqplot.interacts import BrushIntervalSelector, PanZoom
from ipywidgets import HTML, VBox
from numpy.typing import NDArray

from ea_widgets.widgets.base import send, text, theme
from ea_widgets.widgets.charts.legend import LOOKS, name_lines
from ea_widgets.widgets.charts.ticks import round_ticks

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.widgets.charts.axis import XAxis
    from ea_widgets.widgets.charts.curve_lines import Series

Floats = NDArray[np.float64]

FEW = 20
"""Bins of fewer objects are drawn grey and hollow."""

SUPPORT_ROOM = 5.0
"""How many times the largest support fits into the height."""

THINNEST = 0.004
"""Least width of a chosen range, as a share of the axis."""

HEIGHT = "300px"
TOPS = (0.1, 0.25, 0.5, 1.0)
"""Where the axis of a rate can end."""

BAR_ROOM, WHISKER = 0.7, 0.04
"""Of the room of a category: what its bars take, and half of the width of an interval."""

ENDS = ["min", "max"]
EMPTY = np.zeros(0)
MARGIN = {"top": 8, "bottom": 44, "left": 56, "right": 14}


def bar_paths(x: Floats, y: Floats, index: int, of: int) -> tuple[Floats, Floats]:
    """Outline of bars from 0 up, the `index`-th of so many side by side at each place."""
    width = BAR_ROOM / max(of, 1)
    left = x - BAR_ROOM / 2 + index * width
    return (
        np.column_stack([left, left, left + width, left + width]).ravel(),
        np.column_stack([0 * y, y, y, 0 * y]).ravel(),
    )


class RateChart(VBox):
    """A titled chart of one rate.

    Parameters
    ----------
    colour : str
        Colour of the line of all classes together.
    rate : str
        What stands beside the axis, in plain text.
    describe : callable
        Gives the HTML of the tooltip for a row of the table.
    on_pick : callable
        Called with the row of the table whose point is clicked.
    on_drag : callable
        Called with the lowest and highest value of the metric that was dragged over.
    on_move : callable
        Called with the ends of the axis, as places, when the mouse has moved them.
    guard : callable
        Makes a handler show what it raises.

    Attributes
    ----------
    chosen, support, band, average, lines, points, few, hits : bqplot marks
        What is drawn: the chosen range, objects per bin, the interval, the average, a pool of
        lines, the points, those of few objects, and the larger ones that take the mouse.
    brush : BrushIntervalSelector
        Takes the mouse while ranges are dragged.
    mover : PanZoom
        Takes the mouse while it moves and zooms the chart.
    figure : Figure
        Holds them all.
    """

    def __init__(
        self,
        colour: str,
        rate: str,
        describe: Callable[[int], str],
        on_pick: Callable[[int], None],
        on_drag: Callable[[float, float], None],
        on_move: Callable[[float, float], None],
        guard: Callable[..., Any],
    ) -> None:
        self._colour = colour
        self._describe = describe
        self._on_pick = on_pick
        self._on_drag = on_drag
        self._on_move = on_move
        self._axis: XAxis | None = None
        self._bars = False
        self._point_rows = np.zeros(0, np.intp)
        self._title = HTML()
        self._legend = HTML()
        self._tip = HTML()
        self._x = LinearScale(min=0.0, max=1.0, allow_padding=False)
        self._y = LinearScale(min=-0.02, max=1.02, allow_padding=False)
        self._count = LinearScale(min=0.0, max=1.0, allow_padding=False)
        self._make_marks(guard)
        self._x_axis = Axis(
            scale=self._x, side="bottom", label_color=theme.MUTED, label_offset="32px",
            grid_lines="none", color=theme.GRID,
            tick_style={"font-size": "11px", "fill": theme.MUTED},
        )  # fmt: skip
        self._y_axis = Axis(
            scale=self._y, side="left", label=rate, label_color=theme.MUTED,
            label_offset="38px", grid_color=theme.GRID, color=theme.GRID,
            tick_style={"font-size": "11px", "fill": theme.MUTED},
        )  # fmt: skip
        self.figure = Figure(
            marks=[
                self.chosen, self.support, self.band, self.average, *self.lines, self.points,
                self.few, self.hits,
            ],
            axes=[self._x_axis, self._y_axis],
            fig_margin=MARGIN,
            background_style={"fill": "transparent"},
            display_toolbar=False,
            layout={"width": "auto", "height": HEIGHT, "min_width": "0"},
            legend_location="top-left", **LOOKS,
        )  # fmt: skip
        self.figure.add_class("eaw-figure")
        super().__init__(
            [self._title, self.figure, self._legend],
            layout={"flex": "1 1 400px", "min_width": "0", "width": "auto"},
        )

    def _make_marks(self, guard: Callable[..., Any]) -> None:
        scales = {"x": self._x, "y": self._y}
        self.brush = BrushIntervalSelector(scale=self._x, color=theme.GREEN)
        self.brush.observe(guard(self._brushed), "brushing")
        self.mover = PanZoom(scales={"x": [self._x]})
        self._x.observe(guard(self._moved), ENDS)
        # Over the whole height, whatever the rates.
        upright = LinearScale(min=0.0, max=1.0, allow_padding=False)
        self.chosen = Lines(
            x=EMPTY, y=EMPTY, scales={"x": self._x, "y": upright}, fill="bottom",
            colors=[theme.GREEN], fill_colors=[theme.GREEN], fill_opacities=[0.16],
            line_style="dotted", stroke_width=1.5, visible=False,
        )  # fmt: skip
        self.support = Lines(
            x=EMPTY, y=EMPTY, scales={"x": self._x, "y": self._count}, fill="bottom",
            colors=[theme.GREY], fill_colors=[theme.GREY], fill_opacities=[0.22],
            opacities=[0.0], stroke_width=0,
        )  # fmt: skip
        self.band = Lines(
            x=EMPTY, y=EMPTY, scales=scales, fill="between", colors=[self._colour],
            fill_colors=[self._colour], fill_opacities=[0.24], opacities=[0.0], stroke_width=0,
            visible=False,
        )  # fmt: skip
        self.average = Lines(
            x=EMPTY, y=EMPTY, scales=scales, colors=[theme.FOREGROUND], line_style="dashed",
            stroke_width=1.5,
        )  # fmt: skip
        # A fixed pool: lines that are removed can stay on screen.
        self.lines = [
            Lines(
                x=EMPTY, y=EMPTY, scales=scales, colors=[colour], stroke_width=2,
                line_style=theme.DASHES[i % len(theme.DASHES)], visible=False,
                fill_opacities=[0.3],
            )
            for i, colour in enumerate(theme.SERIES)
        ]  # fmt: skip
        self.points = Scatter(
            x=EMPTY, y=EMPTY, scales=scales, default_size=40, colors=[self._colour],
            enable_hover=False,
        )  # fmt: skip
        self.few = Scatter(
            x=EMPTY, y=EMPTY, scales=scales, default_size=44, colors=[theme.GREY], fill=False,
            stroke_width=1.5, enable_hover=False,
        )  # fmt: skip
        self.hits = Scatter(
            x=EMPTY, y=EMPTY, scales=scales, default_size=330, colors=[theme.FOREGROUND],
            opacities=[0.001], tooltip=self._tip, tooltip_style={"opacity": 1},
        )  # fmt: skip
        self.hits.on_hover(guard(self._hovered))
        self.hits.on_element_click(guard(self._clicked))

    def show(
        self,
        axis: XAxis,
        support: Floats,
        series: tuple[Series, ...],
        average: float,
        *,
        band: bool,
        by_class: bool,
        bars: bool = False,
    ) -> None:
        """Draw lines, or bars.

        Parameters
        ----------
        axis : XAxis
            Where the bins stand.
        support : ndarray of float64, shape (n_bins,)
            Objects in each bin.
        series : tuple of Series
            At most as many as `theme.SERIES` has colours.
        average : float
            Height of the dashed line; NaN draws none.
        band : bool
            Whether to fill the intervals of the line of all classes together.
        by_class : bool
            Whether each line is a class, and so has a colour, a dash and a name of its own.
        bars : bool
            Whether the bins are categories: each has a bar, and is joined to no other.
        """
        self._bars = bars
        single = not by_class
        self._axis = axis
        self._fit_height(series, average, band=band and single)
        self._end_at(axis)
        # Labels first: new ticks take the labels that are there when bqplot begins to draw them.
        send(self._x_axis, tick_labels=axis.tick_labels)
        send(self._x_axis, tick_values=axis.tick_places, visible=True)
        send(self._count, max=max(1.0, float(support.max(initial=0.0)) * SUPPORT_ROOM))
        send(
            self.support,
            x=np.column_stack([axis.edges_low] * 2 + [axis.edges_high] * 2).ravel(),
            y=np.column_stack([np.zeros_like(support), support, support, 0 * support]).ravel(),
        )
        known = not np.isnan(average)
        send(
            self.average,
            x=np.array([axis.low, axis.high]) if known else EMPTY,
            y=np.full(2, average) if known else EMPTY,
        )
        self._show_lines(axis, series, single=single)
        self._show_band(axis, series, band=band and single)
        self._show_points(axis, series, single=single)
        self._show_legend(series, average, single=single)

    def clear(self, words: str) -> None:
        """Draw nothing, and say why.

        Parameters
        ----------
        words : str
            Plain text.
        """
        self._axis = None
        for mark in (self.support, self.average, self.points, self.few, self.hits):
            send(mark, x=EMPTY, y=EMPTY)
        for line in (*self.lines, self.band, self.chosen):
            send(line, x=EMPTY, y=EMPTY, visible=False)
        send(self._x_axis, visible=False)
        send(self._legend, value=f'<div class="eaw-legend">{escape(words)}</div>')

    def show_range(self, ends: tuple[float, ...], mouse: str = "") -> None:
        """Draw the chosen range, and give the mouse its work.

        Parameters
        ----------
        ends : tuple of float
            Lowest and highest value; empty draws none.
        mouse : {"", "drag", "move"}
            Whether it points and clicks, drags a range, or moves and zooms the chart.
        """
        work = {"drag": self.brush, "move": self.mover}.get(mouse)
        send(self.figure, interaction=work if self._axis is not None else None)
        if not ends or self._axis is None:
            send(self.chosen, x=EMPTY, y=EMPTY, visible=False)
            return
        low, high = self._axis.places_between(*ends)
        thin = (self._axis.high - self._axis.low) * THINNEST
        if high - low < thin:  # a single value must be seen too
            low, high = (low + high - thin) / 2, (low + high + thin) / 2
        send(
            self.chosen,
            x=np.array([low, low, high, high]),
            y=np.array([0.0, 1.0, 1.0, 0.0]),
            visible=True,
        )

    def _end_at(self, axis: XAxis) -> None:
        """Send the ends of the axis, unless they are where the mouse has moved them."""
        if not self._ends_at(axis):
            with self._x.hold_trait_notifications():  # both ends are new before anybody is told
                send(self._x, min=axis.low, max=axis.high)

    def _ends_at(self, axis: XAxis) -> bool:
        """Tell whether the axis on screen is a given one."""
        ends, tolerance = [self._x.min, self._x.max], 1e-9 * (axis.high - axis.low)
        return np.allclose(ends, [axis.low, axis.high], rtol=0, atol=tolerance)

    def say(self, title: str, axis: str) -> None:
        """Set the words around the lines.

        Parameters
        ----------
        title : str
            HTML above the chart.
        axis : str
            Plain text below it.
        """
        send(self._title, value=f'<div class="eaw-title">{title}</div>')
        send(self._x_axis, label=axis)

    def _fit_height(self, series: tuple[Series, ...], average: float, *, band: bool) -> None:
        """End the axis at one of a few rates, so that it seldom jumps while a slider moves."""
        ends = [one.high if band else one.rate for one in series if len(one.rate)]
        highest = float(np.nanmax(np.concatenate([[0.0, average], *ends])))
        top = next(top for top in TOPS if top >= highest or top == 1.0)
        send(self._y, min=-0.02 * top, max=1.02 * top)
        send(self._y_axis, tick_values=round_ticks(0.0, top, 5), tick_format=".2f")

    def _show_lines(self, axis: XAxis, series: tuple[Series, ...], *, single: bool) -> None:
        for index, line in enumerate(self.lines):
            if index >= len(series):
                send(line, x=EMPTY, y=EMPTY, visible=False)
                continue
            one = series[index]
            colour = self._colour if single else theme.SERIES[index]
            x, y = axis.centers[one.bins], one.rate
            if self._bars:
                x, y = bar_paths(x, y, index, len(series))
            fill = "bottom" if self._bars else "none"
            send(line, x=x, y=y, colors=[colour], fill=fill, fill_colors=[colour], visible=True)
        name_lines(self.lines, () if single else [one.name for one in series])

    def _show_band(self, axis: XAxis, series: tuple[Series, ...], *, band: bool) -> None:
        if not band or not len(series[0].bins):
            send(self.band, x=EMPTY, y=EMPTY, visible=False)
            return
        one = series[0]
        x, ends = axis.centers[one.bins], np.vstack([one.low, one.high])
        if self._bars:  # from one whisker to the next the band has no height
            x = np.column_stack([x - WHISKER] * 2 + [x + WHISKER] * 2).ravel()
            ends = np.vstack(
                [np.column_stack([one.rate, end, end, one.rate]).ravel() for end in ends]
            )
        send(self.band, x=x, y=ends, visible=True)

    def _show_points(self, axis: XAxis, series: tuple[Series, ...], *, single: bool) -> None:
        bins = np.concatenate([one.bins for one in series]) if series else np.zeros(0, np.intp)
        x = axis.centers[bins]
        y = np.concatenate([one.rate for one in series]) if series else EMPTY
        few = np.concatenate([one.n < FEW for one in series]) if series else np.zeros(0, bool)
        colours = [
            self._colour if single else theme.SERIES[index]
            for index, one in enumerate(series)
            for _ in one.bins
        ]
        kept = [c for c, small in zip(colours, few, strict=True) if not small]
        send(self.points, x=x[~few], y=y[~few], colors=kept or [self._colour])
        send(self.few, x=x[few], y=y[few])
        send(self.hits, x=x, y=y)
        self._point_rows = (
            np.concatenate([one.rows for one in series]) if series else np.zeros(0, np.intp)
        )

    def _show_legend(self, series: tuple[Series, ...], average: float, *, single: bool) -> None:
        entries = []
        if not single:
            for index, one in enumerate(series):
                dash = theme.DASHES[index % len(theme.DASHES)]
                sample = theme.stroke_sample(theme.SERIES[index], dash)
                entries.append(f"<div>{sample}{escape(text.elide(one.name, 30))}</div>")
        sample = theme.stroke_sample(theme.FOREGROUND, "dashed")
        entries.append(f"<div>{sample}average {text.rate(average)}</div>")
        send(self._legend, value=f'<div class="eaw-legend">{"".join(entries)}</div>')

    def _hovered(self, _mark: Scatter, event: dict[str, Any]) -> None:
        index = int(event["data"]["index"])
        if index < len(self._point_rows):
            send(self._tip, value=self._describe(int(self._point_rows[index])))

    def _clicked(self, _mark: Scatter, event: dict[str, Any]) -> None:
        index = int(event["data"]["index"])
        if index < len(self._point_rows):
            self._on_pick(int(self._point_rows[index]))

    def _moved(self, _change: dict[str, Any]) -> None:
        """Take the ends that the mouse moved, and put them back where they cannot be."""
        axis = self._axis
        if axis is not None and not self._ends_at(axis) and self._x.min < self._x.max:
            self._on_move(float(self._x.min), float(self._x.max))
            self._end_at(self._axis or axis)

    def _brushed(self, change: dict[str, Any]) -> None:
        """Take a range when the mouse lets go of it; what is drawn of it is ours from then on."""
        places = self.brush.selected
        if change["new"] or self._axis is None or places is None or np.size(places) != 2:
            return
        low, high = self._axis.values_between(*np.sort(np.asarray(places, np.float64)).tolist())
        self.brush.selected = None  # what is drawn of the range from now on is `chosen`
        self._on_drag(low, high)
