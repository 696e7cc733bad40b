"""Horizontal bars, one row per metric: a click chooses it, a hover explains it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from bqplot import Axis, Bars, Figure, LinearScale, Lines, OrdinalScale, Scatter
from ipywidgets import HTML, VBox
from numpy.typing import NDArray

from ea_widgets.widgets.base import send, text, theme
from ea_widgets.widgets.charts.ticks import round_ticks

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = NDArray[np.float64]

ROW_HEIGHT = 22
TOP, BOTTOM = 4, 42
NAME_LIMIT = 34
CHARACTER_WIDTH = 6.3
NUMBER_WIDTH = 60
SHORT_LIMIT, SHORT_CHARACTER, SHORT_NUMBER, SHORT_TICKS = 30, 5.8, 46, 3
"""The same, and the ticks to ask for, where room is dear."""

NAMELESS = {"left": 12, "right": 10}
"""Margins of a chart that stands without names and numbers."""

LEAST_LIMIT = 0.1
ROOM = 1.06
MARKED = "▸ "
MARKED_OPACITY, UNSEEN = 0.14, 0.001
NOTHING, NO_LINES = np.zeros(0), np.zeros((0, 2))
TICK_SKEW, TICK_SIZE = 0.97, 26
"""Makes bqplot's rectangle a tick, tall and thin."""


@dataclass(frozen=True)
class BarRows:
    """What a bar chart shows, in the order of its rows.

    Attributes
    ----------
    names : tuple of str
        Displayed names, different from each other.
    values : ndarray of float64, shape (n,)
        Lengths of the bars; NaN draws none.
    numbers : tuple of str
        What stands beside each bar.
    low, high : ndarray of float64, shape (n,) or (0,)
        Ends of the whiskers; none while they are not known.
    floor : ndarray of float64, shape (n,) or (0,)
        Where noise would end; none while it is not known.
    pale : ndarray of bool, shape (n,) or (0,)
        Rows that noise alone could have made.
    """

    names: tuple[str, ...]
    values: Floats
    numbers: tuple[str, ...]
    low: Floats = field(default_factory=lambda: np.zeros(0))
    high: Floats = field(default_factory=lambda: np.zeros(0))
    floor: Floats = field(default_factory=lambda: np.zeros(0))
    pale: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))


