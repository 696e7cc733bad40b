"""Buttons to save charts as pictures and the numbers behind them as a file: no server needed."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from ipywidgets import HTML, Box, Button

from ea_widgets.data.writers.spreadsheet import SpreadsheetTable
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import send, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from bqplot import Figure

SCALE = 2.0
"""Pixels of a PNG per pixel on screen: enough for print."""

LARGEST_LINK = 1_000_000
"""Characters of a file that the page itself can hold: a notebook is saved with its pages."""


class Export(Box):
    """A row of small buttons: PNG, SVG, CSV.

    Parameters
    ----------
    figures : dict of str to Figure
        The charts, under the names of their files. Of none, there is a table to save only.
    name : str
        Of the file of numbers.
    table : callable
        Gives the numbers on screen; None where there are none. Called in a thread.
    task : callable
        Makes a computation in the background, given what to do with its answer.
    guard : callable
        Makes a handler show what it raises.
    words : str
        Of the button for the numbers. Default "CSV".
    """

    def __init__(
        self,
        figures: dict[str, Figure],
        name: str,
        table: Callable[[], pd.DataFrame | None],
        task: Callable[..., Any],
        guard: Callable[..., Any],
        *,
        words: str = "CSV",
    ) -> None:
        self._figures = figures
        self._file = f"{name}.csv"
        self._no_picture = ""
        self._table = table
        self._task = task(self._show, rest=0.0)
        self._link = HTML()
        buttons = [HTML('<span class="eaw-label">Save</span>')] if words == "CSV" else []
        behind = " behind the charts" if figures else ""
        drawn = (
            ("PNG", wording.PNG_HINT, self._save_png),
            ("SVG", wording.SVG_HINT, self._save_svg),
        )
        acts = (
            *(drawn if figures else ()),
            (words, f"Make a file of the numbers{behind}", self._prepare),
        )
        self._acts = tuple((label, act) for label, _, act in acts)
        for label, tooltip, act in acts:
            button = Button(description=label, tooltip=tooltip)
            button.add_class("eaw-plain")
            button.on_click(guard(act))
            buttons.append(button)
        self._buttons, self.button = buttons, buttons[-1]
        super().__init__(
            [*buttons, self._link],
            layout={"display": "flex", "flex_flow": "row wrap", "align_items": "center"},
        )
        self.add_class("eaw-take-away")

    def leave_out(self, chart: str) -> None:
        """Save no picture of a chart, which makes no sense by itself."""
        self._figures = {name: figure for name, figure in self._figures.items() if name != chart}

    def without_pictures(self, why: str) -> None:
        """Save no pictures while the charts are not on the page; empty: they are again."""
        if self._no_picture != why:
            self._no_picture = why
            send(self._link, value="")

    def forget(self) -> None:
        """Take the link to a file away: its numbers are no longer those on screen."""
        self._task.cancel()
        send(self._link, value="")

    def hand_over(self, link: HTML) -> tuple[tuple[str, Callable[[object], None]], ...]:
        """Leave the buttons to a menu.

        Parameters
        ----------
        link : HTML
            Where the link to a file goes from now on.

        Returns
        -------
        tuple of (str, callable)
            What each button says, and what it does.
        """
        for part in (self._link.layout, self._link.style, self._link):
            part.close()
        self._link = link
        send(self, children=())
        return self._acts

    def _save_png(self, _button: object) -> None:
        if self._refused():
            return
        for name, figure in self._figures.items():
            figure.save_png(f"{name}.png", scale=SCALE)

    def _save_svg(self, _button: object) -> None:
        if self._refused():
            return
        for name, figure in self._figures.items():
            figure.save_svg(f"{name}.svg")

    def _refused(self) -> bool:
        """Say why there is no picture to save, where there is none."""
        if self._no_picture:
            words = f'<span class="eaw-muted">{escape(self._no_picture)}</span>'
            send(self._link, value=words)
        return bool(self._no_picture)

    def _prepare(self, _button: object) -> None:
        send(self._link, value='<span class="eaw-muted">preparing the file …</span>')
        self._task.ask(self._compute)

    def _compute(self, should_stop: Callable[[], bool]) -> tuple[str, int] | None:
        """Write the numbers as text; None where there are none, or nobody waits any more."""
        table = self._table()
        if table is None or should_stop():
            return None
        index = not isinstance(table.index, pd.RangeIndex)
        return SpreadsheetTable(table).to_csv(index=index), len(table)

    def _show(self, made: tuple[str, int] | None) -> None:
        if made is None:
            send(self._link, value="")
            return
        content, rows = made
        told = text.counted(rows, "row")
        send(self._link, value=offered(self._file, content, told, "text/csv"))


def offered(name: str, content: str, told: str, media_type: str) -> str:
    """Offer a file: as a link that holds it, or written beside the notebook where it is large.

    Parameters
    ----------
    name : str
        Of the file.
    content : str
        What is in it.
    told : str
        How much that is, in plain text.
    media_type : str
        What kind of text it is.

    Returns
    -------
    str
        HTML.
    """
    if len(content) <= LARGEST_LINK:
        return link_html(name, content, f"save {name} ({told})", media_type)
    path = write_new(Path(name), content)
    words = f"{told} written to {path.name}, in the notebook's folder"
    return f'<span class="eaw-muted">{escape(words)}</span>'


def write_new(path: Path, content: str) -> Path:
    """Write a file under the first name of its kind that is free; nothing is overwritten.

    Parameters
    ----------
    path : Path
        The name that is tried first, then with ``-2``, ``-3``, ...
    content : str
        What is in it.

    Returns
    -------
    Path
        The file written.
    """
    for number in count(1):
        free = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            with free.open("x", encoding="utf-8", newline="") as file:
                file.write(content)
        except FileExistsError:
            continue
        return free
    raise AssertionError  # count() has no end


def link_html(name: str, content: str, words: str, media_type: str = "text/plain") -> str:
    """Build a link that saves a text.

    Parameters
    ----------
    name : str
        Of the file.
    content : str
        What is in it.
    words : str
        Of the link, plain text.
    media_type : str
        What kind of text it is.

    Returns
    -------
    str
        HTML. The content travels within the link.
    """
    data = b64encode(content.encode()).decode()
    return (
        f'<a class="eaw-download" download="{escape(name)}" '
        f'href="data:{media_type};charset=utf-8;base64,{data}">{escape(words)}</a>'
    )
