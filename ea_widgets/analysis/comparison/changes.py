"""What changed from one model to another: overall, and in ranges, categories and classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.blas import one_blas_thread
from ea_widgets.analysis.comparison.paired import (
    FEWEST_IN_CATEGORY,
    Differences,
    Pair,
    excess_sums,
)
from ea_widgets.analysis.comparison.words import in_time, say_change
from ea_widgets.analysis.ranges import RangeEnds, is_apart
from ea_widgets.analysis.ranges.facts import Values
from ea_widgets.analysis.sample.range_bins import BINS
from ea_widgets.core.counting.binning import bin_of_ranks
from ea_widgets.core.statistics.intervals import t_quantile
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.core.statistics.scan import (
    FEWEST_CLUSTERS,
    FEWEST_ROWS,
    between,
    clusters_of_runs,
    running,
)
from ea_widgets.core.statistics.swaps import overall_scores, scores_beyond, swap_signs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.comparison.paired import PairedColumn
    from ea_widgets.analysis.view import View

COLUMNS = (
    "model",
    "outcome",
    "metric",
    "low",
    "high",
    "category",
    "n",
    "baseline_rate",
    "rate",
    "difference",
    "difference_low",
    "difference_high",
    "p_value",
    "errors_more",
    "sentence",
)

ALL = "All"

OUTCOMES = {"missed": "O", "false_positive": "P"}
"""What changes, and the level of the objects that it is about."""

LEVEL = 0.05

RUNS_PER_METRIC = 2

PENALTY = 0.5
"""What a part is asked for being small, of :func:`smallness`.

There are many more short ranges than long ones, so that with one bound for all the largest score
by chance is that of a short one, and long ones are judged too hard.
"""

LEAST_NEW = 0.5
"""Share of a change that must be outside of what was named already."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What is compared: one other model, by labels or by predictions.

    Attributes
    ----------
    model : str
        Name of the other model.
    outcome : {"missed", "false_positive"}
    pair : Pair
    units : dict of str to str
        Unit of each metric to look at, by displayed name.
    baseline : str or None
        Name of the baseline, where sentences name both models: of more than two, or of two of which
        none came before the other.
    """

    model: str
    outcome: str
    pair: Pair
    units: dict[str, str]
    baseline: str | None


@dataclass(frozen=True, eq=False)
class Candidates:
    """Runs of bins, or single bins, of one metric.

    Attributes
    ----------
    asked : Asked
    column : PairedColumn or None
        None for all rows.
    of_rank : ndarray of intp
        Bin of each distinct value.
    z : ndarray of float64
        Score of each, (n_bins + 1, n_bins + 1) of runs or (n_bins,).
    penalty : ndarray of float64
        What its absolute score must exceed others by, for being small; of the same shape.
    furthest : ndarray of float64, shape (SWAPS,)
        Highest absolute score less the penalty in each null data set.
    """

    asked: Asked
    column: PairedColumn | None
    of_rank: NDArray[np.intp]
    z: NDArray[np.float64]
    penalty: NDArray[np.float64]
    furthest: NDArray[np.float64]

    @property
    def scores(self) -> NDArray[np.float64]:
        """Absolute scores less the penalty; what is not looked at has none (-inf)."""
        return np.where(self.z != 0, np.abs(self.z) - self.penalty, -np.inf)


def asked_of(names: Sequence[str], views: Sequence[View]) -> list[Asked]:
    """Pair each further model with the baseline, which is first, by labels and by predictions."""
    asked = []
    named = len(names) > 2 or not in_time(names[0], names[1])
    baseline_name = names[0] if named else None
    for name, view in zip(names[1:], views[1:], strict=True):
        for outcome, level in OUTCOMES.items():
            baseline, other = (
                one.matched_data.sample(level, one.query) for one in (views[0], view)
            )
            pair, units = Pair.of(baseline, other), units_of(views, level)
            asked.append(Asked(name, outcome, pair, units, baseline_name))
    return asked


def units_of(views: Sequence[View], level: str) -> dict[str, str]:
    """Units of the metrics to look at, which all models have, by displayed name."""
    first, *others = (view.metrics for view in views)
    shared = [name for name in first.index if all(name in other.index for other in others)]
    rows = first.loc[shared]
    rows = rows[rows["level"].isin([level, "F"])]
    units = {str(name): str(unit) for name, unit in rows["unit"].items()}
    return {name: unit for name, unit in units.items() if not is_apart(name)}


def changes_of(
    asked: Sequence[Asked],
    class_names: tuple[str, ...],
    should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Find what changed; see :meth:`ComparisonView.changes`."""
    with one_blas_thread():
        scored = [(each, candidates_of(each, class_names, should_stop)) for each in asked]
    every = [one for _, found in scored for one in found]
    if not every:
        return frame_of([])
    by_chance = np.sort(np.max([one.furthest for one in every], axis=0))
    rows = [row for _, found in scored for row in name_changes(found, by_chance)]
    rows.sort(key=lambda row: (row["metric"] != ALL, -abs(row["errors_more"])))
    return frame_of(rows)


