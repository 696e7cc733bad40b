"""Slices with names: kept, compared with the rest, applied, and taken from page to page as JSON."""

from __future__ import annotations

import json
from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from ipywidgets import HTML, Button, FileUpload, HBox, Text, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.slices import read_slices
from ea_widgets.analysis.slices.named import check_slices, save_slices
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base import Choice, FoldedWidget, on_screen, send, text
from ea_widgets.widgets.controls import Export, FilterChips, TextFile, TextFiles, in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ea_widgets.analysis.slices import Condition
    from ea_widgets.analysis.view import View

NAME_WIDTH = "210px"
NUMBERS = {
    "mean_average_precision": "mAP",
    "mean_average_recall": "mAR",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
}
NONE_YET = "No slices yet: make a range or a cell a filter, and keep it under a name."
HINT = (
    "Of all data, whatever the filter; in brackets 95 % intervals, none for labels in under 30 "
    "images or clusters. Difference: mAP of the slice less that of the rest."
)


class NamedSlices(Choice):
    """Slices by name: a mapping of names to conditions, replaced whole."""

    def validate(self, _obj: Any, value: Any) -> dict[str, Condition]:
        """Refuse what is no such mapping."""
        return check_slices(value)


class Slices(FoldedWidget):
    """Slices of the data under names, and how each compares with the rest; folded until opened.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later: slices that it does not know stay, without numbers.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``where``, ``slices``, ``opened``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.

    Notes
    -----
    In a notebook intervals follow once the choices have rested for a quarter of a second.
    """

    title = "Slices: parts of the data with names"

    slices = NamedSlices({})
    """Conditions from ``ea.where`` by name. Replace it whole: a change within it is not seen.
    Default empty."""

    table = AnyTrait(None, read_only=True)
    """The table on screen, as `View.slices` gives it; with intervals once they are known. None
    until then. Read only."""

    def _build_content(self) -> VBox:
        self._scoring = self._task(self._scored, rest=0.0)
        self._settling = self._task(self._show)
        self._chips = FilterChips(partial(setattr, self, "where"), self.guard)
        self._name = Text(placeholder="name of this filter", layout={"width": "180px"})
        self._keep = Button(description="keep", tooltip="Keep the filter under this name")
        self._keep.add_class("eaw-plain")
        self._keep.on_click(lambda _button: self._kept_filter())
        self._rows: list[HBox] = []
        self._list = VBox()
        self._table = HTML()
        self._said = HTML()
        self._files = TextFiles(
            [TextFile("JSON", "All slices as a file for ea.read_slices and the command",
                      "slices.json", self._json)],
            self._task, self.guard,
        )  # fmt: skip
        self._save = Export({}, "slices", lambda: self.table, self._task, self.guard)
        self._upload = FileUpload(
            accept=".json", description="read JSON", tooltip="Add the slices of a file",
            layout={"width": "auto"},
        )  # fmt: skip
        self._upload.observe(self.guard(self._uploaded), "value")
        row = {"flex_flow": "row wrap", "align_items": "center"}
        return VBox(
            [
                self._chips,
                HBox([self._name, self._keep, self._upload, self._files, self._save], layout=row),
                self._said,
                self._list,
                self._table,
            ]
        )

    def _draw(self) -> None:
        super()._draw()
        if not self.opened:
            self._scoring.cancel()
            self._settling.cancel()
            self._memo.forget("slices")

    def _draw_content(self) -> None:
        self._chips.show(self.where, self.evaluation)
        send(self._keep, disabled=self.where is None)
        asked = (self.iou_threshold, self.confidence_threshold, self.classes)
        if not self._memo.changed("slices", self.evaluation, *asked, self.slices):
            return
        known = {name: one for name, one in self.slices.items() if self._knows(one)}
        self._list_slices(known)
        self._files.forget()
        self._table.add_class("eaw-waiting")
        self._settling.cancel()
        self._question = (self.evaluation.at(*asked), known)
        self._scoring.ask(partial(_score, *self._question))

    def _knows(self, condition: Condition) -> bool:
        try:
            self.evaluation.at(where=condition)
        except InvalidInputError:
            return False
        return True

    def _list_slices(self, known: dict[str, Condition]) -> None:
        """Give each slice a button that applies it, and one that takes it away."""
        while len(self._rows) < len(self.slices):
            self._rows.append(self._row(len(self._rows)))
        for row, (name, condition) in zip(self._rows, self.slices.items(), strict=False):
            apply, remove, words = row.children
            said = in_words(condition, self.evaluation)
            send(apply, description=text.elide(name, 28), disabled=name not in known,
                 tooltip=f"Make {text.elide(name, 60)} the filter")  # fmt: skip
            send(remove, tooltip=f"Forget {text.elide(name, 60)}")
            told = said if name in known else f"{said} (these data do not have it)"
            send(words, value=f'<span class="eaw-muted">{escape(text.elide(told, 200))}</span>')
        send(self._list, children=tuple(self._rows[: len(self.slices)]))
        words = HINT if self.slices else NONE_YET
        send(self._said, value=f'<div class="eaw-muted">{words}</div>')

    def _row(self, index: int) -> HBox:
        apply, remove = Button(layout={"width": NAME_WIDTH}), Button(description="delete")
        for button, act in ((apply, self._applied), (remove, self._removed)):
            button.add_class("eaw-plain")
            button.on_click(partial(self._clicked, act, index))
        return HBox([apply, remove, HTML()], layout={"align_items": "center"})

    @on_screen
    def _clicked(self, act: Callable[[str], None], index: int, _button: object) -> None:
        if index < len(self.slices):  # else it is off the screen by now
            act(list(self.slices)[index])

    def _applied(self, name: str) -> None:
        self.where = self.slices[name]

    def _removed(self, name: str) -> None:
        self.slices = {other: one for other, one in self.slices.items() if other != name}

    @on_screen
    def _kept_filter(self) -> None:
        """Keep the filter under the name that was typed, or else under what it says."""
        if self.where is not None:
            name = self._name.value.strip() or in_words(self.where, self.evaluation)
            send(self._name, value="")
            self.slices = {**self.slices, name: self.where}

    def _uploaded(self, change: Any) -> None:
        """Add the slices of a file; those of the same name are replaced."""
        files = change["new"]
        if not files:
            return
        self._upload.value = ()
        found: dict[str, Condition] = {}
        with TemporaryDirectory() as folder:
            for file in files:
                path = Path(folder) / "slices.json"
                path.write_bytes(bytes(file["content"]))
                found |= read_slices(path)
        self.slices = {**self.slices, **found}

    def _scored(self, table: pd.DataFrame) -> None:
        """Show the scores, and ask for their intervals."""
        self._show(table)
        self._settling.ask(partial(_settle, *self._question))

    def _show(self, table: pd.DataFrame) -> None:
        if "mean_average_precision_low" in table:
            self._table.remove_class("eaw-waiting")
        self.set_trait("table", table)
        self._save.forget()
        send(self._table, value=table_html(table) if len(table) else "")

    def _json(self) -> tuple[str, str] | None:
        if not self.slices:
            return None
        with TemporaryDirectory() as folder:
            path = Path(folder) / "slices.json"
            save_slices(self.slices, path)
            content = path.read_text("utf-8")
        return content, text.counted(len(json.loads(content)), "slice")


