"""Each image with its errors, the worst first; a click shows it whole. Folded until opened."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from ipywidgets import HTML, Button, Dropdown, HBox, Image, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.matching import BOX
from ea_widgets.widgets.base import Count, FoldedWidget, Option, on_screen, send, text
from ea_widgets.widgets.controls import Export
from ea_widgets.widgets.diagnosis.rows import NAME_WIDTH, cells_html
from ea_widgets.widgets.examples import LEGEND, Pictures, outline

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.data.images.drawing import Outline

ROWS = 10
ORDERS = {
    "f1": "lowest F1 first",
    "errors": "most errors first",
    "fp": "most false positives first",
    "fn": "most missed first",
    "dataset": "order of the data set",
}
HEADS = ("right", "wrong", "missed", "precision", "recall", "F1")
COLUMNS = ("tp", "fp", "fn", "precision", "recall", "f1")


KIND = {
    "found": "label",
    "missed": "missed",
    "true_positive": "true_positive",
    "false_positive": "false_positive",
}
"""How the box of each outcome is drawn; what counts nowhere is not."""


class ImageTable(FoldedWidget):
    """Scores of each image, folded until it is opened; a click shows the whole image.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``where``, ``sort_by``, ``page``, ``opened``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    title = "Images: where the detector fails, image by image"

    sort_by = Option(tuple(ORDERS), "f1")
    """``"f1"``, ``"errors"``, ``"fp"``, ``"fn"`` (worst first) or ``"dataset"``. Default
    ``"f1"``."""

    page = Count(0, 0)
    """Which ten images are listed, from 0. One past the end shows the last. Default 0."""

    table = AnyTrait(None, read_only=True)
    """All images in the order on screen, as `View.per_image` gives them; None until then. Read
    only."""

    shown_image = AnyTrait(None, read_only=True)
    """The `image_id` of the image that is shown whole; None if none is. Read only."""

    def _build_content(self) -> VBox:
        self._order = Dropdown(
            options=[(words, name) for name, words in ORDERS.items()],
            layout={"width": "230px"}, tooltip="Order of the images",
        )  # fmt: skip
        self._control(self._order, "sort_by")
        self._buttons = [self._row_button(index) for index in range(ROWS)]
        self._cells = [HTML() for _ in range(ROWS)]
        middle = {"align_items": "center"}
        pairs = zip(self._buttons, self._cells, strict=True)
        self._rows = [HBox(list(pair), layout=middle) for pair in pairs]
        self._list = VBox()
        self._before = self._turner("◂ before", -1)
        self._next = self._turner("next ▸", 1)
        self._pager = HTML()
        self._words = HTML()
        self._picture = Image(format="jpeg", layout={"max_width": "100%", "max_height": "620px"})
        self._whole = VBox()
        self._save = Export({}, "images", lambda: self.table, self._task, self.guard)
        head = HTML('<span class="eaw-muted">image</span>', layout={"width": NAME_WIDTH})
        names = HTML(cells_html(HEADS, "eaw-muted"))
        label = HTML('<span class="eaw-label">Order</span>')
        pager = HBox([self._before, self._pager, self._next, self._save], layout=middle)
        return VBox(
            [
                HBox([label, self._order], layout=middle),
                HBox([head, names], layout=middle),
                self._list,
                pager,
                self._whole,
            ]
        )

    def _row_button(self, index: int) -> Button:
        button = Button(layout={"width": NAME_WIDTH}, tooltip="Show the whole image")
        button.add_class("eaw-plain")
        button.on_click(lambda _button: self._picked(index))
        return button

    def _turner(self, words: str, by: int) -> Button:
        button = Button(description=words, tooltip=f"{words.strip('◂▸ ').title()} images")
        button.add_class("eaw-plain")
        button.on_click(lambda _button: self._turn(by))
        return button

    def _draw_content(self) -> None:
        if self._memo.changed("dataset", self.evaluation):
            self._pictures = Pictures(self.evaluation.dataset)
        if self._memo.changed("table", self.answers, self.sort_by):
            self._save.forget()
            self.set_trait("table", self._sorted())
            self._hide()
        self._show_rows()

    def _sorted(self) -> pd.DataFrame:
        built_in = self.sort_by in {"f1", "errors", "dataset"}
        table = self.answers.per_image(self.sort_by if built_in else "f1")
        if not built_in:
            table = table.sort_values(self.sort_by, ascending=False, kind="stable")
        return table

    @property
    def _first(self) -> int:
        """Number of the first image listed."""
        last = max(0, (len(self.table) - 1) // ROWS)
        return ROWS * min(self.page, last)

    def _show_rows(self) -> None:
        listed = self.table.iloc[self._first : self._first + ROWS]
        for index, row in enumerate(listed.to_dict("records")):
            send(self._buttons[index], description=text.elide(name_of(row), 34))
            values = [
                f"{row[name]:,}" if name in {"tp", "fp", "fn"} else text.rate(row[name])
                for name in COLUMNS
            ]
            send(self._cells[index], value=cells_html(values, ""))
        send(self._list, children=tuple(self._rows[: len(listed)]))
        send(self._before, disabled=self._first == 0)
        send(self._next, disabled=self._first + ROWS >= len(self.table))
        ends = f"{self._first + 1:,} to {self._first + len(listed):,} of " if len(listed) else ""
        told = f"{ends}{text.counted(len(self.table), 'image')}"
        send(self._pager, value=f'<span class="eaw-muted">{told}</span>')

    @on_screen
    def _turn(self, by: int) -> None:
        self.page = max(0, self._first // ROWS + by)

    @on_screen
    def _picked(self, index: int) -> None:
        """Show an image with all its labels and predictions."""
        number = self._first + index
        if self.table is None or number >= len(self.table):
            return  # off the screen by now
        row = self.table.iloc[number]
        self.set_trait("shown_image", row["image_id"])
        counts = f"{int(row['tp'])} right, {int(row['fp'])} wrong, {int(row['fn'])} missed"
        title = f"{escape(text.elide(name_of(row), 60))} <span>{counts}</span>"
        send(self._words, value=f'<div class="eaw-title">{title}</div>')
        shown: list[HTML | Image] = [self._words]
        if self.evaluation.dataset.pixels is not None:
            image_row = int(self.table.index[number])
            outlines = self._outlines(row["image_id"])
            send(self._picture, value=self._pictures.scene(image_row, outlines))
            shown += [self._picture, HTML(LEGEND)]
        send(self._whole, children=tuple(shown))

    def _outlines(self, image_id: object) -> list[Outline]:
        """List the boxes of an image that count: labels, missed ones, right and wrong ones."""
        matches, frames = self.answers.matches(), self.evaluation.dataset.frames
        outlines = []
        for found, boxes in (
            (matches.labels, frames.labels),
            (matches.predictions, frames.predictions),
        ):
            of_image = found[found["image_id"] == image_id]
            corners = boxes.loc[of_image.index, BOX].to_numpy(np.float64).tolist()
            for outcome, (x, y, width, height) in zip(of_image["outcome"], corners, strict=True):
                kind = KIND.get(outcome)
                if kind is not None:
                    outlines.append(outline(kind, (x, y, width, height), 3))
        return outlines

    def _hide(self) -> None:
        self.set_trait("shown_image", None)
        send(self._whole, children=())


def name_of(row: dict[Any, Any] | pd.Series) -> str:
    """Name of an image as people know it."""
    name = row.get("file_name")
    return name if isinstance(name, str) else f"image {row['image_id']}"
