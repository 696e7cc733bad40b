"""Metrics ranked by what they tell about an outcome, from counts per bin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.checks import check_option
from ea_widgets.analysis.importance.ranking_options import OUTCOMES
from ea_widgets.analysis.matched_data import LEVEL_OF_OUTCOME
from ea_widgets.analysis.tabulate import tabulate
from ea_widgets.core.importance.importance import BinCounts, importance
from ea_widgets.summary.counts.fixed_point import correlation, joined
from ea_widgets.summary.ranks.category_counts import phi_is_known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.summary.counts.counted import Counted


def level_of(outcome: str) -> str:
    """Tell which objects an outcome is about, "P" or "O", or refuse it."""
    return LEVEL_OF_OUTCOME[check_option("outcome", outcome, OUTCOMES)]


def ranking(
    counted: Counted,
    columns: dict[str, slice],
    categories: Mapping[str, tuple[Any, ...]],
    details: pd.DataFrame,
    finer: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]],
    settle: Callable[[NDArray[np.float64], NDArray[np.float64]], dict[str, Any]] | None = None,
) -> pd.DataFrame:
    """Rank the metrics of predictions or labels.

    Parameters
    ----------
    counted : Counted
    columns : dict of str to slice
        Bins of each metric; the last of them is for missing values.
    categories : mapping of str to tuple
        Names of those of categorical metrics.
    details : DataFrame
        What describes the metrics, in the same order.
    finer : mapping of str to (ndarray, ndarray)
        Rows with the outcome, and all that count, in more bins of some metrics.
    settle : callable, optional
        Gives further columns of the importances and correlations.

    Returns
    -------
    DataFrame
        With the columns of :meth:`View.importance`.
    """
    widths = [where.stop - where.start - 1 for where in columns.values()]
    shape = len(columns), max([*widths, *(len(part[0]) for part in finer.values())], default=0)
    successes, totals = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    correlations = np.full(shape[0], np.nan)
    for row, ((name, where), width) in enumerate(zip(columns.items(), widths, strict=True)):
        held = slice(where.start, where.stop - 1)
        successes[row, :width] = counted.successes[held]
        totals[row, :width] = counted.totals[held]
        of_metric, y = int(totals[row].sum()), int(successes[row].sum())
        if name in categories and not phi_is_known(counted, where, len(categories[name])):
            continue
        x, xy = int(counted.metric_values[row]), int(counted.success_values[row])
        correlations[row] = correlation(of_metric, x, joined(counted.squares[row]), y, xy)
    n = totals.sum(axis=1)
    for row, name in enumerate(columns):
        if name in finer:
            own, all_ = finer[name]
            successes[row], totals[row] = 0, 0
            successes[row, : len(own)], totals[row, : len(own)] = own, all_
    kinds = np.array([name in categories for name in columns], bool)
    value = importance(BinCounts(successes, totals, kinds if kinds.any() else None))
    further = {} if settle is None else settle(value, correlations)
    order = np.lexsort((-np.nan_to_num(np.abs(correlations)), -value))
    found = {"importance": value, "correlation": correlations, "n": n, **further}
    return tabulate(
        (*found, *details.columns),
        [column[order] for column in found.values()]
        + [details[name].array.take(order) for name in details],
        details.index.take(order),
    )
