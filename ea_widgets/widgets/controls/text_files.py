"""Buttons that each make one file of text: no server needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button

from ea_widgets.widgets.base import send
from ea_widgets.widgets.controls.export import offered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class TextFile:
    """One file that can be saved.

    Attributes
    ----------
    words, tooltip : str
        On its button, and what the button does.
    name : str
        Of the file.
    make : callable
        Gives the content, and how much that is in words; None where there is nothing to save.
        Called in a thread.
    media_type : str
        What kind of text it is.
    """

    words: str
    tooltip: str
    name: str
    make: Callable[[], tuple[str, str] | None]
    media_type: str = "application/json"


class TextFiles(Box):
    """A row of small buttons, one for each file.

    Parameters
    ----------
    files : sequence of TextFile
    task : callable
        Makes a computation in the background, given what to do with its answer.
    guard : callable
        Makes a handler show what it raises.
    """

    def __init__(
        self, files: Sequence[TextFile], task: Callable[..., Any], guard: Callable[..., Any]
    ) -> None:
        self._task = task(self._show, rest=0.0)
        self._link = HTML()
        buttons = []
        for file in files:
            button = Button(description=file.words, tooltip=file.tooltip)
            button.add_class("eaw-plain")
            button.on_click(guard(partial(self._prepare, file)))
            buttons.append(button)
        super().__init__(
            [HTML('<span class="eaw-label">Save</span>'), *buttons, self._link],
            layout={"display": "flex", "flex_flow": "row wrap", "align_items": "center"},
        )
        self.add_class("eaw-take-away")

    def forget(self) -> None:
        """Take the link to a file away: what is in it is no longer what is on screen."""
        self._task.cancel()
        send(self._link, value="")

    def _prepare(self, file: TextFile, _button: object) -> None:
        send(self._link, value='<span class="eaw-muted">preparing the file …</span>')
        self._task.ask(partial(_made, file))

    def _show(self, made: tuple[TextFile, tuple[str, str] | None]) -> None:
        file, content = made
        html = "" if content is None else offered(file.name, *content, file.media_type)
        send(self._link, value=html)


def _made(
    file: TextFile, _should_stop: Callable[[], bool]
) -> tuple[TextFile, tuple[str, str] | None]:
    return file, file.make()
