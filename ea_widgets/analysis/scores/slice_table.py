"""Slices side by side, each with the rest of the data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_flag
from ea_widgets.analysis.scores.replicates import (
    SCORES,
    interval_fields,
    replicates_of,
)
from ea_widgets.analysis.scores.scoring import score
from ea_widgets.analysis.slices import check_slices

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query
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
        n_clusters = min(one.n_clusters for one in drawn)
        for name in SCORES:
            of_slice, of_rest = (one.of_all[name] for one in drawn)
            known = not np.isnan(row[name])
            row |= interval_fields(name, of_slice, drawn[0].n_clusters, known=known)
            difference = f"{name}_difference"
            known = not np.isnan(row[difference])
            apart = of_slice - of_rest
            row |= interval_fields(difference, apart, n_clusters, known=known, rates=False)
    return row
