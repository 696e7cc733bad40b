"""The curves of all models by one metric: labels that are missed, predictions that are right."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from ipywidgets import Box

from ea_widgets.analysis.formatting import percent
from ea_widgets.data.checks.kinds import DATE
from ea_widgets.widgets.base import span, text, theme
from ea_widgets.widgets.charts import as_bins, by_count, lay_out, lay_out_categories, read_lines
from ea_widgets.widgets.charts.curve_lines import Series
from ea_widgets.widgets.comparison.models_chart import ModelsChart
from ea_widgets.widgets.comparison.score_table import signed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from ea_widgets.analysis.comparison import ComparedCurve

TITLES = ("Labels missed", "Predictions right")
OBJECTS = ("labels", "predictions")
OF_RATES = (f"{of}{end}" for of in ("rate", "difference") for end in ("", "_low", "_high"))
DRAWN = ("bin_low", "n", *OF_RATES)
NOTHING = "No {} have a value of this metric."


class Curves(Box):
    """Two charts side by side where there is room, under each other where there is not.

    Parameters
    ----------
    guard : callable
        Makes a handler show what it raises.

    Attributes
    ----------
    missed, right : ModelsChart
    """

    def __init__(self, guard: Callable[..., Any]) -> None:
        self._curve: ComparedCurve | None = None
        self._tables: list[pd.DataFrame] = [pd.DataFrame(), pd.DataFrame()]
        self._places = [np.zeros(0, np.intp), np.zeros(0, np.intp)]
        self.missed, self.right = (
            ModelsChart(title.lower(), partial(self._describe, side), guard)
            for side, title in enumerate(TITLES)
        )
        self.missed.add_class("eaw-missed")
        self.right.add_class("eaw-right")
        super().__init__(
            [self.missed, self.right],
            layout={"display": "flex", "flex_flow": "row wrap", "align_items": "flex-start"},
        )

    def show(self, curve: ComparedCurve) -> None:
        """Draw the curves of a metric.

        Parameters
        ----------
        curve : ComparedCurve
        """
        self._curve = curve
        self._tables = [curve.labels, curve.predictions]
        self._places = [np.zeros(0, np.intp), np.zeros(0, np.intp)]
        order = by_count(self._tables)
        for side, chart in enumerate((self.missed, self.right)):
            self._show_chart(side, chart, order)

    def _show_chart(self, side: int, chart: ModelsChart, order: tuple[str, ...]) -> None:
        curve = self._curve
        table = self._tables[side]
        if curve is None:
            return
        title = f"{TITLES[side]} <span>by {escape(text.elide(curve.metric, 40))}</span>"
        if table.empty or not table["rate"].notna().any():
            chart.clear(title, NOTHING.format(OBJECTS[side]))
            return
        models = list(curve.curves)[: len(theme.SERIES)]
        numbered, categories = as_bins(table, order)
        if numbered["rate"].isna().any():
            numbered = numbered[numbered["rate"].notna()]
        bins, _ = read_lines(numbered, ())
        columns = {name: numbered[name].to_numpy(np.float64) for name in DRAWN}
        places = np.searchsorted(bins.low, columns["bin_low"])
        self._tables[side], self._places[side] = numbered, places
        model = numbered["model"].to_numpy(object)
        rows_of = {name: np.flatnonzero(model == name) for name in models}
        axis = (
            lay_out_categories(bins, categories)
            if categories
            else lay_out("rank", bins, dates=curve.unit == DATE)
        )
        rates, differences = (
            [line_of(columns, name, rows_of[name], places, column) for name in models]
            for column in ("rate", "difference")
        )
        unit = f" ({curve.unit})" if text.says_something(curve.unit) else ""
        label = f"{text.elide(curve.metric, 40)}{unit}"
        chart.show(title, label, axis, rates, differences, bars=bool(categories))

    def _describe(self, side: int, number: int) -> str:
        """Write the tooltip of a bin: every model's rate, and its difference."""
        curve, table = self._curve, self._tables[side]
        if curve is None or len(self._places[side]) != len(table):
            return ""
        rows = table[self._places[side] == number]
        if rows.empty:
            return ""
        first = rows.iloc[0]
        if "category" in rows:
            heading = str(first["category"])
        else:
            ends = span(float(first["bin_low"]), float(first["bin_high"]), curve.unit)
            heading = f"{curve.metric} {ends}"
        told = []
        for row in rows.to_dict("records"):
            words = f"{percent(row['rate'])} of {int(row['n']):,} {OBJECTS[side]}"
            if not np.isnan(row["difference"]):
                low, high = row["difference_low"], row["difference_high"]
                words += f"; {signed(row['difference'])} ({signed(low)} to {signed(high)})"
            told.append((text.elide(str(row["model"]), 30), words))
        return text.table(heading, told, f"{TITLES[side]}; then the difference, paired 95 %.")


def line_of(
    columns: Mapping[str, NDArray[np.float64]],
    model: str,
    rows: NDArray[np.intp],
    places: NDArray[np.intp],
    column: str,
) -> Series:
    """Take the points of one model's rate, or of its difference from the baseline.

    Parameters
    ----------
    columns : mapping of str to ndarray of float64
        Those of `ComparedCurve.labels` that are drawn.
    model : str
    rows : ndarray of intp
        Of that model.
    places : ndarray of intp
        Number of each row's bin.
    column : {"rate", "difference"}

    Returns
    -------
    Series
        Without the bins where there is none.
    """
    rows = rows[~np.isnan(columns[column][rows])]
    rows = rows[np.argsort(places[rows], kind="stable")]
    rate, low, high, n = (
        columns[name][rows] for name in (column, f"{column}_low", f"{column}_high", "n")
    )
    return Series(model, places[rows], rows, rate, low, high, n)
