"""Shaded cells of a table: a hover explains one, a click chooses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from bqplot import Axis, ColorScale, Figure, GridHeatMap, OrdinalScale
from ipywidgets import HTML, VBox

from ea_widgets.widgets.base import send, text, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

SHADES = ("#FFFFFF", "#F3B34C")
INK = "#1c1f23"
ROW_HEIGHT, TOP, LONGEST = 26, 96, 20
READABLE = 31
"""Rows or columns, beyond which the cells have no room for numbers."""

NARROW_ROW = 12


class HeatMap(VBox):
    """A table of numbers, the higher the darker; written into its cells as well.

    Parameters
    ----------
    on_pick : callable
        Called with the numbers of a row and a column, from 0, when their cell is clicked.
    describe : callable
        Gives the HTML of the tooltip of a cell, likewise.
    guard : callable
        Makes a handler show what it raises.
    """

    def __init__(
        self,
        on_pick: Callable[[int, int], None],
        describe: Callable[[int, int], str],
        guard: Callable[..., Any],
    ) -> None:
        self._on_pick, self._describe = on_pick, describe
        self._tip = HTML()
        self.scales = {
            "row": OrdinalScale(reverse=True), "column": OrdinalScale(),
            "color": ColorScale(colors=list(SHADES), min=0.0, max=1.0),
        }  # fmt: skip
        self.cells = GridHeatMap(
            color=np.zeros((2, 2)), row=np.arange(2), column=np.arange(2), scales=self.scales,
            display_format=".0%", font_style={"fill": INK, "font-size": "11px"},
            null_color="transparent", stroke="var(--jp-border-color2)",
            tooltip=self._tip, tooltip_style={"opacity": 1},
        )  # fmt: skip
        self.cells.on_element_click(guard(self._clicked))
        self.cells.on_hover(guard(self._hovered))
        looks: dict[str, Any] = {
            "label_color": theme.MUTED, "grid_lines": "none", "color": theme.GRID,
        }  # fmt: skip
        ticks = {"font-size": "11px", "fill": theme.MUTED}
        self.axes = [
            Axis(scale=self.scales["row"], side="left", tick_style=ticks, **looks),
            Axis(scale=self.scales["column"], side="top", tick_rotate=-40,
                 tick_style={**ticks, "text-anchor": "start"}, **looks),
        ]  # fmt: skip
        self.figure = Figure(
            marks=[self.cells], axes=self.axes, padding_x=0.0, padding_y=0.0,
            fig_margin={"top": TOP, "bottom": 8, "left": 130, "right": 60},
            background_style={"fill": "transparent"}, display_toolbar=False,
            layout={"width": "auto", "min_width": "0", "height": "300px"},
        )  # fmt: skip
        self.figure.add_class("eaw-figure")
        self.figure.add_class("eaw-heat-map")
        super().__init__([self.figure])

    def show(
        self,
        rows: Sequence[str],
        columns: Sequence[str],
        values: NDArray[np.float64],
        form: str,
        top: float = 1.0,
    ) -> None:
        """Show a table.

        Parameters
        ----------
        rows, columns : sequence of str
            Names, from the top and from the left; plain text.
        values : ndarray of float64, shape (n_rows, n_columns)
            NaN where there is nothing.
        form : str
            How numbers are written, as d3 has it; of large tables the hover tells them only.
        top : float
            The number of the darkest shade.
        """
        wide = max(len(rows), len(columns)) <= READABLE
        send(self.scales["color"], max=top)
        # Checked together: the names must be as many as the cells.
        with self.cells.hold_sync(), self.cells.hold_trait_notifications():
            self.cells.row = np.array(text.unique_labels(rows, LONGEST))
            self.cells.column = np.array(text.unique_labels(columns, LONGEST))
            # Of a large table nothing but what is there is seen, in a dark page too.
            self.cells.color = values if wide else np.where(values == 0, np.nan, values)
            self.cells.display_format = form if wide else None
        for axis, rotated in zip(self.axes, (0, -40 if wide else -90), strict=True):
            size = {"font-size": "11px" if wide else "8px"}
            send(axis, tick_style={**axis.tick_style, **size}, tick_rotate=rotated)
        height = ROW_HEIGHT if wide else NARROW_ROW
        send(self.figure.layout, height=f"{TOP + 14 + height * len(rows)}px")

    def _cell(self, event: dict[str, Any]) -> tuple[int, int] | None:
        """Read a cell that the browser names; None where it is off the screen by now."""
        data = event.get("data") or {}
        row, column = (int(data.get(name, -1)) for name in ("rowNum", "columnNum"))
        n_rows, n_columns = self.cells.color.shape
        return (row, column) if 0 <= row < n_rows and 0 <= column < n_columns else None

    def _clicked(self, _mark: GridHeatMap, event: dict[str, Any]) -> None:
        cell = self._cell(event)
        if cell is not None:
            self._on_pick(*cell)

    def _hovered(self, _mark: GridHeatMap, event: dict[str, Any]) -> None:
        cell = self._cell(event)
        if cell is not None:
            send(self._tip, value=self._describe(*cell))