def table_html(table: pd.DataFrame) -> str:
    """Write the scores of slices, with intervals where they are known, as HTML.

    Parameters
    ----------
    table : DataFrame
        As ``View.slices`` gives it.

    Returns
    -------
    str
        All text from data is escaped.
    """
    heads = ("slice", "labels", "predictions", *NUMBERS.values(), "difference")
    cells = "".join(f"<th scope='col'>{words}</th>" for words in heads)
    rows = []
    for name, row in table.iterrows():
        counts = (f"{int(row[of]):,}" for of in ("labels", "predictions"))
        numbers = (_with_interval(row, of, "{:.3f}") for of in NUMBERS)
        apart = _with_interval(row, "mean_average_precision_difference", "{:+.3f}")
        values = (escape(text.elide(str(name), 40)), *counts, *numbers, apart)
        rows.append("<tr>" + "".join(f"<td>{value}</td>" for value in values) + "</tr>")
    return (
        f'<div class="eaw-scroll"><table class="eaw-objects"><thead><tr>{cells}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _with_interval(row: pd.Series, name: str, form: str) -> str:
    value, *ends = (float(row.get(f"{name}{end}", np.nan)) for end in ("", "_low", "_high"))
    if np.isnan(value):
        return text.MISSING
    if np.isnan(ends).any():
        return form.format(value)
    low, high = (form.format(end) for end in ends)
    return f'{form.format(value)} <span class="eaw-muted">({low} to {high})</span>'


def _score(
    answers: View, slices: dict[str, Condition], _should_stop: Callable[[], bool]
) -> pd.DataFrame:
    return answers.slices(slices)


def _settle(
    answers: View, slices: dict[str, Condition], should_stop: Callable[[], bool]
) -> pd.DataFrame:
    """Ask for the scores with intervals, until told to stop."""
    return answers.slices(slices, settled=True, should_stop=should_stop)
