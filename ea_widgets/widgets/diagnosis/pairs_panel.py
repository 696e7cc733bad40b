"""Two properties at once: a rate in the cells of two metrics, and the worst pairs of all."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING

from ipywidgets import HTML, Button, Dropdown, HBox, ToggleButtons, VBox
from traitlets import Any as AnyTrait

from ea_widgets.analysis.importance import OUTCOMES
from ea_widgets.analysis.ranges.finder import is_apart
from ea_widgets.analysis.slices import joined
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.widgets.base import (
    EXPLAINED_BY,
    Control,
    FoldedWidget,
    Known,
    Option,
    on_screen,
    send,
    text,
)
from ea_widgets.widgets.charts import HeatMap
from ea_widgets.widgets.controls import Export, FilterChips
from ea_widgets.widgets.diagnosis.pair_cells import PairCells

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from ea_widgets.analysis.slices import Condition
    from ea_widgets.analysis.view import View

BY_ITSELF = "what says most"
SHOWN = 5
HINT = "A click on a cell makes both ranges a filter, which all numbers follow."
NO_SLICES = "No two properties say more together than each alone."
WHAT = {"true_positive": "true positive rate (precision)", "missed": "false negative rate"}


class Pairs(FoldedWidget):
    """How a rate changes with two metrics at once; folded until it is opened.

    Parameters
    ----------
    evaluation : Evaluation
        What is shown. Can be assigned later.
    **choices : object
        Initial values of the traits: ``classes``, ``iou_threshold``, ``confidence_threshold``,
        ``where``, ``metric_x``, ``metric_y``, ``outcome``, ``opened``.

    Raises
    ------
    InvalidInputError
        If a choice cannot be made, or a keyword is unknown.

    Notes
    -----
    In a notebook all follows once the choices have rested for a quarter of a second.
    """

    title = "Pairs: two properties at once"

    outcome = Option(OUTCOMES, "true_positive")
    """``"true_positive"``: rates of predictions that are right; ``"missed"``: of labels that are
    missed. Default ``"true_positive"``."""

    metric_x = Known(lambda panel: panel.offered())
    """Displayed name of the metric from left to right. Default None: the most important one."""

    metric_y = Known(lambda panel: panel.offered())
    """Displayed name of the metric from top to bottom. Default None: the one that says most
    beyond `metric_x`."""

    cells = AnyTrait(None, read_only=True)
    """The table on screen, as `View.grid` gives it; None until then. Read only."""

    slices = AnyTrait(None, read_only=True)
    """The list on screen, as `View.worst_slices` gives it; None until then. Read only."""

    def _build_content(self) -> VBox:
        self._filling = self._task(self._show)
        self._searching = self._task(self._list_slices)
        self._drawn: PairCells | None = None
        self._outcome = ToggleButtons(
            options=[("wrong predictions", "true_positive"), ("missed objects", "missed")],
            style={"button_width": "auto"},
        )
        self._control(self._outcome, "outcome")
        self._menus = [
            Dropdown(options=[(BY_ITSELF, None)], layout={"width": "260px"}, tooltip=tooltip)
            for tooltip in ("Metric from left to right", "Metric from top to bottom")
        ]
        # Not held as other controls are: what is chosen may be new among what is offered.
        self._choices = [
            (name, Control(menu, self.guard(partial(setattr, self, name))))
            for name, menu in zip(("metric_x", "metric_y"), self._menus, strict=True)
        ]
        self._chips = FilterChips(partial(setattr, self, "where"), self.guard)
        self._map = HeatMap(self._cell_clicked, self._describe, self.guard)
        self._chart = VBox()
        self._words, self._said = HTML(), HTML()
        self._buttons = [self._slice_button(index) for index in range(SHOWN)]
        self._list = VBox()
        self._list.add_class("eaw-worst")
        self._save = Export({}, "pairs", lambda: self.cells, self._task, self.guard)
        row = {"flex_flow": "row wrap", "align_items": "center"}
        label = '<span class="eaw-label">{}</span>'
        across, down = (HTML(label.format(words)) for words in ("Across", "down"))
        menus = HBox([across, self._menus[0], down, self._menus[1]], layout=row)
        heading = HTML(
            '<div class="eaw-title">Worst pairs <span>two properties that say more together than '
            "each alone; a click makes one a filter</span></div>"
        )
        return VBox(
            [self._outcome, menus, self._chips, self._words, self._chart, self._save, heading,
             self._said, self._list]
        )  # fmt: skip

    def offered(self) -> list[str]:
        """List the metrics that can be chosen: those of the objects that are looked at."""
        levels = self.evaluation.metrics["level"]
        return [name for name, level in levels.items() if level in EXPLAINED_BY[self.outcome]]

    def _drop_unknown(self) -> None:
        """Drop the metrics too, where they are none of these objects."""
        super()._drop_unknown()
        for name in ("metric_x", "metric_y"):
            if getattr(self, name) is not None and getattr(self, name) not in self.offered():
                setattr(self, name, None)

    def _draw(self) -> None:
        options = ((BY_ITSELF, None), *((name, name) for name in self.offered()))
        for name, menu in self._choices:
            menu.show(getattr(self, name), options=options)
        super()._draw()
        if not self.opened:
            self._filling.cancel()
            self._searching.cancel()
            self._memo.forget("cells")
            self._memo.forget("slices")

    def _draw_content(self) -> None:
        self._chips.show(self.where, self.evaluation)
        asked = (self.answers, self.outcome)
        if self._memo.changed("cells", *asked, self.metric_x, self.metric_y):
            self._chart.add_class("eaw-waiting")
            chosen = (self.metric_x, self.metric_y)
            self._filling.ask(partial(_fill, *asked, *chosen))
        if self._memo.changed("slices", *asked):
            self._list.add_class("eaw-waiting")
            self._searching.ask(partial(_search, *asked))

    def _show(self, drawn: PairCells | None) -> None:
        """Draw the cells; None where there are no two metrics."""
        self._drawn = drawn
        self._save.forget()
        self.set_trait("cells", None if drawn is None else drawn.cells)
        filled = drawn is not None and drawn.row.size > 0
        send(self._chart, children=(self._map,) if filled else ())
        words = "There are no two metrics of these objects with values."
        if drawn is not None and filled:
            self._map.show(drawn.y.names, drawn.x.names, drawn.rates(), ".0%")
            words = f"Across: {drawn.x.metric}; down: {drawn.y.metric}. In each cell the "
            words = f"{words}{WHAT[self.outcome]}. {HINT}"
        send(self._words, value=f'<div class="eaw-muted">{escape(words)}</div>')
        self._chart.remove_class("eaw-waiting")

    def _describe(self, row: int, column: int) -> str:
        return "" if self._drawn is None else self._drawn.tip(row, column)

    def _cell_clicked(self, row: int, column: int) -> None:
        if self._drawn is not None and self._drawn.row[row, column] >= 0:
            self._narrow(self._drawn.condition(row, column))

    def _slice_button(self, index: int) -> Button:
        button = Button(tooltip="Make this pair a filter")
        button.add_class("eaw-range")
        button.on_click(lambda _button: self._slice_clicked(index))
        return button

    def _list_slices(self, table: pd.DataFrame) -> None:
        self.set_trait("slices", table)
        for button, sentence in zip(self._buttons, table["sentence"], strict=False):
            send(button, description=text.elide(sentence, 480))
        send(self._list, children=tuple(self._buttons[: len(table)]))
        words = "" if len(table) else f'<div class="eaw-muted">{NO_SLICES}</div>'
        send(self._said, value=words)
        self._list.remove_class("eaw-waiting")

    @on_screen
    def _slice_clicked(self, index: int) -> None:
        if self.slices is not None and index < len(self.slices):
            self._narrow(self.slices["condition"].iloc[index])

    def _narrow(self, condition: Condition) -> None:
        """Narrow all numbers to a pair of ranges, beside what they are narrowed to."""
        parts = () if self.where is None else self.where.parts
        new = [part for part in condition.parts if part not in parts]
        if new:
            self.where = joined((*parts, *new))


def _fill(
    answers: View, outcome: str, x: str | None, y: str | None, should_stop: Callable[[], bool]
) -> PairCells | None:
    """Ask for the cells of two metrics; those that nobody chose are those that say most."""
    x = x or _most_important(answers.importance(outcome), (y,))
    stop_if(should_stop)
    if x is not None and y is None:
        y = _most_important(answers.importance(outcome, given=x), (x,))
    stop_if(should_stop)
    if x is None or y is None:
        return None
    units = answers.metrics["unit"]
    cells = answers.grid(x, y, outcome=outcome)
    named = ((name, str(units[name])) for name in (x, y))
    return PairCells.of(cells, *named, missed=outcome == "missed")


def _most_important(table: pd.DataFrame, but: tuple[str | None, ...]) -> str | None:
    """Take the first metric of a ranking that is a property of the data, and none of these."""
    return next((name for name in table.index if name not in but and not is_apart(name)), None)


def _search(answers: View, outcome: str, should_stop: Callable[[], bool]) -> pd.DataFrame:
    """Ask for the worst pairs, until told to stop."""
    return answers.worst_slices(SHOWN, outcome=outcome, should_stop=should_stop)
