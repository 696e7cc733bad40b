"""One menu for all that a page can save."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, Dropdown

from ea_widgets.widgets import wording
from ea_widgets.widgets.base import send
from ea_widgets.widgets.controls.export import link_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ea_widgets.widgets.controls.export import Export

OBJECTS = "objects as CSV"


class ExportMenu(Box):
    """A menu of files and a button that makes the one chosen.

    Parameters
    ----------
    rows : iterable of (str, Export)
        What the charts and numbers of each part of the page are called, and its buttons, which go
        into the menu.
    further : iterable of (str, callable)
        What else can be saved. Called without anything; gives a name of a file and its text, or a
        sentence that says what has been written.
    guard : callable
        Makes a handler show what it raises.
    """

    def __init__(
        self,
        rows: Iterable[tuple[str, Export]],
        further: Iterable[tuple[str, Callable[[], tuple[str, str] | str]]],
        guard: Callable[..., Any],
    ) -> None:
        self._link = HTML()
        self._acts: dict[str, Callable[[object], None]] = {}
        for part, row in rows:
            for words, act in row.hand_over(self._link):
                kind = "CSV" if words == OBJECTS else words
                self._acts[f"{part} ({kind})"] = act
        for words, make in further:
            self._acts[words] = partial(self._make, make)
        self._menu = Dropdown(
            description="Export", options=tuple(self._acts), layout={"width": "200px"},
            style={"description_width": "auto"},
        )  # fmt: skip
        button = Button(description="Save", tooltip=wording.SAVE_HINT)
        button.add_class("eaw-plain")
        button.on_click(guard(self._save))
        layout = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        super().__init__([self._menu, button, self._link], layout=layout)
        self.add_class("eaw-export")

    def _save(self, button: object) -> None:
        self._acts[self._menu.value](button)

    def _make(self, make: Callable[[], tuple[str, str] | str], _button: object) -> None:
        """Offer a file, or say where one is."""
        made = make()
        if isinstance(made, str):
            html = f'<span class="eaw-muted">{escape(made)}</span>'
        else:
            name, content = made
            html = link_html(name, content, f"save {name}")
        send(self._link, value=html)
