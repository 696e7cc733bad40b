"""The answer to `where are the errors?`: ranges of metrics that hold more of them than average."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_count, check_flag, check_option
from ea_widgets.analysis.importance import OUTCOMES
from ea_widgets.analysis.matched_data import LEVEL_OF_OUTCOME
from ea_widgets.analysis.ranges import (
    describe,
    find_ranges,
    groups_of,
    is_apart,
    ranges_of_all_classes,
    say_range,
)
from ea_widgets.analysis.ranges.finder import SUGGESTIVE
from ea_widgets.core.statistics.intervals import Z_95
from ea_widgets.data.catalogue import made_from_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.ranges import FoundRange, FoundRanges, Group
    from ea_widgets.analysis.sample import Query

LEAST_NEWS = 0.5
"""Share of its excess errors that a range must hold outside of the ranges named before."""

COLUMNS = (
    "metric",
    "class_name",
    "low",
    "high",
    "isin",
    "n",
    "rate",
    "rate_low",
    "rate_high",
    "average",
    "errors",
    "share_of_errors",
    "excess_errors",
    "z",
    "p_value",
    "strength",
    "sentence",
)


def find_worst_ranges(
    data: MatchedData,
    query: Query,
    n: int,
    outcome: str,
    *,
    by_class: bool,
    settled: bool,
    should_stop: Callable[[], bool] | None,
) -> pd.DataFrame:
    """Find the metric ranges with the most errors above average; see :meth:`View.worst_ranges`."""
    level = LEVEL_OF_OUTCOME[check_option("outcome", outcome, OUTCOMES)]
    most, by_class = check_count("n", n), check_flag("by_class", by_class)
    settled = check_flag("settled", settled)
    if by_class:
        groups = groups_of(data.sample(level, query), by_class=True)
        found = find_ranges(groups, settled=settled, should_stop=should_stop)
    else:
        groups, found = ranges_of_all_classes(
            data, query, level, settled=settled, should_stop=should_stop
        )
    units = data.details(level)["unit"].tolist()
    return worst_ranges(groups, found, units, data.class_names, most)


def worst_ranges(
    groups: Sequence[Group],
    found: FoundRanges,
    units: Sequence[str],
    class_names: tuple[str, ...],
    n: int,
) -> pd.DataFrame:
    """Name the ranges that say something new; see :meth:`View.worst_ranges`.

    Parameters
    ----------
    groups : sequence of Group
    found : FoundRanges
        Of these groups.
    units : sequence of str
        Of the metrics, in the order of the sample.
    class_names : tuple of str
    n : int

    Returns
    -------
    DataFrame
    """
    rows: list[dict[str, object]] = []
    of_class = {group.class_code: group for group in groups}
    covered = np.zeros(len(groups[0].sample.counted) if groups else 0, bool)
    # What nothing can be done about must not hide what something can be done about.
    for one in sorted(found.ranges, key=partial(_needs_labels, of_class)):
        if len(rows) == n:
            break
        group = of_class[one.class_code]
        metric, sample = group.sample.names[one.metric], group.sample
        if is_apart(metric):
            continue
        inside, covered_here = (
            group.inside(one.metric, one.first, one.last, but_one=one.but_one),
            covered[group.index],
        )
        if rows and not is_news(group.error, group.bins.cluster_of_kept, inside, covered_here):
            continue
        covered[group.index] = covered_here | inside
        facts = describe(group, one, found.critical)
        class_name = None if one.class_code < 0 else class_names[one.class_code]
        said = say_range(
            facts,
            metric,
            units[one.metric],
            missed=sample.missed,
            strength=one.strength,
            n_metrics=found.n_metrics,
            class_name=class_name,
        )
        row = {"metric": metric, "class_name": class_name or "all", "sentence": said}
        judged = {"z": one.z, "p_value": one.p_value, "strength": one.strength}
        rows.append({**row, **asdict(facts), **judged})
    rows.sort(key=lambda row: row["strength"] == SUGGESTIVE)
    return pd.DataFrame(rows)[list(COLUMNS)] if rows else empty_ranges()


def _needs_labels(of_class: Mapping[int, Group], one: FoundRange) -> bool:
    """Tell whether a range is one of a metric of predictions that is made from labels."""
    sample = of_class[one.class_code].sample
    return not sample.missed and made_from_labels(sample.names[one.metric])


def is_news(
    error: NDArray[np.bool_],
    cluster: NDArray[np.intp],
    inside: NDArray[np.bool_],
    covered: NDArray[np.bool_],
) -> bool:
    """Tell whether a range has errors above average that no range named before holds.

    Parameters
    ----------
    error : ndarray of bool, shape (n,)
    cluster : ndarray of intp, shape (n,)
    inside, covered : ndarray of bool, shape (n,)
        Rows in the range, and rows in the ranges named before.

    Returns
    -------
    bool
        True where, outside of those ranges, the errors exceed the average there by more than
        chance, and by enough of what they exceed it by in the whole range.
    """
    new = inside & ~covered
    n_new, n_left = np.count_nonzero(new), len(covered) - np.count_nonzero(covered)
    if not n_new:
        return False
    average = np.count_nonzero(error & ~covered) / n_left
    excess = np.count_nonzero(error & new) - average * n_new
    whole = np.count_nonzero(error & inside) - error.mean() * np.count_nonzero(inside)
    if excess <= LEAST_NEWS * whole:
        return False
    rows = np.flatnonzero(new)
    by_cluster = np.bincount(cluster[rows], error[rows] - average)
    variance = max(float((by_cluster**2).sum()), average * (1 - average) * n_new)
    return bool(excess > Z_95 * variance**0.5)


def empty_ranges() -> pd.DataFrame:
    """Tabulate nothing, with the columns of :meth:`View.worst_ranges`."""
    whole, text = {"n", "errors"}, {"metric", "class_name", "isin", "strength", "sentence"}
    return pd.DataFrame(
        {
            name: np.zeros(0, np.int64 if name in whole else object if name in text else np.float64)
            for name in COLUMNS
        }
    )
