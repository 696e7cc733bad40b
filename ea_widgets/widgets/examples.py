"""The objects in a range of the metric: pictures or a table, a page at a time."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
from ipywidgets import HTML, Box, Button, Dropdown, HBox, Image, ToggleButtons, VBox
from traitlets import Any as AnyTrait
from traitlets import Bool, Enum, Int, link, validate

from ea_widgets.data.pictures import Outline
from ea_widgets.widgets import text
from ea_widgets.widgets.base import RefusedChoiceError, on_screen
from ea_widgets.widgets.download import link_html
from ea_widgets.widgets.example import COLOURS, DASHES, LEGEND, caption, table_html
from ea_widgets.widgets.example_rows import KINDS, SORTS, Lookup, objects_in_range
from ea_widgets.widgets.gallery import Gallery, Pictures
from ea_widgets.widgets.later import Later
from ea_widgets.widgets.lifecycle import send
from ea_widgets.widgets.ranges import RangedWidget, bare_name

if TYPE_CHECKING:
    from ea_widgets.widgets.example import Example

PAGE = 12
ALL = "all"
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

    objects = AnyTrait(None, read_only=True)
    """A DataFrame of all objects of the range and kind, sorted: `kind`, `row`, `value`,
    `confidence`, `iou`, `reason`. None without a range. Read only."""

    opened = AnyTrait(None, read_only=True)
    """Place in `objects` of the one whose whole image is shown; None if none. Read only."""

    _asked: tuple[object, ...] = ()

    @classmethod
    def choice_names(cls) -> tuple[str, ...]:
        """List the traits whose change asks for a new drawing.

        Returns
        -------
        tuple of str
            The shared ones, the range, and how the objects are shown.
        """
        return (*super().choice_names(), "kind", "sort_by", "descending", "page", "view")

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

    def ids(self) -> pd.DataFrame:
        """List the ids of the objects: of all pages, in their order.

        Returns
        -------
        DataFrame
            Columns `kind`, `id` (`prediction_id`, or `label_id` where missed), `image_id`,
            `class_name`, then the value of the metric, `confidence`, `iou`, `reason`.
        """
        objects = self.objects
        if objects is None:
            objects = pd.DataFrame(columns=["kind", "row", "value", "confidence", "iou", "reason"])
        parts = []
        for frame, name, chosen in (
            (self.evaluation.dataset.predictions, "prediction_id", objects["kind"] != "missed"),
            (self.evaluation.dataset.labels, "label_id", objects["kind"] == "missed"),
        ):
            own = objects[chosen]
            found = frame.iloc[own["row"].to_numpy(int)]
            parts.append(
                pd.DataFrame(
                    {
                        "kind": own["kind"],
                        "id": found[name].astype(object).to_numpy(),
                        "image_id": found["image_id"].astype(object).to_numpy(),
                        "class_name": found["class_name"].astype(object).to_numpy(),
                        "value" if self.metric is None else bare_name(self.metric): own["value"],
                        "confidence": own["confidence"],
                        "iou": own["iou"],
                        "reason": own["reason"],
                    }
                )
            )
        return pd.concat([part for part in parts if len(part)] or parts[:1]).sort_index()

    def _build(self) -> tuple[Any, ...]:
        self._later = Later(self._look_up, self.report)
        self._lookup: Lookup | None = None
        self._pictures: Pictures | None = None
        self._shown: list[Example] = []
        self._heading = HTML()
        self._hint = HTML()
        self._kind = ToggleButtons(options=self._kinds(None), style={"button_width": "auto"})
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
        ):
            link((self, trait), (control, "value"))
        self._kind.observe(self._kind_picked, "value")
        self._before = self._button("◂ before", "The page before", lambda: self.page - 1)
        self._next = self._button("next ▸", "The next page", lambda: self.page + 1)
        self._place = HTML()
        self._note = HTML()
        self._gallery = Gallery(self._open)
        self._table = HTML()
        self._whole = _Whole(self._step, self._close_whole)
        self._prepare = Button(description="ids as CSV", tooltip="Make a file of these objects")
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
                Box([self._kind, sort, self._view], layout=row),
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
            self._forget()
            return
        question = (self.evaluation, self.classes, self.iou_threshold, self.confidence_threshold)
        known = bool(self._asked) and self._asked[0] is question[0]
        if known and question == self._asked and self._lookup is not None:
            self._show()
            return
        if not known:
            self._pictures = None
        self._asked = question
        self._lookup = None
        self._body.add_class("eaw-waiting")
        self._later.ask()

    def _look_up(self) -> None:
        """Match under the choices, then show a page."""
        if self.metric is None or not self.metric_range:
            return
        matches = self.evaluation.matches(
            iou_threshold=self.iou_threshold,
            confidence_threshold=self.confidence_threshold,
            classes=self.classes,
        )
        self._lookup = Lookup.of(self.evaluation, matches)
        self._show()

    def _forget(self) -> None:
        self.set_trait("objects", None)
        self.set_trait("opened", None)
        self._close()

    def _say_what(self, *, chosen: bool) -> None:
        words = f"<span>{escape(self.in_words)}</span>" if chosen else ""
        colon = ": " if chosen else ""
        send(self._heading, value=f'<div class="eaw-heading">Examples{colon}{words}</div>')
        hint = HINT_METRIC if self.metric is None else HINT_RANGE.format(bare_name(self.metric))
        send(self._hint, value=f'<div class="eaw-hint">{escape(hint)}</div>')
        send(self._hint.layout, display="none" if chosen else "block")

    def _show(self) -> None:
        """Show the page of the objects that are asked for."""
        lookup = self._lookup
        if lookup is None or self.metric is None:
            return
        low, high = self.metric_range
        found = objects_in_range(self.evaluation.dataset, lookup.matches, self.metric, low, high)
        self._show_kinds({kind: int((found["kind"] == kind).sum()) for kind in KINDS})
        if self.kind != ALL:
            found = found[found["kind"] == self.kind]
        by = "value" if self.sort_by == "metric" else self.sort_by
        found = found.sort_values(
            by, ascending=not self.descending, kind="stable", na_position="last", ignore_index=True
        )
        fresh = self.objects is None or not found.equals(self.objects)
        if fresh:
            self.set_trait("objects", found)
            send(self._saved, value="")
            self._close()
        last = max(0, (len(found) - 1) // PAGE)
        if self.page > last:
            self._ready = False  # it is being drawn already
            try:
                self.page = last
            finally:
                self._ready = True
            self._drawn = tuple(getattr(self, name) for name in self.choice_names())
        self._show_page(lookup, found, last)
        self._body.remove_class("eaw-waiting")

    def _show_kinds(self, counts: dict[str, int]) -> None:
        self._kind.unobserve(self._kind_picked, "value")
        try:
            send(self._kind, options=self._kinds(counts))
            send(self._kind, value=self.kind)
        finally:
            self._kind.observe(self._kind_picked, "value")

    def _show_page(self, lookup: Lookup, found: pd.DataFrame, last: int) -> None:
        first = self.page * PAGE
        rows = found.iloc[first : first + PAGE]
        self._shown = lookup.examples(rows)
        metric, unit = self._metric_and_unit()
        pixels = self.evaluation.dataset.pixels is not None
        as_table = self.view == "table" or not pixels
        note = NOTHING if not len(found) else "" if pixels else NO_PIXELS
        send(self._note, value=f'<div class="eaw-muted">{note}</div>' if note else "")
        send(self._view, disabled=not pixels)
        if as_table:
            html = table_html(self._shown, metric, unit, first + 1) if len(found) else ""
            send(self._table, value=html)
            send(self._gallery, children=())
        else:
            send(self._table, value="")
            self._gallery.show(self._shown, self._drawer(), metric, unit)
        send(self._before, disabled=self.page == 0)
        send(self._next, disabled=self.page >= last)
        ends = f"{first + 1:,} to {first + len(rows):,} of " if len(found) else ""
        told = f"{ends}{text.counted(len(found), 'object')}"
        send(self._place, value=f'<span class="eaw-muted">{told}</span>')
        send(self._prepare, disabled=not len(found))

    def _metric_and_unit(self) -> tuple[str, str]:
        metric = self.metric or ""
        return bare_name(metric), str(self.evaluation.metrics.loc[metric, "unit"])

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
        content = self.ids().to_csv(index=False)
        words = f"save objects.csv ({text.counted(len(self.objects), 'row')})"
        send(self._saved, value=link_html("objects.csv", content, words, "text/csv"))

    @on_screen
    def _open(self, place: int) -> None:
        """Show the whole image of an object of the page."""
        if place >= len(self._shown) or self._lookup is None:
            return
        example = self._shown[place]
        metric, unit = self._metric_and_unit()
        below = tuple(
            Outline(box, COLOURS["other"], DASHES["other"], 2)
            for box in self._lookup.others(example)
        )
        number = self.page * PAGE + place
        self.set_trait("opened", number)
        words = f"{number + 1:,} of {len(self.objects):,} in {text.elide(example.image, 60)}"
        self._whole.show(
            self._drawer().whole(example, below), caption(example, metric, unit), words
        )

    @on_screen
    def _step(self, by: int) -> None:
        """Show the whole image of the next object, or of the one before."""
        if self.opened is None:
            return
        number = min(max(self.opened + by, 0), len(self.objects) - 1)
        self.page = number // PAGE
        self._open(number % PAGE)

    @on_screen
    def _close_whole(self) -> None:
        self._close()

    def _close(self) -> None:
        self.set_trait("opened", None)
        self._whole.hide()

    def close(self) -> None:
        """Take the widget off the page and out of the kernel."""
        if hasattr(self, "_later"):
            self._later.cancel()
        super().close()


class _Whole(VBox):
    """A whole image with boxes, and buttons to go on."""

    def __init__(self, on_step: Any, on_close: Any) -> None:
        self.picture = Image(format="jpeg", layout={"max_width": "100%", "max_height": "620px"})
        self.words = HTML()
        self.place = HTML()
        buttons = []
        for words, tooltip, act in (
            ("◂ before", "The object before", lambda _button: on_step(-1)),
            ("next ▸", "The next object", lambda _button: on_step(1)),
            ("close ✕", "Close the whole image", lambda _button: on_close()),
        ):
            button = Button(description=words, tooltip=tooltip)
            button.add_class("eaw-plain")
            button.on_click(act)
            buttons.append(button)
        super().__init__([], layout={"display": "none"})
        self._parts = (
            HBox([*buttons, self.place], layout={"align_items": "center"}),
            self.picture,
            self.words,
        )
        self.add_class("eaw-whole")

    def show(self, picture: bytes, words: str, place: str) -> None:
        """Show an image."""
        send(self.picture, value=picture)
        other = '<span class="eaw-muted"> · thin light blue: other labels</span>'
        send(self.words, value=words)
        send(self.place, value=f'<span class="eaw-muted">{escape(place)}</span>{other}')
        send(self, children=self._parts)
        send(self.layout, display="flex")

    def hide(self) -> None:
        """Take the image off the page."""
        send(self.layout, display="none")
        send(self, children=())
