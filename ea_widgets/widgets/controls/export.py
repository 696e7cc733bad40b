"""Buttons to save charts as pictures and the numbers behind them as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from ipywidgets import HTML, Box, Button

from ea_widgets.widgets.base.lifecycle import send
from ea_widgets.widgets.controls.download import link_html
from ea_widgets.widgets.controls.spreadsheet import SpreadsheetTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from bqplot import Figure

SCALE = 2.0
"""Pixels of a PNG per pixel on screen: enough for print."""


class TakeAway(Box):
    """A row of small buttons: PNG, SVG, CSV.

    Parameters
    ----------
    figures : dict of str to Figure
        The charts, under the names of their files. Of none, there is a table to save only.
    name : str
        Of the file of numbers.
    table : callable
        Gives the numbers on screen.
    on_error : callable
        Given what `table` raises, since Jupyter would only log it.
    """

    def __init__(
        self,
        figures: dict[str, Figure],
        name: str,
        table: Callable[[], pd.DataFrame],
        on_error: Callable[[Exception], None],
    ) -> None:
        self._figures = figures
        self._name = name
        self._table = table
        self._on_error = on_error
        self._link = HTML()
        buttons = [HTML('<span class="eaw-label">Save</span>')]
        behind = " behind the charts" if figures else ""
        drawn = (
            ("PNG", "Save the charts as pictures", self._save_png),
            ("SVG", "Save the charts as drawings", self._save_svg),
        )
        for words, tooltip, act in (
            *(drawn if figures else ()),
            ("CSV", f"Make a file of the numbers{behind}", self._offer),
        ):
            button = Button(description=words, tooltip=tooltip)
            button.add_class("eaw-plain")
            button.on_click(act)
            buttons.append(button)
        super().__init__(
            [*buttons, self._link],
            layout={"display": "flex", "flex_flow": "row wrap", "align_items": "center"},
        )
        self.add_class("eaw-take-away")

    def forget(self) -> None:
        """Take the link to a file away: its numbers are no longer those on screen."""
        send(self._link, value="")

    def _save_png(self, _button: object) -> None:
        for name, figure in self._figures.items():
            figure.save_png(f"{name}.png", scale=SCALE)

    def _save_svg(self, _button: object) -> None:
        for name, figure in self._figures.items():
            figure.save_svg(f"{name}.svg")

    def _offer(self, _button: object) -> None:
        try:
            table = self._table()
            content = SpreadsheetTable(table).to_csv(
                index=not isinstance(table.index, pd.RangeIndex)
            )
        except Exception as error:  # noqa: BLE001  # the edge: whatever it is, it must be seen
            self._on_error(error)
            return
        file = f"{self._name}.csv"
        send(self._link, value=link_html(file, content, f"save {file}", "text/csv"))
