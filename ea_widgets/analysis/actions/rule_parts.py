"""What a rule is made of: the metric's name, the ends of the range, values of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.formatting import date
from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.checks.kinds import kind_of, numbers_of
from ea_widgets.errors import InvalidInputError, shown, unknown_option

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


def written_moment(seconds: float | None, side: int) -> str | None:
    """Write the end of a range of dates as Python text.

    Parameters
    ----------
    seconds : float or None
        Since 1970; as a float only exact to a quarter of a microsecond.
    side : {-1, 1}
        Where inexact moments go, so that the range still holds what it held.

    Returns
    -------
    str or None

    Examples
    --------
    >>> written_moment(86400.0, -1), written_moment(0.25, 1), written_moment(None, 1)
    ("'1970-01-02'", "'1970-01-01 00:00:00.250001'", None)
    """
    if seconds is None:
        return None
    if seconds == round(seconds):
        return repr(date(seconds))
    moment = np.datetime64(round(seconds * 1e6) + side, "us")
    return repr(str(moment).replace("T", " "))


def written_range(own: str, low: float | None, high: float | None, *, dates: bool) -> str:
    """Write as pandas which values of a column lie in the closed range.

    Parameters
    ----------
    own : str
        The column, as Python text.
    low, high : float or None
    dates : bool
        Whether the column holds moments.

    Returns
    -------
    str
    """
    value = own if dates else f"{own}.astype(float)"
    ends = (written_moment(low, -1), written_moment(high, 1)) if dates else (low, high)
    first, last = (None if end is None else end if dates else repr(end) for end in ends)
    if first is not None and last is not None:
        return f"{value}.between({first}, {last})"
    if first is not None:
        return f"{value}.ge({first})"
    return f"{value}.notna()" if last is None else f"{value}.le({last})"


def check_metric(metric: object) -> None:
    """Refuse what cannot be a metric of predictions or images."""
    if not isinstance(metric, str) or not metric:
        raise InvalidInputError("metric", f"is {shown(metric)}", "Give the name of a metric.")
    if MetricName.parse(metric).level == "O":
        raise InvalidInputError(
            "metric",
            f"is {shown(metric)}, which describes labels",
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
