"""The answer to `where are the errors?`: ranges of metrics that hold more of them than average."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.actions.range_scan import candidates
from ea_widgets.analysis.formatting import (
    FROM_LABELS,
    categories_in_words,
    percent,
    range_in_words,
    rates_in_words,
)
from ea_widgets.core.statistics.intervals import Z_95, design_effect, wilson_interval
from ea_widgets.data.metrics.names import MetricName
from ea_widgets.data.metrics.registry import find_metric

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.actions.range_scan import Candidate, Group
    from ea_widgets.analysis.sample.sample import Sample

LEAST_NEWS = 0.5
"""Share of its excess errors that a range must hold outside of the ranges named before."""

NO_RANGE = {"low": np.nan, "high": np.nan, "from_least": False, "to_most": False}

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
    "sentence",
)


def worst_ranges(
    sample: Sample,
    names: pd.DataFrame,
    class_names: tuple[str, ...],
    n: int,
    *,
    by_class: bool,
    should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Name the ranges with the most errors above average; see :meth:`Evaluation.worst_ranges`.

    Parameters
    ----------
    sample : Sample
    names : DataFrame
        Index: displayed names of the metrics, in the order of the sample; columns `name`, `unit`,
        `level`.
    class_names : tuple of str
    n : int
    by_class : bool
    should_stop : callable, optional

    Returns
    -------
    DataFrame
    """
    covered = np.zeros(len(sample.counted), bool)
    outside: dict[int, tuple[float, float]] = {}
    rows: list[dict[str, object]] = []
    for candidate in candidates(sample, by_class=by_class, should_stop=should_stop):
        if len(rows) == n:
            break
        group = candidate.group
        inside = candidate.inside()
        covered_here = covered[group.index]
        if rows:
            if group.class_code not in outside:
                left = ~covered_here
                outside[group.class_code] = (
                    float(np.count_nonzero(left)),
                    float(group.error[left].sum()),
                )
            if not is_news(group, inside, covered_here, outside[group.class_code]):
                continue
        covered_here[inside] = True
        covered[group.index] = covered_here
        outside.clear()
        row = describe(candidate, inside)
        rows.append(name_range(row, names.iloc[candidate.metric], class_names, sample))
    if not rows:
        return empty_ranges()
    return pd.DataFrame(rows)[list(COLUMNS)]


def is_news(
    group: Group,
    inside: NDArray[np.intp],
    covered: NDArray[np.bool_],
    outside: tuple[float, float],
) -> bool:
    """Tell whether a range has errors above average that no range named before holds.

    Parameters
    ----------
    group : Group
    inside : ndarray of intp
        Rows of the group in the range.
    covered : ndarray of bool, shape (n_group,)
        Rows of the group in the ranges named before.
    outside : tuple of float
        Rows of the group outside of them, and their errors.

    Returns
    -------
    bool
        True where, outside of those ranges, the errors exceed the average there by more than
        chance, and by enough of what they exceed it by in the whole range.
    """
    n, errors = outside
    if not n:
        return False
    new = inside[~covered[inside]]
    average = errors / n
    residual = group.error[new] - average
    excess = residual.sum()
    by_cluster = np.bincount(group.cluster[new], residual)
    variance = max(float((by_cluster**2).sum()), average * (1 - average) * len(new))
    whole = float(group.error[inside].sum() - group.n_errors / group.n * len(inside))
    return bool(len(new) and excess > max(Z_95 * variance**0.5, LEAST_NEWS * whole))


def describe(candidate: Candidate, inside: NDArray[np.intp]) -> dict[str, object]:
    """Count the errors of a range, and find its ends, or its categories."""
    group, metric, sample = candidate.group, candidate.metric, candidate.group.sample
    if metric in sample.selection.pools:
        extent = {**NO_RANGE, "isin": categories_of(candidate)}
    else:
        extent = ends_of(candidate, inside)
    n, errors = len(inside), float(group.error[inside].sum())
    average = float(group.errors_of_bin[metric].sum() / group.rows_of_bin[metric].sum())
    totals = np.bincount(group.cluster[inside]).astype(np.float64)
    hits = np.bincount(group.cluster[inside], group.error[inside])
    effect = design_effect(hits.astype(np.float64), totals, np.zeros(1, np.intp))
    rate = np.array([errors / n])
    rate_low, rate_high = wilson_interval(rate, n / effect)
    ends = (errors / n, float(rate_low[0]), float(rate_high[0]), average)
    if not sample.missed:
        # Predictions are told by how many are right, as the curve tells them.
        ends = (1 - ends[0], 1 - ends[2], 1 - ends[1], 1 - ends[3])
    return {
        "class_code": group.class_code,
        **extent,
        "n": n,
        "rate": ends[0],
        "rate_low": ends[1],
        "rate_high": ends[2],
        "average": ends[3],
        "errors": int(errors),
        "share_of_errors": errors / sample.n_errors,
        "excess_errors": errors - average * n,
    }


