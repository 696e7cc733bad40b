"""Metrics ranked by what they explain, or by how much that changed, of two models."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ipywidgets import HTML, Box, HBox, ToggleButtons, VBox

from ea_widgets.widgets.base import Control, text, theme
from ea_widgets.widgets.charts import BarRows, RankedBars

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.comparison import ComparisonView
    from ea_widgets.widgets.base.background import BackgroundTask

ROWS = 8
LONGEST = 24
OUTCOMES = {"missed objects": "missed", "false positives": "true_positive"}
ORDERS = {"importance": "importance", "what changed": "change"}
CHANGED = "change of importance"


class ComparedRanking(VBox):
    """Bars: the importance of metrics to the baseline, and how much it changed.

    Parameters
    ----------
    on_pick : callable
        Called with the displayed name of the metric whose bar was clicked.
    make_task : callable
        Makes a computation in the background, given what takes its answer.
    guard : callable
        Makes a handler show what it raises.

    Attributes
    ----------
    table : DataFrame
        The rows on screen, as `ComparisonView.importance` gives them.
    """

    def __init__(
        self,
        on_pick: Callable[[str], None],
        make_task: Callable[[Callable[[Any], None]], BackgroundTask],
        guard: Callable[[Callable[..., Any]], Callable[..., Any]],
    ) -> None:
        self._on_pick = on_pick
        self._view: ComparisonView | None = None
        self._found, self.table = pd.DataFrame(), pd.DataFrame()
        self._metric: str | None = None
        self._outcome, self._order = "missed", "importance"
        self._settling = make_task(self._settled)
        act = (self._picked, self._describe, guard)
        self.importance = RankedBars(*act, colours=(theme.BLUE, theme.BLUE))
        self.change = RankedBars(*act, colours=(theme.BLUE, theme.VERMILION), diverging=True)
        width = {"button_width": "auto"}
        self._outcomes = ToggleButtons(options=list(OUTCOMES), style=width)
        self._outcome_shown = Control(self._outcomes, guard(self._outcome_picked))
        self._orders = ToggleButtons(options=list(ORDERS), style=width)
        self._order_shown = Control(self._orders, guard(self._order_picked))
        labels = [HTML(f'<span class="eaw-label">{word}</span>') for word in ("Of", "ranked by")]
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        pairs = zip(labels, (self._outcomes, self._orders), strict=True)
        charts = {"display": "flex", "flex_flow": "row wrap", "align_items": "flex-start"}
        super().__init__(
            [
                HTML('<div class="eaw-heading">What drives the errors</div>'),
                Box([HBox(list(pair), layout=row) for pair in pairs], layout=row),
                Box([self.importance, self.change], layout=charts),
            ]
        )
        self.add_class("eaw-part")
        self.add_class("eaw-compared-ranking")

    def ask(self, view: ComparisonView) -> None:
        """Show the ranking of a view, and its intervals once the choices rest.

        Parameters
        ----------
        view : ComparisonView
        """
        self._view = view
        self._found = view.importance(self._outcome)
        self._draw()
        self._settling.ask(partial(_with_intervals, view, self._outcome))

    def settle(self) -> None:
        """Compute the intervals now, and show them."""
        if self._view is not None:
            self._settling.now(partial(_with_intervals, self._view, self._outcome))

    def mark(self, metric: str | None) -> None:
        """Show which metric is chosen."""
        self._metric = metric
        self._draw()

    def _settled(self, found: pd.DataFrame) -> None:
        self._found = found
        self._draw()

    def _outcome_picked(self, words: str) -> None:
        self._outcome = OUTCOMES[words]
        if self._view is not None:
            self.ask(self._view)

    def _order_picked(self, words: str) -> None:
        self._order = ORDERS[words]
        self._draw()

    def _draw(self) -> None:
        if self._view is None:
            return
        baseline, model = self._view.names[0], self._view.names[-1]
        found = self._found
        changed = found[f"difference_{model}"].abs()
        by = changed if self._order == "change" else found[f"importance_{baseline}"]
        # Those whose values are alike stay in the order of importance.
        table = found.loc[by.sort_values(ascending=False, kind="stable").index[:ROWS]]
        self.table = table
        names = tuple(map(str, table.index))
        marked = names.index(self._metric) if self._metric in names else None
        first, other = (escape(text.elide(name, LONGEST)) for name in (baseline, model))
        self.importance.say(
            f"Metric importance <span>{first}</span>", "share of the outcome explained (0 to 1)"
        )
        self.change.say(f"Change of importance <span>{other} less {first}</span>", CHANGED)
        shares = table[f"importance_{baseline}"].to_numpy(np.float64)
        self.importance.show(BarRows(names, shares, tuple(map(text.rate, shares))), marked)
        difference = table[f"difference_{model}"].to_numpy(np.float64)
        low, high = (
            table[name].to_numpy(np.float64) if name in table else np.zeros(0)
            for name in (f"difference_low_{model}", f"difference_high_{model}")
        )
        pale = (low <= 0) & (high >= 0)
        numbers = tuple(text.MISSING if np.isnan(one) else f"{one:+.2f}" for one in difference)
        self.change.show(BarRows(names, difference, numbers, low, high, pale=pale), marked)

    def _picked(self, index: int) -> None:
        if index < len(self.table):  # else it is off the screen by now
            self._on_pick(str(self.table.index[index]))

    def _describe(self, index: int) -> str:
        """Write what is known of a row, as HTML."""
        if self._view is None or index >= len(self.table):
            return ""
        row, lines = self.table.iloc[index], [f"<b>{escape(str(self.table.index[index]))}</b>"]
        for name in self._view.names:
            share = text.rate(row[f"importance_{name}"])
            lines.append(f"{escape(text.elide(name, LONGEST))}: importance {share}")
        model = self._view.names[-1]
        if f"p_value_{model}" in row and not np.isnan(row[f"p_value_{model}"]):
            low, high = (row[f"difference_{end}_{model}"] for end in ("low", "high"))
            lines.append(f"difference {low:+.3f} to {high:+.3f} (paired 95 % interval)")
        return "<br>".join(lines)


def _with_intervals(
    view: ComparisonView, outcome: str, should_stop: Callable[[], bool]
) -> pd.DataFrame:
    return view.importance(outcome, settled=True, should_stop=should_stop)