def name_changes(
    found: Sequence[Candidates], by_chance: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Name what changed from one model to another, without saying the same twice.

    Parameters
    ----------
    found : sequence of Candidates
        All rows first.
    by_chance : ndarray of float64
        Highest scores of null data sets, ascending.

    Returns
    -------
    list of dict
        See :meth:`ComparisonView.changes`.
    """
    critical = float(by_chance[len(by_chance) - int(LEVEL * (len(by_chance) + 1))])
    parts = sorted(
        ((float(one.scores[best]), one, best) for one in found for best in best_parts(one)),
        key=lambda part: -part[0],
    )
    said: list[NDArray[np.bool_]] = [
        np.zeros(len(rows), bool) for rows in found[0].asked.pair.cluster
    ]
    named = []
    for score, one, best in parts:
        p_value = (1 + np.count_nonzero(by_chance >= score)) / (1 + len(by_chance))
        if p_value > LEVEL:
            break
        ends, inside = part_of(one, best)
        if one.column is not None:
            excess = excess_of(one.asked.pair, inside)
            new = excess_of(
                one.asked.pair,
                [part & ~known for part, known in zip(inside, said, strict=True)],
            )
            # Less change than elsewhere is no change of its own, nor is one that was said already.
            if excess * float(one.z[best]) <= 0 or new / excess < LEAST_NEW:
                continue
        reach = critical + float(one.penalty[best])
        row = describe(one, ends, inside, float(p_value), reach)
        if one.column is not None:
            if row["difference_low"] <= 0 <= row["difference_high"]:
                continue  # beyond the overall change, and yet perhaps none
            said = [part | known for part, known in zip(inside, said, strict=True)]
        named.append(row)
    return named


def best_parts(one: Candidates) -> list[tuple[int, ...]]:
    """Choose the runs, or categories, of the highest scores that do not overlap."""
    left, found = one.scores, list[tuple[int, ...]]()
    while left.size and len(found) < (RUNS_PER_METRIC if left.ndim == 2 else left.size):
        best = tuple(int(at) for at in np.unravel_index(int(np.argmax(left)), left.shape))
        if left[best] == -np.inf:
            break
        found.append(best)
        if left.ndim == 2:
            left[: best[1], best[0] + 1 :] = -np.inf  # what overlaps
        else:
            left[best] = -np.inf
    return found


def excess_of(pair: Pair, inside: Sequence[NDArray[np.bool_]]) -> float:
    """Errors of the other model in some rows beyond those at the baseline's rate in them."""
    found = difference_of(pair, inside)
    return float(np.nan_to_num(found.n[1, 0] * found.difference[0]))


def frame_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Tabulate changes, the text columns as text even where there are none."""
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    text = ("model", "outcome", "metric", "category", "sentence")
    kinds: dict[str, Any] = {name: object if name in text else np.float64 for name in COLUMNS}
    return frame.astype({**kinds, "n": np.int64})


def candidates_of(
    asked: Asked, class_names: tuple[str, ...], should_stop: Callable[[], bool] | None
) -> list[Candidates]:
    """Score all rows, and all ranges, categories and classes."""
    pair = asked.pair
    if pair.n_clusters < FEWEST_CLUSTERS:
        return []
    signs = swap_signs(pair.n_clusters)
    one_bin = (np.zeros(len(pair.cluster[0]), np.intp), np.zeros(len(pair.cluster[1]), np.intp))
    sums, _ = excess_sums(*pair.counts(one_bin, 1))
    z = overall_scores(sums[:, 0], signs)
    nothing = np.zeros(0, np.intp)
    found = [Candidates(asked, None, nothing, z[:1], np.zeros(1), np.abs(z[1:]))]
    for name in asked.units:
        stop_if(should_stop)
        found.append(score_column(asked, pair.column(name), signs))
    found.append(score_column(asked, pair.by_class(class_names), signs))
    return found


def score_column(asked: Asked, column: PairedColumn, signs: NDArray[np.float64]) -> Candidates:
    """Score the ranges, or categories, of one metric."""
    counts, ordered = column.counts, column.categories is None
    if ordered:
        of_rank, n_bins = bin_of_ranks(counts, BINS)
    else:
        frequent = counts[:-1] >= 2 * FEWEST_IN_CATEGORY
        n_bins = int(frequent.sum())
        of_rank = np.append(np.where(frequent, np.cumsum(frequent) - 1, n_bins), n_bins)
    codes = (of_rank[column.ranks[0]], of_rank[column.ranks[1]])
    rows, errors = asked.pair.counts(codes, n_bins)
    sums, weights = excess_sums(rows, errors)
    z = scores_beyond(sums, weights, signs, ordered=ordered)
    n, in_clusters = rows.sum(axis=(0, 1)) / 2, rows.sum(axis=0).astype(np.int64)
    n_inside = between(running(n)) if ordered else n
    enough = n_inside >= FEWEST_ROWS
    if ordered:
        enough &= clusters_of_runs(in_clusters) >= FEWEST_CLUSTERS
    else:
        enough &= (in_clusters > 0).sum(axis=0) >= FEWEST_CLUSTERS
    z = np.where(enough, z, 0.0)
    penalty = PENALTY * smallness(n_inside, float(n.sum()))
    above = np.where(z[1:] != 0, np.abs(z[1:]) - penalty, -np.inf)
    furthest = above.max(axis=tuple(range(1, z.ndim)), initial=-np.inf)
    return Candidates(asked, column, of_rank, z[0], penalty, furthest)


def smallness(n: NDArray[np.float64], n_all: float) -> NDArray[np.float64]:
    """Highest score to expect by chance of as many parts of a size as fit into the whole.

    Parameters
    ----------
    n : ndarray of float64
        Rows of each part.
    n_all : float
        Rows of all together.

    Returns
    -------
    ndarray of float64
        sqrt(2 log(n_all / n)), as Dümbgen & Spokoiny (2001) have it; 0 of the whole.
    """
    share = np.clip(n / max(n_all, 1.0), 1.0 / max(n_all, 1.0), 1.0)
    expected: NDArray[np.float64] = np.sqrt(2 * np.log(1 / share))
    return expected


def describe(
    one: Candidates,
    ends: RangeEnds,
    inside: Sequence[NDArray[np.bool_]],
    p_value: float,
    reach: float,
) -> dict[str, Any]:
    """Give the numbers of one change, and its sentence; `reach` of a part that was chosen."""
    pair, column = one.asked.pair, one.column
    found = difference_of(pair, inside)
    n, difference = int(found.n[1, 0]), float(found.difference[0])
    if column is None:
        reach = t_quantile(max(int(found.n_clusters[0]) - 1, 1))
    half = reach * float(found.error[0])
    row = {
        "model": one.asked.model,
        "outcome": one.asked.outcome,
        "metric": ALL if column is None else column.name,
        "low": ends.low,
        "high": ends.high,
        "category": None if ends.isin is None else ends.isin[0],
        "n": n,
        "baseline_rate": float(found.rate[0, 0]),
        "rate": float(found.rate[1, 0]),
        "difference": difference,
        "difference_low": difference - half,
        "difference_high": difference + half,
        "p_value": p_value,
        "errors_more": n * difference,
    }
    unit = "" if column is None else one.asked.units.get(column.name, "")
    changed = flips(pair, inside) if pair.missed else None
    return {**row, "sentence": say_change(row, unit, ends, changed, one.asked.baseline)}


def part_of(one: Candidates, best: tuple[int, ...]) -> tuple[RangeEnds, list[NDArray[np.bool_]]]:
    """Give the ends of a range, or its category, and which rows of each model are inside.

    The ends are rounded so that they can be read.
    """
    column = one.column
    if column is None:
        everything = [np.ones(len(cluster), bool) for cluster in one.asked.pair.cluster]
        return RangeEnds(low=np.nan, high=np.nan), everything
    if column.categories is not None:
        code = int(np.flatnonzero(one.of_rank == best[0])[0])
        category = column.categories[code]
        return RangeEnds(low=np.nan, high=np.nan, isin=(category,)), [
            rank == code for rank in column.ranks
        ]
    counts = column.counts[:-1]
    values = Values(column.distinct, np.append(0, np.cumsum(counts)), column.ranks[0])
    start, stop = (int(counts[one.of_rank[:-1] < end].sum()) for end in best)
    ends, within = values.rounded(start, stop)
    return ends, [(rank >= within.start) & (rank < within.stop) for rank in column.ranks]


def difference_of(pair: Pair, inside: Sequence[NDArray[np.bool_]]) -> Differences:
    """Error rates of both models in a part of the rows, as one bin."""
    rows, errors = pair.counts((np.where(inside[0], 0, 1), np.where(inside[1], 0, 1)), 1)
    return Differences.of(rows, errors)


def flips(pair: Pair, inside: Sequence[NDArray[np.bool_]]) -> tuple[int, int]:
    """Count labels that only the other model found, and that only the baseline found."""
    before, after = (sample.error[part] for sample, part in zip(pair.samples, inside, strict=True))
    return int((before & ~after).sum()), int((~before & after).sum())
