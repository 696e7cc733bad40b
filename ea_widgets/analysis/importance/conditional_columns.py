"""Columns of a ranking given a metric or the class, and the row of the class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.importance.conditional_importance import (
    CLASS,
    StratifiedSample,
    interval,
    measure_all,
)
from ea_widgets.analysis.importance.uncertainty import UNCERTAINTY_COLUMNS, compare_with_null
from ea_widgets.core.statistics.null_distribution import LEVEL, adjusted_p_values
from ea_widgets.data.catalogue import MetricName

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.importance.ranking_options import RankingOptions
    from ea_widgets.analysis.sample import Sample

    Columns = dict[str, NDArray[Any]]


def stratified_columns(
    sample: Sample,
    options: RankingOptions,
    plain: Columns,
    n_classes: int,
    should_stop: Callable[[], bool] | None,
) -> Columns:
    """Replace importance by conditional importance, and append the class.

    Correlation stays unconditional.
    """
    names = sample.names
    n_ranked = n_classes if options.include_class else 0
    # Without a condition only the class is missing: the importance of metrics is known already.
    n_metrics = 0 if options.conditional_on is None else len(names)
    data = StratifiedSample.of(sample, options.conditional_on, n_metrics, n_ranked)
    measured = measure_all(data, should_stop)
    value = np.array([one.importance for one in measured])
    if options.conditional_on in names:
        # Nothing adds to itself; within strata a trace of it would be left.
        value[names.index(options.conditional_on)] = 0.0
    if options.conditional_on == CLASS and n_ranked:
        value[-1] = 0.0
    columns: Columns = {
        "importance": value,
        "n": np.array([one.rows.sum() for one in measured], np.int64),
    }
    if options.settled:
        floor, p_value = compare_with_null(
            lambda metrics, numbers: data.null([measured[m] for m in metrics], numbers),
            value,
            sample.n_clusters,
            should_stop,
            None,
        )
        ends = np.array([interval(data, one) for one in measured]).reshape(-1, 2)
        columns |= {
            "importance_low": np.minimum(ends[:, 0], value),
            "importance_high": np.maximum(ends[:, 1], value),
            "noise_floor": floor,
            "p_value": p_value,
        }
    alone = options.conditional_on is None
    joined = {}
    for name in ("importance", "correlation", "n", *UNCERTAINTY_COLUMNS):
        if name in columns:
            joined[name] = np.concatenate([plain[name], columns[name]]) if alone else columns[name]
        elif name in plain:
            joined[name] = plain[name]
    # The class has no correlation.
    joined = {
        name: np.append(column, np.full(len(joined["n"]) - len(column), np.nan))
        for name, column in joined.items()
    }
    joined["n"] = joined["n"].astype(np.int64)
    if options.settled:
        found = adjusted_p_values(joined["p_value"]) <= LEVEL
        joined["distinguishable"] = found
        joined["importance_low"] = np.where(found, joined["importance_low"], 0.0)
    return joined


def with_class(details: pd.DataFrame, level: str) -> pd.DataFrame:
    """Append the class, described like a metric."""
    row = pd.DataFrame(
        {
            "name": "Class",
            "level": level,
            "kind": "categorical",
            "unit": "",
            "description": "The class of the object.",
        },
        index=pd.Index([MetricName("Class", level)], name=details.index.name),
    )
    return pd.concat([details, row])
