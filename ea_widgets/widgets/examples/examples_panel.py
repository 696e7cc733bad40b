"""The objects in a range of the metric: pictures or a table, a page at a time."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, Dropdown, HBox, ToggleButtons, VBox
from traitlets import Any as AnyTrait
from traitlets import Bool, Enum, Int, link, validate

from ea_widgets.analysis.actions.examples import KINDS, SORTS
from ea_widgets.data.images.drawing import Outline
from ea_widgets.data.metrics.names import MetricName
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base import text
from ea_widgets.widgets.base.background import Settling
from ea_widgets.widgets.base.debounce import Later
from ea_widgets.widgets.base.lifecycle import send, set_quietly
from ea_widgets.widgets.base.ranged import RangedWidget
from ea_widgets.widgets.base.widget import RefusedChoiceError, on_screen
from ea_widgets.widgets.controls.download import link_html
from ea_widgets.widgets.controls.spreadsheet import SpreadsheetTable
from ea_widgets.widgets.examples.captions import (
    COLOURS,
    DASHES,
    LEGEND,
    REASONS,
    caption,
    table_html,
)
from ea_widgets.widgets.examples.example_rows import Finder, as_table
from ea_widgets.widgets.examples.gallery import Gallery, Page, Pictures, develop
from ea_widgets.widgets.examples.whole_image import WholeImage

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.analysis.actions.examples import ExamplePage
    from ea_widgets.widgets.examples.captions import Example

PAGE = 12
ALL, ANY = "all", ""
VIEWS = ("pictures", "table")
HINT_METRIC = "Choose a metric and a range of it to see the objects behind the numbers."
HINT_RANGE = "Choose a range of {} to see the objects in it."
NO_PIXELS = "The data set has no images, so the objects are listed in words."
NOTHING = "No objects of the chosen classes and of this kind here."
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

    kind = Enum((ALL, *KINDS), ALL)
    """Which objects: ``"all"``, ``"true_positive"``, ``"false_positive"`` or ``"missed"``. Default
    ``"all"``."""

    sort_by = Enum(SORTS, "metric")
    """``"metric"``, ``"confidence"`` or ``"iou"``; objects without the value come last. Default
    ``"metric"``."""

    descending = Bool(default_value=False)
    """Whether the largest come first. Default False."""

    page = Int(0)
    """Which page is shown, from 0. One past the end becomes the last. Default 0."""

    view = Enum(VIEWS, "pictures")
    """``"pictures"`` or ``"table"``. Without images it is a table anyway. Default
    ``"pictures"``."""

    reason = Enum((ANY, *REASONS), ANY)
    """Only wrong or missed objects with this reason, as `Evaluation.matches` has it, such as
    ``"duplicate"``; empty for all. Default empty."""

    found = AnyTrait(None, read_only=True)
    """The `ExamplePage` on screen, with the count of all pages; None without a range. Read
    only."""

    opened = AnyTrait(None, read_only=True)
    """Place, among the objects of all pages, of the one whose whole image is shown; None if none.
    Read only."""

    _asked: tuple[object, ...] = ()
    _listed: tuple[object, ...] = ()

    @classmethod
    def choice_names(cls) -> tuple[str, ...]:
        """List the traits whose change asks for a new drawing.

        Returns
        -------
        tuple of str
            The shared ones, the range, and how the objects are shown.
        """
        shown = ("kind", "reason", "sort_by", "descending", "page", "view")
        return (*super().choice_names(), *shown)

    @validate("page")
    def _validate_page(self, proposal: Any) -> int:
        if proposal["value"] < 0:
            raise RefusedChoiceError(
                "page", f"is {proposal['value']}", "Give a whole number from 0 up."
            )
        return proposal["value"]

    def _drop_unknown(self) -> None:
        """Begin at the first page again where other objects are asked for."""
        super()._drop_unknown()
        drawn: dict[str, Any] = dict(zip(self.choice_names(), self._drawn, strict=False))
        other = any(
            getattr(self, name) is not old if name == "evaluation" else getattr(self, name) != old
            for name, old in drawn.items()
            if name not in {"page", "view"}
        )
        if other and drawn["page"] == self.page:
            self.page = 0

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
        total = self._ask(0, 1).total if self.metric_range else 0
        rows = self._ask(0, max(total, 1)).rows
        return SpreadsheetTable(as_table(rows if total else rows.iloc[:0], self.metric))

    def _ask(self, page: int, page_size: int, *, every_kind: bool = False) -> ExamplePage:
        """Ask for a page of the objects under the choices."""
        low, high = self.metric_range or (None, None)
        return self.evaluation.objects_in_range(
            self.metric,
            low,
            high,
            kind=KINDS if every_kind or self.kind == ALL else self.kind,
            reason=() if self.reason == ANY else self.reason,
            sort=self.sort_by,
            descending=self.descending,
            page=page,
            page_size=page_size,
            iou_threshold=self.iou_threshold,
            confidence_threshold=self.confidence_threshold,
            classes=self.classes,
        )

    def _build(self) -> tuple[Any, ...]:
        self._later = Later(self._show, self.report)
        self._developing = Settling(self._show_pictures, self.report, rest=0.0)
        self._finder: Finder | None = None
        self._pictures: Pictures | None = None
        self._shown: list[Example] = []
        self._heading = HTML()
        self._hint = HTML()
        self._kind = ToggleButtons(options=self._kinds(None), style={"button_width": "auto"})
        self._reason = Dropdown(
            options=[("any reason", ANY), *((words, name) for name, words in REASONS.items())],
            layout={"width": "190px"}, tooltip="Only wrong or missed objects with this reason",
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
            link((self, trait), (control, "value"))
        self._kind.observe(self._kind_picked, "value")
        self._before = self._button("◂ before", "The page before", lambda: self.page - 1)
        self._next = self._button("next ▸", "The next page", lambda: self.page + 1)
        self._place = HTML()
        self._note = HTML()
        self._gallery = Gallery(self._open_tile)
        self._table = HTML()
        self._whole = WholeImage(self._step, self._close_whole)
        self._prepare = Button(description="objects as CSV", tooltip="Make a file of these objects")
        self._prepare.add_class("eaw-plain")
        self._prepare.on_click(self._offer_file)
        self._saved = HTML()
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        label = '<span class="eaw-label">{}</span>'
        sort = HBox(
            [HTML(label.format("Sort")), self._sort, self._order], layout={"align_items": "center"}
        )
        self._body = VBox(
            [
                Box([self._kind, self._reason, sort, self._view], layout=row),
                self._note,
                self._whole,
                self._gallery,
                self._table,
                Box(
                    [self._before, self._place, self._next, self._prepare, self._saved], layout=row
                ),
                HTML(LEGEND),
            ]
        )
        return (self._heading, self._hint, self._body)

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
        if not chosen:
            self._later.cancel()
            self._developing.cancel()
            self._forget()
            return
        question = (self.evaluation, self.classes, self.iou_threshold, self.confidence_threshold)
        known = bool(self._asked) and self._asked[0] is question[0]
        if not known:
            self._pictures = self._finder = None
        if known and question == self._asked and not self._later.waiting:
            self._show()
            return
        self._developing.cancel()
        self._asked = question
        self._body.add_class("eaw-waiting")
        self._later.ask()

    def _forget(self) -> None:
        self.set_trait("found", None)
        self.set_trait("opened", None)
        self._close()

    def _say_what(self, *, chosen: bool) -> None:
        words = f"<span>{escape(self.in_words)}</span>" if chosen else ""
        colon = ": " if chosen else ""
        send(self._heading, value=f'<div class="eaw-heading">Examples{colon}{words}</div>')
        hint = (
            HINT_METRIC
            if self.metric is None
            else HINT_RANGE.format(MetricName.parse(self.metric).name)
        )
        send(self._hint, value=f'<div class="eaw-hint">{escape(hint)}</div>')
        send(self._hint.layout, display="none" if chosen else "block")

    def _show(self) -> None:
        """Show the page of the objects that are asked for."""
        if self.metric is None or not self.metric_range:
            return
        found = self._ask(self.page, PAGE)
        last = found.n_pages - 1
        if self.page > last:
            self._ready = False  # it is being drawn already
            try:
                self.page = last
            finally:
                self._ready = True
            self._drawn = tuple(getattr(self, name) for name in self.choice_names())
            found = self._ask(last, PAGE)
        everything = found if self.kind == ALL else self._ask(0, 1, every_kind=True)
        self._show_kinds(everything.counts)
        self.set_trait("found", found)
        chosen = self._drawn_objects()
        if chosen != self._listed:
            self._listed = chosen
            send(self._saved, value="")
            self._close()
        self._show_page(found)
        self._body.remove_class("eaw-waiting")

    def _drawn_objects(self) -> tuple[object, ...]:
        """List the choices that say which objects there are, and in what order."""
        names = (name for name in self.choice_names() if name not in {"page", "view"})
        return tuple(
            id(self.evaluation) if name == "evaluation" else getattr(self, name) for name in names
        )

    def _show_kinds(self, counts: dict[str, int]) -> None:
        options = self._kinds(counts)
        set_quietly(self._kind, "value", self._kind_picked, options=options, value=self.kind)

    def _show_page(self, found: ExamplePage) -> None:
        first = found.page * PAGE
        if self._finder is None:
            self._finder = Finder(self.evaluation.dataset)
        self._shown = self._finder.examples(found.rows)
        metric, unit = self._metric_and_unit()
        pixels = self.evaluation.dataset.pixels is not None
        note = NOTHING if not found.total else "" if pixels else NO_PIXELS
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
            compute = partial(develop, self._shown, self._drawer(), metric, unit)
            if not self._developing.ask(compute):
                self._developing.now(compute)
        send(self._before, disabled=self.page == 0)
        send(self._next, disabled=self.page >= found.n_pages - 1)
        ends = f"{first + 1:,} to {first + len(found.rows):,} of " if found.total else ""
        told = f"{ends}{text.counted(found.total, 'object')}"
        send(self._place, value=f'<span class="eaw-muted">{told}</span>')
        send(self._prepare, disabled=not found.total)

    def _show_pictures(self, page: Page) -> None:
        self._gallery.show(page)
        self._gallery.remove_class("eaw-waiting")

    def _metric_and_unit(self) -> tuple[str, str]:
        metric = self.metric or ""
        return MetricName.parse(metric).name, str(self.evaluation.metrics.loc[metric, "unit"])

    def _drawer(self) -> Pictures:
        if self._pictures is None:
            self._pictures = Pictures(self.evaluation.dataset)
        return self._pictures

    @on_screen
    def _turn(self, page: int) -> None:
        self.page = max(0, page)

    @on_screen
    def _kind_picked(self, change: Any) -> None:
        self.kind = change["new"]

    @on_screen
    def _offer_file(self, _button: object) -> None:
        content = self.table().to_csv(index=False)
        words = f"save objects.csv ({text.counted(self.found.total, 'row')})"
        send(self._saved, value=link_html("objects.csv", content, words, "text/csv"))

    def _open_tile(self, place: int) -> None:
        if self._gallery.examples is self._shown:  # else others are on their way
            self._open(place)

    @on_screen
    def _open(self, place: int) -> None:
        """Show the whole image of an object of the page."""
        if place >= len(self._shown) or self._finder is None:
            return
        example = self._shown[place]
        metric, unit = self._metric_and_unit()
        below = tuple(
            Outline(box, COLOURS["other"], DASHES["other"], 2)
            for box in self._finder.others(example)
        )
        number = self.page * PAGE + place
        self.set_trait("opened", number)
        words = f"{number + 1:,} of {self.found.total:,} in {text.elide(example.image, 60)}"
        picture = self._drawer().whole(example, below)
        # In its place: above the gallery it would be out of sight of who clicked the last row.
        send(self._gallery.layout, display="none")
        self._whole.show(picture, caption(example, metric, unit), words)

    @on_screen
    def _step(self, by: int) -> None:
        """Show the whole image of the next object, or of the one before."""
        if self.opened is None:
            return
        number = min(max(self.opened + by, 0), self.found.total - 1)
        self.page = number // PAGE
        self._open(number % PAGE)

    @on_screen
    def _close_whole(self) -> None:
        self._close()

    def _close(self) -> None:
        self.set_trait("opened", None)
        self._whole.hide()
        send(self._gallery.layout, display="grid")

    def close(self) -> None:
        """Take the widget off the page and out of the kernel."""
        if hasattr(self, "_later"):
            self._later.cancel()
            self._developing.cancel()
        super().close()
