"""Rates by the bins of one metric, on both sides, and the bins of all metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.analysis.checks import check_count, check_flag
from ea_widgets.analysis.curves.curve import Curve, curve_frame, empty_frame
from ea_widgets.core.counting.edges import Binning
from ea_widgets.errors import unknown_option

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query


def trace(
    data: MatchedData, query: Query, metric: str, bins: int | Binning, *, by_class: bool
) -> Curve:
    """Show how the rates change with a metric; see :meth:`View.curve`."""
    bins = bins if isinstance(bins, Binning) else check_count("bins", bins)
    by_class = check_flag("by_class", by_class)
    row = data.find_metric(metric)
    categorical = row["kind"] == "categorical"
    (predictions, right), (labels, missed) = (
        _rates(data, query, level, metric, bins, by_class=by_class, categorical=categorical)
        for level in ("P", "O")
    )
    return Curve(
        metric=str(row["name"]),
        unit=str(row["unit"]),
        description=str(row["description"]),
        predictions=predictions,
        labels=labels,
        average_true_positive_rate=right,
        average_false_negative_rate=missed,
    )


def _rates(
    data: MatchedData,
    query: Query,
    level: str,
    asked: str,
    bins: int | Binning,
    *,
    by_class: bool,
    categorical: bool,
) -> tuple[pd.DataFrame, float]:
    """Tabulate the rates of one level, and their average."""
    metric, sample = data.name_at(asked, level), data.sample(level, query)
    selection = sample.selection
    if metric is None:
        n = len(sample.counted)
        average = len(sample.successes) / n if n else float("nan")
        return empty_frame(categorical=categorical), average
    if metric in selection.side.categories:
        bins = 1  # its bins are its categories
    if isinstance(bins, Binning) and metric not in bins.edges:
        raise unknown_option("bins", metric, list(bins.edges))
    wanted = bins.of(metric) if isinstance(bins, Binning) else bins
    binned = selection.curve_bins(metric, wanted, by_class=by_class)
    counts = binned.fold(sample.successes, sample.excluded)
    n = int(counts.totals.sum())
    average = int(counts.successes.sum()) / n if n else float("nan")
    return curve_frame(binned, counts, data.class_names), average


def bin_edges(data: MatchedData, query: Query, bins: int) -> Binning:
    """Give the edges of every metric's bins; see :meth:`View.binning`."""
    n_bins, edges = check_count("bins", bins), {}
    for level in ("O", "P"):
        selection, table = data.selection(level, query), data.tables[level]
        for name in table.names:
            if name in table.categories:
                continue
            found = selection.curve_bins(name, n_bins, by_class=False).bins
            if found.n_bins:
                edges[name] = (*found.low.tolist(), float(found.high[-1]))
    return Binning(edges)
