"""The two bar charts of the metrics, side by side: one order, one row height."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ipywidgets import HTML, Box, VBox

from ea_widgets.analysis.importance import REDUNDANT
from ea_widgets.data.catalogue import LEVEL_WORDS, MetricName
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import send, text, theme
from ea_widgets.widgets.charts import BarRows, RankedBars
from ea_widgets.widgets.panels.ranking_rows import RankingRows, sort_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FEW_ROWS, FEWER_ROWS = 12, 8
"""Rows shown unless all are asked for. Beyond them most metrics say nothing, and the curves that a
click redraws would be off the screen; the second number where something stands beside them."""

CLASS_NAME = "Class"
"""What the row of the class is called, without its level."""

FOLD_ABOVE = 15
"""Up to so many rows, all are shown: to fold two or three away would win nothing."""

SAME = f"Near-duplicates of another metric (rank correlation of {REDUNDANT:g} or more):"


class Ranking(VBox):
    """Importance and correlation of metrics as bars.

    Parameters
    ----------
    on_pick : callable
        Called with the displayed name of the metric whose bar was clicked.
    guard : callable
        Makes a handler show what it raises.

    Attributes
    ----------
    importance, correlation : RankedBars
        The two charts.
    table : DataFrame
        The rows on screen, as `Evaluation.importance` gives them.
    rows : RankingRows
        All metrics, on screen or not.
    """

    def __init__(self, on_pick: Callable[[str], None], guard: Callable[..., Any]) -> None:
        self._on_pick = on_pick
        self._few, self._short = FEW_ROWS, False
        self.table = pd.DataFrame()
        self.rows = RankingRows((), {}, ())
        act = (self._picked, self._describe, guard)
        self.importance = RankedBars(*act, colours=(theme.BLUE, theme.BLUE))
        self.correlation = RankedBars(*act, colours=(theme.BLUE, theme.VERMILION), diverging=True)
        self.importance.add_class("eaw-importance")
        self.correlation.add_class("eaw-correlation")
        self.caption = HTML()
        self._charts = Box(
            [self.importance, self.correlation],
            layout={"display": "flex", "flex_flow": "row wrap", "align_items": "flex-start"},
        )
        self._charts.add_class("eaw-ranking")
        self._nothing = HTML()
        super().__init__([self._charts, self.caption])

    def shorten(self) -> None:
        """Take less room: fewer rows, and names on the first chart only."""
        self._few, self._short = FEWER_ROWS, True
        self.importance.shorten("1 1 260px")
        self.correlation.shorten("0 0 132px", named=False)

    def say_nothing(self, words: str) -> None:
        """Say why there is nothing to rank, in place of rows of zeros; empty: there is."""
        empty = bool(words) and self._short
        send(self._nothing, value=f'<div class="eaw-hint">{escape(words)}</div>')
        send(self, children=(self._nothing,) if empty else (self._charts, self.caption))

    def show(
        self,
        table: pd.DataFrame,
        metric: tuple[str, str] | None,
        outcome: str,
        *,
        whole: bool,
        twins: Mapping[str, str],
    ) -> None:
        """Draw a ranking.

        Parameters
        ----------
        table : DataFrame
            As `Evaluation.importance` gives it, the longest bar first.
        metric : tuple of (str, str) or None
            Displayed name of the chosen metric, and its name without the level: where the table
            has not the one, its counterpart at the level that is ranked is marked.
        outcome : {"true_positive", "missed"}
            What the metrics are ranked by.
        whole : bool
            Whether all rows are drawn; else, where there are more than `FOLD_ABOVE`, the first
            `FEW_ROWS` or, where shortened, `FEWER_ROWS`, the chosen one and the class, where that
            is ranked.
        twins : mapping of str to str
            Metrics that say the same as another, and which. Where shortened, one of them has a row,
            and what stands apart (see `sort_rows`) is the last of all rows.
        """
        known = list(table.index)
        chosen = _name_in(table, metric)
        self.rows = RankingRows((*known,), {}, ())
        if self._short:
            self.rows = sort_rows(known, twins, chosen)
        drawn = list(self.rows.all)
        if not whole and len(table) > FOLD_ABOVE:
            drawn = list(self.rows.ranked[: self._few])
            asked_for = [*table.index[table["name"] == CLASS_NAME], *([chosen] if chosen else [])]
            drawn += [name for name in known if name in asked_for and name not in drawn]
        table = table.loc[drawn]
        marked = None if chosen is None else drawn.index(chosen)
        self.table = table
        subtitle, against, direction, short = wording.RANKED_BY[outcome]
        self.importance.say(
            f"Metric importance <span>{escape(subtitle)}</span>",
            wording.IMPORTANCE_IN_SHORT if self._short else wording.IMPORTANCE_AXIS,
        )
        told = short if self._short else direction
        self.correlation.say(f"Metric correlation <span>{escape(against)}</span>", told)
        names = tuple(table.index)
        shares = table["importance"].to_numpy(np.float64)
        correlations = table["correlation"].to_numpy(np.float64)
        self.importance.show(
            BarRows(
                names,
                shares,
                tuple(text.rate(v) for v in shares),
                _column(table, "importance_low"),
                _column(table, "importance_high"),
                _column(table, "noise_floor"),
                ~_column(table, "distinguishable").astype(bool),
            ),
            marked,
        )
        self.correlation.show(
            BarRows(
                names,
                correlations,
                tuple(text.signed(v) for v in correlations),
                _column(table, "correlation_low"),
                _column(table, "correlation_high"),
            ),
            marked,
        )

    def explain(self, table: pd.DataFrame, *, given: str | None, waiting: bool) -> None:
        """Say under the bars what is drawn on them.

        Parameters
        ----------
        table : DataFrame
            All rows, with the columns of the settled phase once they are known.
        given : str or None
            What importance is beyond.
        waiting : bool
            Whether intervals are on their way.
        """
        beyond = "" if given is None else f"Importance is what a metric says beyond {given}. "
        html = escape(beyond)
        if len(table):
            html += self._key(table, waiting=waiting)
        reference = self._reference(table)
        html += f"<div>{escape(reference)}</div>" if reference else ""
        send(self.caption, value=f'<div class="eaw-muted">{html}</div>')

    def _key(self, table: pd.DataFrame, *, waiting: bool) -> str:
        """Say what is pale, folded or still to come, and behind a mark what is drawn."""
        settled = "distinguishable" in table
        alike = [f"{name} as {other}" for name, other in self.rows.folded.items()]
        if settled and not alike:
            alike = [f"{name} as {row['same_as']}" for name, row in table.iterrows() if _twin(row)]
        short = []
        if settled:
            noise = int((~table["distinguishable"].astype(bool)).sum())
            short += [f"{noise} of {len(table)} not significant (pale)"] if noise else []
        elif waiting:
            short += [wording.COMPUTING]
        short += [text.counted(len(alike), "near-duplicate")] if alike else []
        if not short and not settled:
            return ""
        more = [f"{SAME} {'; '.join(alike)}."] if alike else []
        words = " · ".join(short) or "Lines: 95 % intervals"
        return text.explained(words, [*([wording.BARS_SHOW] if settled else []), *more])

    def _reference(self, table: pd.DataFrame) -> str:
        """Name what stands apart, with its importance."""
        apart = [name for name in self.rows.apart if name not in self.table.index]
        if not apart:
            return ""
        shares: dict[str, float] = {}
        for name in apart:
            called = MetricName.parse(name).name.removesuffix(" on Images")
            called = called.removesuffix(" on Objects")
            share = float(table["importance"].to_numpy()[table.index.get_loc(name)])
            shares[called] = max(share, shares.get(called, 0.0))
        told = " · ".join(f"{name} {text.rate(share)}" for name, share in shares.items())
        return f"For reference: {told}"

    def _picked(self, index: int) -> None:
        if index < len(self.table):
            self._on_pick(str(self.table.index[index]))

    def _describe(self, index: int) -> str:
        """Write the tooltip of a row."""
        if index >= len(self.table):
            return ""
        row = self.table.iloc[index]
        return text.table(
            str(self.table.index[index]),
            [
                ("importance", text.rate(row["importance"]) + _between(row, "importance")),
                ("correlation", text.signed(row["correlation"]) + _between(row, "correlation")),
                *_noise(row),
                *([("near-duplicate of", str(row["same_as"]))] if _twin(row) else []),
                ("level", LEVEL_WORDS.get(row["level"], str(row["level"]))),
                *([("unit", row["unit"])] if text.says_something(row["unit"]) else []),
                ("objects with a value", f"{int(row['n']):,}"),
            ],
            row["description"],
        )


def _between(row: pd.Series, name: str) -> str:
    """Write the interval of a number, once it is known."""
    if f"{name}_low" not in row or np.isnan(row[f"{name}_low"]):
        return ""
    write = text.signed if name == "correlation" else text.rate
    return f" (95 %: {write(row[f'{name}_low'])} to {write(row[f'{name}_high'])})"


def _noise(row: pd.Series) -> list[tuple[str, str]]:
    """Write how the importance compares with noise, once it is known."""
    if "distinguishable" not in row:
        return []
    told = "yes" if row["distinguishable"] else "no"
    return [
        ("noise level", text.rate(row["noise_floor"])),
        ("significant", f"{told} (p = {row['p_value']:.3f})"),
    ]


def _twin(row: pd.Series) -> bool:
    """Tell whether the metric orders the objects as one that ranks higher does."""
    return "same_as" in row and bool(row["same_as"])


def _name_in(table: pd.DataFrame, metric: tuple[str, str] | None) -> str | None:
    """Find the row of the chosen metric, or of its counterpart, by its displayed name."""
    if metric is None:
        return None
    if metric[0] in table.index:
        return metric[0]
    others = table.index[table["name"] == metric[1]]
    return str(others[0]) if len(others) else None


def _column(table: pd.DataFrame, name: str) -> Any:
    """Take a column that only the settled phase has."""
    return table[name].to_numpy(np.float64) if name in table else np.zeros(0)
