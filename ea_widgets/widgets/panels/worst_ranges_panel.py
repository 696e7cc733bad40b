"""Where the errors are: the ranges that hold more of them than the rest, one click away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from ipywidgets import HTML, Box, Button, Checkbox, Dropdown, HBox, ToggleButtons, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.actions import why_no_range
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import (
    OUTCOME_WORDS,
    Extent,
    Flag,
    Option,
    OutcomeWidget,
    RangedWidget,
    on_screen,
    send,
    text,
)
from ea_widgets.widgets.controls import Export
from ea_widgets.widgets.examples import pictures_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from ipywidgets import Widget

    from ea_widgets.analysis.view import View

SHOWN = 6
ORDERS = {
    "surest": "surest first",
    "gain": "worth most first",
    "gain_per_100": "worth most per 100 errors first",
}
ALL = "all"
LONGEST = 480


class WorstRanges(OutcomeWidget, RangedWidget):
    """The metric ranges with the most errors above average; a click chooses one.

    Parameters
    ----------
    evaluation : Evaluation
        What is looked at. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``metric``, ``metric_range``, ``outcome``, ``by_class``, ``sort_by``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.

    Notes
    -----
    In a notebook the list follows once the choices have rested for a quarter of a second.
    """

    by_class = Flag(default_value=False)
    """Whether ranges of single classes are looked for too. Default False."""

    sort_by = Option(tuple(ORDERS), "surest")
    """``"surest"``, or ``"gain"`` or ``"gain_per_100"``: what mending the errors of a range is
    worth. Default ``"surest"``."""

    ranges = AnyTrait(None, read_only=True)
    """The table behind the list, as `Evaluation.worst_ranges` gives it with gains, in the order on
    screen; None before it is there. Read only."""

    _found: pd.DataFrame | None = None

    on_pick: Callable[[], None] | None = None
    """Called before a click chooses a range."""

    def _build(self) -> tuple[Any, ...]:
        self._finding = self._task(self._show)
        self._developing = self._task(self._show_pictures, rest=0.0)
        self._outcome = ToggleButtons(
            options=OUTCOME_WORDS,
            tooltips=[wording.FALSE_POSITIVES_HINT, wording.MISSED_HINT],
            style={"button_width": "auto"},
        )
        self._by_class = Checkbox(
            description="also within classes", indent=False,
            layout={"width": "auto", "margin": "2px 12px"},
        )  # fmt: skip
        self._order = Dropdown(
            options=[(words, name) for name, words in ORDERS.items()],
            layout={"width": "230px"}, tooltip=wording.RANGE_ORDER_HINT,
        )  # fmt: skip
        self._control(self._order, "sort_by")
        self._control(self._outcome, "outcome")
        self._control(self._by_class, "by_class")
        self._said = HTML()
        self._buttons: list[Button] = []
        self._pictures: list[HTML] = []
        self._rows: list[HBox] = []
        self._list = VBox()
        self._list.add_class("eaw-worst")
        heading = HTML('<div class="eaw-heading">Where errors concentrate</div>')
        middle = {"align_items": "center"}
        label = HTML('<span class="eaw-label">Errors</span>')
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        self._explain = HBox([label, self._outcome], layout=middle)
        # Counts alone tell neither what mending is worth nor about each class.
        self._judged = self.can("what_if")
        further = [self._by_class, self._order] if self._judged else []
        self._choices = Box([self._explain, *further], layout=row)
        self._save = Export({}, "worst-ranges", lambda: self.ranges, self._task, self.guard)
        send(self._save.layout, display="none")
        return (heading, self._choices, self._said, self._list, self._save)

    def hand_over(self) -> tuple[Widget, ...]:
        """Leave the choice of errors to the page, and give it the other controls to show."""
        send(self._explain.layout, display="none")
        send(self._choices.layout, display="none")
        send(self._choices, children=(self._explain,))
        return (self._by_class, self._order)

    def _draw(self) -> None:
        if self._memo.changed("ranges", self.answers, self.outcome, self.by_class):
            self._list.add_class("eaw-waiting")
            if self.ranges is None:
                send(self._said, value='<div class="eaw-muted">Looking for ranges …</div>')
            options = {"by_class": self.by_class, "gain": True} if self._judged else {}
            self._finding.ask(partial(_find, self.answers, self.outcome, options))
        elif self._found is not None and self._memo.changed("order", self.sort_by):
            self._show(self._found)
        else:
            self._mark()

    def _show(self, found: pd.DataFrame) -> None:
        """List the ranges that were found, in the order that is chosen."""
        self._found = found
        self._memo.changed("order", self.sort_by)
        table = found
        if self.sort_by in table:
            table = found.sort_values(
                self.sort_by, ascending=False, kind="stable", ignore_index=True
            )
        self.set_trait("ranges", table)
        self._save.forget()
        send(self._save.layout, display="flex" if len(table) else "none")
        while len(self._buttons) < len(table):
            self._buttons.append(self._new_button(len(self._buttons)))
        gains = table["gain"] if "gain" in table else [np.nan] * len(table)
        for button, sentence, gain in zip(self._buttons, table["sentence"], gains, strict=False):
            worth = "" if np.isnan(gain) else f" Mended: at most +{gain:.3f} mAP."
            send(button, description=text.elide(sentence, LONGEST) + worth)
        self._list_rows(table)
        words = "" if len(table) else f'<div class="eaw-muted">{self._why_none()}</div>'
        send(self._said, value=words)
        self._list.remove_class("eaw-waiting")
        self._mark()

    def _list_rows(self, table: pd.DataFrame) -> None:
        """List the buttons of the ranges, beside them pictures of errors where there are images."""
        rows, dataset = self._buttons, None
        if len(table) and self.can("objects_in_range"):
            dataset = self.evaluation.pictured
        if dataset is None or dataset.pixels is None:
            self._developing.cancel()
        else:
            rows = self._rows
            asked = [
                (
                    self._answers_for(self._classes_of(row)),
                    str(row["metric"]),
                    extent_of(row["low"], row["high"], row["isin"]),
                )
                for _, row in table.iterrows()
            ]
            for pictures in self._pictures:
                send(pictures, value="")  # else they would be of another range for a moment
            self._developing.ask(partial(pictures_of, asked, self.outcome, dataset))
        send(self._list, children=tuple(rows[: len(table)]))

    def _show_pictures(self, drawn: list[str]) -> None:
        for pictures, html in zip(self._pictures, drawn, strict=False):
            send(pictures, value=html)

    def _classes_of(self, row: Any) -> tuple[str, ...]:
        """List the classes that a range of the list is about."""
        single = self.by_class and row.class_name in self.evaluation.class_names
        return (row.class_name,) if single else self.classes

    def _why_none(self) -> str:
        return why_no_range(self.answers.scores(), self.outcome)

    def _new_button(self, index: int) -> Button:
        button = Button(tooltip=wording.RANGE_HINT)
        button.add_class("eaw-range")
        button.on_click(lambda _button: self._pick(index))
        pictures = HTML()
        row = HBox([button, pictures])
        row.add_class("eaw-found")
        self._pictures.append(pictures)
        self._rows.append(row)
        return button

    def _mark(self) -> None:
        """Show which range of the list is the one chosen."""
        if self.ranges is None:
            return
        for button, row in zip(self._buttons, self.ranges.itertuples(), strict=False):
            chosen = self.metric == row.metric and self.metric_range == extent_of(
                row.low, row.high, row.isin
            )
            send(button, icon="caret-right" if chosen else "")
            (button.add_class if chosen else button.remove_class)("eaw-chosen")

    @on_screen
    def _pick(self, index: int) -> None:
        if self.ranges is None or index >= len(self.ranges):
            return  # off the screen by now
        row: pd.Series = self.ranges.iloc[index]
        limits = extent_of(row["low"], row["high"], row["isin"])
        if self.on_pick is not None:
            self.on_pick()
        with self.hold_trait_notifications():
            self.classes = self._classes_of(row)
            self.metric = row["metric"]
            self.metric_range = limits


def extent_of(low: float, high: float, isin: tuple[Any, ...] | None) -> Extent:
    """Range, or set of categories, of a row of the table."""
    return frozenset(isin) if isinstance(isin, tuple) else (float(low), float(high))


def _find(
    answers: View,
    outcome: str,
    options: dict[str, Any],
    should_stop: Callable[[], bool],
) -> pd.DataFrame:
    """Ask for the ranges, until told to stop."""
    return answers.worst_ranges(SHOWN, outcome, settled=True, should_stop=should_stop, **options)
