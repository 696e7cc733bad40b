"""The objects in a range of the metric: pictures or a table, a page at a time."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, Dropdown, HBox, ToggleButtons, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.actions import KINDS, SORTS
from ea_widgets.analysis.object_words import REASON_WORDS
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import (
    REST,
    Answer,
    Control,
    Count,
    Flag,
    Option,
    RangedWidget,
    asked,
    on_screen,
    send,
    text,
)
from ea_widgets.widgets.controls import Export, More
from ea_widgets.widgets.examples.captions import LEGEND, caption, outline, table_html
from ea_widgets.widgets.examples.example_rows import PAGE, Finder, as_table, find_page
from ea_widgets.widgets.examples.gallery import Gallery, Page, Pictures, develop
from ea_widgets.widgets.examples.whole_image import WholeImage

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ea_widgets.analysis.actions import ExamplePage
    from ea_widgets.widgets.examples.captions import Example
    from ea_widgets.widgets.examples.example_rows import Found


ALL, ANY = "all", ""
VIEWS = ("pictures", "table")
PLURALS = {"true_positive": "right", "false_positive": "wrong", "missed": "missed"}


class Examples(RangedWidget):
    """A gallery of the objects in a range of the metric: right, wrong and missed ones.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``, ``metric_range``, ``kind``, ``sort_by``, ``descending``, ``page``, ``view``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.

    Notes
    -----
    In a notebook, the gallery follows the sliders once they have rested for a quarter of a second.
    """

    kind = Option((ALL, *KINDS), ALL)
    """Which objects: ``"all"``, ``"true_positive"``, ``"false_positive"`` or ``"missed"``. Default
    ``"all"``."""

    sort_by = Option(SORTS, "metric")
    """``"metric"``, ``"confidence"`` or ``"iou"``; objects without the value come last. Default
    ``"metric"``."""

    descending = Flag(default_value=False)
    """Whether the largest come first. Default False."""

    page = Count(0, 0)
    """Which page is shown, from 0. One past the end becomes the last. Default 0."""

    view = Option(VIEWS, "pictures")
    """``"pictures"`` or ``"table"``. Without images it is a table anyway. Default
    ``"pictures"``."""

    reason = Option((ANY, *REASON_WORDS), ANY)
    """Only wrong or missed objects with this reason, as `Evaluation.matches` has it, such as
    ``"duplicate"``; empty for all. Default empty."""

    found = Answer(in_background=True)
    """The `ExamplePage` on screen, with the count of all pages; None without a range. Read
    only."""

    opened = AnyTrait(None, read_only=True)
    """Place, among the objects of all pages, of the one whose whole image is shown; None if none.
    Read only."""

    _page_drawn: int | None = None
    _to_open: int | None = None

    def _drop_unknown(self) -> None:
        """Begin at the first page again where other objects are asked for."""
        super()._drop_unknown()
        if self._memo.changed("objects", *self._objects()) and self.page == self._page_drawn:
            self.page = 0
        self._page_drawn = self.page

    def _objects(self) -> tuple[object, ...]:
        """List the choices that say which objects there are, and in what order."""
        names = (name for name in self.choice_names() if name not in {"page", "view"})
        return tuple(getattr(self, name) for name in names)

    def table(self) -> pd.DataFrame:
        """List the objects of all pages, in their order.

        Returns
        -------
        DataFrame
            Columns `kind`, `reason`, `id` (`prediction_id`, or `label_id` of a missed one),
            `image_id`, `class_name`, the box `x`, `y`, `width`, `height`, `confidence`, `iou`,
            and the value under the metric's name. No rows without a range. Its `to_csv` writes
            text that a spreadsheet would take for a formula behind an apostrophe.

        Raises
        ------
        InvalidInputError
            If no metric is chosen.
        """
        if self.metric is None:
            raise InvalidInputError("metric", "is not chosen", "Choose one, and a range of it.")
        # Not `found`: in a notebook that waits until the choices rest.
        find = self._finding_of_all()
        total = find(page=0, page_size=1).total if self.metric_range else 0
        rows = find(page=0, page_size=max(total, 1)).rows
        return as_table(rows if total else rows.iloc[:0], self.metric)

    def _finding_of_all(self, **other: object) -> Callable[..., ExamplePage]:
        """Make the question for the objects under the choices, as they are now."""
        question: dict[str, Any] = {
            "kind": KINDS if self.kind == ALL else self.kind,
            "reason": () if self.reason == ANY else self.reason,
            "sort": self.sort_by,
            "descending": self.descending,
            **asked(self.metric_range),
            **other,
        }
        return partial(self.answers.objects_in_range, self.metric, **question)

    def _build(self) -> tuple[Any, ...]:
        self._finding = self._task(self._show)
        self._developing = self._task(self._show_pictures, rest=0.0)
        self._finder: Finder | None = None
        self._pictures: Pictures | None = None
        self._shown: list[Example] = []
        self._counts: dict[str, int] = {}
        self._heading = HTML()
        self._hint = HTML()
        self._kind = ToggleButtons(options=self._kinds(None), style={"button_width": "auto"})
        self._reason = Dropdown(
            options=[("any reason", ANY), *((words, name) for name, words in REASON_WORDS.items())],
            layout={"width": "190px"}, tooltip=wording.REASON_HINT,
        )  # fmt: skip
        self._sort = Dropdown(options=list(SORTS), layout={"width": "130px"}, tooltip="Sort by")
        self._order = ToggleButtons(
            options=[("lowest first", False), ("highest first", True)],
            style={"button_width": "auto"},
        )
        self._view = ToggleButtons(options=list(VIEWS), style={"button_width": "auto"})
        for trait, control in (
            ("sort_by", self._sort),
            ("descending", self._order),
            ("view", self._view),
            ("reason", self._reason),
        ):
            self._control(control, trait)
        self._kinds_shown = Control(self._kind, self._kind_picked)
        self._before = self._button("◂ before", wording.PAGE_BEFORE, lambda: self.page - 1)
        self._next = self._button("next ▸", wording.PAGE_NEXT, lambda: self.page + 1)
        self._pager = HTML()
        self._note = HTML()
        self._gallery = Gallery(self._open_tile)
        self._table = HTML()
        self._whole = WholeImage(self._step, self._close_whole)
        self._save = Export(
            {}, "objects", lambda: self.table() if self.metric_range else None, self._task,
            self.guard, words="objects as CSV",
        )  # fmt: skip
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        label = '<span class="eaw-label">{}</span>'
        sort = HBox(
            [HTML(label.format("Sort")), self._sort, self._order], layout={"align_items": "center"}
        )
        self._further = (*([self._reason] if self.can("reasons") else []), sort, self._view)
        self._choices = Box([self._kind, *self._further], layout=row)
        self._body = VBox(
            [
                self._choices,
                self._note,
                self._whole,
                self._gallery,
                self._table,
                Box([self._before, self._pager, self._next, self._save], layout=row),
                HTML(LEGEND),
            ]
        )
        return (self._heading, self._hint, self._body)

    def condense(self) -> None:
        """Put behind a button what few people need."""
        more = More("sort and view", wording.SORT_HINT, self._further, self.guard)
        send(self._choices, children=(self._kind, more))

    def _button(self, words: str, tooltip: str, page: Any) -> Button:
        button = Button(description=words, tooltip=tooltip)
        button.add_class("eaw-plain")
        button.on_click(lambda _button: self._turn(page()))
        return button

    @staticmethod
    def _kinds(counts: dict[str, int] | None) -> list[tuple[str, str]]:
        """List the buttons of the kinds, with how many there are."""
        if counts is None:
            return [(ALL, ALL), *((PLURALS[kind], kind) for kind in KINDS)]
        total = f"{ALL} {sum(counts.values()):,}"
        return [(total, ALL), *((f"{PLURALS[k]} {counts.get(k, 0):,}", k) for k in KINDS)]

    def _draw(self) -> None:
        chosen = self.metric is not None and bool(self.metric_range)
        self._say_what(chosen=chosen)
        send(self._body.layout, display="flex" if chosen else "none")
        if self._memo.changed("listed", *self._objects()):
            self._save.forget()
            self._close()
        if not chosen:
            self._finding.cancel()
            self._developing.cancel()
            self._memo.forget("page")
            self._body.remove_class("eaw-waiting")
            self._kinds_shown.show(self.kind, options=self._kinds(None))
            # Else the next range would begin with the objects of the last one.
            send(self._gallery, children=())
            for words in (self._table, self._pager, self._note):
                send(words, value="")
            self.set_trait("found", None)
            return
        if self._memo.changed("dataset", self.evaluation):
            self._pictures = self._finder = None
        moved = self._memo.changed("query", self.answers)
        if self._memo.changed("page", *self._objects(), self.page):
            self._developing.cancel()
            if moved or self.found is None:
                self._body.add_class("eaw-waiting")
            # What is chosen here is shown at once; a slider need not be followed at each step.
            self._finding.ask(self._search(), rest=REST if moved else 0.0)
        elif self.found is not None:
            self._show_page(self.found)

    def _search(self) -> Callable[[Callable[[], bool]], Found]:
        """Make the question for what is to be shown, as things are chosen now."""
        every = None if self.kind == ALL else self._finding_of_all(kind=KINDS)
        source = self._finder or self.evaluation.pictured
        return partial(find_page, self._finding_of_all(), every, self.page, source)

    def _say_what(self, *, chosen: bool) -> None:
        words = f"<span>{escape(self.in_words)}</span>" if chosen else ""
        colon = ": " if chosen else ""
        send(self._heading, value=f'<div class="eaw-heading">Examples{colon}{words}</div>')
        hint = wording.EXAMPLES_NEED_A_METRIC
        if self.metric is not None:
            hint = wording.EXAMPLES_NEED_A_RANGE.format(self._metric_and_unit()[0])
        send(self._hint, value=f'<div class="eaw-hint">{escape(hint)}</div>')
        send(self._hint.layout, display="none" if chosen else "block")

    def _show(self, answer: Found) -> None:
        """Show the page of the objects that was asked for."""
        found, self._counts, self._finder, self._shown = answer
        self._body.remove_class("eaw-waiting")
        self.set_trait("found", found)
        if found.page == self.page:
            self._show_page(found)
        else:  # there are no more so many pages
            self._page_drawn = found.page
            self._memo.changed("page", *self._objects(), found.page)
            self.page = found.page

    def _show_page(self, found: ExamplePage) -> None:
        first = found.page * PAGE
        self._kinds_shown.show(self.kind, options=self._kinds(self._counts))
        metric, unit = self._metric_and_unit()
        pixels = self.evaluation.pictured.pixels is not None
        note = wording.NO_OBJECTS if not found.total else self._remark(pictured=pixels)
        send(self._note, value=f'<div class="eaw-muted">{note}</div>' if note else "")
        send(self._view, disabled=not pixels)
        if self.view == "table" or not pixels:
            html = table_html(self._shown, metric, unit, first + 1) if found.total else ""
            self._developing.cancel()
            send(self._table, value=html)
            send(self._gallery, children=())
        else:
            send(self._table, value="")
            # What is there stays, paler, until the pictures are made: a slider need not wait.
            self._gallery.add_class("eaw-waiting")
            self._developing.ask(partial(develop, self._shown, self._drawer(), metric, unit))
        send(self._before, disabled=self.page == 0)
        send(self._next, disabled=self.page >= found.n_pages - 1)
        ends = f"{first + 1:,} to {first + len(found.rows):,} of " if found.total else ""
        told = f"{ends}{text.counted(found.total, 'object')}"
        send(self._pager, value=f'<span class="eaw-muted">{told}</span>')
        send(self._save.button, disabled=not found.total)
        if self._to_open is not None:
            index, self._to_open = self._to_open, None
            self._open(index)

    def _show_pictures(self, page: Page) -> None:
        self._gallery.show(page)
        self._gallery.remove_class("eaw-waiting")

    def _remark(self, *, pictured: bool) -> str:
        """Say why there are no pictures, and that the objects are not all there are."""
        if self.can("matches"):
            return "" if pictured else wording.NO_PIXELS
        return wording.KEPT_EXAMPLES if pictured else f"{wording.KEPT_EXAMPLES} {wording.NO_FOLDER}"

    def _metric_and_unit(self) -> tuple[str, str]:
        described = self.evaluation.metrics.loc[self.metric or ""]
        return str(described["name"]), str(described["unit"])

    def _drawer(self) -> Pictures:
        if self._pictures is None:
            self._pictures = Pictures(self.evaluation.pictured)
        return self._pictures

    @on_screen
    def _turn(self, page: int) -> None:
        self.page = max(0, page)

    @on_screen
    def _kind_picked(self, kind: str) -> None:
        self.kind = kind

    def _open_tile(self, index: int) -> None:
        if self._gallery.examples is self._shown:  # else others are on their way
            self._open(index)

    @on_screen
    def _open(self, index: int) -> None:
        """Show the whole image of an object of the page."""
        if self.found is None or self._finder is None or index >= len(self._shown):
            return  # off the screen by now
        example = self._shown[index]
        metric, unit = self._metric_and_unit()
        below = tuple(outline("other", box, 2) for box in self._finder.others(example))
        number = self.page * PAGE + index
        self.set_trait("opened", number)
        words = f"{number + 1:,} of {self.found.total:,} in {text.elide(example.image, 60)}"
        picture = self._drawer().whole(example, below)
        # In its place: above the gallery it would be out of sight of who clicked the last row.
        send(self._gallery.layout, display="none")
        self._whole.show(picture, caption(example, metric, unit), words)

    @on_screen
    def _step(self, by: int) -> None:
        """Show the whole image of the next object, or of the one before."""
        if self.opened is None or self.found is None:
            return
        page, index = divmod(min(max(self.opened + by, 0), self.found.total - 1), PAGE)
        if page == self.page:
            self._open(index)
        else:
            self._to_open = index
            self.page = page

    @on_screen
    def _close_whole(self) -> None:
        self._close()

    def _close(self) -> None:
        self.set_trait("opened", None)
        self._whole.hide()
        send(self._gallery.layout, display="grid")
