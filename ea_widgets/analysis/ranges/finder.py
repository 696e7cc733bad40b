"""The one finder of ranges: which hold more errors than average, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.blas import one_blas_thread
from ea_widgets.analysis.ranges.groups import ALL_CLASSES, groups_of
from ea_widgets.analysis.ranges.null_scores import (
    DRAWS,
    MOST_ROWS,
    MOST_ROWS_OF_CLASS,
    null_scores,
)
from ea_widgets.analysis.sample import BINS
from ea_widgets.core.statistics.resampling import stop_if
from ea_widgets.core.statistics.scan import (
    TRIES_PER_BIN,
    best_runs,
    bonferroni_z,
    least_excess,
)
from ea_widgets.data.catalogue import MetricName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.ranges.groups import Group
    from ea_widgets.analysis.sample import Query

RUNS_PER_METRIC = 2

LEVEL = 0.05

STRONG, SUGGESTIVE = "strong", "suggestive"

APART = frozenset({"Model Confidence", "Random Values on Images", "Random Values on Objects"})
"""Metrics that are judged by themselves and not listed: unsure predictions are wrong more often,
which is what confidence is for; random values are a control."""


@dataclass(frozen=True)
class FoundRange:
    """A run of bins of one metric, in one group of rows.

    Attributes
    ----------
    class_code : int
        `ALL_CLASSES` for all classes together.
    metric : int
        Number of the metric of the table.
    first, last : int
        First and last bin.
    z, least_excess : float
        See :func:`run_scores`.
    p_value : float
        How often the highest score of all metrics is as high by chance; NaN where not settled.
    strength : {"strong", "suggestive", ""}
        That is at most 5 %; only that of the highest score of this metric is; not settled.
    but_one : bool
        Whether all categories but the one are meant.
    """

    class_code: int
    metric: int
    first: int
    last: int
    z: float
    least_excess: float
    p_value: float
    strength: str
    but_one: bool = False


@dataclass(frozen=True)
class FoundRanges:
    """What was found, and among how many.

    Attributes
    ----------
    ranges : tuple of FoundRange
        Suggestive ones last; by falling `least_excess`.
    critical : float
        95 % point of the highest absolute score of all ranges by chance: the intervals' quantile.
    n_metrics : int
        Metrics that were judged together.
    """

    ranges: tuple[FoundRange, ...]
    critical: float
    n_metrics: int


def is_apart(metric: str) -> bool:
    """Tell whether a metric, by its displayed name, is judged by itself."""
    return MetricName.parse(metric).name in APART


def ranges_of_all_classes(
    data: MatchedData,
    query: Query,
    level: str,
    *,
    settled: bool,
    should_stop: Callable[[], bool] | None,
) -> tuple[list[Group], FoundRanges]:
    """Find the ranges of all classes together; kept, so that list and sentences look once."""
    groups = groups_of(data.sample(level, query))
    found = data.answer(
        ("ranges", level, settled),
        query,
        lambda: find_ranges(groups, settled=settled, should_stop=should_stop),
    )
    return groups, found


def find_ranges(
    groups: Sequence[Group],
    *,
    settled: bool = False,
    should_stop: Callable[[], bool] | None = None,
) -> FoundRanges:
    """Find the ranges with more errors than average.

    Parameters
    ----------
    groups : sequence of Group
        See :func:`groups_of`; of one sample.
    settled : bool, default False
        Judge each range against null data sets. Without it, ranges are named that stand out of
        one metric by a rule of thumb, and nothing is said of their strength.
    should_stop : callable, optional
        Asked before each group and every few hundredths of a second, from other threads too.

    Returns
    -------
    FoundRanges
        At most `RUNS_PER_METRIC` of a metric and group, which do not overlap.

    Raises
    ------
    ComputationStoppedError
        If `should_stop` said so.
    """
    if not groups:
        return FoundRanges((), bonferroni_z(1), 0)
    together = np.array([not is_apart(name) for name in groups[0].sample.names], bool)
    with one_blas_thread():  # metrics and data sets have threads of their own
        scores = []
        for group in groups:
            stop_if(should_stop)
            scores.append(zip(*group.scores(), strict=True))
        chance = (
            ChanceScores.from_null(groups, together, should_stop)
            if settled
            else ChanceScores.by_rule(len(groups), together)
        )
    found = [
        one
        for group, of_metrics in zip(groups, scores, strict=True)
        for metric, (z, error) in enumerate(of_metrics)
        for one in name_ranges(group, metric, z, error, chance)
    ]
    found.sort(key=lambda one: (one.strength == SUGGESTIVE, -one.least_excess))
    return FoundRanges(tuple(found), chance.critical, int(together.sum()))


def name_ranges(
    group: Group,
    metric: int,
    z: NDArray[np.float64],
    error: NDArray[np.float64],
    chance: ChanceScores,
) -> Iterator[FoundRange]:
    """Choose ranges of one metric: of the strong ones if there are any, or else suggestive ones."""
    strong, suggestive = float(chance.strong[metric]), float(chance.suggestive[metric])
    categorical, but_one = metric in group.bins.sets, np.zeros(0, bool)
    if categorical:
        # Of sets in no order, each one and all but each one, whose score is the same turned round.
        z, error = np.diag(np.diagonal(z, 1), 1), np.diag(np.diagonal(error, 1), 1)
        but_one = np.diagonal(z, 1) < 0
        z = np.abs(z)
    least = strong if z.max() > strong else suggestive
    surely = least_excess(z, error, len(z) - 1)
    for start, stop in best_runs(z, error, least, 1 if categorical else RUNS_PER_METRIC):
        score, excess = float(z[start, stop]), float(surely[start, stop])
        opposite = categorical and bool(but_one[start])
        p_value = chance.p_value(metric, score)
        strength = "" if np.isnan(p_value) else STRONG if least == strong else SUGGESTIVE
        yield FoundRange(
            group.class_code, metric, start, stop - 1, score, excess, p_value, strength, opposite
        )


@dataclass(frozen=True, eq=False)
class ChanceScores:
    """How high scores get by chance.

    Attributes
    ----------
    strong, suggestive : ndarray of float64, shape (n_metrics,)
        What the highest score of all metrics, and that of the metric, exceeds in 5 % of data sets.
    critical : float
        See :class:`FoundRanges`.
    highest : ndarray of float64, shape (n_draws, n_metrics)
        Highest score of all metrics together with each, in null data sets; without rows where
        there are none.
    """

    strong: NDArray[np.float64]
    suggestive: NDArray[np.float64]
    critical: float
    highest: NDArray[np.float64]

    @classmethod
    def by_rule(cls, n_groups: int, together: NDArray[np.bool_]) -> ChanceScores:
        """Take all runs of bins for some independent normal tries."""
        tries, n_metrics = TRIES_PER_BIN * BINS * n_groups, max(int(together.sum()), 1)
        every = np.ones(len(together))
        return cls(
            bonferroni_z(tries * n_metrics, LEVEL) * every,
            bonferroni_z(tries, LEVEL) * every,
            bonferroni_z(2 * tries * n_metrics, LEVEL),
            np.zeros((0, len(together))),
        )

    @classmethod
    def from_null(
        cls,
        groups: Sequence[Group],
        together: NDArray[np.bool_],
        should_stop: Callable[[], bool] | None,
    ) -> ChanceScores:
        """Score null data sets."""
        own = furthest = np.zeros((DRAWS, len(together)))
        for group in groups:
            most = MOST_ROWS if group.class_code == ALL_CLASSES else MOST_ROWS_OF_CLASS
            one, other = null_scores(group, most, should_stop)
            own, furthest = np.maximum(own, one), np.maximum(furthest, other)
        return cls.of(own, furthest, together)

    @classmethod
    def of(
        cls,
        own: NDArray[np.float64],
        furthest: NDArray[np.float64],
        together: NDArray[np.bool_],
    ) -> ChanceScores:
        """Take the highest scores, and absolute ones, shape (n_draws, n_metrics), of null data."""
        highest = np.maximum(own, own[:, together].max(axis=1, initial=0.0, keepdims=True))
        rank = len(own) - int(LEVEL * (len(own) + 1))  # p counts the data set itself
        largest = furthest[:, together].max(axis=1, initial=0.0)
        return cls(
            np.sort(highest, axis=0)[rank],
            np.sort(own, axis=0)[rank],
            float(np.quantile(largest, 1 - LEVEL)),
            highest,
        )

    def p_value(self, metric: int, score: float) -> float:
        """How often chance gives as high a score; NaN where that is not known."""
        if not len(self.highest):
            return float("nan")
        higher = int(np.count_nonzero(self.highest[:, metric] >= score))
        return (1 + higher) / (len(self.highest) + 1)
