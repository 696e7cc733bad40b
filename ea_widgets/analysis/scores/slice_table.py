"""Slices side by side, each with the rest of the data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_flag
from ea_widgets.analysis.scores.replicates import (
    SCORES,
    interval_of,
    replicates_of,
    with_intervals,
)
from ea_widgets.analysis.scores.scoring import score
from ea_widgets.analysis.slices import check_slices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query
    from ea_widgets.analysis.scores.replicates import Replicates
    from ea_widgets.analysis.scores.scores import Scores
    from ea_widgets.analysis.slices import Condition


def slice_table(
    data: MatchedData,
    query: Query,
    slices: object,
    *,
    settled: bool,
    should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Score slices, and compare each with the rest; see :meth:`View.slices`."""
    slices, settled = check_slices(slices), check_flag("settled", settled)
    rows = [
        row_of(data, query, condition, settled=settled, should_stop=should_stop)
        for condition in slices.values()
    ]
    ends = ("", "_low", "_high") if settled else ("",)
    scores = [f"{name}{end}" for name in SCORES for end in ends]
    differences = [f"{name}_difference{end}" for name in SCORES for end in ends]
    return pd.DataFrame(
        rows,
        index=pd.Index(list(slices), name="slice", dtype=object),
        columns=["condition", "labels", "predictions", *scores, *differences],
    )


def row_of(
    data: MatchedData,
    query: Query,
    condition: Condition,
    *,
    settled: bool,
    should_stop: Callable[[], bool] | None,
) -> dict[str, Any]:
    """Score one slice and the rest of the data."""
    parts = [
        replace(query, where=part if query.where is None else query.where & part)
        for part in (condition, ~condition)
    ]
    inside, outside = (score(data.within(part.where), part) for part in parts)
    row: dict[str, Any] = {
        "condition": str(condition),
        "labels": inside.labels_used,
        "predictions": inside.predictions_used,
    }
    row |= {name: getattr(inside, name) for name in SCORES}
    row |= {f"{name}_difference": row[name] - getattr(outside, name) for name in SCORES}
    if settled:
        drawn = [replicates_of(data.within(part.where), part, should_stop) for part in parts]
        row |= interval_fields(with_intervals(inside, drawn[0]))
        row |= difference_fields(row, *drawn)
    return row


def interval_fields(scores: Scores) -> dict[str, float]:
    """Give the ends of the intervals of settled scores by name."""
    return {
        f"{name}_{end}": getattr(scores, f"{name}_{end}")
        for name in SCORES
        for end in ("low", "high")
    }


def difference_fields(row: Mapping[str, Any], one: Replicates, other: Replicates) -> dict[str, Any]:
    """Give the ends of the intervals of differences, from the same clusters drawn for both."""
    fields: dict[str, Any] = {}
    n_clusters = np.array([min(one.n_clusters, other.n_clusters)])
    for name in SCORES:
        drawn = (one.of_all[name] - other.of_all[name])[:, None]
        low, high = interval_of(drawn, n_clusters, rates=False)
        known = not np.isnan(row[f"{name}_difference"])
        fields[f"{name}_difference_low"] = float(low[0]) if known else np.nan
        fields[f"{name}_difference_high"] = float(high[0]) if known else np.nan
    return fields
