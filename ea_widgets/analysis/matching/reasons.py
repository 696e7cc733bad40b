"""The answer to `why are predictions wrong and labels missed?`, counted and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.core.matching.error_types import (
    REASONS,
    SortedOverlaps,
    false_positive_reason,
    reaches,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.engine import Engine, Outcome
    from ea_widgets.analysis.sample import Query

LABEL_REASONS = ("missed", "wrong_class")
"""Reasons of labels that nobody took; their codes are their places."""

SELECTIONS_KEPT = 4

_FALSE_POSITIVES = (
    *("badly located", "wrong class", "duplicate", "background"),
    "wrong class and badly located",
)
_MISSED_LABELS = ("not detected", "detected as another class")


@dataclass(frozen=True)
class Gains:
    """What mending one kind of error would be worth: mAP after an oracle has, minus mAP.

    Attributes
    ----------
    predictions, labels : tuple of float
        By reason, in the order of :class:`Reasons`. In [0, 1], as mAP is; NaN where there is none.
    mended : tuple of int
        Labels that are left out, or get a prediction of their class, by reason.
    false_positives, missed : float
        Without any false positive; without any missed label.
    """

    predictions: tuple[float, ...]
    labels: tuple[float, ...]
    mended: tuple[int, ...]
    false_positives: float
    missed: float


@dataclass(frozen=True)
class Reasons:
    """How many false positives and labels that nobody took have each reason.

    Attributes
    ----------
    prediction_counts : tuple of int
        False positives by reason, in the order of `predictions`.
    label_counts : tuple of int
        Labels that nobody took by reason, in the order of `labels`.
    gains : Gains, optional
        What mending each kind would be worth, where that was asked for.
    """

    prediction_counts: tuple[int, ...]
    label_counts: tuple[int, ...]
    gains: Gains | None = None

    @property
    def predictions(self) -> pd.DataFrame:
        """False positives by reason.

        Columns `reason` ("badly_located", "wrong_class", "duplicate", "background",
        "wrong_class_and_badly_located"), `count`, and `share` (of all of them, in [0, 1]; NaN if
        there are none). One row per reason, always in this order. With gains also `gain` (in mAP,
        at most so much) and `gain_per_100` (for 100 errors; NaN without any).
        """
        result = table(REASONS, self.prediction_counts)
        if self.gains is None:
            return result
        return add_gains(result, self.gains.predictions, self.prediction_counts)

    @property
    def labels(self) -> pd.DataFrame:
        """Labels that nobody took by reason.

        Columns as above; reasons "missed", and "wrong_class" where a false positive with the
        reason "wrong_class" overlaps no label of another class more than this one. `gain_per_100`
        is for 100 of the labels that were mended.
        """
        result = table(LABEL_REASONS, self.label_counts)
        return (
            result
            if self.gains is None
            else add_gains(result, self.gains.labels, self.gains.mended)
        )


class ReasonCounter:
    """Counts reasons at any threshold without a look at every prediction.

    What reason a prediction would have as a false positive depends on its overlaps and the
    threshold only, so that sorted overlaps give the counts of all predictions. Those of true
    positives and of predictions that count nowhere are taken off.

    Parameters
    ----------
    engine : Engine
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._selections: LruCache[Hashable, SortedOverlaps] = LruCache(SELECTIONS_KEPT)

    def count(self, query: Query, outcome: Outcome) -> Reasons:
        """Count the reasons of a query.

        Parameters
        ----------
        query : Query
        outcome : Outcome
            Of the same query.

        Returns
        -------
        Reasons
        """
        return Reasons(
            prediction_counts=self._false_positives(query, outcome),
            label_counts=self._missed_labels(query, outcome),
        )

    def _false_positives(self, query: Query, outcome: Outcome) -> tuple[int, ...]:
        overlaps, threshold = self._engine.overlaps, query.iou_threshold
        key = (query.confidence_threshold, query.classes)
        counts = self._selections.get(key, lambda: self._select(query)).count(threshold)
        # A true positive overlaps a label of its class enough, so there are only two ways.
        n_wrong = reaches(overlaps.other_class[outcome.true_positives], threshold).sum()
        counts[REASONS.index("wrong_class")] -= n_wrong
        counts[REASONS.index("duplicate")] -= len(outcome.true_positives) - n_wrong
        rows = outcome.excluded
        excluded = false_positive_reason(
            overlaps.same_class[rows], overlaps.other_class[rows], threshold
        )
        counts -= np.bincount(excluded, minlength=len(REASONS))
        return tuple(counts.tolist())

    def _select(self, query: Query) -> SortedOverlaps:
        rows = self._engine.chosen_predictions(query)
        chosen = np.zeros(len(self._engine.predictions.row), bool)
        chosen[rows] = True
        return self._engine.overlaps.sort(chosen, len(rows))

    def _missed_labels(self, query: Query, outcome: Outcome) -> tuple[int, ...]:
        engine = self._engine
        labels = np.flatnonzero(labels_with_wrong_class(engine, query))
        per_class = np.bincount(engine.labels.class_code[labels], minlength=engine.n_classes)
        classes = list(query.classes)
        n_labels, n_wrong = engine.labels_per_class[classes].sum(), per_class[classes].sum()
        return int(n_labels - len(outcome.labels) - n_wrong), int(n_wrong)


