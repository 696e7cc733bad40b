"""Labels that were gained, lost, or missed by both models, with pictures."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, Dropdown, HBox, ToggleButtons, VBox

from ea_widgets.widgets.base import Control, send, text
from ea_widgets.widgets.comparison.label_examples import CHANGES, NEW, PAGE, LabelPage, find_labels
from ea_widgets.widgets.examples import Tile
from ea_widgets.widgets.examples.captions import sample
from ea_widgets.widgets.examples.gallery import Pictures
from ea_widgets.widgets.examples.whole_image import WholeImage

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.comparison import ComparisonView
    from ea_widgets.widgets.base.background import BackgroundTask

NO_PIXELS = "There are no images to show: give the folder of the images when reading the data."
NONE_THERE = "There are none of these."
LONGEST = 24
LEGEND = (
    '<div class="eaw-legend eaw-boxes">'
    + "".join(
        f"<div>{sample(kind)}{words}</div>"
        for kind, words in (
            ("true_positive", "prediction that found it"),
            ("label", "the label"),
            ("missed", "label missed by both"),
            ("false_positive", "new false positive"),
            ("other", "nearest prediction of the other model"),
        )
    )
    + "</div>"
)


class FoundLabels(VBox):
    """Labels by which of two models found them.

    Parameters
    ----------
    make_task : callable
        Makes a computation in the background, given what takes its answer.
    guard : callable
        Makes a handler show what it raises.

    Attributes
    ----------
    found : LabelPage or None
        What is on screen.
    """

    def __init__(
        self,
        make_task: Callable[[Callable[[Any], None]], BackgroundTask],
        guard: Callable[[Callable[..., Any]], Callable[..., Any]],
    ) -> None:
        self.found: LabelPage | None = None
        self._view: ComparisonView | None = None
        self._pictures: Pictures | None = None
        self._change, self._page = CHANGES[0], 0
        self._other: str | None = None
        self._finding = make_task(self._show)
        self._kind = ToggleButtons(
            options=[(name, name) for name in CHANGES], style={"button_width": "auto"}
        )
        self._kind_shown = Control(self._kind, guard(self._kind_picked))
        self._models = Dropdown(
            options=[("", "")], layout={"width": "200px"}, tooltip="The model compared"
        )
        self._model_shown = Control(self._models, guard(self._model_picked))
        self._model_row = HBox(
            [HTML('<span class="eaw-label">Model</span>'), self._models],
            layout={"align_items": "center"},
        )
        self._note, self._pager, self._listed = HTML(), HTML(), HTML()
        self._tiles: list[Tile] = []
        self._open_guarded = guard(self._open)
        self._gallery = Box()
        self._gallery.add_class("eaw-gallery")
        self._whole = WholeImage(guard(self._step), guard(self._close))
        self._opened = 0
        self._before = self._button("◂ before", "The page before", -1, guard)
        self._next = self._button("next ▸", "The next page", 1, guard)
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        super().__init__(
            [
                HTML('<div class="eaw-heading">Labels by model, and new false positives</div>'),
                Box([self._kind, self._model_row], layout=row),
                self._note,
                self._whole,
                self._gallery,
                self._listed,
                Box([self._before, self._pager, self._next], layout=row),
                HTML(LEGEND),
            ]
        )
        self.add_class("eaw-part")
        self.add_class("eaw-found-labels")

    def _button(self, words: str, tooltip: str, by: int, guard: Callable[..., Any]) -> Button:
        button = Button(description=words, tooltip=tooltip)
        button.add_class("eaw-plain")
        turn = guard(self._turn)
        button.on_click(lambda _button: turn(by))
        return button

    def ask(self, view: ComparisonView) -> None:
        """Show the labels of a view once the choices rest.

        Parameters
        ----------
        view : ComparisonView
        """
        dataset = view.views[0].dataset
        if self._view is None or self._view.views[0].dataset is not dataset:
            self._pictures = None if dataset.pixels is None else Pictures(dataset)
        self._view, self._page = view, 0
        others = view.names[1:]
        if self._other not in others:
            self._other = others[-1]
        options = [(text.elide(name, LONGEST), name) for name in others]
        self._model_shown.show(self._other, options=options)
        send(self._model_row.layout, display="flex" if len(others) > 1 else "none")
        self._search()

    def _search(self, rest: float | None = None) -> None:
        if self._view is None or self._other is None:
            return
        self._gallery.add_class("eaw-waiting")
        question = (self._view, self._other, self._change, self._page, self._pictures)
        self._finding.ask(partial(find_labels, *question), rest=rest)

    def _show(self, found: LabelPage) -> None:
        """Show a page of labels that was found."""
        self.found, self._page = found, found.page
        self._close()
        baseline = self._view.names[0] if self._view is not None else ""
        words = {
            "gained": f"only {text.elide(found.model, LONGEST)}",
            "lost": f"only {text.elide(baseline, LONGEST)}",
            "missed": "neither",
            NEW: f"new false positives of {text.elide(found.model, LONGEST)}",
        }
        options = [(f"{words[name]}: {found.counts[name]:,}", name) for name in CHANGES]
        self._kind_shown.show(found.change, options=options)
        note = NONE_THERE if not found.examples else "" if found.crops else NO_PIXELS
        send(self._note, value=f'<div class="eaw-muted">{note}</div>' if note else "")
        while len(self._tiles) < len(found.crops):
            self._tiles.append(Tile(self._open_guarded, len(self._tiles)))
        tiles = self._tiles[: len(found.crops)]
        for tile, crop, words_below, example in zip(
            tiles, found.crops, found.captions, found.examples, strict=False
        ):
            send(tile.picture, value=crop)
            send(tile.words, value=words_below)
            told = text.elide(f"{example.class_name} in {example.image}", 120)
            send(tile.opener, tooltip=f"Show the whole image: {told}")
        send(self._gallery, children=tuple(tiles))
        listed = "" if found.crops else "".join(found.captions)
        send(self._listed, value=f"<div>{listed}</div>" if listed else "")
        self._gallery.remove_class("eaw-waiting")
        total, first = found.counts[found.change], found.page * PAGE
        ends = f"{first + 1:,} to {first + len(found.examples):,} of " if total else ""
        said = f"{ends}{text.counted(total, 'prediction' if found.change == NEW else 'label')}"
        send(self._pager, value=f'<span class="eaw-muted">{escape(said)}</span>')
        send(self._before, disabled=found.page == 0)
        send(self._next, disabled=first + PAGE >= total)

    def _kind_picked(self, change: str) -> None:
        self._change, self._page = change, 0
        self._search(rest=0.0)

    def _model_picked(self, model: str) -> None:
        self._other, self._page = model, 0
        self._search(rest=0.0)

    def _turn(self, by: int) -> None:
        self._page = max(0, self._page + by)
        self._search(rest=0.0)

    def _open(self, index: int) -> None:
        """Show the whole image of a label of the page."""
        if self.found is None or self._pictures is None or index >= len(self.found.examples):
            return  # off the screen by now
        self._opened = index
        example = self.found.examples[index]
        number = self.found.page * PAGE + index
        total = self.found.counts[self.found.change]
        words = f"{number + 1:,} of {total:,} in {text.elide(example.image, 60)}"
        send(self._gallery.layout, display="none")
        self._whole.show(
            self._pictures.whole(example, self.found.below[index]),
            self.found.captions[index],
            words,
        )

    def _step(self, by: int) -> None:
        """Show the whole image of the next label of the page, or of the one before."""
        if self.found is not None:
            self._open(min(max(self._opened + by, 0), len(self.found.examples) - 1))

    def _close(self) -> None:
        self._whole.hide()
        send(self._gallery.layout, display="grid")
