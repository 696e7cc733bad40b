"""What a rule is made of: the metric's name, the ends of the range, values of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.checks.kinds import kind_of, numbers_of
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    from numpy.typing import NDArray


def in_range(
    value: NDArray[np.float64], low: float | None, high: float | None
) -> NDArray[np.bool_]:
    """Tell which values lie in the closed range; NaN never does."""
    inside = ~np.isnan(value)
    if low is not None:
        inside &= value >= low
    if high is not None:
        inside &= value <= high
    return inside


def check_metric(metric: object) -> None:
    """Refuse what cannot be a metric of predictions or images."""
    if not isinstance(metric, str) or not metric:
        raise InvalidInputError("metric", f"is {metric!r}", "Give the name of a metric.")
    if MetricName.parse(metric).level == "O":
        raise InvalidInputError(
            "metric",
            f"is {metric!r}, which describes labels",
            "A rule drops predictions: give a metric of predictions (P) or images (F).",
        )


def numbers(frame: pd.DataFrame, column: str, field: str) -> NDArray[np.float64]:
    """Column of a frame as floats, missing values as NaN."""
    if column not in frame.columns:
        raise unknown_option(field, column, list(map(str, frame.columns)))
    series = frame[column]
    if not isinstance(series, pd.Series) or not (
        kind_of(series.dtype) == "numeric"
        or pd.api.types.is_numeric_dtype(series.dtype)
        or pd.api.types.is_bool_dtype(series.dtype)
    ):
        raise InvalidInputError(field, f"has no numbers in {column!r}", "Give a numeric column.")
    return numbers_of(series)
