"""Importance over a range of IoU thresholds: what finds objects, and what places them well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_count, check_fraction
from ea_widgets.analysis.importance.ranking_options import check_ranking
from ea_widgets.core.importance.importance import importance
from ea_widgets.core.importance.moments import pearson
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query

IOU_THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))


def check_thresholds(iou_thresholds: object) -> tuple[float, ...]:
    """Return the thresholds ascending and without repeats, or refuse them.

    Raises
    ------
    InvalidInputError
        If there is none, or one is not a number in [0, 1].
    """
    if isinstance(iou_thresholds, str) or not isinstance(iou_thresholds, Iterable):
        raise InvalidInputError(
            "iou_thresholds", f"is {shown(iou_thresholds)}", "Give numbers from 0 to 1."
        )
    found = sorted({check_fraction("iou_thresholds", value) for value in iou_thresholds})
    if not found:
        raise InvalidInputError("iou_thresholds", "is empty", "Give numbers from 0 to 1.")
    return tuple(found)


def sweep(
    data: MatchedData,
    query: Query,
    iou_thresholds: Iterable[float],
    top: int,
    outcome: str,
    should_stop: Callable[[], bool] | None,
) -> pd.DataFrame:
    """Keep the metrics that rank high at any threshold; see :meth:`View.importance_sweep`."""
    level = check_ranking(outcome).level
    thresholds, top = check_thresholds(iou_thresholds), check_count("top", top)
    values, correlations, counts = [], [], []
    names: tuple[str, ...] = ()
    for threshold in thresholds:
        stop_if(should_stop)
        sample = data.sample(level, replace(query, iou_threshold=threshold))
        counted, sums = sample.folded
        values.append(importance(counted))
        correlations.append(pearson(sums))
        counts.append(sums.n.astype(np.int64))
        names = sample.names
    value = np.array(values)
    kept = np.argsort(-value.max(axis=0), kind="stable")[:top]
    return pd.DataFrame(
        {
            "metric": np.repeat(np.array(names, dtype=object)[kept], len(thresholds)),
            "iou_threshold": np.tile(np.array(thresholds), len(kept)),
            "importance": value[:, kept].T.ravel(),
            "correlation": np.array(correlations)[:, kept].T.ravel(),
            "n": np.array(counts)[:, kept].T.ravel(),
        }
    )
