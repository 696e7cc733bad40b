"""Conjunctions of up to two properties in which more is wrong than either explains."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.blas import one_blas_thread
from ea_widgets.analysis.checks import check_count, check_one_or_two, check_option
from ea_widgets.analysis.importance import OUTCOMES
from ea_widgets.analysis.matched_data import LEVEL_OF_OUTCOME
from ea_widgets.analysis.pairs.cells import Cells, coarse_codes, count_both, marks
from ea_widgets.analysis.pairs.found_slices import Scored, describe_slices
from ea_widgets.analysis.ranges import (
    groups_of,
    is_apart,
    rows_of_others,
    some_of,
)
from ea_widgets.core.statistics.clusters import order_by_cluster
from ea_widgets.core.statistics.exchangeable import icc
from ea_widgets.core.statistics.intervals import Z_95
from ea_widgets.core.statistics.resampling import run_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.ranges import Group
    from ea_widgets.analysis.sample import Query
    from ea_widgets.core.statistics.clusters import ClusteredRows

DRAWS = 99
"""Null data sets: the smallest p is 1/100."""

MOST_ROWS = 4_000
"""Rows that are moved about; of more, some."""

LEVEL = 0.05

TRIED = 200
"""Slices of the highest scores that are looked at in turn."""

COLUMNS = (
    "condition",
    "metrics",
    "n",
    "rate",
    "rate_low",
    "rate_high",
    "average",
    "rates_alone",
    "errors",
    "share_of_errors",
    "excess_errors",
    "z",
    "p_value",
    "sentence",
)


def find_worst_slices(
    data: MatchedData,
    query: Query,
    n: int,
    depth: int,
    outcome: str,
    should_stop: Callable[[], bool] | None,
) -> pd.DataFrame:
    """Find the worst conjunctions; see :meth:`View.worst_slices`."""
    level = LEVEL_OF_OUTCOME[check_option("outcome", outcome, OUTCOMES)]
    most = check_count("n", n)
    check_one_or_two("depth", depth)
    groups = groups_of(data.sample(level, query))
    names = data.tables[level].names
    kept = [number for number, name in enumerate(names) if not is_apart(name)]
    if not groups or not kept:
        return pd.DataFrame(columns=list(COLUMNS))
    group = groups[0]
    with one_blas_thread():
        found, critical = search(group, kept, depth, should_stop)
    units = data.details(level)["unit"].tolist()
    rows = describe_slices(group, found, most, units, critical)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def neighbours(rows: ClusteredRows) -> float:
    """Mean number of further rows in the cluster of a row."""
    sizes = rows.sizes.astype(np.float64)
    return float((sizes * (sizes - 1)).sum() / max(sizes.sum(), 1.0))


def search(
    group: Group, kept: list[int], depth: int, should_stop: Callable[[], bool] | None
) -> tuple[list[Scored], float]:
    """Score everything, and judge the highest scores by null data sets.

    Returns
    -------
    list of Scored
        By falling z.
    critical : float
        Quantile of the intervals: the 95 % point of the highest score by chance.
    """
    categorical = [metric in group.bins.sets for metric in kept]
    codes = np.array([group.bins.code_of(metric) for metric in kept])
    code = coarse_codes(codes, np.flatnonzero(categorical))
    cluster = group.bins.cluster_of_kept
    rows = order_by_cluster(cluster, np.arange(len(cluster)))
    hits = np.bincount(rows.cell[group.error[rows.order]], minlength=len(rows.sizes))
    n_of_images = group.sample.selection.side.n_image_metrics
    cells = Cells(
        categorical=np.array(categorical, bool),
        of_objects=np.array([metric >= n_of_images for metric in kept]),
        neighbours=neighbours(rows),
        alike=max(icc(hits, rows.sizes), 0.0),
    )
    scores = cells.score(*count_both(code, group.error))
    some = some_of(rows, MOST_ROWS)
    moved, error = marks(code[some.order]), group.error[some.order]

    # Rows that were left out make clusters smaller, and with them the design effect.
    null = replace(cells, neighbours=neighbours(some))

    def highest(number: int) -> float:
        given = moved[rows_of_others(some, number)]
        counts = (one.T @ one for one in (given, given[error]))
        singles, pairs = null.score(*(one.astype(np.float64) for one in counts))
        of_pairs = pairs.max(initial=0.0) if depth == 2 else 0.0
        return float(max(singles.max(initial=0.0), of_pairs))

    by_chance = np.sort(run_blocks(highest, DRAWS if some.n_clusters > 1 else 0, should_stop))
    critical = max(float(by_chance[int(0.95 * len(by_chance))]) if by_chance.size else 0.0, Z_95)
    found = []
    for number, table in enumerate(scores[:depth]):
        flat = table.ravel()
        best = np.argsort(-flat, kind="stable")[:TRIED]
        for at in best[flat[best] > 0]:
            row, *runs = (int(index) for index in np.unravel_index(int(at), table.shape))
            metrics = cells.pairs[row].tolist() if number else [row]
            p_value = (1 + np.count_nonzero(by_chance >= flat[at])) / (1 + len(by_chance))
            if p_value <= LEVEL:
                picked = tuple(kept[metric] for metric in metrics)
                found.append(Scored(float(flat[at]), float(p_value), picked, tuple(runs)))
    return sorted(found, key=lambda one: -one.z), critical
