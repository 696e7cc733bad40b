"""Importance over a range of IoU thresholds: what finds objects, and what places them well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_fraction
from ea_widgets.core.statistics.importance import importance
from ea_widgets.core.statistics.moments import pearson
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.sample.query import Query
    from ea_widgets.analysis.sample.sample import Sample

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
            "iou_thresholds", f"is {iou_thresholds!r}", "Give numbers from 0 to 1."
        )
    found = sorted({check_fraction("iou_thresholds", value) for value in iou_thresholds})
    if not found:
        raise InvalidInputError("iou_thresholds", "is empty", "Give numbers from 0 to 1.")
    return tuple(found)


def sweep(
    sample_of: Callable[[Query], Sample],
    queries: list[Query],
    top: int,
    should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Rank at each query and keep the metrics that rank high anywhere.

    Parameters
    ----------
    sample_of : callable
    queries : list of Query
        By ascending IoU threshold.
    top : int
    should_stop : callable, optional
        Asked before each query.

    Returns
    -------
    DataFrame
        See :meth:`Evaluation.importance_sweep`.

    Raises
    ------
    ComputationStoppedError
        If `should_stop` said so.
    """
    values, correlations, counts = [], [], []
    names: tuple[str, ...] = ()
    for query in queries:
        stop_if(should_stop)
        sample = sample_of(query)
        counted, sums = sample.folded
        values.append(importance(counted))
        correlations.append(pearson(sums))
        counts.append(sums.n.astype(np.int64))
        names = sample.names
    value = np.array(values)
    kept = np.argsort(-value.max(axis=0), kind="stable")[:top]
    thresholds = np.array([query.iou_threshold for query in queries])
    return pd.DataFrame(
        {
            "metric": np.repeat(np.array(names, dtype=object)[kept], len(queries)),
            "iou_threshold": np.tile(thresholds, len(kept)),
            "importance": value[:, kept].T.ravel(),
            "correlation": np.array(correlations)[:, kept].T.ravel(),
            "n": np.array(counts)[:, kept].T.ravel(),
        }
    )
