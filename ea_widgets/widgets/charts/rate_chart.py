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
from ea_widgets.widgets.charts.category_bars import (
    BAR_OPACITY,
    TURN,
    CategoryMarks,
    bar_paths,
    boxes,
    columns_of,
    label_room,
)
from ea_widgets.widgets.charts.curve_lines import in_words
from ea_widgets.widgets.charts.legend import LOOKS, name_lines
from ea_widgets.widgets.charts.small_multiples import multiples_html
from ea_widgets.widgets.charts.ticks import js_key, round_ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bqplot import Bars

    from ea_widgets.widgets.charts.axis import XAxis
    from ea_widgets.widgets.charts.curve_lines import Series

Floats = NDArray[np.float64]

FEW = 20
"""Bins of fewer objects are drawn grey and hollow."""

SUPPORT_ROOM = 5.0
"""How many times the largest support fits into the height."""

THINNEST = 0.004
"""Least width of a chosen range, as a share of the axis."""

PLOT_HEIGHT, LOW_PLOT_HEIGHT = 248, 118
"""Pixels between the margins, whatever the labels below take; the second number where room is
dear."""

TOPS = (0.1, 0.25, 0.5, 1.0)
"""Where the axis of a rate can end."""

ENDS = ["min", "max"]
EMPTY = np.zeros(0)
DATE_ROOM = 32
MARGIN = {"top": 8, "bottom": 44, "left": 56, "right": 14}


