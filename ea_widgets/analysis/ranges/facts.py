"""The numbers of a range that was found: its ends, its errors, its rate and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.formatting import number
from ea_widgets.core.statistics.exchangeable import icc
from ea_widgets.core.statistics.intervals import design_effect, wilson_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.ranges.finder import FoundRange
    from ea_widgets.analysis.ranges.groups import Group

MOVED = 0.02
"""Share of the smaller side's rows that may change sides when a cut is rounded to be read."""

SHARED_WEIGHT = 4
"""Clusters whose own variance is worth as much as the correlation within all clusters."""


@dataclass(frozen=True, kw_only=True)
class RangeEnds:
    """A range of a metric, or a set of its categories.

    Attributes
    ----------
    low, high : float
        Closed range, in the metric's unit. No row has the value of an end within the data.
    from_least, to_most : bool
        Whether the data begin or end there.
    isin : tuple, optional
        The categories, in place of ends, which are NaN then.
    """

    low: float
    high: float
    from_least: bool = False
    to_most: bool = False
    isin: tuple[Any, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class RangeFacts(RangeEnds):
    """What is known of the rows in a range.

    Attributes
    ----------
    n, errors : int
    rate, rate_low, rate_high : float
        Of the outcome: predictions that are right, or labels that are missed.
    average : float
        That rate of all rows of the group that have a value.
    share : float
        Of the rows of the group that have a value.
    share_of_errors : float
        Of all errors of the sample.
    excess_errors : float
        More than at the average rate.
    """

    n: int
    errors: int
    rate: float
    rate_low: float
    rate_high: float
    average: float
    share: float
    share_of_errors: float
    excess_errors: float


@dataclass(frozen=True, eq=False)
class Values:
    """The values of a metric in a group.

    Attributes
    ----------
    distinct : ndarray of float64, shape (n_values,)
        Ascending; rows may have none of some.
    before : ndarray of int64, shape (n_values + 1,)
        Rows with smaller values than each; all rows with a value last.
    rank : ndarray of int, shape (n_rows,)
        Position of each row's value; ``n_values`` where it is missing.
    """

    distinct: NDArray[np.float64]
    before: NDArray[np.int64]
    rank: NDArray[np.int32] | NDArray[np.intp]

    @classmethod
    def of(cls, group: Group, metric: int) -> Values:
        """Rank the rows of a group."""
        column = list(group.sample.selection.side.metrics.values())[metric].of_rows(group.rows)
        rank = column.rank if column.unit is None else column.rank[column.unit]
        values = column.values  # an array, not a frame
        before = np.append(0, np.cumsum(column.counts[:-1]))
        return cls(values, before, rank)

    @property
    def n(self) -> int:
        """Rows with a value."""
        return int(self.before[-1])

    def at(self, position: int) -> float:
        """Value of the row at a position in ascending order."""
        return float(self.distinct[np.searchsorted(self.before, position, "right") - 1])

    def below(self, value: float, side: str = "left") -> int:
        """Count the rows with a smaller value; with `side` "right", also those of that value."""
        found = np.searchsorted(self.distinct, value, "right" if side == "right" else "left")
        return int(self.before[found])

    def cut(self, n_below: int, most_moved: float, *, upper: bool) -> float:
        """Find a number between two neighbouring rows that reads well, and that no row has.

        Parameters
        ----------
        n_below : int
            Rows that the cut leaves below.
        most_moved : float
            Rows that may change sides for fewer digits.
        upper : bool
            Whether the range is below the cut: where there is no number between the two, its own
            last value is its end.

        Returns
        -------
        float
            Reads as :func:`number` writes it, with up to 12 digits, where that is possible.
        """
        smaller, larger = self.at(n_below - 1), self.at(n_below)
        middle = smaller / 2 + larger / 2
        for digits in range(2, 13):
            rounded = float(number(middle, digits).replace(",", ""))
            found = self.below(rounded)
            if found == self.below(rounded, "right") and abs(found - n_below) <= most_moved:
                return rounded
        return middle if smaller < middle < larger else smaller if upper else larger

    def rounded(self, start: int, stop: int) -> tuple[RangeEnds, slice]:
        """Round the ends of a range so that they can be read.

        Parameters
        ----------
        start, stop : int
            Rows below the range, and up to its end.

        Returns
        -------
        ends : RangeEnds
        inside : slice
            Of the distinct values within these ends.
        """
        most_moved = MOVED * min(stop - start, self.n - (stop - start))
        from_least, to_most = not start, stop == self.n
        low = self.at(0) if from_least else self.cut(start, most_moved, upper=False)
        high = self.at(self.n - 1) if to_most else self.cut(stop, most_moved, upper=True)
        inside = slice(
            int(np.searchsorted(self.distinct, low)),
            int(np.searchsorted(self.distinct, high, side="right")),
        )
        return RangeEnds(low=low, high=high, from_least=from_least, to_most=to_most), inside


def describe(group: Group, found: FoundRange, critical: float) -> RangeFacts:
    """Round the ends of a range so that they can be read, and count its rows.

    Parameters
    ----------
    group : Group
    found : FoundRange
        One of the group.
    critical : float
        Quantile of the interval.

    Returns
    -------
    RangeFacts
    """
    if found.metric in group.bins.sets:
        inside = group.inside(found.metric, found.first, found.last, but_one=found.but_one)
        isin = categories_of_bin(group, found.metric, found.first, but_one=found.but_one)
        return count_rows(group, found.metric, inside, critical, np.nan, np.nan, isin=isin)
    ends, inside = ends_of(group, found.metric, found.first, found.last)
    return count_rows(
        group,
        found.metric,
        inside,
        critical,
        ends.low,
        ends.high,
        from_least=ends.from_least,
        to_most=ends.to_most,
    )


def ends_of(
    group: Group, metric: int, first: int, last: int
) -> tuple[RangeEnds, NDArray[np.bool_]]:
    """Round the ends of a run of bins so that they can be read.

    Parameters
    ----------
    group : Group
    metric : int
        Numeric.
    first, last : int
        First and last bin.

    Returns
    -------
    ends : RangeEnds
    inside : ndarray of bool, shape (n_rows,)
        Rows within these ends.
    """
    values, per_bin = Values.of(group, metric), group.bins.runs.per_bin[metric]
    start, stop = int(per_bin[:first].sum()), int(per_bin[: last + 1].sum())
    ends, within = values.rounded(start, stop)
    return ends, (values.rank >= within.start) & (values.rank < within.stop)


def categories_of_bin(
    group: Group, metric: int, one: int, *, but_one: bool = False
) -> tuple[Any, ...]:
    """Name the categories of a bin, or of all others, that occur among the chosen objects."""
    selection = group.sample.selection
    name = selection.side.names[metric]
    counts = selection.side.metrics[name].of_rows(selection.chosen).counts[:-1]
    of_code, _ = selection.pools[metric]
    bins = group.bins.sets[metric][of_code[:-1]]
    inside = ((bins == one) != but_one) & (counts > 0)
    names = selection.side.categories[name]
    return tuple(names[code] for code in np.flatnonzero(inside).tolist())


def count_rows(
    group: Group,
    metric: int,
    inside: NDArray[np.bool_],
    critical: float,
    low: float,
    high: float,
    *,
    from_least: bool = False,
    to_most: bool = False,
    isin: tuple[Any, ...] | None = None,
) -> RangeFacts:
    """Count the rows of a range, and its errors; see :func:`describe`."""
    rows, n_clusters = np.flatnonzero(inside), group.bins.n_clusters
    cluster = group.bins.cluster[group.bins.at(rows)]
    n_here, n_of_all = (
        np.bincount(cluster, minlength=n_clusters),
        group.bins.runs.per_cluster[metric],
    )
    wrong = np.bincount(cluster[group.error[rows]], minlength=n_clusters)
    wrong_of_all = group.errors[1][metric]
    n_all, n, errors = int(n_of_all.sum()), len(rows), int(wrong.sum())
    n_errors = int(wrong_of_all.sum())
    n_hits = n_errors
    if not group.sample.missed:
        wrong, wrong_of_all, n_hits = n_here - wrong, n_of_all - wrong_of_all, n_all - n_errors
    rate, rate_low, rate_high = rate_of(wrong, n_here, wrong_of_all, n_of_all, critical)
    return RangeFacts(
        low=low,
        high=high,
        from_least=from_least,
        to_most=to_most,
        n=n,
        errors=errors,
        rate=rate,
        rate_low=rate_low,
        rate_high=rate_high,
        average=n_hits / n_all,
        share=n / n_all,
        share_of_errors=errors / group.sample.n_errors,
        excess_errors=errors - n_errors / n_all * n,
        isin=isin,
    )


def rate_of(
    hits: NDArray[np.int64],
    n: NDArray[np.int64],
    hits_of_all: NDArray[np.int64],
    n_of_all: NDArray[np.int64],
    critical: float,
) -> tuple[float, float, float]:
    """Rate of the outcome in a range, with its interval.

    Parameters
    ----------
    hits, n : ndarray of int64, shape (n_clusters,)
        Rows with the outcome, and rows, in the range.
    hits_of_all, n_of_all : ndarray of int64, shape (n_clusters,)
        Of all rows with a value.
    critical : float
        Standard normal quantile of the interval.

    Returns
    -------
    rate, low, high : float
        Wilson interval on n / design effect. The effect is the mean of the range's own and of what
        the correlation within the clusters of the range, and within those of the rest, gives.
    """
    sizes = np.concatenate([n, n_of_all - n])
    both = np.concatenate([hits, hits_of_all - hits])
    stratum = np.repeat([0, 1], len(n))
    there = np.flatnonzero(sizes)
    alike = icc(both[there], sizes[there], stratum[there])
    n_here, hits_here = (table[n > 0].astype(np.float64) for table in (n, hits))
    n_rows = float(n_here.sum())
    rate = float(hits_here.sum()) / n_rows
    effect = 1 + alike * max(float((n_here**2).sum()) / n_rows - 1, 0.0)
    if 0 < rate < 1:
        own, weight = design_effect(hits_here, n_here, np.zeros(1, np.intp))[0], len(n_here) - 1
        effect = (weight * own + SHARED_WEIGHT * effect) / (weight + SHARED_WEIGHT)
    low, high = wilson_interval(np.array([rate]), np.array([n_rows / effect]), critical)
    return rate, float(low[0]), float(high[0])