def categories_of(candidate: Candidate) -> tuple[Any, ...]:
    """Name the categories of a candidate that occur among the chosen objects."""
    selection, metric = candidate.group.sample.selection, candidate.metric
    name = selection.side.names[metric]
    counts = selection.side.metrics[name].of_rows(selection.chosen).counts[:-1]
    of_code, _ = selection.pools[metric]
    inside = (of_code[:-1] == candidate.first) != candidate.but_one
    names = selection.side.categories[name]
    return tuple(names[code] for code in np.flatnonzero(inside & (counts > 0)).tolist())


def ends_of(candidate: Candidate, inside: NDArray[np.intp]) -> dict[str, object]:
    """Find the ends of a range: half-way to the next value outside."""
    group, metric, sample = candidate.group, candidate.metric, candidate.group.sample
    column = list(sample.selection.side.metrics.values())[metric]
    rows = group.rows
    ranks = column.rank[rows if column.unit is None else column.unit[rows]]
    values = column.values  # noqa: PD011  # an array, not a frame
    smallest, largest = int(ranks[inside].min()), int(ranks[inside].max())
    low, high = float(values[smallest]), float(values[largest])
    lower, higher = ranks[ranks < smallest], ranks[(ranks > largest) & (ranks < len(values))]
    if len(lower):
        low = halfway(float(values[lower.max()]), low, low)
    if len(higher):
        high = halfway(high, float(values[higher.min()]), high)
    return {
        "low": low,
        "high": high,
        "isin": None,
        "from_least": not len(lower),
        "to_most": not len(higher),
    }


def halfway(below: float, above: float, own: float) -> float:
    """Find the number between two values, or take the range's own where there is none."""
    middle = below / 2 + above / 2
    return middle if below < middle < above else own


def name_range(
    row: dict[str, object],
    metric: pd.Series,
    class_names: tuple[str, ...],
    sample: Sample,
) -> dict[str, object]:
    """Add the names and the sentence."""
    code = int(str(row["class_code"]))
    row["metric"] = str(metric.name)
    row["class_name"] = "all" if code < 0 else class_names[code]
    row["sentence"] = sentence(row, metric, missed=sample.missed)
    return row


def sentence(row: dict[str, object], metric: pd.Series, *, missed: bool) -> str:
    """Say a range in words."""
    value = {key: float(str(row[key])) for key in COLUMNS[5:13]}
    what = "Labels" if missed else "Predictions"
    if row["class_name"] != "all":
        what += f" of {row['class_name']}"
    isin = row["isin"]
    if isinstance(isin, tuple):
        where = categories_in_words(isin)
    else:
        where = range_in_words(
            float(str(row["low"])),
            float(str(row["high"])),
            str(metric["unit"]),
            from_least=bool(row["from_least"]),
            to_most=bool(row["to_most"]),
        )
    if metric["level"] == "F":
        what += " in images"
    rates = rates_in_words(value["rate"], value["rate_low"], value["rate_high"], value["average"])
    name = MetricName.parse(str(metric.name)).name
    # A rule drops predictions, so it is no answer to missed labels anyway.
    warned = not missed and find_metric(name, str(metric["level"])).from_labels
    return (
        f"{what} with {name} {where} are "
        f"{'missed' if missed else 'right'} {rates}: {value['errors']:,.0f} "
        f"{'missed' if missed else 'false positives'}, {percent(value['share_of_errors'])} of all, "
        f"{value['excess_errors']:,.0f} more than at the average rate."
        f"{' ' + FROM_LABELS if warned else ''}"
    )


def empty_ranges() -> pd.DataFrame:
    """Tabulate nothing, with the columns of :meth:`Evaluation.worst_ranges`."""
    whole, text = {"n", "errors"}, {"metric", "class_name", "isin", "sentence"}
    return pd.DataFrame(
        {
            name: np.zeros(0, np.int64 if name in whole else object if name in text else np.float64)
            for name in COLUMNS
        }
    )
