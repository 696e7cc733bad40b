"""Rates by the bins of one metric, on both sides, from counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.checks import check_count, check_flag
from ea_widgets.analysis.curves.curve import Curve, empty_frame
from ea_widgets.analysis.formatting import displayed_names
from ea_widgets.core.counting.edges import Binning
from ea_widgets.errors import unknown_option
from ea_widgets.summary.counts.fixed_point import Scale
from ea_widgets.summary.curves.curve_groups import (
    frequent_categories,
    grouped,
    joined_tables,
    rate_frame,
)
from ea_widgets.summary.uncertainty.rate_effects import design_effects, shares

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from ea_widgets.summary.counts.counted import Counted
    from ea_widgets.summary.settings import Settings
    from ea_widgets.summary.uncertainty.group_tables import RateTable


@dataclass(frozen=True, eq=False)
class TracedSide:
    """Predictions or labels of the chosen classes.

    Attributes
    ----------
    together : Counted
    by_class : mapping of str to Counted or None
        None for classes without objects.
    n, hits : int
        All that count, whatever metrics they have, and those with the outcome.
    rates : callable
        Gives what was counted by group of clusters: of a class, or of "all", and of a metric.
    """

    together: Counted
    by_class: Mapping[str, Counted | None]
    n: int
    hits: int
    rates: Callable[[str, str], RateTable]


def trace(
    settings: Settings,
    metrics: pd.DataFrame,
    sides: Mapping[str, TracedSide],
    metric: str,
    bins: int | Binning,
    *,
    by_class: bool,
) -> Curve:
    """Show how the rates change with a metric; see :meth:`SummaryView.curve`."""
    bins = bins if isinstance(bins, Binning) else check_count("bins", bins)
    by_class = check_flag("by_class", by_class)
    row = find_metric(metrics, metric)
    (predictions, right), (labels, missed) = (
        rates(settings, level, sides[level], displayed_names(metric, row["name"], level), bins,
              by_class=by_class, categorical=row["kind"] == "categorical")
        for level in ("P", "O")
    )  # fmt: skip
    return Curve(
        metric=row["name"],
        unit=row["unit"],
        description=row["description"],
        predictions=predictions,
        labels=labels,
        average_true_positive_rate=right,
        average_false_negative_rate=missed,
    )


def find_metric(metrics: pd.DataFrame, metric: object) -> dict[str, str]:
    """Find the row of a metric by its displayed name, or by its name alone."""
    if isinstance(metric, str):
        for names in (metrics.index, metrics["name"]):
            found = np.flatnonzero(names == metric)
            if len(found):
                return {str(name): str(metrics[name].array[found[0]]) for name in metrics}
    raise unknown_option("metric", metric, list(metrics.index))


def rates(
    settings: Settings,
    level: str,
    side: TracedSide,
    names: tuple[str, ...],
    bins: int | Binning,
    *,
    by_class: bool,
    categorical: bool,
) -> tuple[pd.DataFrame, float]:
    """Tabulate the rates of one side, and their average.

    Parameters
    ----------
    settings : Settings
    level : {"P", "O"}
    side : TracedSide
    names : tuple of str
        Displayed names that the metric can have there; the first that exists counts.
    bins : int or Binning
    by_class : bool

    Returns
    -------
    table : DataFrame
        With the columns of :class:`Curve`.
    average : float
        Of those that have a value; of all, where there is no such metric. NaN of none.
    """
    columns = settings.columns(level)
    name = next((one for one in names if one in columns), None)
    if name is None:
        return empty_frame(categorical=categorical), side.hits / side.n if side.n else float("nan")
    edges = settings.binning.of(name)
    where = slice(columns[name].start, columns[name].stop - 1)
    totals = side.together.totals[where]
    if categorical:
        categories = settings.binning.categories[name]
        groups = frequent_categories(side.together.rows[where], categories)
    else:
        groups = grouped(edges, totals, bins, name, settings.display_starts(name))
    scale = Scale.of(edges)
    shown = side.by_class if by_class else {"all": side.together}
    tables = []
    for one, counted in shown.items():
        if counted is not None:
            table = side.rates(one, name)
            share = shares(settings.display_starts(name), groups.of_bin, counted.totals[where])
            effect = design_effects(table.rows, table.hits, share, of_images=name.endswith("(F)"))
            tables.append(rate_frame(one, groups, scale, counted, where, effect))
    n, hits = int(totals.sum()), int(side.together.successes[where].sum())
    return joined_tables(tables, categorical=categorical), hits / n if n else float("nan")
