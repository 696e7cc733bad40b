"""The best `min_confidence` of a range: every candidate tried, few of them matched again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.actions.rule import Rule
from ea_widgets.analysis.actions.what_if import take, trials_of
from ea_widgets.analysis.scores import ratio
from ea_widgets.core.matching.greedy import LARGEST_THRESHOLD, greedy_match
from ea_widgets.core.matching.pairs import CHUNK, Pairs
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ea_widgets.analysis.actions.what_if import Trials
    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query


@dataclass(frozen=True, eq=False)
class BestConfidence:
    """The `min_confidence` of a metric's range that gives the highest F1.

    Attributes
    ----------
    rule : Rule
        With that `min_confidence`: 0 where dropping anything makes F1 worse, None where all
        predictions of the range are best dropped. Of equally good ones, the lowest.
    f1_before, f1_after : float
        Without the rule and with it; NaN without labels and predictions.
    scan : DataFrame
        One row per candidate, ascending: `min_confidence` (each confidence in the range, and at
        last infinity, which drops all), `removed` (predictions), `true_positives`,
        `false_positives`, `false_negatives`, `precision`, `recall`, `f1`.
    """

    rule: Rule
    f1_before: float
    f1_after: float
    scan: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Drops:
    """What changes as predictions of a range are dropped one by one, the least sure first.

    Attributes
    ----------
    row : ndarray of intp, shape (n,)
        The predictions, in the order in which they are dropped: falling rows.
    true_positives, evaluated : ndarray of int64, shape (n,)
        Change of the number of true positives, and of predictions that count.
    """

    row: NDArray[np.intp]
    true_positives: NDArray[np.int64]
    evaluated: NDArray[np.int64]


def best_min_confidence(
    data: MatchedData,
    query: Query,
    metric: str,
    low: float | None,
    high: float | None,
    isin: Iterable[Any] | None,
) -> BestConfidence:
    """Find the `min_confidence` of the highest F1; see :meth:`View.best_min_confidence`."""
    if query.where is not None:
        raise InvalidInputError(
            "where",
            f"is {str(query.where)!r}; the best confidence is found on all data",
            "Leave `where` out.",
        )
    rule = Rule(metric, low, high, isin=None if isin is None else tuple(isin))
    return best_confidence(trials_of(data), rule, query)


def best_confidence(trials: Trials, rule: Rule, query: Query) -> BestConfidence:
    """Try every `min_confidence` for the range of a rule.

    Parameters
    ----------
    trials : Trials
    rule : Rule
        Its own `min_confidence` is not looked at.
    query : Query

    Returns
    -------
    BestConfidence

    Notes
    -----
    A prediction never changes the matches of those above it. So, when predictions are dropped in
    order of rising confidence, each of them still has the match that it had at first; and those
    below it that are left are outside of the range. Nothing else changes unless one of them also
    overlaps the label that is now free, or moves up where there were more than `max_detections`:
    only these images and classes are matched again, before and after that drop, all at once.
    """
    confidence = trials.engine.predictions.confidence
    inside = trials.chosen(query) & rule.drops(trials.values(rule.metric), None)
    drops, found, counted = count_drops(trials, inside, query)
    level = confidence[drops.row]
    differ = (level[1:] != level[:-1]) & ~np.isnan(level[1:])  # without any, they are one level
    last = np.flatnonzero(np.append(differ, True)[: len(level)])
    total = np.concatenate([[0], last + 1])
    tp = found + np.concatenate([[0], np.cumsum(drops.true_positives)])[total]
    n = counted + np.concatenate([[0], np.cumsum(drops.evaluated)])[total]
    classes = list(query.classes)
    labels = int(trials.engine.labels_per_class[classes].sum())
    scan = pd.DataFrame(
        {
            "min_confidence": np.append(level[last], np.inf),
            "removed": total,
            "true_positives": tp,
            "false_positives": n - tp,
            "false_negatives": labels - tp,
            "precision": ratio(tp, n),
            "recall": ratio(tp, np.full(len(n), labels)),
            "f1": ratio(2 * tp, n + labels),
        }
    )
    f1 = scan["f1"].to_numpy()
    best = int(np.nanargmax(f1)) if not np.isnan(f1).all() else 0
    wanted = float(scan["min_confidence"].iloc[best]) if best else 0.0
    return BestConfidence(
        rule=replace(rule, min_confidence=None if np.isinf(wanted) else wanted),
        f1_before=float(f1[0]),
        f1_after=float(f1[best]),
        scan=scan,
    )


def count_drops(trials: Trials, inside: NDArray[np.bool_], query: Query) -> tuple[Drops, int, int]:
    """Count what each drop changes, and what there is before the first.

    Parameters
    ----------
    trials : Trials
    inside : ndarray of bool, shape (n_predictions,)
        Chosen predictions of the range.
    query : Query

    Returns
    -------
    drops : Drops
    true_positives, evaluated : int
        Before the first drop.
    """
    engine, n = trials.engine, len(inside)
    chosen = trials.chosen(query)
    first = trials.evaluated(np.ones(n, bool)) & chosen
    pairs = take(engine.pairs, chosen)
    near = np.flatnonzero(pairs.iou >= min(query.iou_threshold, LARGEST_THRESHOLD))
    pairs = Pairs(
        pairs.prediction[near],
        pairs.label[near],
        pairs.iou[near],
        pairs.reusable[near],
        pairs.n_labels,
    )
    row, label, _ = greedy_match(take(pairs, first), query.iou_threshold)
    counts = ~engine.labels.ignored[label]
    tp, aside = np.zeros(n, np.int64), np.zeros(n, np.int64)
    tp[row[counts]], aside[row[~counts]] = 1, 1
    evaluated = first.astype(np.int64) - aside
    n_tp, n_evaluated = int(tp.sum()), int(evaluated.sum())
    heirs = np.full(pairs.n_labels, -1, np.intp)  # the least sure outsider that overlaps a label
    outside = ~inside[pairs.prediction]
    heirs[pairs.label[outside]] = pairs.prediction[outside]
    freed = ~engine.labels.crowd[label] & (heirs[label] > row) & inside[row]
    again = np.zeros(n, bool)
    again[row[freed]] = True
    again[trials.tight] = (inside & first)[trials.tight]
    change_tp, change_n = -tp, -evaluated
    events = np.flatnonzero(again)
    if len(events):
        change_tp[events], change_n[events] = match_again(trials, pairs, inside, events, query)
    # The order of the engine is by class first: dropping goes by confidence over all of them.
    rows = np.flatnonzero(inside)
    rows = rows[np.argsort(engine.predictions.confidence[rows], kind="stable")]
    return Drops(rows, change_tp[rows], change_n[rows]), n_tp, n_evaluated


def match_again(
    trials: Trials,
    pairs: Pairs,
    inside: NDArray[np.bool_],
    events: NDArray[np.intp],
    query: Query,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Match the image and class of each dropped prediction before and after its drop.

    Parameters
    ----------
    trials : Trials
    pairs : Pairs
        Of chosen predictions, near enough.
    inside : ndarray of bool, shape (n_predictions,)
    events : ndarray of intp, shape (n_events,)
        The dropped predictions, all of them evaluated.
    query : Query

    Returns
    -------
    true_positives, evaluated : ndarray of int64, shape (n_events,)
        Changes.
    """
    order = np.argsort(trials.group[pairs.prediction], kind="stable")
    owner = trials.group[pairs.prediction][order]
    start = np.searchsorted(owner, trials.group[events], side="left")
    count = np.searchsorted(owner, trials.group[events], side="right") - start
    places, evaluated = places_among_inside(trials, inside, trials.chosen(query), events)
    ends = np.cumsum(2 * count)
    true_positives = np.zeros(len(events), np.int64)
    cut = 0
    while cut < len(events):
        done = ends[cut - 1] if cut else 0
        stop = max(cut + 1, int(np.searchsorted(ends, done + CHUNK, side="right")))
        part = slice(cut, stop)
        size = np.tile(count[part], 2)
        copy = np.repeat(np.arange(len(size)), size)
        offset = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        pair = order[np.tile(start[part], 2)[copy] + offset]
        event = np.tile(events[part], 2)[copy]
        after = copy >= len(size) // 2
        tp, aside = match_copies(trials, pairs, query, (pair, event, copy, after), (inside, places))
        change = [
            np.subtract(*np.split(np.bincount(c, minlength=len(size)), 2)) for c in (tp, aside)
        ]
        true_positives[part] = -change[0]
        evaluated[part] += change[1]
        cut = stop
    return true_positives, evaluated