class RateChart(VBox):
    """A titled chart of one rate.

    Parameters
    ----------
    colour : str
        Colour of the line of all classes together.
    rate : str
        What stands beside the axis, in plain text.
    describe : callable
        Gives the HTML of the tooltip for some rows of the table: that of a point, or those of a
        category.
    on_pick : callable
        Called with the row of the table whose point is clicked, or the first of a category.
    on_drag : callable
        Called with the lowest and highest value of the metric that was dragged over.
    on_move : callable
        Called with the ends of the axis, as places, when the mouse has moved them.
    guard : callable
        Makes a handler show what it raises.

    Attributes
    ----------
    chosen, support, band, average, diagonal, lines, points, few, hits : bqplot marks
        What is drawn: the chosen range, objects per bin, the interval, the average, a calibrated
        model, a pool of lines, the points, those of few objects, and the larger ones that take the
        mouse.
    categories : CategoryMarks
        Of bars.
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
        describe: Callable[[Sequence[int]], str],
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
        self._plot_height, self._axis_top = PLOT_HEIGHT, 1.0
        self._targets: list[list[int]] = []  # rows of each point or column
        self._by_class: tuple[tuple[Series, ...], float, float] | None = None
        self._multiples = HTML()
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
                self.chosen, self.support, self.band, *self.lines, self.average, self.diagonal,
                self.categories.whiskers, self.points, self.few, self.hits, self.categories.columns,
            ],
            axes=[self._x_axis, self._y_axis],
            fig_margin=MARGIN,
            background_style={"fill": "transparent"},
            display_toolbar=False,
            layout={"width": "auto", "min_width": "0"},
            legend_location="top-left", **LOOKS,
        )  # fmt: skip
        self.figure.add_class("eaw-figure")
        super().__init__(
            [self._title, self.figure, self._legend],
            layout={"flex": "1 1 400px", "min_width": "0", "width": "auto"},
        )
        self._fit_labels(0)

    def shorten(self) -> None:
        """Take less room."""
        self._plot_height = LOW_PLOT_HEIGHT
        send(self.layout, flex="1 1 300px")
        self._fit_labels(0)

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
        self.diagonal = Lines(
            x=EMPTY, y=EMPTY, scales=scales, colors=[theme.FOREGROUND], line_style="dotted",
            stroke_width=1.5,
        )  # fmt: skip
        # A fixed pool: lines that are removed can stay on screen.
        self.lines = [
            Lines(
                x=EMPTY, y=EMPTY, scales=scales, colors=[colour], stroke_width=2,
                line_style=theme.DASHES[i % len(theme.DASHES)], visible=False,
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
        self.categories = CategoryMarks(self._x, self._y, upright, self._tip)
        for mark in (self.hits, self.categories.columns):
            mark.on_hover(guard(self._hovered))
            mark.on_element_click(guard(self._clicked))

    def show(
        self,
        axis: XAxis,
        support: Floats,
        series: tuple[Series, ...],
        average: float,
        *,
        top: float,
        band: bool,
        by_class: bool,
        bars: bool = False,
        calibrated: Floats = EMPTY,
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
        top : float
            The highest rate to be seen: charts side by side have one axis.
        band : bool
            Whether to fill the intervals of the line of all classes together.
        by_class : bool
            Whether each line is a class: it has a small chart of its own. Bars stay side by side.
        bars : bool
            Whether the bins are categories: each has a bar, and is joined to no other.
        calibrated : ndarray of float64, shape (n_bins,)
            Rate of a calibrated model in each bin. Default empty: no such line.
        """
        self._bars = bars
        single = not by_class
        self._axis = axis
        self._fit_height(top)
        known = not np.isnan(average)
        send(
            self.average,
            x=np.array([axis.low, axis.high]) if known else EMPTY,
            y=np.full(2, average) if known else EMPTY,
        )
        if by_class and not bars:  # nobody sees the large chart
            self._draw_nothing()
            self._by_class = (series, average, self._axis_top)
            self._show_legend(series, average, single=True)
            send(self, children=(self._title, self._multiples, self._legend))
            return
        self._by_class = None
        self._fit_labels(axis.turned, dates=axis.dates)
        self._end_at(axis)
        # Labels first: new ticks take the labels that are there when bqplot begins to draw them.
        send(self._x_axis, tick_labels=axis.tick_labels)
        send(self._x_axis, tick_values=axis.tick_places, visible=True)
        send(self._count, max=max(1.0, float(support.max(initial=0.0)) * SUPPORT_ROOM))
        # The labels of categories say how many objects they have.
        x, y = (EMPTY, EMPTY) if bars else boxes(axis.edges_low, axis.edges_high, support)
        send(self.support, x=x, y=y)
        send(self.diagonal, x=axis.centers[: len(calibrated)], y=calibrated)
        self._show_lines(axis, series, single=single)
        self._show_band(axis, series, band=band and single and not bars)
        one = series[0] if band and single and bars else None
        ends = (EMPTY, EMPTY, EMPTY) if one is None else (axis.centers[one.bins], one.low, one.high)
        self.categories.show_intervals(*ends)
        self._show_points(axis, series, single=single)
        self._show_legend(series, average, single=single or not bars)
        send(self, children=(self._title, self.figure, self._legend))

    @property
    def is_small(self) -> bool:
        """Whether each class has a small chart, and the large one is not on the page."""
        return self._by_class is not None

    @property
    def seen(self) -> tuple[Floats, Floats]:
        """Places and rates of the points on screen, on the large chart or on the small ones."""
        if self._by_class is None or self._axis is None:
            return np.atleast_1d(self.hits.x), np.atleast_1d(self.hits.y)
        series = self._by_class[0]
        places = [self._axis.centers[one.bins] for one in series]
        return np.concatenate([EMPTY, *places]), np.concatenate([EMPTY, *(s.rate for s in series)])

    def clear(self, words: str) -> None:
        """Draw nothing, and say why.

        Parameters
        ----------
        words : str
            Plain text.
        """
        self._axis = self._by_class = None
        send(self, children=(self._title, self.figure, self._legend))
        self._bars = False
        self._fit_height(1.0)
        self._draw_nothing()
        for mark in (self.average, self.chosen):
            send(mark, x=EMPTY, y=EMPTY)
        self._fit_labels(0)
        send(self.chosen, visible=False)
        send(self._x_axis, visible=False)
        send(self._legend, value=f'<div class="eaw-legend">{escape(words)}</div>')

    def _draw_nothing(self) -> None:
        """Take lines, bars and points off the large chart."""
        for mark in (self.support, self.diagonal, self.points, self.few, self.hits):
            send(mark, x=EMPTY, y=EMPTY)
        for line in (*self.lines, self.band):
            send(line, x=EMPTY, y=EMPTY, visible=False)
        self.categories.show_intervals(EMPTY, EMPTY, EMPTY)
        self.categories.show_columns(0)
        self._targets = []

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
        if self._by_class is not None and self._axis is not None:
            series, average, top = self._by_class
            chosen = self._axis.places_between(*ends) if ends else ()
            html = multiples_html(
                self._axis, series, average, top=top, colour=self._colour, chosen=chosen
            )
            send(self._multiples, value=html)
        if not ends or self._axis is None:
            self._shade(EMPTY, EMPTY)
            return
        low, high = self._axis.places_between(*ends)
        thin = (self._axis.high - self._axis.low) * THINNEST
        if high - low < thin:  # a single value must be seen too
            low, high = (low + high - thin) / 2, (low + high + thin) / 2
        self._shade(*boxes(np.array([low]), np.array([high]), np.ones(1)))

    def show_categories(self, chosen: list[int]) -> None:
        """Shade the chosen categories; the mouse points and clicks.

        Parameters
        ----------
        chosen : list of int
            Their numbers from the left, from 0.
        """
        send(self.figure, interaction=None)
        self._shade(*columns_of(chosen))

    def _shade(self, x: Floats, y: Floats) -> None:
        """Draw the parts of the axis that are chosen."""
        send(self.chosen, x=x, y=y, visible=bool(len(x)))

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

    def _fit_labels(self, longest: int, *, dates: bool = False) -> None:
        """Turn the labels below, so that long ones find room; 0 leaves them as they are.

        Dates are wide, and the last one stands at the end of the axis.
        """
        extra = label_room(longest)
        margin = {**MARGIN, "bottom": MARGIN["bottom"] + extra}
        if dates:
            margin["right"] = DATE_ROOM
        anchor = {"text-anchor": "end" if longest else "middle"}
        send(self._x_axis, tick_rotate=TURN if longest else 0, label_offset=f"{32 + extra}px")
        send(self._x_axis, tick_style={"font-size": "11px", "fill": theme.MUTED, **anchor})
        send(self.figure, fig_margin=margin)
        height = self._plot_height + margin["top"] + margin["bottom"]
        send(self.figure.layout, height=f"{height}px")

    def _fit_height(self, highest: float) -> None:
        """End the axis at one of a few rates, so that it seldom jumps while a slider moves."""
        top = next(top for top in TOPS if top >= highest or top == 1.0)
        self._axis_top = top
        # Bars are filled down to the lower edge, which must be 0 then.
        send(self._y, min=0.0 if self._bars else -0.02 * top, max=1.02 * top)
        ticks = round_ticks(0.0, top, 5)
        send(self._y_axis, tick_labels={js_key(tick): text.percent(tick) for tick in ticks})
        send(self._y_axis, tick_values=ticks)

    def _show_lines(self, axis: XAxis, series: tuple[Series, ...], *, single: bool) -> None:
        for index, line in enumerate(self.lines):
            if index >= len(series):
                send(line, x=EMPTY, y=EMPTY, visible=False)
                continue
            one = series[index]
            colour = self._colour if single else theme.SERIES[index]
            x, y = axis.centers[one.bins], one.rate
            looks: dict[str, Any] = {"fill": "none", "stroke_width": 2}
            if self._bars:
                x, y = bar_paths(x, y, index, len(series))
                looks = {"fill": "bottom", "stroke_width": 0, "fill_opacities": [BAR_OPACITY]}
            send(line, x=x, y=y, colors=[colour], fill_colors=[colour], visible=True, **looks)
        name_lines(self.lines, () if single else [one.name for one in series])

    def _show_band(self, axis: XAxis, series: tuple[Series, ...], *, band: bool) -> None:
        if not band or not len(series[0].bins):
            send(self.band, x=EMPTY, y=EMPTY, visible=False)
            return
        one = series[0]
        ends = np.vstack([one.low, one.high])
        send(self.band, x=axis.centers[one.bins], y=ends, visible=True)

    def _show_points(self, axis: XAxis, series: tuple[Series, ...], *, single: bool) -> None:
        bins = np.concatenate([one.bins for one in series]) if series else np.zeros(0, np.intp)
        x = axis.centers[bins]
        y = np.concatenate([one.rate for one in series]) if series else EMPTY
        rows = np.concatenate([one.rows for one in series]) if series else np.zeros(0, np.intp)
        few = np.concatenate([one.n < FEW for one in series]) if series else np.zeros(0, bool)
        colours = [
            self._colour if single else theme.SERIES[index]
            for index, one in enumerate(series)
            for _ in one.bins
        ]
        kept = [c for c, small in zip(colours, few, strict=True) if not small]
        full = ~few & (not self._bars)
        few = few & (single or not self._bars)  # else they would not stand on their bars
        send(self.points, x=x[full], y=y[full], colors=kept or [self._colour])
        send(self.few, x=x[few], y=y[few])
        n_columns = len(axis.centers) if self._bars else 0
        self.categories.show_columns(n_columns)
        self._targets = [[row] for row in rows.tolist()]
        if self._bars:
            self._targets = [rows[bins == place].tolist() for place in range(n_columns)]
        send(self.hits, x=x, y=y)

    def _show_legend(self, series: tuple[Series, ...], average: float, *, single: bool) -> None:
        entries = []
        if not single:
            for index, one in enumerate(series):
                dash = theme.DASHES[index % len(theme.DASHES)]
                sample = theme.stroke_sample(theme.SERIES[index], dash)
                entries.append(f"<div>{sample}{escape(text.elide(one.name, 30))}</div>")
        sample = theme.stroke_sample(theme.FOREGROUND, "dashed")
        entries.append(f"<div>{sample}average {text.percent(average)}</div>")
        if len(self.diagonal.x):
            sample = theme.stroke_sample(theme.FOREGROUND, "dotted")
            entries.append(f"<div>{sample}calibrated: precision equals confidence</div>")
        told = [*map(in_words, series), f"average {text.percent(average)}"]
        said = escape("; ".join(told), quote=True)
        html = f'<div class="eaw-legend" data-said="{said}">{"".join(entries)}</div>'
        send(self._legend, value=html)

    def _hovered(self, _mark: Scatter | Bars, event: dict[str, Any]) -> None:
        index = int(event["data"]["index"])
        if index < len(self._targets):
            send(self._tip, value=self._describe(self._targets[index]))

    def _clicked(self, _mark: Scatter | Bars, event: dict[str, Any]) -> None:
        index = int(event["data"]["index"])
        if index < len(self._targets):
            self._on_pick(self._targets[index][0])

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
