"""Why predictions are wrong and labels missed, and what mending each kind is worth."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
from ipywidgets import HTML, Button, Dropdown, HBox, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.object_words import MISSED_WRONG_CLASS, REASON_WORDS
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets.base import FoldedWidget, Option, on_screen, send, text
from ea_widgets.widgets.controls import Export
from ea_widgets.widgets.diagnosis.rows import NAME_WIDTH, cells_html
from ea_widgets.widgets.examples import OBJECTS, ObjectGallery

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.matching import Reasons
    from ea_widgets.analysis.view import View

ORDERS = {
    "gain": "worth most first",
    "gain_per_100": "worth most per 100 errors first",
    "count": "most errors first",
}
HEADS = ("errors", "share", "at most", "per 100")
OBJECT_KINDS = {"predictions": "false_positive", "labels": "missed"}
HINT = (
    "What mAP would gain if all errors of a kind were mended and nothing else. Gains do not add "
    "up: mending one kind uncovers others."
)


class ErrorKinds(FoldedWidget):
    """Kinds of error after TIDE, and what mending each is worth; folded until it is opened.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``where``, ``sort_by``, ``opened``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.

    Notes
    -----
    In a notebook the gains follow once the choices have rested for a quarter of a second.
    """

    title = "Kinds of error: what mending each is worth"

    sort_by = Option(tuple(ORDERS), "gain")
    """``"gain"``, ``"gain_per_100"`` or ``"count"``, highest first. Default ``"gain"``."""

    kinds = AnyTrait(None, read_only=True)
    """The table on screen: both tables of `View.reasons`, with a column `of` ("predictions" or
    "labels"); `gain` and `gain_per_100` are NaN until they are known. None until then. Read
    only."""

    found = AnyTrait(None, read_only=True)
    """The `ExamplePage` of the objects shown; None if none are. Read only."""

    def _build_content(self) -> VBox:
        self._gaining = self._task(self._gained)
        self._order = Dropdown(
            options=[(words, name) for name, words in ORDERS.items()],
            layout={"width": "230px"}, tooltip="Order of the kinds of error",
        )  # fmt: skip
        self._control(self._order, "sort_by")
        self._buttons: list[Button] = []
        self._cells: list[HTML] = []
        self._list = VBox()
        self._objects = ObjectGallery(self._task)
        self._save = Export({}, "error-kinds", lambda: self.kinds, self._task, self.guard)
        middle = {"align_items": "center"}
        head = HTML('<span class="eaw-muted">kind</span>', layout={"width": NAME_WIDTH})
        names = HTML(cells_html(HEADS, "eaw-muted"))
        label = HTML('<span class="eaw-label">Order</span>')
        hint = HTML(f'<div class="eaw-muted">{HINT}</div>')
        order = HBox([label, self._order], layout=middle)
        return VBox(
            [order, HBox([head, names], layout=middle), self._list, hint, self._save, self._objects]
        )

    def _draw(self) -> None:
        super()._draw()
        if not self.opened:
            self._gaining.cancel()
            self._memo.forget("kinds")

    def _draw_content(self) -> None:
        if self._memo.changed("kinds", self.answers):
            self._list.add_class("eaw-waiting")
            self._show(self.answers.reasons())
            self._hide()
            self._gaining.ask(partial(_gains, self.answers))
        elif self._memo.changed("order", self.sort_by):
            self._list_kinds(self.kinds)

    def _gained(self, reasons: Reasons) -> None:
        self._show(reasons)
        self._list.remove_class("eaw-waiting")

    def _show(self, reasons: Reasons) -> None:
        tables = {"predictions": reasons.predictions, "labels": reasons.labels}
        both = pd.concat(tables, names=["of"]).reset_index(level="of").reset_index(drop=True)
        missing = {name: float("nan") for name in ("gain", "gain_per_100") if name not in both}
        self._list_kinds(both.assign(**missing))

    def _list_kinds(self, table: pd.DataFrame) -> None:
        self._memo.changed("order", self.sort_by)
        by = [self.sort_by, "count"]  # until gains are known
        table = table.sort_values(by, ascending=False, kind="stable", ignore_index=True)
        self.set_trait("kinds", table)
        self._save.forget()
        while len(self._buttons) < len(table):
            self._buttons.append(self._row_button(len(self._buttons)))
            self._cells.append(HTML())
        for row, button, cells in zip(
            table.to_dict("records"), self._buttons, self._cells, strict=False
        ):
            send(button, description=kind_in_words(row["of"], row["reason"]))
            share = text.MISSING if math.isnan(row["share"]) else f"{row['share']:.0%}"
            gains = (in_map(row[name]) for name in ("gain", "gain_per_100"))
            send(cells, value=cells_html((f"{row['count']:,}", share, *gains), ""))
        if len(self._list.children) != len(table):
            pairs = zip(self._buttons, self._cells, strict=True)
            rows = tuple(HBox(list(p), layout={"align_items": "center"}) for p in pairs)
            send(self._list, children=rows)

    def _row_button(self, index: int) -> Button:
        button = Button(layout={"width": NAME_WIDTH}, tooltip="Look at these errors")
        button.add_class("eaw-plain")
        button.on_click(lambda _button: self._picked(index))
        return button

    @on_screen
    def _picked(self, index: int) -> None:
        """Show the objects of a kind of error, the surest predictions first."""
        if self.kinds is None or index >= len(self.kinds):
            return
        row: Any = self.kinds.iloc[index]
        kind = OBJECT_KINDS[row["of"]]
        found = self.answers.objects_in_range(
            kind=kind, reason=row["reason"], sort="confidence", descending=True, page_size=OBJECTS
        )
        self.set_trait("found", found)
        words = kind_in_words(row["of"], row["reason"])
        self._objects.show(words, found, self.evaluation.dataset)

    def _hide(self) -> None:
        self.set_trait("found", None)
        self._objects.clear()


def kind_in_words(of: str, reason: str) -> str:
    """Name a kind of error in plain text.

    Examples
    --------
    >>> kind_in_words("predictions", "duplicate"), kind_in_words("labels", "missed")
    ('wrong: duplicate', 'missed: not detected')
    """
    if of == "predictions":
        return f"wrong: {REASON_WORDS[reason]}"
    return f"missed: {MISSED_WRONG_CLASS if reason == 'wrong_class' else REASON_WORDS[reason]}"


def in_map(gain: float) -> str:
    """Write a gain as a difference of mAP.

    Examples
    --------
    >>> in_map(0.0312), in_map(float("nan"))
    ('+0.031', '…')
    """
    return "…" if math.isnan(gain) else f"+{gain:.3f}"


def _gains(answers: View, should_stop: Callable[[], bool]) -> Reasons:
    """Ask for what mending is worth."""
    stop_if(should_stop)
    return answers.reasons(gain=True)