def match_copies(
    trials: Trials,
    pairs: Pairs,
    query: Query,
    copies: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]],
    inside_and_places: tuple[NDArray[np.bool_], NDArray[np.int64]],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Match copies of images and classes, each without the predictions dropped so far.

    Returns
    -------
    true_positives, aside : ndarray of intp
        The copy of each prediction that took a label, and of each that took an ignored one.
    """
    pair, event, copy, after = copies
    inside, places = inside_and_places
    row = pairs.prediction[pair]
    dropped = inside[row] & ((row > event) | (after & (row == event)))
    # Those below the event stand so many places higher as predictions between them are dropped.
    place = trials.engine.predictions.place[row].astype(np.int64)
    below = row > event
    higher = np.maximum(places[row] - places[event] - 1 + after, 0)
    place -= np.where(below, higher, 0)
    kept = np.flatnonzero(~dropped & (place < trials.max_detections))
    pair, row, copy = pair[kept], row[kept], copy[kept]
    n = len(inside)
    labels, label = np.unique(copy * pairs.n_labels + pairs.label[pair], return_inverse=True)
    taker, taken, _ = greedy_match(
        Pairs(copy * n + row, label, pairs.iou[pair], pairs.reusable[pair], len(labels)),
        query.iou_threshold,
    )
    counts = ~trials.engine.labels.ignored[labels[taken] % pairs.n_labels]
    return taker[counts] // n, taker[~counts] // n


def places_among_inside(
    trials: Trials, inside: NDArray[np.bool_], chosen: NDArray[np.bool_], events: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the predictions of the range before each one, and what each drop leaves to evaluate.

    Parameters
    ----------
    trials : Trials
    inside, chosen : ndarray of bool, shape (n_predictions,)
    events : ndarray of intp, shape (n_events,)

    Returns
    -------
    places : ndarray of int64, shape (n_predictions,)
        Predictions of the range of the same image and class before each one; 0 where there are
        not too many predictions, since nobody moves up there.
    evaluated : ndarray of int64, shape (n_events,)
        Change of the number of evaluated predictions: -1, or 0 where another one moves up.
    """
    places = np.zeros(len(inside), np.int64)
    evaluated = np.full(len(events), -1, np.int64)
    tight = trials.tight
    if not len(tight):
        return places, evaluated
    number = np.cumsum(trials.tight_first) - 1
    among = inside[tight]
    before: NDArray[np.int64] = np.cumsum(among) - among
    places[tight] = before - before[trials.tight_first][number]
    n_inside = np.bincount(number, among).astype(np.int64)
    n_chosen = np.bincount(number, chosen[tight]).astype(np.int64)
    of_row = np.full(len(inside), -1, np.intp)
    of_row[tight] = number
    crowded = of_row[events] >= 0
    row = events[crowded]
    # Kept before the drop: all but the predictions of the range after this one.
    left = n_chosen[of_row[row]] - (n_inside[of_row[row]] - places[row] - 1)
    evaluated[crowded] = np.where(left > trials.max_detections, 0, -1)
    return places, evaluated
