"""Rates in the cells of two metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_count, check_option
from ea_widgets.analysis.importance import OUTCOMES
from ea_widgets.analysis.matched_data import LEVEL_OF_OUTCOME
from ea_widgets.core.counting.binning import equal_count_bins
from ea_widgets.core.statistics.intervals import design_effect, wilson_interval
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query, Sample

MOST_CATEGORIES = 12
"""Categories that have a row or column of their own, the most frequent ones."""


def cross_tabulate(
    data: MatchedData, query: Query, metric_x: str, metric_y: str, bins: int, outcome: str
) -> pd.DataFrame:
    """Give the rate in each cell of two metrics; see :meth:`View.grid`."""
    level = LEVEL_OF_OUTCOME[check_option("outcome", outcome, OUTCOMES)]
    n_bins, sample = check_count("bins", bins), data.sample(level, query)
    names = []
    for field, asked in (("metric_x", metric_x), ("metric_y", metric_y)):
        data.find_metric(asked)
        name = data.name_at(asked, level)
        if name is None:
            objects = "predictions" if level == "P" else "labels"
            raise InvalidInputError(
                field, f"is {shown(asked)}, which {objects} do not have", "Give another outcome."
            )
        names.append(name)
    sides = [side_of(sample, name, n_bins) for name in names]
    (code_x, columns_x), (code_y, columns_y) = sides
    n_x, n_y = (len(columns) for _, columns in sides)
    known = (code_x < n_x) & (code_y < n_y)
    cell = (code_x * n_y + code_y)[known]
    hit, cluster = sample.hit[known], sample.cluster[known]
    n = np.bincount(cell, minlength=n_x * n_y)
    hits = np.bincount(cell[hit], minlength=n_x * n_y)
    filled = np.flatnonzero(n)
    rate = hits[filled] / n[filled]
    low, high = wilson_interval(rate, n[filled] / effects(cell, cluster, hit, filled))
    at_x, at_y = np.divmod(filled, max(n_y, 1))
    frame = pd.concat(
        [
            columns_x.iloc[at_x].add_prefix("x_").reset_index(drop=True),
            columns_y.iloc[at_y].add_prefix("y_").reset_index(drop=True),
        ],
        axis=1,
    )
    return frame.assign(n=n[filled], rate=rate, rate_low=low, rate_high=high)


def side_of(sample: Sample, name: str, n_bins: int) -> tuple[NDArray[np.intp], pd.DataFrame]:
    """Bin the rows that count by one metric.

    Returns
    -------
    code : ndarray of intp, shape (n_counted,)
        Number of bins where a row has none.
    bins : DataFrame
        Columns `low`, `high`, or `category`.
    """
    side = sample.selection.side
    column = side.metrics[name].take(sample.rows)
    rank = column.rank if column.unit is None else column.rank[column.unit]
    if name in side.categories:
        rows = side.metrics[name].of_rows(sample.rows)
        counts = rows.counts[:-1]
        shown = np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]
        shown = shown[counts[shown] > 0]
        of_code = np.full(len(counts) + 1, len(shown))
        of_code[shown] = np.arange(len(shown))
        codes = rows.spread(of_code)
        names = [side.categories[name][code] for code in shown.tolist()]
        return codes, pd.DataFrame({"category": pd.Series(names, dtype=object)})
    bins = equal_count_bins(column.values, column.counts, n_bins)  # an array
    return bins.of_rank[rank], pd.DataFrame({"low": bins.low, "high": bins.high})


def effects(
    cell: NDArray[np.intp],
    cluster: NDArray[np.intp],
    hit: NDArray[np.bool_],
    filled: NDArray[np.intp],
) -> NDArray[Any]:
    """Design effect of each cell with rows."""
    n_clusters = int(cluster.max(initial=-1)) + 1
    both, place = np.unique(cell * n_clusters + cluster, return_inverse=True)
    totals = np.asarray(np.bincount(place, minlength=len(both)), np.float64)
    hits = np.asarray(np.bincount(place, hit.astype(np.float64), len(both)), np.float64)
    start = np.searchsorted(both, filled * n_clusters).astype(np.intp)
    return design_effect(hits, totals, start)
