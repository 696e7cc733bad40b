"""Labels that are likely wrong, one picture after the other, and what a person says of them."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pandas as pd
from ipywidgets import HTML, Box, Image, ToggleButtons, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.label_errors import LabelVerdicts
from ea_widgets.analysis.label_errors.find import KINDS
from ea_widgets.analysis.label_errors.verdicts import VERDICTS
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets.base import FoldedWidget, Option, send
from ea_widgets.widgets.diagnosis.mended_labels import MendedLabels
from ea_widgets.widgets.diagnosis.suspects import QUESTIONS, Suspect, SuspectFinder, caption
from ea_widgets.widgets.diagnosis.verdict_keys import VerdictKeys
from ea_widgets.widgets.examples import Gallery, Page, Pictures

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.view import View
    from ea_widgets.data.dataset import Dataset

PAGE = 12
LARGE = (640, 480)
"""Width and height in pixels of the picture of the one that is judged."""

Key = tuple[str, Any, Any]
COLOURS = "Blue: the label. Dashed: the prediction."


class LabelErrors(FoldedWidget):
    """Likely label errors of one kind, the likeliest first, folded until it is opened.

    Each is judged by a button or a letter, and the next one is shown. Verdicts are kept while
    the widget lives, also those of other kinds and choices; nothing is changed in the data.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``where``, ``kind``, ``opened``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.

    Notes
    -----
    Predictions of any confidence speak for and against labels: the threshold does not matter.
    """

    title = "Likely label errors: which labels to mend"

    kind = Option(KINDS, "missing")
    """``"missing"``, ``"wrong class"``, ``"badly placed"``, ``"duplicate"`` or ``"not an
    object"``. Default ``"missing"``."""

    suspects = AnyTrait(None, read_only=True)
    """The list on screen, as `View.label_errors` gives it; None until then. Read only."""

    position = AnyTrait(0, read_only=True)
    """Which of them is judged, from 0; as many as there are once all have been. Read only."""

    def _build_content(self) -> VBox:
        self._finding = self._task(self._found)
        self._enlarging = self._task(self._show_large, rest=0.0)
        self._developing = self._task(self._show_page, rest=0.0)
        self._judged: WeakKeyDictionary[Dataset, dict[Key, dict[str, Any]]] = WeakKeyDictionary()
        self._history: list[tuple[Key, dict[str, Any] | None]] = []
        self._errors: pd.DataFrame | None = None
        self._page: Page | None = None
        self._first, self._shown = 0, list[Suspect]()
        self._kinds = ToggleButtons(
            options=[(name, name) for name in KINDS], style={"button_width": "auto"}
        )
        self._kind_shown = self._control(self._kinds, "kind")
        self._words, self._said = HTML(), HTML()
        self._keys = VerdictKeys(self._judge, self._undo, self.guard)
        self._large = Image(format="jpeg", layout={"width": "100%", "margin": "0"})
        self._framed = Box(
            [self._large],
            layout={"flex": "1 1 320px", "max_width": "520px", "margin": "6px 14px 6px 0"},
        )
        beside = VBox(
            [self._words, self._keys, self._said], layout={"flex": "1 1 300px", "min_width": "0"}
        )
        row = {"display": "flex", "flex_flow": "row wrap"}
        self._looked_at = Box([self._framed, beside], layout={**row, "align_items": "flex-start"})
        self._gallery = Gallery(self.guard(self._tile_clicked))
        self._table = HTML()
        self._after = MendedLabels(
            lambda: self.verdicts, lambda: (self.evaluation, self.answers), self._task, self.guard
        )
        return VBox([self._kinds, self._looked_at, self._gallery, self._table, self._after])

    @property
    def verdicts(self) -> LabelVerdicts:
        """What was said of this evaluation's labels, in the order in which it was said."""
        rows = list(self._own.values())
        columns = ["kind", "score", "image_id", "label_id", "prediction_id", "other_label_id",
                   "class_name", "predicted_class", "confidence", "iou", "verdict"]  # fmt: skip
        return LabelVerdicts(self.evaluation.dataset, pd.DataFrame(rows, columns=columns))

    @property
    def _own(self) -> dict[Key, dict[str, Any]]:
        """Verdicts on the labels of the present data set."""
        return self._judged.setdefault(self.evaluation.dataset, {})

    @property
    def _counts(self) -> dict[str, int]:
        given = Counter(row["verdict"] for row in self._own.values())
        return {verdict: given[verdict] for verdict in VERDICTS}

    def _draw(self) -> None:
        super()._draw()
        if not self.opened:
            for task in (self._finding, self._enlarging, self._developing):
                task.cancel()
            self._memo.forget("errors")

    def _draw_content(self) -> None:
        dataset = self.evaluation.dataset
        if self._memo.changed("dataset", dataset):
            self._finder = SuspectFinder(dataset)
            self._pictures = None if dataset.pixels is None else Pictures(dataset)
            self._history = []
            self._after.forget(self._counts)
        chosen = (self.iou_threshold, self.classes, self.where)
        if self._memo.changed("errors", self.evaluation, *chosen):
            self._content.add_class("eaw-waiting")
            self._errors = None
            iou, classes, where = chosen
            self._finding.ask(partial(_find, self.evaluation.at(iou, None, classes, where)))
        elif self._errors is not None and self._memo.changed("list", self.kind):
            self._show_list(self._errors)

    def _found(self, table: pd.DataFrame) -> None:
        """Take the suspects of all kinds, and list those of the one chosen."""
        self._errors = table
        counts = table["kind"].value_counts()
        options = [(f"{name} ({counts.get(name, 0):,})", name) for name in KINDS]
        self._kind_shown.show(self.kind, options=options)
        self._memo.changed("list", self.kind)
        self._show_list(table)
        self._content.remove_class("eaw-waiting")

    def _show_list(self, errors: pd.DataFrame) -> None:
        """List the suspects of the kind, and turn to the first one without a verdict."""
        self.set_trait("suspects", errors[errors["kind"] == self.kind])
        self._keys.explain(*QUESTIONS[self.kind])
        keys = list(map(_key, self.suspects.to_dict("records")))
        self._places = dict(zip(keys, range(len(keys)), strict=True))
        self._page = None
        first = next((n for n, key in enumerate(keys) if key not in self._own), len(keys))
        self._turn_to(first)
        self._keys.start()

    def _turn_to(self, position: int) -> None:
        """Show a suspect large, and the page of the list that it is on."""
        self.set_trait("position", position)
        total = len(self.suspects)
        first = PAGE * (min(position, max(total - 1, 0)) // PAGE)
        rows = self.suspects.iloc[first : first + PAGE]
        if self._page is None or first != self._first:
            self._first, self._shown = first, self._finder.suspects(rows)
            self._page = Page([], [], [])
            send(self._gallery, children=())
            if self._pictures is not None:
                self._developing.ask(partial(_develop, self._shown, self._pictures))
        there = position < total
        send(self._framed.layout, display="" if there and self._pictures else "none")
        if there and self._pictures is not None:
            suspect = self._shown[position - first]
            self._enlarging.ask(partial(_enlarge, suspect, self._pictures))
        self._say()

    def _say(self) -> None:
        """Say what is looked at, and what was said of how many."""
        total, position = len(self.suspects), self.position
        wrong, right = QUESTIONS[self.kind]
        if position < total:
            own = caption(self._shown[position - self._first], self._verdict_of(position))
            words = (
                f'<div class="eaw-title">{position + 1:,} of {total:,}</div>{own}'
                f'<div class="eaw-words"><b>wrong</b>: {wrong}<br><b>right</b>: {right}</div>'
            )
        else:
            none = "Nothing of this kind is suspected." if not total else "All have a verdict."
            words = f'<div class="eaw-title">{none}</div>'
        send(self._words, value=f'<div aria-live="polite">{words}</div>')
        told = ", ".join(f"{number:,} {verdict}" for verdict, number in self._counts.items())
        words = f"All verdicts: {told}."
        send(self._said, value=f'<div class="eaw-muted">{words} {COLOURS}</div>')
        self._caption()

    def _caption(self) -> None:
        """Write the verdicts below the pictures, or in the table where there are none."""
        numbers = range(self._first, self._first + len(self._shown))
        captions = [
            caption(suspect, self._verdict_of(number))
            for number, suspect in zip(numbers, self._shown, strict=True)
        ]
        if self._pictures is None:
            send(self._table, value="".join(captions))
            return
        if self._page is not None and self._page.crops:
            self._gallery.show(Page(self._page.examples, self._page.crops, captions))
            at = self.position - self._first
            self._gallery.mark(at if at < len(self._shown) else None)

    def _verdict_of(self, position: int) -> str:
        row = self.suspects.iloc[position].to_dict()
        return str(self._own.get(_key(row), {}).get("verdict", ""))

    def _show_page(self, page: Page) -> None:
        self._page = page
        self._caption()

    def _show_large(self, picture: bytes) -> None:
        send(self._large, value=picture)

    def _tile_clicked(self, index: int) -> None:
        """Turn to a suspect of the page; letters go to it then."""
        if self.suspects is not None and self._first + index < len(self.suspects):
            self._keys.start()
            self._turn_to(self._first + index)
            self._keys.field.focus()

    def _judge(self, verdict: str) -> bool:
        """Give a verdict on the one that is looked at, and turn to the next; False past the end."""
        if self.suspects is None or self.position >= len(self.suspects):
            return False
        row = self.suspects.iloc[self.position].to_dict()
        key = _key(row)
        self._history.append((key, self._own.pop(key, None)))
        self._own[key] = {**row, "verdict": verdict}
        self._after.forget(self._counts)
        self._turn_to(self.position + 1)
        return True

    def _undo(self) -> None:
        """Take the last verdict back, and look at what it was about."""
        if self.suspects is None or not self._history:
            return
        key, before = self._history.pop()
        self._own.pop(key, None)
        if before is not None:
            self._own[key] = before
        self._after.forget(self._counts)
        self._turn_to(self._places.get(key, self.position))


def _key(row: dict[Any, Any]) -> Key:
    """Name a suspect, whatever the list that it is in."""
    label, prediction = (
        None if pd.isna(row[name]) else row[name] for name in ("label_id", "prediction_id")
    )
    return (str(row["kind"]), label, prediction)


def _find(answers: View, should_stop: Callable[[], bool]) -> pd.DataFrame:
    """Ask for the suspects of all kinds."""
    stop_if(should_stop)
    return answers.label_errors()


def _enlarge(suspect: Suspect, pictures: Pictures, _should_stop: Callable[[], bool]) -> bytes:
    return pictures.crop(suspect, LARGE)


def _develop(suspects: list[Suspect], pictures: Pictures, should_stop: Callable[[], bool]) -> Page:
    """Draw the pictures of a page; their captions are written when they are shown."""
    crops = []
    for suspect in suspects:
        stop_if(should_stop)
        crops.append(pictures.crop(suspect))
    return Page(list(suspects), crops, [""] * len(crops))
