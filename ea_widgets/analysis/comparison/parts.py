"""Parts of the data side by side: mAP of each model, with intervals that hold for all at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.formatting import with_unit
from ea_widgets.analysis.scores import replicates_of
from ea_widgets.analysis.scores.replicates import FEWEST_CLUSTERS
from ea_widgets.analysis.slices.condition import where
from ea_widgets.data.catalogue.names import MetricName
from ea_widgets.data.checks.kinds import DATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.scores import Replicates
    from ea_widgets.analysis.slices import Condition
    from ea_widgets.analysis.view import View

CLASS = "Class"

LEVEL = 0.05


def part_table(
    names: Sequence[str],
    views: Sequence[View],
    by: Iterable[str],
    bins: int,
    everything: Sequence[Replicates],
    should_stop: Callable[[], bool] | None,
) -> pd.DataFrame:
    """Compare mAP in the parts of some metrics; see :meth:`ComparisonView.parts`."""
    told: list[dict[str, Any]] = [{"by": "All", "part": "all images"}]
    drawn = [mean_replicates(everything)]
    for metric in by:
        if metric == CLASS:
            for column, name in enumerate(views[0].classes):
                told.append({"by": CLASS, "part": name})
                of_class = np.stack([one.average_precision[:, column] for one in everything])
                few = everything[0].labelled_clusters[column] < FEWEST_CLUSTERS
                drawn.append((of_class, bool(few)))
            continue
        for text, condition in conditions_of(views[0], metric, bins):
            told.append({"by": metric, "part": text})
            drawn.append(mean_replicates(within(views, condition, should_stop)))
    values = np.stack([part for part, _ in drawn])  # (parts, models, 1 + resamples)
    few = np.array([is_few for _, is_few in drawn])
    rows = []
    for model in range(1, len(names)):
        difference = values[:, model] - values[:, 0]
        low, high = simultaneous(difference, few)
        for number, row in enumerate(told):
            rows.append(
                {
                    "model": names[model],
                    **row,
                    "baseline": values[number, 0, 0],
                    "value": values[number, model, 0],
                    "difference": difference[number, 0],
                    "difference_low": low[number],
                    "difference_high": high[number],
                }
            )
    return pd.DataFrame(rows)


def within(
    views: Sequence[View], condition: Condition, should_stop: Callable[[], bool] | None
) -> list[Replicates]:
    """Score the resampled clusters of a part of the data, for each model."""
    found = []
    for view in views:
        inside = condition if view.where is None else view.where & condition
        query = replace(view.query, where=inside)
        found.append(replicates_of(view.matched_data.within(inside), query, should_stop))
    return found


def mean_replicates(models: Sequence[Replicates]) -> tuple[NDArray[np.float64], bool]:
    """Take mAP of all models, of the data and of each resample.

    Returns
    -------
    values : ndarray of float64, shape (n_models, 1 + n_resamples)
    few : bool
        Whether labels are in too few clusters for an interval.
    """
    values = np.stack([one.of_all["mean_average_precision"] for one in models])
    return values, min(one.n_clusters for one in models) < FEWEST_CLUSTERS


def conditions_of(view: View, metric: str, bins: int) -> list[tuple[str, Condition]]:
    """Cut the labels into parts of equal count by a metric, or by its categories."""
    data = view.matched_data
    name = MetricName.parse(data.name_at(metric, "O") or metric)
    asked = str(name) if name.parts[1] == "F" else name.parts[0]
    frame = view.curve(metric, bins).labels
    if "category" in frame:
        return [
            (str(category), where(asked, equals=category))
            for category in frame["category"]
            if category != "other"
        ]
    parts: list[tuple[str, Condition]] = []
    unit = str(data.find_metric(metric)["unit"])
    ends = frame[["bin_low", "bin_high"]].to_numpy(np.float64).tolist()
    for number, (start, stop) in enumerate(ends):
        low = start if number else None
        high = stop if number < len(ends) - 1 else None
        if low is None and high is None:
            continue
        condition = where(asked, low=low, high=high)
        text = str(condition).removeprefix(f"{asked} ")
        parts.append((text if unit == DATE else with_unit(text, unit), condition))
    return parts


def simultaneous(
    difference: NDArray[np.float64], few: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % intervals that hold for all parts at once.

    Parameters
    ----------
    difference : ndarray of float64, shape (n_parts, 1 + n_resamples)
        Of the data, then of the resamples.
    few : ndarray of bool, shape (n_parts,)
        Parts without an interval.

    Returns
    -------
    low, high : ndarray of float64, shape (n_parts,)
        NaN where there is none.

    Notes
    -----
    The 95 % point of the largest studentised deviation over all parts, from the resamples.
    """
    observed, resamples = difference[:, 0], difference[:, 1:]
    known = ~few & ~np.isnan(difference).any(axis=1)
    spread = np.where(known, np.nan_to_num(resamples).std(axis=1, ddof=1), np.nan)
    deviation = np.abs(resamples - resamples.mean(axis=1, keepdims=True))
    varies = known & (spread > 0)
    reach = 0.0
    if varies.any():
        furthest = (deviation[varies] / spread[varies, None]).max(axis=0)
        reach = float(np.quantile(furthest, 1 - LEVEL))
    low, high = observed - reach * spread, observed + reach * spread
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