def labels_with_wrong_class(engine: Engine, query: Query) -> NDArray[np.bool_]:
    """Mark the labels that nobody took, but that were found with the wrong class.

    Parameters
    ----------
    engine : Engine
    query : Query
        Its classes do not matter: a wrong class may be one that is not chosen.

    Returns
    -------
    ndarray of bool, shape (n_labels,)
        Of the engine's labels, of all classes.
    """
    every = tuple(range(engine.n_classes))
    outcome = engine.outcome(replace(query, classes=every))
    everything = query.keeps_every_confidence and engine.relevant is None
    is_sure = None if everything else engine.sure(query)
    found = engine.overlaps.found_by_another_class(outcome, is_sure, query, len(engine.labels.row))
    found[outcome.labels] = False
    return found


def table(reasons: tuple[str, ...], counts: tuple[int, ...]) -> pd.DataFrame:
    """Tabulate counts and shares of reasons; see :class:`Reasons`."""
    total = sum(counts)
    share = [count / total if total else math.nan for count in counts]
    return pd.DataFrame({"reason": list(reasons), "count": counts, "share": share})


def add_gains(result: pd.DataFrame, gains: Sequence[float], mended: Sequence[int]) -> pd.DataFrame:
    """Add the columns `gain` and `gain_per_100`, NaN where nothing was mended, to a table."""
    gain, errors = np.array(gains, np.float64), np.array(mended, np.float64)
    per_100 = np.full(len(gain), np.nan)
    np.divide(100 * gain, errors, out=per_100, where=errors > 0)
    return result.assign(gain=gain, gain_per_100=per_100)


def describe_false_positives(reasons: Reasons) -> str:
    """Say in one line how many false positives there are and why.

    Parameters
    ----------
    reasons : Reasons

    Returns
    -------
    str
        Plain text, the most frequent reason first.

    Examples
    --------
    >>> describe_false_positives(Reasons((103, 60, 92, 157, 0), (9, 0)))
    '412 false positives: 38 % background, 25 % badly located, 22 % duplicate, 15 % wrong class'
    """
    return _describe(reasons.prediction_counts, "false positive", _FALSE_POSITIVES)


def describe_missed_labels(reasons: Reasons) -> str:
    """Say in one line how many labels nobody took and why.

    Parameters
    ----------
    reasons : Reasons

    Returns
    -------
    str
        Plain text, the most frequent reason first.

    Examples
    --------
    >>> describe_missed_labels(Reasons((0, 0, 0, 0, 0), (999, 1)))
    '1,000 missed objects: 99.9 % not detected, 0.1 % detected as another class'
    """
    return _describe(reasons.label_counts, "missed object", _MISSED_LABELS)


def _describe(counts: tuple[int, ...], noun: str, words: tuple[str, ...]) -> str:
    total = sum(counts)
    if not total:
        return f"No {noun}s"
    ranked = sorted(zip(counts, words, strict=True), key=lambda entry: -entry[0])
    named = [f"{percent(count, total)} {word}" for count, word in ranked if count]
    return f"{total:,} {noun}{'s' if total > 1 else ''}: {', '.join(named)}"


def percent(part: int, whole: int) -> str:
    """Write a share in whole percent; a little more precisely near 0 and 100, where it counts.

    Examples
    --------
    >>> percent(1, 3), percent(1, 200), percent(1, 100_000), percent(99_999, 100_000)
    ('33 %', '0.5 %', '<0.1 %', '>99.9 %')
    """
    share = 100 * part / whole
    if part == whole or 1 <= share <= 99:
        return f"{share:.0f} %"
    if share < 0.05:
        return "<0.1 %"
    return ">99.9 %" if share > 99.95 else f"{share:.1f} %"
