"""Reasons, importance and calibration of several models, with their differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.comparison.paired_scores import p_values
from ea_widgets.analysis.importance.uncertainty import FEWEST_CLUSTERS, importance_replicates
from ea_widgets.analysis.matched_data import LEVEL_OF_OUTCOME
from ea_widgets.analysis.operating import rank
from ea_widgets.core.statistics.bootstrap import RESAMPLES, small_sample_factor
from ea_widgets.core.statistics.intervals import t_p_value, t_quantile
from ea_widgets.core.statistics.resampling import MOST_DRAWN, draw_clusters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.view import View

ENDS = ("difference_low", "difference_high", "p_value")


def reason_table(names: Sequence[str], views: Sequence[View]) -> pd.DataFrame:
    """Count reasons by model; see :meth:`ComparisonView.reasons`."""
    counts = [reasons_by_cluster(view) for view in views]
    sides = []
    for objects in ("predictions", "labels"):
        side = getattr(views[0].reasons(), objects)[["reason"]].copy()
        side.insert(0, "objects", objects)
        of_models = [one[objects].reindex(columns=side["reason"], fill_value=0) for one in counts]
        for name, table in zip(names, of_models, strict=True):
            side[f"count_{name}"] = table.sum().to_numpy()
        for name, table in zip(names[1:], of_models[1:], strict=True):
            more = (table - of_models[0]).to_numpy(np.float64)
            side[f"difference_{name}"] = more.sum(axis=0).astype(np.int64)
            ends = interval_around(more.sum(axis=0), more)
            side[[f"{end}_{name}" for end in ENDS]] = np.column_stack(ends)
        sides.append(side)
    together: pd.DataFrame = pd.concat(sides, ignore_index=True)
    return together


def reasons_by_cluster(view: View) -> dict[str, pd.DataFrame]:
    """Count the errors of each cluster by reason; a row is a cluster, those without errors too."""
    data, matches = view.matched_data, view.matches()
    ids = view.dataset.images["image_id"].iloc[data.engine.image_order]
    of_image = pd.Series(data.clusters_of_images, pd.Index(ids))
    n_clusters = int(of_image.max()) + 1 if len(of_image) else 0
    tables = {}
    for objects, errors in (("predictions", ["false_positive"]), ("labels", ["missed"])):
        table = getattr(matches, objects)
        wrong = table[table["outcome"].isin(errors)]
        cluster = of_image.loc[wrong["image_id"]].to_numpy()
        counted = pd.crosstab(cluster, wrong["reason"].to_numpy())
        tables[objects] = counted.reindex(range(n_clusters), fill_value=0)
    return tables


def interval_around(
    total: NDArray[np.float64], more: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """95 % intervals of sums over clusters, and how likely they would be without a difference.

    Parameters
    ----------
    total : ndarray of float64, shape (k,)
    more : ndarray of float64, shape (n_clusters, k)
        What each cluster adds, less what it would at the average where that is known.

    Returns
    -------
    low, high, p_value : ndarray of float64, shape (k,)
        NaN for fewer than 10 clusters; a p-value of 1 where no cluster adds anything.
    """
    n = len(more)
    if n < FEWEST_CLUSTERS:
        unknown = np.full(len(total), np.nan)
        return unknown, unknown, unknown
    error = np.sqrt(((more - more.mean(axis=0)) ** 2).sum(axis=0) * n / (n - 1))
    reach = t_quantile(n - 1) * error
    return total - reach, total + reach, t_p_value(total, error, n - 1)


def importance_differences(
    views: Sequence[View], outcome: str, should_stop: Callable[[], bool] | None
) -> pd.DataFrame:
    """Paired 95 % intervals of differences in importance, from the same resampled clusters.

    Parameters
    ----------
    views : sequence of View
        The baseline's, and another's.
    outcome : {"true_positive", "missed"}
    should_stop : callable, optional
        See :func:`run_blocks`.

    Returns
    -------
    DataFrame
        Columns `difference_low`, `difference_high`, `p_value`; index: the displayed names of the
        metrics that both have. NaN for fewer than 10 clusters.

    Notes
    -----
    Centred as the interval of one importance is, see :func:`share_interval`.
    """
    level = LEVEL_OF_OUTCOME[outcome]
    samples = [view.matched_data.sample(level, view.query) for view in views]
    shared = [name for name in samples[0].names if name in samples[1].names]
    n_clusters = min(sample.n_clusters for sample in samples)
    weights = draw_clusters(min(n_clusters, MOST_DRAWN), RESAMPLES)
    observed, drawn = [], []
    for sample in samples:
        whole, resampled = importance_replicates(sample, weights, should_stop, None)
        columns = [sample.names.index(name) for name in shared]
        observed.append(whole[columns])
        drawn.append(resampled[:, columns])
    apart = drawn[1] - drawn[0]
    center = 2 * (observed[1] - observed[0]) - apart.mean(axis=0)
    spread = (apart - apart.mean(axis=0)) * small_sample_factor(n_clusters)
    moved = center + spread
    low, high = np.clip(np.quantile(moved, [0.025, 0.975], axis=0), -1.0, 1.0)
    p_value = p_values(np.vstack([center, moved]))
    ends = np.stack([low, high, p_value])
    if n_clusters < FEWEST_CLUSTERS:
        ends[:] = np.nan
    return pd.DataFrame(ends.T, pd.Index(shared, dtype=object), list(ENDS))


def calibration_table(names: Sequence[str], views: Sequence[View]) -> pd.DataFrame:
    """Tell how calibrated each model is; see :meth:`ComparisonView.calibration`."""
    rows: list[dict[str, Any]] = []
    for name, view in zip(names, views, strict=True):
        found = view.calibration()
        row = {key: getattr(found, key) for key in ("error", "noise_floor", "overconfidence", "n")}
        row["error_difference"] = row["overconfidence_difference"] = np.nan
        ends = dict.fromkeys(ENDS, np.nan)
        if name != names[0]:
            for key in ("error", "overconfidence"):
                row[f"{key}_difference"] = row[key] - rows[0][key]
            if not np.isnan(row["overconfidence_difference"]):
                more = excess_by_cluster(view) - excess_by_cluster(views[0])
                center = np.array([row["overconfidence_difference"]])
                limits = interval_around(center, more[:, None])
                ends = dict(zip(ENDS, (float(one[0]) for one in limits), strict=True))
        rows.append({**row, **{f"overconfidence_{key}": end for key, end in ends.items()}})
    return pd.DataFrame(rows, index=pd.Index(list(names), name="model", dtype=object))


def excess_by_cluster(view: View) -> NDArray[np.float64]:
    """Say what each cluster adds to mean confidence less precision, shape (n_clusters,)."""
    ranked = rank(view.matched_data, view.query)
    excess = ranked.confidence - ranked.hit
    weight = (excess - excess.mean()) / len(excess)
    return np.bincount(ranked.cluster, weight, ranked.n_clusters).astype(np.float64)
