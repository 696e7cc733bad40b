"""Right, wrong or skip: by button, or by letters in a field, with Backspace to take one back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ipywidgets import Box, Button, Text

from ea_widgets.widgets.base import Control, send

if TYPE_CHECKING:
    from collections.abc import Callable

LETTERS = {"w": "wrong", "r": "right", "s": "skip"}
HINT = "type w, r, s here"


class VerdictKeys(Box):
    """Buttons, and a field whose letters are verdicts.

    Parameters
    ----------
    on_verdict : callable
        Called with "wrong", "right" or "skip"; says whether there was something to judge.
    on_undo : callable
        Called without anything to take the last verdict back.
    guard : callable
        Makes a handler show what it raises.

    Notes
    -----
    ipywidgets tells of no keys, but of the text in a field, and JupyterLab takes no letters from
    fields for its shortcuts. The field keeps what is typed: so nothing is written to it while a
    person types, letters that arrive together count one by one, and Backspace takes back what it
    deletes.
    """

    def __init__(
        self,
        on_verdict: Callable[[str], bool],
        on_undo: Callable[[], None],
        guard: Callable[..., Any],
    ) -> None:
        self._on_verdict, self._on_undo = on_verdict, on_undo
        self._typed = ""
        self._counted: list[bool] = []
        self.field = Text(
            placeholder=HINT, layout={"width": "150px"},
            tooltip="w: wrong, r: right, s: skip, Backspace: back",
        )  # fmt: skip
        self._field = Control(self.field, guard(self._letters))
        buttons = []
        for key, verdict in LETTERS.items():
            button = Button(description=f"{verdict} ({key})")
            button.add_class("eaw-plain")
            button.on_click(guard(partial(self._pressed, verdict)))
            buttons.append(button)
        self._undo = Button(description="undo", tooltip="Take the last verdict back")
        self._undo.add_class("eaw-plain")
        self._undo.on_click(guard(self._taken_back))
        self._buttons = dict(zip(LETTERS.values(), buttons, strict=True))
        super().__init__(
            [*buttons, self._undo, self.field],
            layout={"display": "flex", "flex_flow": "row wrap", "align_items": "center"},
        )

    def explain(self, wrong: str, right: str) -> None:
        """Say on the buttons what a verdict means."""
        tooltips = {"wrong": f"Wrong: {wrong}", "right": f"Right: {right}", "skip": "Not sure"}
        for verdict, tooltip in tooltips.items():
            send(self._buttons[verdict], tooltip=tooltip)

    def start(self) -> None:
        """Empty the field: something else is looked at."""
        self._typed, self._counted = "", []
        self._field.show("")

    def _pressed(self, verdict: str, _button: object) -> None:
        self.start()
        self._on_verdict(verdict)

    def _taken_back(self, _button: object) -> None:
        self.start()
        self._on_undo()

    def _letters(self, typed: str) -> None:
        """Take back the verdicts of letters that are gone, and give those of new ones."""
        ends = (
            n for n, pair in enumerate(zip(self._typed, typed, strict=False)) if len({*pair}) > 1
        )
        kept = next(ends, min(len(self._typed), len(typed)))
        for counted in reversed(self._counted[kept:]):
            if counted:
                self._on_undo()
        self._counted = self._counted[:kept]
        for letter in typed[kept:].lower():
            verdict = LETTERS.get(letter)
            self._counted.append(verdict is not None and self._on_verdict(verdict))
        self._typed = typed
