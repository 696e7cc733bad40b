"""What changed, in sentences; a click on one chooses its metric."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from ipywidgets import HTML, Button, VBox

from ea_widgets.widgets.base import send, text

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from ipywidgets import Widget

LONGEST = 480
SHOWN = 12

WAITING = "What changed beyond chance is being computed."
NOTHING = "Nothing changed that could be told from chance."


class ChangesList(VBox):
    """Sentences, those about a metric as buttons.

    Parameters
    ----------
    on_pick : callable
        Given the displayed name of the metric of the sentence that is clicked.
    """

    def __init__(self, on_pick: Callable[[str], None]) -> None:
        self._on_pick = on_pick
        self._rows: list[tuple[Button, HTML]] = []
        self._metrics: list[str] = []
        self._heading = HTML(
            '<div class="eaw-heading">What changed: <span>all that is named differs at a '
            "family-wise level of 5 %; click one to see its curves</span></div>"
        )
        self._said = HTML()
        self._list = VBox()
        self._list.add_class("eaw-worst")
        super().__init__([self._heading, self._said, self._list])

    def wait(self) -> None:
        """Say that the sentences follow; those there are of other choices are pale."""
        self._list.add_class("eaw-waiting")
        send(self._said, value="" if self._metrics else _muted(WAITING))

    def show(self, changes: pd.DataFrame, metrics: pd.Index) -> None:
        """List what changed.

        Parameters
        ----------
        changes : DataFrame
            As `ComparisonView.changes` gives it.
        metrics : Index
            Displayed names of the metrics that have curves.
        """
        told = changes.head(SHOWN)
        while len(self._rows) < len(told):
            self._rows.append((self._button(len(self._rows)), HTML()))
        self._metrics = told["metric"].tolist()
        shown: list[Widget] = []
        for (button, plain), row in zip(self._rows, told.to_dict("records"), strict=False):
            sentence = text.elide(str(row["sentence"]), LONGEST)
            better = row["difference"] < 0
            if row["metric"] in metrics:
                send(button, description=sentence)
                (button.add_class if better else button.remove_class)("eaw-gain")
                shown.append(button)
            else:
                style = "eaw-change eaw-gain" if better else "eaw-change"
                send(plain, value=f'<div class="{style}">{escape(sentence)}</div>')
                shown.append(plain)
        more = len(changes) - len(told)
        words = NOTHING if changes.empty else f"and {more:,} more" if more else ""
        send(self._said, value=_muted(words) if words else "")
        send(self._list, children=tuple(shown))
        self._list.remove_class("eaw-waiting")

    def mark(self, metric: str | None) -> None:
        """Show which sentences are about the metric chosen."""
        for (button, _), name in zip(self._rows, self._metrics, strict=False):
            chosen = name == metric
            send(button, icon="caret-right" if chosen else "")
            (button.add_class if chosen else button.remove_class)("eaw-chosen")

    def _button(self, index: int) -> Button:
        button = Button(tooltip="See the curves of this metric")
        button.add_class("eaw-range")
        button.on_click(lambda _button: self._picked(index))
        return button

    def _picked(self, index: int) -> None:
        if index < len(self._metrics):  # else it is off the screen by now
            self._on_pick(self._metrics[index])


def _muted(words: str) -> str:
    return f'<div class="eaw-muted" aria-live="polite">{words}</div>'
