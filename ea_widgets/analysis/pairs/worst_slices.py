"""Conjunctions of up to two properties in which more is wrong than either explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.blas import one_blas_thread
from ea_widgets.analysis.checks import check_count, check_option
from ea_widgets.analysis.importance import OUTCOMES
from ea_widgets.analysis.matched_data import LEVEL_OF_OUTCOME
from ea_widgets.analysis.pairs.cells import CUTS, RUNS, Cells, coarse_codes
from ea_widgets.analysis.pairs.words import say_slice
from ea_widgets.analysis.ranges import groups_of, is_apart
from ea_widgets.analysis.ranges.facts import RangeEnds, categories_of_bin, ends_of, rate_of
from ea_widgets.analysis.ranges.null_scores import some_of
from ea_widgets.analysis.slices.condition import where
from ea_widgets.core.statistics.clusters import order_by_cluster
from ea_widgets.core.statistics.exchangeable import icc
from ea_widgets.core.statistics.intervals import Z_95
from ea_widgets.core.statistics.resampling import SEED, run_blocks
from ea_widgets.data.catalogue.names import MetricName
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.ranges import Group
    from ea_widgets.analysis.sample import Query
    from ea_widgets.analysis.slices import Condition

DRAWS = 99
"""Null data sets: the smallest p is 1/100."""

MOST_ROWS = 4_000
"""Rows that are moved about; of more, some."""

LEVEL = 0.05

FEWEST_CLUSTERS = 10

LEAST_NEW = 0.5
"""Share of its excess errors that a slice must hold outside of those named before."""

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


@dataclass(frozen=True)
class Scored:
    """A run of one metric, or a rectangle of two.

    Attributes
    ----------
    z, p_value : float
    metrics : tuple of int
        Numbers of the metrics of the table.
    runs : tuple of int
        Number of the run of each, in `RUNS`.
    """

    z: float
    p_value: float
    metrics: tuple[int, ...]
    runs: tuple[int, ...]


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
    if check_count("depth", depth) > 2:
        raise InvalidInputError("depth", f"is {depth!r}", "Give 1 or 2.")
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
    sizes = rows.sizes.astype(np.float64)
    hits = np.bincount(rows.cell, weights=group.error[rows.order], minlength=len(sizes))
    n_of_images = group.sample.selection.side.n_image_metrics
    cells = Cells(
        categorical=np.array(categorical, bool),
        of_objects=np.array([metric >= n_of_images for metric in kept]),
        n_squares=float((sizes**2).sum() / max(sizes.sum(), 1)),
        alike=max(icc(hits.astype(np.int64), rows.sizes), 0.0),
    )
    scores = cells.score(code, group.error)
    some = some_of(rows, MOST_ROWS)
    moved, error = code[:, some.order], group.error[some.order]
    among = np.arange(len(some.order)) - some.start[some.cell]

    def highest(number: int) -> float:
        generator = np.random.default_rng([SEED, number])
        circle = generator.permutation(some.n_clusters)
        donor = np.empty(some.n_clusters, np.intp)
        donor[circle] = np.roll(circle, 1)  # each gets the metrics of another
        source = donor[some.cell]
        taken = some.start[source] + among % some.sizes[source]
        singles, pairs = cells.score(moved[:, taken], error)
        of_pairs = pairs.max(initial=0.0) if depth == 2 else 0.0
        return float(max(singles.max(initial=0.0), of_pairs))

    luck = np.sort(run_blocks(highest, DRAWS if some.n_clusters > 1 else 0, should_stop))
    critical = max(float(luck[int(0.95 * len(luck))]) if luck.size else 0.0, Z_95)
    found = []
    for number, table in enumerate(scores[:depth]):
        flat = table.ravel()
        best = np.argsort(-flat, kind="stable")[:TRIED]
        for at in best[flat[best] > 0]:
            row, *runs = (int(index) for index in np.unravel_index(int(at), table.shape))
            metrics = cells.pairs[row].tolist() if number else [row]
            p_value = (1 + np.count_nonzero(luck >= flat[at])) / (1 + len(luck))
            if p_value <= LEVEL:
                picked = tuple(kept[metric] for metric in metrics)
                found.append(Scored(float(flat[at]), float(p_value), picked, tuple(runs)))
    return sorted(found, key=lambda one: -one.z), critical


def describe_slices(
    group: Group,
    found: list[Scored],
    most: int,
    units: list[str],
    critical: float,
) -> list[dict[str, Any]]:
    """Describe the slices of the highest scores that do not name the same objects again."""
    known = np.zeros(len(group.rows), bool)
    rate = float(group.error.mean())
    rows: list[dict[str, Any]] = []
    for one in found:
        if len(rows) == most:
            break
        parts = [part_of(group, *part) for part in zip(one.metrics, one.runs, strict=True)]
        inside = np.logical_and.reduce([part for _, part in parts])
        if len(np.unique(group.bins.cluster_of_kept[inside])) < FEWEST_CLUSTERS:
            continue
        excess, new = (
            float(group.error[which].sum() - rate * which.sum())
            for which in (inside, inside & ~known)
        )
        if excess <= 0 or new < LEAST_NEW * excess:
            continue
        known |= inside
        rows.append(describe(group, one, parts, inside, units, critical))
    return rows


def part_of(group: Group, metric: int, run: int) -> tuple[RangeEnds, NDArray[np.bool_]]:
    """Give the ends of a run of a metric, or its category, and the rows inside."""
    first, last = RUNS[run].tolist()
    if metric in group.bins.sets:
        inside = group.bins.code_of(metric) == first
        names = categories_of_bin(group, metric, first)
        return RangeEnds(low=np.nan, high=np.nan, isin=names), inside
    return ends_of(group, metric, CUTS[first], CUTS[last + 1] - 1)


def describe(
    group: Group,
    one: Scored,
    parts: list[tuple[RangeEnds, NDArray[np.bool_]]],
    inside: NDArray[np.bool_],
    units: list[str],
    critical: float,
) -> dict[str, Any]:
    """Give the numbers of one slice, and its sentence."""
    names = [group.sample.names[metric] for metric in one.metrics]
    hit = group.error if group.sample.missed else ~group.error
    cluster, n_clusters = group.bins.cluster_of_kept, group.bins.n_clusters
    n, hits, n_of_all, hits_of_all = (
        np.bincount(cluster[which], minlength=n_clusters)
        for which in (inside, inside & hit, slice(None), hit)
    )
    rate, low, high = rate_of(hits, n, hits_of_all, n_of_all, critical)
    errors = int((group.error & inside).sum())
    row: dict[str, Any] = {
        "condition": condition_of(names, [ends for ends, _ in parts]),
        "metrics": tuple(names),
        "n": int(inside.sum()),
        "rate": rate,
        "rate_low": low,
        "rate_high": high,
        "average": float(hit.mean()),
        "rates_alone": tuple(float(hit[part].mean()) for _, part in parts),
        "errors": errors,
        "share_of_errors": errors / group.sample.n_errors,
        "excess_errors": errors - float(group.error.mean()) * int(inside.sum()),
        "z": one.z,
        "p_value": one.p_value,
    }
    ends = [(ends, units[metric]) for (ends, _), metric in zip(parts, one.metrics, strict=True)]
    return {**row, "sentence": say_slice(row, ends, missed=group.sample.missed)}


def condition_of(names: list[str], ends: list[RangeEnds]) -> Condition:
    """Give the condition that the objects of a slice fulfil, for ``at(where=...)``."""
    found: Condition | None = None
    for name, end in zip(names, ends, strict=True):
        metric, level = MetricName.parse(name).parts
        asked = name if level == "F" else metric
        if end.isin is not None:
            one = where(asked, isin=end.isin)
        else:
            one = where(
                asked,
                low=None if end.from_least else end.low,
                high=None if end.to_most else end.high,
            )
        found = one if found is None else found & one
    if found is None:
        raise InvalidInputError("metric", "is missing", "Name one at least.")
    return found
