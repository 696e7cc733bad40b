"""Curves of several models from their summaries, with paired differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.comparison import ComparedCurve
from ea_widgets.analysis.formatting import displayed_names
from ea_widgets.core.counting.edges import Binning
from ea_widgets.summary.curves.curve_groups import frequent_categories, grouped
from ea_widgets.summary.uncertainty import shares
from ea_widgets.summary.uncertainty.paired_rates import ModelRates, paired_reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.curves import Curve
    from ea_widgets.summary.curves.curve_groups import BinGroups
    from ea_widgets.summary.summary_view import SummaryView

SIDES = (("predictions", "P"), ("labels", "O"))


def compared_curve(
    names: Sequence[str], views: Sequence[SummaryView], metric: str, bins: int
) -> ComparedCurve:
    """Trace the curves of all models in the baseline's bins.

    See :meth:`SummaryComparisonView.curve`.
    """
    first = views[0].curve(metric, bins)
    wanted: int | Binning = bins
    if "bin_low" in first.predictions:
        wanted = Binning(edges_of(metric, first, views[0].binning()))
    curves = {name: view.curve(metric, wanted) for name, view in zip(names, views, strict=True)}
    tables = {}
    for side, level in SIDES:
        displayed = name_at(metric, first, level, views[0].binning())
        frames = [getattr(curve, side) for curve in curves.values()]
        tables[side] = stacked(names, frames, reaches(views, level, displayed, wanted, frames))
    return ComparedCurve(first.metric, first.unit, curves, **tables)


def name_at(asked: str, curve: Curve, level: str, binning: Binning) -> str | None:
    """Find the displayed name of a curve's metric on a side; None where it has none."""
    names = displayed_names(asked, curve.metric, level)
    return next((str(name) for name in names if name in binning.edges), None)


def edges_of(asked: str, curve: Curve, binning: Binning) -> dict[str, tuple[float, ...]]:
    """Give the edges of a curve's bins by displayed name, for the curves of other models.

    Parameters
    ----------
    asked : str
        Name of the metric as it was asked for.
    curve : Curve
    binning : Binning
        All bins that were counted: of a side without rows, those.
    """
    edges: dict[str, tuple[float, ...]] = {}
    for side, level in SIDES:
        table, name = getattr(curve, side), name_at(asked, curve, level, binning)
        if name is not None:
            found = tuple(binning.edges[name])
            if len(table):
                found = (*table["bin_low"], float(table["bin_high"].iloc[-1]))
            edges.setdefault(name, found)
    return edges


def reaches(
    views: Sequence[SummaryView],
    level: str,
    metric: str | None,
    wanted: int | Binning,
    frames: Sequence[pd.DataFrame],
) -> list[NDArray[np.float64] | None]:
    """Compute half the widths of the intervals of the differences, by model and row of its frame.

    None where there are none: of the baseline, and of models with other categories.
    """
    found: list[NDArray[np.float64] | None] = [None] * len(views)
    if metric is None or not len(frames[0]):
        return found
    key = key_of(frames[0])
    shown = [bins_of(view, level, metric, wanted) for view in views]
    rates = [rates_of(view, level, metric, own) for view, own in zip(views, shown, strict=True)]
    for number in range(1, len(views)):
        if shown[number].names != shown[0].names:
            continue
        half = paired_reach(rates[0], rates[number], of_images=metric.endswith("(F)"))
        index = shown[0].names or shown[0].low.tolist()
        place = {one: at for at, one in enumerate(index)}
        found[number] = half[[place[one] for one in frames[number][key]]]
    return found


def key_of(frame: pd.DataFrame) -> str:
    """Name the column that tells bins apart."""
    return "bin_low" if "bin_low" in frame else "category"


def bins_of(view: SummaryView, level: str, metric: str, wanted: int | Binning) -> BinGroups:
    """Give the bins that a curve shows."""
    counts = view.counts
    settings, together = counts.settings, counts.together(level)
    columns = settings.columns(level)[metric]
    where = slice(columns.start, columns.stop - 1)
    if metric in settings.binning.categories:
        return frequent_categories(together.rows[where], settings.binning.categories[metric])
    starts = settings.display_starts(metric)
    return grouped(settings.binning.of(metric), together.totals[where], wanted, metric, starts)


def rates_of(view: SummaryView, level: str, metric: str, shown: BinGroups) -> ModelRates:
    """Give the groups of clusters of a model, and which part of them is in each bin."""
    counts = view.counts
    columns = counts.settings.columns(level)[metric]
    totals = counts.together(level).totals[columns.start : columns.stop - 1]
    starts = counts.settings.display_starts(metric)
    return ModelRates(counts.rates(level, "all", metric), shares(starts, shown.of_bin, totals))


def stacked(
    names: Sequence[str],
    frames: Sequence[pd.DataFrame],
    reach: Sequence[NDArray[np.float64] | None],
) -> pd.DataFrame:
    """Put the rows of all models below each other, with their differences from the baseline."""
    key = key_of(frames[0])
    rate = frames[0].set_index(key)["rate"]
    tables = []
    for number, (name, frame, half) in enumerate(zip(names, frames, reach, strict=True)):
        table = frame.copy()
        difference = table["rate"] - rate.reindex(table[key]).to_numpy()
        table.insert(0, "model", name)
        table["difference"] = difference if number else np.nan
        around = np.full(len(table), np.nan) if half is None else half
        table["difference_low"] = np.maximum(table["difference"] - around, -1.0)
        table["difference_high"] = np.minimum(table["difference"] + around, 1.0)
        tables.append(table)
    joined: pd.DataFrame = pd.concat(tables, ignore_index=True)
    return joined
