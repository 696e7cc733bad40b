"""The answer to `where are the errors?`: ranges of metrics that hold more of them than average."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.actions.range_scan import candidates
from ea_widgets.analysis.formatting import (
    FROM_LABELS,
    percent,
    range_in_words,
    rates_in_words,
)
from ea_widgets.core.statistics.intervals import Z_95, design_effect, wilson_interval
from ea_widgets.data.metrics.names import MetricName
from ea_widgets.data.metrics.registry import find_metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.actions.range_scan import Candidate, Group, Question

LEAST_NEWS = 0.5
"""Share of its excess errors that a range must hold outside of the ranges named before."""

COLUMNS = (
    "metric",
    "class_name",
    "low",
    "high",
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
    question: Question, names: pd.DataFrame, class_names: tuple[str, ...], n: int, *, by_class: bool
) -> pd.DataFrame:
    """Name the ranges with the most errors above average; see :meth:`Evaluation.worst_ranges`.

    Parameters
    ----------
    question : Question
    names : DataFrame
        Index: displayed names of the side's metrics, in its order; columns `name`, `unit`,
        `level`.
    class_names : tuple of str
    n : int
    by_class : bool

    Returns
    -------
    DataFrame
    """
    all_errors = question.n_errors
    covered = np.zeros(len(question.counts), bool)
    outside: dict[int, tuple[float, float]] = {}
    rows: list[dict[str, object]] = []
    for candidate in candidates(question, by_class=by_class):
        if len(rows) == n:
            break
        group = candidate.group
        inside = question.inside(candidate)
        if rows:
            if group.class_code not in outside:
                left = ~covered[group.place]
                outside[group.class_code] = (
                    float(np.count_nonzero(left)),
                    float(group.error[left].sum()),
                )
            if not is_news(group, inside, covered, outside[group.class_code]):
                continue
        covered[group.place[inside]] = True
        outside.clear()
        row = describe(question, candidate, inside, all_errors)
        rows.append(name_range(row, names.iloc[candidate.metric], class_names, question))
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
    covered : ndarray of bool, shape (n_selection,)
        Rows of the ranges named before.
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
    new = inside[~covered[group.place[inside]]]
    average = errors / n
    residual = group.error[new] - average
    excess = residual.sum()
    by_frame = np.bincount(group.frame[new], residual, len(group.image))
    variance = max(float((by_frame**2).sum()), average * (1 - average) * len(new))
    whole = float(group.error[inside].sum() - group.error.mean() * len(inside))
    return bool(len(new) and excess > max(Z_95 * variance**0.5, LEAST_NEWS * whole))


def describe(
    question: Question, candidate: Candidate, inside: NDArray[np.intp], all_errors: int
) -> dict[str, object]:
    """Count the errors of a range, and find its ends: half-way to the next value outside."""
    group, side = candidate.group, question.selection.side
    column = list(side.metrics.values())[candidate.metric]
    by_image = question.of_images(candidate.metric)
    units = group.image[group.frame] if by_image else question.rows_of(group)
    ranks = column.rank[units]
    present = np.zeros(len(column.values) + 1, bool)
    present[ranks] = True
    present[-1] = False
    known = np.flatnonzero(present)
    smallest, largest = int(ranks[inside].min()), int(ranks[inside].max())
    at, end = int(np.searchsorted(known, smallest)), int(np.searchsorted(known, largest))
    values = column.values  # noqa: PD011  # an array, not a frame
    low, high = float(values[smallest]), float(values[largest])
    if at > 0:
        low = halfway(float(values[known[at - 1]]), low, low)
    if end < len(known) - 1:
        high = halfway(high, float(values[known[end + 1]]), high)
    has_value = ranks < len(values)
    n, errors = len(inside), float(group.error[inside].sum())
    average = float(group.error[has_value].mean())
    totals = np.bincount(group.frame[inside], minlength=len(group.image)).astype(np.float64)
    hits = np.bincount(group.frame[inside], group.error[inside], len(group.image))
    effect = design_effect(hits.astype(np.float64), totals, np.zeros(1, np.intp))
    rate = np.array([errors / n])
    rate_low, rate_high = wilson_interval(rate, n / effect)
    ends = (errors / n, float(rate_low[0]), float(rate_high[0]), average)
    if not question.missed:
        # Predictions are told by how many are right, as the curve tells them.
        ends = (1 - ends[0], 1 - ends[2], 1 - ends[1], 1 - ends[3])
    return {
        "class_code": group.class_code,
        "low": low,
        "high": high,
        "from_least": at == 0,
        "to_most": end == len(known) - 1,
        "n": n,
        "rate": ends[0],
        "rate_low": ends[1],
        "rate_high": ends[2],
        "average": ends[3],
        "errors": int(errors),
        "share_of_errors": errors / all_errors,
        "excess_errors": errors - average * n,
    }


def halfway(below: float, above: float, own: float) -> float:
    """Find the number between two values, or take the range's own where there is none."""
    middle = below / 2 + above / 2
    return middle if below < middle < above else own


def name_range(
    row: dict[str, object],
    metric: pd.Series,
    class_names: tuple[str, ...],
    question: Question,
) -> dict[str, object]:
    """Add the names and the sentence."""
    code = int(str(row["class_code"]))
    row["metric"] = str(metric.name)
    row["class_name"] = "all" if code < 0 else class_names[code]
    row["sentence"] = sentence(row, metric, missed=question.missed)
    return row


def sentence(row: dict[str, object], metric: pd.Series, *, missed: bool) -> str:
    """Say a range in words."""
    value = {key: float(str(row[key])) for key in COLUMNS[2:12]}
    what = "Labels" if missed else "Predictions"
    if row["class_name"] != "all":
        what += f" of {row['class_name']}"
    where = range_in_words(
        value["low"],
        value["high"],
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
    whole, text = {"n", "errors"}, {"metric", "class_name", "sentence"}
    return pd.DataFrame(
        {
            name: np.zeros(0, np.int64 if name in whole else object if name in text else np.float64)
            for name in COLUMNS
        }
    )
