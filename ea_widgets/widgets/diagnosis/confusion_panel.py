"""Which classes are taken for which: a shaded table, the worst pairs, and their objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ipywidgets import HTML, Button, Dropdown, HBox, ToggleButtons, VBox
from traitlets import Any as AnyTrait

from ea_widgets.widgets.base import Control, FoldedWidget, Option, on_screen, send, text
from ea_widgets.widgets.charts import HeatMap
from ea_widgets.widgets.controls import Export
from ea_widgets.widgets.examples import OBJECTS, ObjectGallery

if TYPE_CHECKING:
    import pandas as pd

BY_SIMILARITY = 30
"""From so many classes on, those that are confused with each other stand side by side."""

MOST_CLASSES = 100
"""Of more classes, the most confused pairs stand in place of the table."""

PAIRS, PAIRS_ALONE = 12, 40
"""Pairs that are listed beside the table, and in its place."""

ORDERS = ("count", "row", "column")
WORDS = {
    "count": "counts",
    "row": "share of the labels",
    "column": "share of the predictions",
}
HINT = (
    "Rows: the class of the label; columns: the predicted one. A click on a cell shows its objects."
)
SIMILAR = " Classes that are confused with each other stand side by side."
MANY = (
    "There are too many classes for a table: these are the pairs that are confused most. All of "
    "them are in the CSV file."
)


class Confusion(FoldedWidget):
    """Which classes are taken for which, folded until it is opened.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``where``, ``normalize``, ``opened``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.
    """

    title = "Confusion: which classes are taken for which"

    normalize = Option(ORDERS, "row")
    """What the cells show: ``"count"``, ``"row"`` (share of the labels of a class) or ``"column"``
    (share of the predictions of a class). Default ``"row"``."""

    matrix = AnyTrait(None, read_only=True)
    """The table on screen, as `View.confusion` gives it; None until then, and where the classes
    are too many for it. Read only."""

    pairs = AnyTrait(None, read_only=True)
    """The most confused pairs, as `View.confused_pairs` gives them; None until then. Read only."""

    cell = AnyTrait(None, read_only=True)
    """Class of the labels and of the predictions whose objects are shown; None if none are. Read
    only."""

    found = AnyTrait(None, read_only=True)
    """The `ExamplePage` of the objects shown; None if none are. Read only."""

    def _build_content(self) -> VBox:
        self._normalize = ToggleButtons(
            options=[(words, name) for name, words in WORDS.items()],
            style={"button_width": "auto"},
        )
        self._control(self._normalize, "normalize")
        self._map = HeatMap(self._cell_clicked, self._describe, self.guard)
        self._menus = [
            Control(
                Dropdown(options=[("choose", None)], layout={"width": "200px"}, tooltip=tooltip),
                self.guard(self._cell_chosen),
            )
            for tooltip in ("Class of the labels", "Class of the predictions")
        ]
        self._chart = VBox()
        self._note = HTML()
        self._buttons = [self._pair_button(index) for index in range(PAIRS_ALONE)]
        self._list = VBox()
        self._list.add_class("eaw-worst")
        self._objects = ObjectGallery(self._task)
        self._save = Export({}, "confusion", self._numbers, self._task, self.guard)
        label = HTML('<span class="eaw-label">Cells</span>')
        self._shown_as = HBox([label, self._normalize], layout={"align_items": "center"})
        menus = (control.widget for control in self._menus)
        words = ("Labelled", "predicted")
        labelled = zip(
            (HTML(f'<span class="eaw-label">{w}</span>') for w in words), menus, strict=True
        )
        look = HBox(
            [one for pair in labelled for one in pair],
            layout={"flex_flow": "row wrap", "align_items": "center"},
        )
        parts = [self._shown_as, self._chart, self._note, self._list, self._save, look]
        return VBox([*parts, self._objects])

    def _numbers(self) -> pd.DataFrame:
        return self.answers.confused_pairs(None) if self.matrix is None else self.matrix

    def _pair_button(self, index: int) -> Button:
        button = Button(tooltip="Look at these objects")
        button.add_class("eaw-range")
        button.on_click(lambda _button: self._pair_clicked(index))
        return button

    def _draw_content(self) -> None:
        moved = self._memo.changed("confusion", self.answers)
        if self._memo.changed("cells", self.answers, self.normalize):
            self._save.forget()
            self._show_matrix()
        if moved:
            self._offer(self.answers.confusion())
            listed = PAIRS_ALONE if self.matrix is None else PAIRS
            self._show_pairs(self.answers.confused_pairs(listed))
            self._show_objects(None)

    def _show_matrix(self) -> None:
        fits = 0 < len(self.answers.classes) <= MOST_CLASSES
        send(self._shown_as.layout, display="flex" if fits else "none")
        send(self._chart, children=(self._map,) if fits else ())
        words = (HINT + SIMILAR * (self._order() == "similarity")) if fits else MANY
        send(self._note, value=f'<div class="eaw-muted">{words}</div>')
        if not fits:
            self.set_trait("matrix", None)
            return
        share = None if self.normalize == "count" else self.normalize
        table = self.answers.confusion(share, self._order())
        values = table.to_numpy(np.float64)
        top = 1.0 if share else max(1.0, float(np.nanmax(values, initial=0.0)))
        rows, columns = ([str(name) for name in names] for names in (table.index, table.columns))
        self._map.show(rows, columns, values, ".0%" if share else ",.0f", top)
        self.set_trait("matrix", table)

    def _order(self) -> str:
        """Name the order of the classes."""
        return "similarity" if len(self.answers.classes) >= BY_SIMILARITY else "display"

    def _offer(self, table: pd.DataFrame) -> None:
        """Offer the classes of the labels, and those of the predictions."""
        for menu, names in zip(self._menus, (table.index, table.columns), strict=True):
            options = [("choose", None), *((text.elide(str(name), 40), name) for name in names)]
            menu.show(None, options=options)

    def _show_pairs(self, pairs: pd.DataFrame) -> None:
        self.set_trait("pairs", pairs)
        for button, row in zip(self._buttons, pairs.to_dict("records"), strict=False):
            share = "" if np.isnan(row["share"]) else f" ({row['share']:.0%} of these labels)"
            names = (text.elide(str(row[of]), 60) for of in ("label_class", "predicted_class"))
            send(button, description=f"{' taken for '.join(names)}: {row['count']:,}{share}")
        send(self._list, children=tuple(self._buttons[: len(pairs)]))

    @on_screen
    def _pair_clicked(self, index: int) -> None:
        if self.pairs is not None and index < len(self.pairs):
            row = self.pairs.iloc[index]
            self._show_objects((row["label_class"], row["predicted_class"]))

    def _cell_clicked(self, row: int, column: int) -> None:
        if self.matrix is not None:
            self._show_objects((self.matrix.index[row], self.matrix.columns[column]))

    def _describe(self, row: int, column: int) -> str:
        """Write the tooltip of a cell."""
        if self.matrix is None:
            return ""
        names = (str(self.matrix.index[row]), str(self.matrix.columns[column]))
        count, *shares = (
            self.answers.confusion(of, self._order()).to_numpy(np.float64)[row, column]
            for of in (None, "row", "column")
        )
        told = zip(("of these labels", "of these predictions"), shares, strict=True)
        return text.table(
            f"labelled {names[0]}, predicted {names[1]}",
            [
                ("objects", text.MISSING if np.isnan(count) else f"{count:,.0f}"),
                *((of, text.MISSING if np.isnan(x) else f"{x:.1%}") for of, x in told),
            ],
        )

    def _cell_chosen(self, _value: object) -> None:
        """Show the objects of the two classes that the menus name."""
        cell = (self._menus[0].widget.value, self._menus[1].widget.value)
        if None not in cell:
            self._show_objects((cell[0], cell[1]))

    def _show_objects(self, cell: tuple[str, str] | None) -> None:
        """Show the objects of a cell, the surest first; None takes them off the page."""
        self.set_trait("cell", cell)
        for menu, name in zip(self._menus, cell or (None, None), strict=True):
            menu.show(name)
        found = None if cell is None else self.answers.confused_objects(*cell, 0, OBJECTS)
        self.set_trait("found", found)
        if cell is None or found is None:
            self._objects.clear()
        else:
            words = f"labelled {cell[0]}, predicted {cell[1]}"
            self._objects.show(words, found, self.evaluation.dataset)
