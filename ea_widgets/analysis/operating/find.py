"""Finds operating points, and what is left of them on images they were not chosen on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_flag
from ea_widgets.analysis.operating.curve import trace_rates
from ea_widgets.analysis.operating.goal import check_goal
from ea_widgets.analysis.operating.operating_points import OperatingPoints
from ea_widgets.analysis.operating.ranked import rank
from ea_widgets.analysis.scores.replicates import FEWEST_CLUSTERS
from ea_widgets.core.counting.cutoffs import Goal, Ranked, choose, ratio
from ea_widgets.core.statistics.bias_corrected import rate_interval
from ea_widgets.core.statistics.bootstrap import RESAMPLES
from ea_widgets.core.statistics.resampling import SEED, count_drawn, data_and_resamples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query

FOLDS = 5
"""Chosen on all but one, judged on that one."""

FEWEST_JUDGED = 10
"""With fewer clusters than this nothing is judged on others than it was chosen on."""

RATES = ("precision", "recall", "f_beta")


def find_operating_points(
    data: MatchedData,
    query: Query,
    beta: object = 1.0,
    min_precision: object = None,
    min_recall: object = None,
    *,
    by_class: object = True,
) -> OperatingPoints:
    """Find the best confidence thresholds; see :meth:`View.operating_points`."""
    goal = check_goal(beta, min_precision, min_recall)
    each = check_flag("by_class", by_class)
    question = "operating points", goal, each
    found = data.answer(question, query, lambda: _find(data, query, goal, by_class=each))
    # The tables are the caller's to change; what is kept stays.
    return replace(found, table=found.table.copy(), curve=found.curve.copy())


def best_threshold(data: MatchedData, query: Query) -> float:
    """Find the one threshold of the highest F1 for all classes, and nothing else: while one moves.

    Returns
    -------
    float
        That of :meth:`View.operating_points`; NaN where there is none.
    """
    if _problem_of_all(data):
        return float("nan")
    engine, outcome = data.engine, data.outcome(query)
    counts, hit = engine.judged_predictions(query, outcome)
    order = engine.by_confidence.rows
    rows = order[counts[order]]
    confidence = engine.predictions.confidence[rows]
    last = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)[: len(rows)])
    found = np.cumsum(hit[rows], dtype=np.int64)[last]
    n_labels = int(engine.judged_labels(query).sum())
    group = np.zeros(len(last), np.intp)
    best = Goal().best(found, last + 1, np.full(len(last), n_labels), group, 1)[0]
    return float(np.append(confidence[last], np.nan)[best])


def _find(data: MatchedData, query: Query, goal: Goal, *, by_class: bool) -> OperatingPoints:
    ranked = rank(data, query)
    problem = _problem_of_all(data)
    if problem:
        ranked = _without_predictions(ranked)
    pooled = ranked.pooled()
    threshold_of_all = choose(pooled, goal)
    names = [data.class_names[code] for code in query.classes]
    fold = folds(ranked.n_clusters)
    chosen = chosen_without(pooled, goal, fold)
    tables = [tabulate_points(pooled, goal, threshold_of_all, chosen, fold, problem)]
    curves = [trace_rates(pooled, goal, threshold_of_all, ["all"])]
    threshold = np.repeat(threshold_of_all, len(names))
    chosen_for_class = np.repeat(chosen, len(names), axis=1)
    if by_class:
        own, own_chosen = choose(ranked, goal), chosen_without(ranked, goal, fold)
        tables.append(tabulate_points(ranked, goal, own, own_chosen, fold, problem))
        curves.append(trace_rates(ranked, goal, own, names))
        threshold = np.where(np.isnan(own), threshold, own)
        chosen_for_class = np.where(np.isnan(own_chosen), chosen_for_class, own_chosen)
    table = pd.concat(tables, ignore_index=True)
    table.index = pd.Index(["all", *names][: len(table)], name="class_name", dtype=object)
    return OperatingPoints(
        beta=goal.beta,
        min_precision=goal.min_precision,
        min_recall=goal.min_recall,
        iou_threshold=query.iou_threshold,
        table=table,
        curve=pd.concat(curves, ignore_index=True),
        together=_together(ranked, goal, threshold, chosen_for_class, fold),
        by_class=dict(zip(names, threshold.tolist(), strict=True)),
    )


def _problem_of_all(data: MatchedData) -> str:
    """Say why there is no operating point at all, or ""."""
    lacking = {"P": "predictions", "O": "labels"}.get(data.slice.lacking)
    if lacking:
        return f"{lacking} lack the metric of the slice"
    if data.engine.lacks_confidences:
        return "predictions have no confidences"
    return ""


def _without_predictions(ranked: Ranked) -> Ranked:
    nothing = np.zeros(0, np.intp)
    return Ranked(
        *(nothing, np.zeros(0), np.zeros(0, bool), nothing),
        *(ranked.label_group, ranked.label_cluster, ranked.n_groups, ranked.n_clusters),
    )


def folds(n_clusters: int) -> NDArray[np.intp]:
    """Fold of each cluster; the same for every evaluation of the same images."""
    fold = np.empty(n_clusters, np.intp)
    order = np.random.default_rng([SEED, n_clusters, FOLDS]).permutation(n_clusters)
    fold[order] = np.arange(n_clusters) % FOLDS
    return fold


def chosen_without(ranked: Ranked, goal: Goal, fold: NDArray[np.intp]) -> NDArray[np.float64]:
    """Thresholds that are chosen without each fold, shape (FOLDS, n_groups)."""
    return np.array([choose(ranked, goal, fold != number) for number in range(FOLDS)])


def _counts(ranked: Ranked, kept: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count true positives, and true and false positives, by group, of some predictions."""
    n = ranked.n_groups
    counted = np.bincount(ranked.group[kept], minlength=n)
    return np.bincount(ranked.group[kept & ranked.hit], minlength=n), counted


