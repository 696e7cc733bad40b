"""Curves of several models in the same bins, with their differences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.comparison.paired import Differences, Pair, PairedColumn, Scale
from ea_widgets.analysis.formatting import displayed_names
from ea_widgets.analysis.tabulate import tabulate
from ea_widgets.core.counting.binning import equal_count_bins
from ea_widgets.core.counting.edges import Binning
from ea_widgets.core.statistics.intervals import t_p_value, t_quantiles
from ea_widgets.data.catalogue.names import MetricName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.curves import Curve
    from ea_widgets.analysis.lru_cache import LruCache
    from ea_widgets.analysis.view import View

    Scales = LruCache[tuple[str, str], Scale]


@dataclass(frozen=True, eq=False)
class ComparedCurve:
    """Rates of several models by one metric, in the same bins.

    Attributes
    ----------
    metric : str
        Name without the level.
    unit : str
    curves : dict of str to Curve
        By model; the same bins for all: of labels, or of the predictions of all models together.
    predictions, labels : DataFrame
        One row per model and bin, with a column `model` and those of :class:`Curve`'s frames for
        all classes together; then `difference` of the rate from the baseline's, with
        `difference_low` and `difference_high` (95 %, paired: over what each cluster adds to the
        difference) and `p_value` (two-sided, of that bin alone). NaN for the baseline, and where
        one of the two has no rows.
    """

    metric: str
    unit: str
    curves: dict[str, Curve]
    predictions: pd.DataFrame
    labels: pd.DataFrame


def compare_curves(
    names: Sequence[str],
    views: Sequence[View],
    metric: str,
    n_bins: int,
    scales: Scales,
) -> ComparedCurve:
    """Trace the curves of all models; see :meth:`ComparisonView.curve`.

    `scales` keeps those of the last metrics, by level and displayed name: no choice changes them.
    """
    row = views[0].matched_data.find_metric(metric)
    for view in views[1:]:
        view.matched_data.find_metric(metric)
    name = str(row["name"])
    asked = str(metric)
    edges: dict[str, tuple[float, ...]] = {}
    columns: dict[str, list[tuple[Pair, PairedColumn]]] = {}
    for level in ("P", "O"):
        displayed = _metric_of(views, asked, name, level)
        if displayed is None:
            continue
        samples = [view.matched_data.sample(level, view.query) for view in views]
        sides = [sample.selection.side for sample in samples]
        scale = scales.get((level, displayed), partial(Scale.of, sides, displayed))
        ranks = [scale.ranks(number, sample) for number, sample in enumerate(samples)]
        columns[level] = [
            (
                Pair.of(samples[0], sample),
                PairedColumn(displayed, scale.distinct, (ranks[0], rank), scale.categories),
            )
            for sample, rank in zip(samples, ranks, strict=True)
        ]
        found = pooled_edges(scale, ranks, n_bins)
        if found is not None:
            edges[str(MetricName(name, level))] = edges[displayed] = found
    curves = {}
    for model, view in zip(names, views, strict=True):
        curves[model] = view.curve(asked, Binning(edges) if edges else n_bins)
    frames = {
        level: frame_of(
            names, [_of_level(curve, level) for curve in curves.values()], columns.get(level)
        )
        for level in ("P", "O")
    }
    return ComparedCurve(name, str(row["unit"]), curves, frames["P"], frames["O"])


def _metric_of(views: Sequence[View], asked: str, name: str, level: str) -> str | None:
    """Find the displayed name of the metric in one table, if all models have it there."""
    for displayed in displayed_names(asked, name, level):
        if all(displayed in view.matched_data.tables[level].metrics for view in views):
            return displayed
    return None


def _of_level(curve: Curve, level: str) -> pd.DataFrame:
    return curve.predictions if level == "P" else curve.labels


def pooled_edges(
    scale: Scale, ranks: Sequence[NDArray[np.intp]], n_bins: int
) -> tuple[float, ...] | None:
    """Edges of equal-count bins of the rows of all models; None of categories and of nothing."""
    if scale.categories is not None:
        return None
    size = len(scale.distinct) + 1
    counts = np.zeros(size, np.int64)
    for rank in ranks:
        counts += np.bincount(rank, minlength=size)
    present = counts[:-1] > 0
    values, counts = scale.distinct[present], counts[np.append(present, True)]
    if not len(values):
        return None
    return tuple(equal_count_bins(values, counts, n_bins).edges.tolist())


def frame_of(
    names: Sequence[str],
    frames: Sequence[pd.DataFrame],
    columns: Sequence[tuple[Pair, PairedColumn]] | None,
) -> pd.DataFrame:
    """Put the rows of all models below each other, with their differences from the baseline."""
    apart = [np.full((4, len(frame)), np.nan) for frame in frames]
    if columns is not None:
        for number, (pair, column) in enumerate(columns):
            if number and len(frames[number]):
                codes = codes_of(column, frames[number])
                apart[number][:] = differences(pair, codes, len(frames[number]))
    model = np.repeat(np.array(names, object), [len(frame) for frame in frames])
    known = [str(name) for name in frames[0]]
    joined = [np.concatenate([frame[name].to_numpy() for frame in frames]) for name in known]
    return tabulate(
        ["model", *known, "difference", "difference_low", "difference_high", "p_value"],
        [
            *(
                pd.Series(one, dtype=object) if one.dtype == object else one
                for one in (model, *joined)
            ),
            *np.concatenate(apart, axis=1),
        ],
    )


def codes_of(
    column: PairedColumn, frame: pd.DataFrame
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row of the curve that each row of both models belongs to, or none of them."""
    n = len(frame)
    of_rank = np.full(len(column.distinct) + 1, n, np.intp)
    if column.categories is not None:
        place = {category: at for at, category in enumerate(frame["category"])}
        other = place.get("other", n)
        of_rank[:-1] = [place.get(category, other) for category in column.categories]
    else:
        # A value on an inner edge belongs to the upper bin, as in `Binning`.
        inner = frame["bin_low"].to_numpy()[1:]
        of_rank[:-1] = np.searchsorted(inner, column.distinct, side="right")
    return of_rank[column.ranks[0]], of_rank[column.ranks[1]]


def differences(
    pair: Pair, codes: tuple[NDArray[np.intp], NDArray[np.intp]], n_bins: int
) -> tuple[NDArray[np.float64], ...]:
    """Differences of the rates that a curve shows, with their paired 95 % intervals.

    Returns
    -------
    difference, low, high, p_value : ndarray of float64, shape (n_bins,)
    """
    rows, errors = pair.counts(codes, n_bins)
    shown = errors if pair.missed else rows - errors
    found = Differences.of(rows, shown)
    difference = found.difference
    degrees = np.maximum(found.n_clusters - 1, 1)
    half = np.where(np.isnan(difference), np.nan, t_quantiles(degrees) * found.error)
    low, high = np.maximum(difference - half, -1.0), np.minimum(difference + half, 1.0)
    return difference, low, high, t_p_value(difference, found.error, degrees)
