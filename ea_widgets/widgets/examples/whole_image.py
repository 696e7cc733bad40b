"""A whole image in place of the gallery."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ipywidgets import HTML, Button, HBox, Image, VBox

from ea_widgets.widgets import wording
from ea_widgets.widgets.base import send

if TYPE_CHECKING:
    from collections.abc import Callable


class WholeImage(VBox):
    """A whole image with boxes, and buttons to go on.

    Parameters
    ----------
    on_step : callable
        Called with 1 for the next object, -1 for the one before.
    on_close : callable
        Called without anything.
    """

    def __init__(self, on_step: Callable[[int], None], on_close: Callable[[], None]) -> None:
        self.picture = Image(format="jpeg", layout={"max_width": "100%", "max_height": "620px"})
        self.words = HTML()
        self.pager = HTML()
        buttons = []
        for words, tooltip, act in (
            ("back to all", wording.WHOLE_CLOSE, lambda _button: on_close()),
            ("◂ before", wording.OBJECT_BEFORE, lambda _button: on_step(-1)),
            ("next ▸", wording.OBJECT_NEXT, lambda _button: on_step(1)),
        ):
            button = Button(description=words, tooltip=tooltip)
            button.add_class("eaw-plain")
            button.on_click(act)
            buttons.append(button)
        self._back = buttons[0]
        super().__init__([], layout={"display": "none"})
        self._parts = (
            HBox([*buttons, self.pager], layout={"align_items": "center"}),
            self.picture,
            self.words,
        )
        self.add_class("eaw-whole")

    def show(self, picture: bytes, words: str, position: str) -> None:
        """Show an image.

        Parameters
        ----------
        picture : bytes
            JPEG.
        words : str
            HTML below it.
        position : str
            Which it is, in plain text.
        """
        send(self.picture, value=picture)
        other = '<span class="eaw-muted"> · thin light blue: other labels</span>'
        send(self.words, value=words)
        send(self.pager, value=f'<span class="eaw-muted">{escape(position)}</span>{other}')
        opening = self.layout.display == "none"
        send(self, children=self._parts)
        send(self.layout, display="flex")
        if opening:
            self._back.focus()  # the button that was pressed is gone

    def hide(self) -> None:
        """Take the image off the page."""
        send(self.layout, display="none")
        send(self, children=())