def _held_out(
    ranked: Ranked, chosen: NDArray[np.float64], fold: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count by group from the thresholds that were chosen without the predictions' fold."""
    fold_of_row = fold[ranked.cluster]
    return _counts(ranked, ranked.confidence >= chosen[fold_of_row, ranked.group])


def _rates(
    found: NDArray[np.int64], counted: NDArray[np.int64], labels: NDArray[np.int64], goal: Goal
) -> dict[str, NDArray[np.float64]]:
    return {
        "precision": ratio(found, counted),
        "recall": ratio(found, labels),
        "f_beta": goal.f_beta(found, counted, labels),
    }


def tabulate_points(
    ranked: Ranked,
    goal: Goal,
    threshold: NDArray[np.float64],
    chosen: NDArray[np.float64],
    fold: NDArray[np.intp],
    problem: str,
) -> pd.DataFrame:
    """Tabulate the best point of each group; see :class:`OperatingPoints`."""
    none = np.isnan(threshold)
    columns: dict[str, object] = {"threshold": threshold}
    labelled = ranked.labelled_clusters
    seen = _clusters(ranked, ranked.from_threshold(threshold))
    for name, values in _replicates(ranked, threshold, goal).items():
        values[:, none] = np.nan
        low, high = rate_interval(values, seen if name == "precision" else labelled)
        for end in (low, high):
            end[labelled < FEWEST_CLUSTERS] = np.nan
        columns |= {name: values[0], f"{name}_low": low, f"{name}_high": high}
    judged = ~none & ~np.isnan(chosen).all(axis=0) & (ranked.n_clusters >= FEWEST_JUDGED)
    for name, values in _rates(*_held_out(ranked, chosen, fold), ranked.labels, goal).items():
        columns[f"held_out_{name}"] = np.where(judged, values, np.nan)
    columns["n"] = _counts(ranked, ranked.from_threshold(threshold))[1]
    columns["labels"] = ranked.labels
    columns["problem"] = _problems(ranked, goal, none, problem)
    return pd.DataFrame(columns)


def _clusters(ranked: Ranked, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the clusters of some predictions, by group."""
    cells = np.unique(ranked.group[kept] * ranked.n_clusters + ranked.cluster[kept])
    found: NDArray[np.int64] = np.bincount(
        cells // max(ranked.n_clusters, 1), minlength=ranked.n_groups
    )
    return found


def _problems(
    ranked: Ranked, goal: Goal, none: NDArray[np.bool_], problem: str
) -> NDArray[np.object_]:
    """Say of each group why it has no best point; "" where it has one."""
    found, counted = _counts(ranked, np.ones(len(ranked.group), bool))
    unreached = "no threshold"
    if goal.min_precision is not None:
        unreached = f"precision {goal.min_precision:g} is never reached"
    elif goal.min_recall is not None:
        unreached = f"recall {goal.min_recall:g} is never reached"
    cases = [~none, np.full(len(none), bool(problem)), ranked.labels == 0, counted == 0, found == 0]
    words = ["", problem, "no labels", "no predictions", "no prediction is right"]
    said = np.full(len(none), unreached, dtype=object)
    for case, text in list(zip(cases, words, strict=True))[::-1]:
        said[case] = text
    return said


def _replicates(
    ranked: Ranked, threshold: NDArray[np.float64], goal: Goal
) -> dict[str, NDArray[np.float64]]:
    """Rates at the thresholds, of the data and of resampled clusters: (1 + n_resamples, n_groups).

    The thresholds stay as they are: what is asked is what they give on other images.
    """
    weights, n_groups = data_and_resamples(ranked.n_clusters, RESAMPLES), ranked.n_groups
    kept = ranked.from_threshold(threshold)
    hits = kept & ranked.hit
    found, counted = (
        count_drawn(weights, ranked.cluster[which], ranked.group[which], n_groups)
        for which in (hits, kept)
    )
    labels = count_drawn(weights, ranked.label_cluster, ranked.label_group, n_groups)
    return _rates(found, counted, labels, goal)  # type: ignore[arg-type]  # whole numbers too


def _together(
    ranked: Ranked,
    goal: Goal,
    threshold: NDArray[np.float64],
    chosen: NDArray[np.float64],
    fold: NDArray[np.intp],
) -> dict[str, float]:
    """Rates of all classes, each from its own threshold up."""
    labels = np.array([len(ranked.label_group)])
    at_thresholds = _counts(ranked, ranked.from_threshold(threshold))
    result = {}
    for prefix, counts in (("", at_thresholds), ("held_out_", _held_out(ranked, chosen, fold))):
        found, counted = (np.array([count.sum()]) for count in counts)
        for name, values in _rates(found, counted, labels, goal).items():
            known = not np.isnan(threshold).all() and (
                not prefix or ranked.n_clusters >= FEWEST_JUDGED
            )
            result[prefix + name] = float(values[0]) if known else float("nan")
    return result