class RankedBars(VBox):
    """A titled chart of horizontal bars.

    Parameters
    ----------
    on_pick : callable
        Called with the index of the row that was clicked.
    describe : callable
        Gives the HTML of the tooltip for the index of a row.
    guard : callable
        Makes a handler show what it raises.
    colours : tuple of str
        Colour of bars above 0, and of those below.
    diverging : bool
        Whether 0 stands in the middle.

    Attributes
    ----------
    bars, hits, whiskers, floor : bqplot marks
        What is drawn: the bars, the rows that take clicks, the intervals, the ends of noise.
    """

    def __init__(
        self,
        on_pick: Callable[[int], None],
        describe: Callable[[int], str],
        guard: Callable[..., Any],
        *,
        colours: tuple[str, str],
        diverging: bool = False,
    ) -> None:
        self._on_pick = on_pick
        self._describe = describe
        self._colours = colours
        self._diverging = diverging
        self._short, self._named = False, True
        self.rows = BarRows((), np.zeros(0), ())
        self._title, self._heading = HTML(), ""
        self._tip = HTML()
        self._rank = OrdinalScale(domain=[])
        self._length = LinearScale(min=0.0, max=LEAST_LIMIT, allow_padding=False)
        self._make_marks(guard)
        self._names_axis = Axis(
            scale=self._rank,
            side="left",
            grid_lines="none",
            color=theme.GRID,
            tick_style={"font-size": "11px", "fill": theme.FOREGROUND},
        )
        # Not a mark of texts: while rows come and go, bqplot would place one at NaN for a moment.
        self._numbers_axis = Axis(
            scale=self._rank,
            side="right",
            grid_lines="none",
            color="transparent",
            tick_style={"font-size": "11px", "fill": theme.FOREGROUND},
        )
        self._values_axis = Axis(
            scale=self._length,
            side="bottom",
            label_color=theme.MUTED,
            label_offset="32px",
            grid_color=theme.GRID,
            color=theme.GRID,
            tick_style={"font-size": "11px", "fill": theme.MUTED},
        )
        self.figure = Figure(
            marks=[self.bars, self.whiskers, self.floor, self.hits],
            axes=[self._values_axis, self._names_axis, self._numbers_axis],
            fig_margin={"top": TOP, "bottom": BOTTOM, "left": 60, "right": NUMBER_WIDTH},
            background_style={"fill": "transparent"},
            display_toolbar=False,
            padding_y=0.0,
            padding_x=0.0,
            layout={"width": "auto", "height": "120px", "min_width": "0"},
        )
        self.figure.add_class("eaw-figure")
        super().__init__(
            [self._title, self.figure],
            layout={"flex": "1 1 400px", "min_width": "0", "width": "auto"},
        )

    def _make_marks(self, guard: Callable[..., Any]) -> None:
        scales = {"x": self._rank, "y": self._length}
        # Middles of the rows as shares of the height: on a scale of rows, bqplot keeps the middle
        # of the row height before where rows come and go fast, and whiskers stand beside bars.
        height = LinearScale(min=0.0, max=1.0, allow_padding=False)
        turned = {"x": self._length, "y": height}
        # Over the whole width, whatever the limit: these are not sent again when it moves.
        across = LinearScale(min=0.0, max=1.0, allow_padding=False)
        self.bars = Bars(
            x=[], y=[], scales=scales, orientation="horizontal", padding=0.3, stroke_width=0.0,
        )  # fmt: skip
        # Events exist only on drawn rectangles: these reach over the whole row, in front of all.
        self.hits = Bars(
            x=[], y=[], scales={"x": self._rank, "y": across}, orientation="horizontal",
            padding=0.0, stroke_width=0.0, colors=[theme.FOREGROUND],
            tooltip=self._tip, tooltip_style={"opacity": 1},
        )  # fmt: skip
        self.hits.on_element_click(guard(self._clicked))
        self.hits.on_hover(guard(self._hovered))
        self.whiskers = Lines(
            x=NO_LINES, y=NO_LINES, scales=turned, colors=[theme.FOREGROUND], stroke_width=1.5,
            visible=False,
        )  # fmt: skip
        self.floor = Scatter(
            x=[], y=[], scales=turned, colors=[theme.VERMILION], marker="rectangle",
            default_skew=TICK_SKEW, default_size=TICK_SIZE, enable_hover=False, visible=False,
        )  # fmt: skip

    def show(self, rows: BarRows, marked: int | None) -> None:
        """Draw rows, the first on top.

        Parameters
        ----------
        rows : BarRows
            What to draw.
        marked : int or None
            Index of the row that is chosen.
        """
        self.rows = rows
        most = SHORT_LIMIT if self._short else NAME_LIMIT
        labels = text.unique_labels(rows.names, most)
        self._fit(labels)
        shown = [(MARKED if i == marked else "") + label for i, label in enumerate(labels)]
        keys = [str(i) for i in range(len(shown))]
        send(self._names_axis, tick_labels=dict(zip(keys, shown, strict=True)))
        send(self._numbers_axis, tick_labels=dict(zip(keys, rows.numbers, strict=True)))
        limit = self._limit(rows)
        low = -limit if self._diverging else 0.0
        ticks = round_ticks(low, limit, SHORT_TICKS if self._short else 5)
        send(self._length, min=low, max=limit)
        send(self._values_axis, tick_values=ticks, tick_format=".2f" if limit < 1 else ".1f")
        domain = keys[::-1]  # bqplot counts rows upwards
        # A mark must never hold a row that the scale does not know: bqplot would place it at NaN.
        if len(domain) > len(self._rank.domain):
            send(self._rank, domain=domain)
        self._show_rows(rows, np.array(keys, dtype=str), marked)
        send(self._rank, domain=domain)
        self._show_title()

    def _show_rows(self, rows: BarRows, keys: NDArray[Any], marked: int | None) -> None:
        count = len(keys)
        values = np.nan_to_num(rows.values)
        send(
            self.bars,
            x=keys,
            y=values,
            colors=[self._colours[int(v < 0)] for v in values] or [self._colours[0]],
            opacities=[0.35 if pale else 0.9 for pale in rows.pale] or [0.9] * count,
        )
        opacities = [MARKED_OPACITY if i == marked else UNSEEN for i in range(count)]
        send(self.hits, x=keys, y=np.ones(count), opacities=opacities)
        middle = 1 - (np.arange(count) + 0.5) / max(count, 1)
        if len(rows.low) == count > 0:
            ends = np.nan_to_num(np.column_stack([rows.low, rows.high]))
            send(self.whiskers, x=ends, y=np.column_stack([middle, middle]), visible=True)
        elif self.whiskers.visible:
            send(self.whiskers, x=NO_LINES, y=NO_LINES, visible=False)
        if len(rows.floor) == count > 0:
            send(self.floor, x=np.nan_to_num(rows.floor), y=middle, visible=True)
        elif self.floor.visible:
            send(self.floor, x=NOTHING, y=NOTHING, visible=False)

    def shorten(self, flex: str, *, named: bool = True) -> None:
        """Take less room.

        Parameters
        ----------
        flex : str
            Of the whole chart, as CSS has it.
        named : bool
            Whether it has names and numbers; else it stands beside a chart that has them.
        """
        self._short, self._named = True, named
        for axis in (self._names_axis, self._numbers_axis):
            send(axis, visible=named)
        send(self.layout, flex=flex)
        if not named:
            self.add_class("eaw-narrow")

    def say(self, title: str, axis: str) -> None:
        """Set the words around the bars.

        Parameters
        ----------
        title : str
            HTML above the bars.
        axis : str
            What the lengths are, in plain text.
        """
        self._heading = title
        self._show_title()
        send(self._values_axis, label=axis)

    def _show_title(self) -> None:
        """Write the title, and what the bars say to those who cannot see them."""
        rows = zip(self.rows.names, self.rows.numbers, strict=True)
        said = escape(", ".join(f"{name} {number}" for name, number in rows), quote=True)
        html = f'<div class="eaw-title" data-said="{said}">{self._heading}</div>'
        send(self._title, value=html)

    def _fit(self, labels: list[str]) -> None:
        """Give the names and the rows the room that they need."""
        longest = len(MARKED) + max((len(label) for label in labels), default=0)
        left = round(16 + longest * (SHORT_CHARACTER if self._short else CHARACTER_WIDTH))
        right = SHORT_NUMBER if self._short else NUMBER_WIDTH
        margin = {"top": TOP, "bottom": BOTTOM, "left": left, "right": right}
        margin |= {} if self._named else NAMELESS
        send(self.figure, fig_margin=margin)
        height = f"{max(len(labels), 1) * ROW_HEIGHT + TOP + BOTTOM}px"
        send(self.figure.layout, height=height)

    def _limit(self, rows: BarRows) -> float:
        """End the axis a little past the longest bar, never below 0.1 nor above 1."""
        ends = np.concatenate([rows.values, rows.low, rows.high, rows.floor, [LEAST_LIMIT]])
        return min(1.0, ROOM * float(np.nanmax(np.abs(ends))))

    def _clicked(self, _mark: Bars, event: dict[str, Any]) -> None:
        self._on_pick(int(event["data"]["index"]))

    def _hovered(self, _mark: Bars, event: dict[str, Any]) -> None:
        index = int(event["data"]["index"])
        if index < len(self.rows.names):
            send(self._tip, value=self._describe(index))
