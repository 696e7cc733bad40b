"""What mending the errors of a metric's range would be worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.actions.examples import named, read
from ea_widgets.analysis.actions.rule_parts import in_range
from ea_widgets.analysis.actions.worst_ranges import find_worst_ranges
from ea_widgets.analysis.checks import check_flag
from ea_widgets.analysis.gains.mending import Mending
from ea_widgets.analysis.gains.of_reasons import mender_of
from ea_widgets.analysis.matching.reasons import add_gains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample.query import Query


def worst_ranges_of(
    data: MatchedData,
    query: Query,
    n: int,
    outcome: str,
    *,
    by_class: bool,
    gain: bool,
    **options: Any,
) -> pd.DataFrame:
    """Find the ranges, and tell what mending them is worth; see :meth:`View.worst_ranges`."""
    gain = check_flag("gain", gain)
    ranges = find_worst_ranges(data, query, n, outcome, by_class=by_class, **options)
    return with_gain(data, query, ranges, by_class=by_class) if gain else ranges


def with_gain(
    data: MatchedData, query: Query, ranges: pd.DataFrame, *, by_class: bool
) -> pd.DataFrame:
    """Add `gain` and `gain_per_100` to ranges; see :meth:`View.worst_ranges`.

    Parameters
    ----------
    data : MatchedData
    query : Query
    ranges : DataFrame
        Columns `metric`, `class_name`, `low`, `high`, `isin`, as ``worst_ranges`` gives them.
    by_class : bool
        Whether ranges of single classes are among them.

    Returns
    -------
    DataFrame
        A new one.
    """
    mender = mender_of(data, query)
    code = {name: n for n, name in enumerate(data.class_names)} if by_class else {}
    gains, mended = [], []
    columns = (ranges[name] for name in ("metric", "class_name", "low", "high", "isin"))
    for metric, class_name, *ends in zip(*columns, strict=True):
        removed, left_out = mender.predictions, mender.labels
        if class_name in code:
            removed = removed & (data.engine.predictions.class_code == code[class_name])
            left_out = left_out & (data.engine.labels.class_code == code[class_name])
        mending = Mending(
            removed=np.flatnonzero(removed & inside(data, "P", metric, *ends)),
            left_out=np.flatnonzero(left_out & inside(data, "O", metric, *ends)),
        )
        gains.append(mender.gain(mending))
        mended.append(len(mending.removed) + len(mending.left_out))
    return add_gains(ranges, gains, mended)


def inside(
    data: MatchedData, level: str, metric: str, low: float, high: float, isin: Any
) -> NDArray[np.bool_]:
    """Mark the objects of a table whose metric, or its twin, is in a range; of none without it."""
    table, name = data.tables[level], data.name_at(metric, level)
    if name is None:
        return np.zeros(len(table.class_code), bool)
    values = read(table, name)
    if isin is not None:
        categories = table.categories.get(name, ())
        return pd.Series(named(values, categories)).isin(list(isin)).to_numpy(bool)
    return in_range(values, low, high)
