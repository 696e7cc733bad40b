"""The objects behind a number: their pictures, or a table of them where there are no images."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, VBox

from ea_widgets.widgets.base import send, text
from ea_widgets.widgets.examples.captions import table_html
from ea_widgets.widgets.examples.example_rows import Finder
from ea_widgets.widgets.examples.gallery import Gallery, Pictures, develop

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.actions import ExamplePage
    from ea_widgets.data.dataset import Dataset
    from ea_widgets.widgets.examples.gallery import Page

OBJECTS = 12


class ObjectGallery(VBox):
    """Some objects under a heading; nothing until there are any.

    Parameters
    ----------
    task : callable
        Makes a computation in the background, given what to do with its answer.
    """

    def __init__(self, task: Callable[..., Any]) -> None:
        self._developing = task(self._show_pictures, rest=0.0)
        self._heading, self._table = HTML(), HTML()
        self._gallery = Gallery(lambda _index: None)
        self._dataset: Dataset | None = None
        super().__init__([self._heading, self._gallery, self._table])

    def show(self, words: str, found: ExamplePage, dataset: Dataset) -> None:
        """Show the first page of objects.

        Parameters
        ----------
        words : str
            What they are, in plain text.
        found : ExamplePage
        dataset : Dataset
            That they are of.
        """
        self.clear()
        if dataset is not self._dataset:
            self._dataset = dataset
            self._finder, self._pictures = Finder(dataset), Pictures(dataset)
        of = text.counted(found.total, "object")
        more = f", the first {len(found.rows)}" if found.total > len(found.rows) else ""
        title = escape(f"{words}: {of}{more}")
        send(self._heading, value=f'<div class="eaw-title">{title}</div>')
        examples = self._finder.examples(found.rows)
        if dataset.pixels is None:
            send(self._table, value=table_html(examples, "", "", 1) if examples else "")
        else:
            self._developing.ask(partial(develop, examples, self._pictures, "", ""))

    def clear(self) -> None:
        """Take the objects off the page."""
        self._developing.cancel()
        send(self._heading, value="")
        send(self._table, value="")
        send(self._gallery, children=())

    def _show_pictures(self, page: Page) -> None:
        self._gallery.show(page)
