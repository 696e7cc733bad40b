"""Metric importance: the uncertainty coefficient, from counts per bin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.importance.entropy import entropy_by_chance, total_entropy

if TYPE_CHECKING:
    from numpy.typing import NDArray

FINE_BINS = 1024
"""Equal-count bins that the merging starts from. 256 are too few at 1,000 objects and 5 % TPs."""

EXACT_ROWS = 2600
"""Up to so many rows each value has a bin of its own.

Of 1,100 rows in 1,024 bins, a bin of two that straddles a threshold which decides the outcome
leaves an importance of 0.975 where 5 % succeed; from here on it stays above 0.98.
"""

ROUNDING = 1e-3
"""More, in nats times rows, than sums of entropies can be off by rounding."""


@dataclass(frozen=True, eq=False)
class BinCounts:
    """Outcomes counted per metric and fine bin. Counts of any split of the rows add up.

    Attributes
    ----------
    successes, totals : ndarray of int64, shape (n_metrics, n_bins)
        Rows with the outcome, and all rows.
    categorical : ndarray of bool, shape (n_metrics,), or None
        Metrics whose bins are categories, which have no order; None where none is.
    """

    successes: NDArray[np.int64]
    totals: NDArray[np.int64]
    categorical: NDArray[np.bool_] | None = None

    def __add__(self, other: BinCounts) -> BinCounts:
        """Add the counts of two parts."""
        return BinCounts(
            self.successes + other.successes, self.totals + other.totals, self.categorical
        )

    def of(self, metrics: NDArray[np.bool_]) -> BinCounts:
        """Keep some metrics, all of one kind, which is forgotten."""
        return BinCounts(self.successes[metrics], self.totals[metrics])


@dataclass(frozen=True, eq=False)
class Segments:
    """Merged bins: runs of fine bins of one metric, in ascending order.

    Attributes
    ----------
    metric : ndarray of intp, shape (n_segments,)
        Row of the metric, ascending.
    start, stop : ndarray of intp, shape (n_segments,)
        First fine bin, and one past the last.
    successes, totals : ndarray of int64, shape (n_segments,)
    """

    metric: NDArray[np.intp]
    start: NDArray[np.intp]
    stop: NDArray[np.intp]
    successes: NDArray[np.int64]
    totals: NDArray[np.int64]


def fine_bins(n_rows: int) -> int:
    """Give the number of fine bins for so many rows."""
    return EXACT_ROWS if n_rows <= EXACT_ROWS else FINE_BINS


def merge_bins(counts: BinCounts) -> Segments:
    """Merge fine bins by entropy until no cut is worth its description.

    Parameters
    ----------
    counts : BinCounts
        Of all metrics.

    Returns
    -------
    Segments
        At least one for each metric.

    Notes
    -----
    Fayyad & Irani (1993): cut where the entropy of the outcome falls most, as long as the gain
    exceeds the length of describing the cut, and go on in both parts. All parts of all metrics
    are cut in the same pass. Of equal cuts the lowest is taken.
    """
    n_metrics, n_bins = counts.totals.shape
    zero = np.zeros((n_metrics, 1), np.int64)
    # Flat running sums, one entry more than bins a row, so that a segment is a difference.
    hits = np.hstack([zero, np.cumsum(counts.successes, axis=1)]).ravel()
    rows = np.hstack([zero, np.cumsum(counts.totals, axis=1)]).ravel()
    low = np.arange(n_metrics) * (n_bins + 1)
    high = low + n_bins
    done_low, done_high = [low[:0]], [high[:0]]
    while len(low):
        cut, accepted = best_cuts(hits, rows, low, high)
        done_low.append(low[~accepted])
        done_high.append(high[~accepted])
        low, cut, high = low[accepted], cut[accepted], high[accepted]
        low, high = np.concatenate([low, cut]), np.concatenate([cut, high])
    low, high = np.concatenate(done_low), np.concatenate(done_high)
    order = np.argsort(low)
    low, high = low[order], high[order]
    metric = low // (n_bins + 1)
    return Segments(
        metric=metric,
        start=low - metric * (n_bins + 1),
        stop=high - metric * (n_bins + 1),
        successes=hits[high] - hits[low],
        totals=rows[high] - rows[low],
    )


def best_cuts(
    hits: NDArray[np.int64],
    rows: NDArray[np.int64],
    low: NDArray[np.intp],
    high: NDArray[np.intp],
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Find the best cut of each segment, and whether it is worth its description.

    Parameters
    ----------
    hits, rows : ndarray of int64
        Flat running sums of the outcome and of all rows.
    low, high : ndarray of intp, shape (n_segments,)
        Ends of the segments in them.

    Returns
    -------
    cut : ndarray of intp, shape (n_segments,)
    accepted : ndarray of bool, shape (n_segments,)
    """
    n, s = rows[high] - rows[low], hits[high] - hits[low]
    # A pure segment, or one of a single bin, has nothing to gain.
    open_ = np.flatnonzero((s > 0) & (s < n) & (high - low > 1))
    cut, accepted = low.copy(), np.zeros(len(low), bool)
    if not len(open_):
        return cut, accepted
    low, high, n, s = low[open_], high[open_], n[open_], s[open_]
    size = high - low - 1
    first = np.cumsum(size) - size
    index = np.repeat(low + 1 - first, size)
    index += np.arange(len(index))
    left_n, left_s = rows.take(index), hits.take(index)
    left_n -= np.repeat(rows[low], size)
    left_s -= np.repeat(hits[low], size)
    whole = total_entropy(s, n)
    # 3^2 - 2 = 7: the ways in which two outcomes can be spread over the two parts.
    least = np.log(np.maximum(n - 1, 1)) + np.log(7.0) - 2 * whole / n
    # Of most metrics no cut can be worth that much, which is seen without logarithms.
    most = np.maximum.reduceat(most_gained(left_s, left_n, s, n, size), first)
    hopeful = most > least - ROUNDING
    if not hopeful.all():
        kept = np.repeat(hopeful, size)
        index, left_n, left_s = index[kept], left_n[kept], left_s[kept]
        open_, n, s, size = open_[hopeful], n[hopeful], s[hopeful], size[hopeful]
        whole, least = whole[hopeful], least[hopeful]
        first = np.cumsum(size) - size
        if not len(open_):
            return cut, accepted
    right_n, right_s = np.repeat(n, size), np.repeat(s, size)
    right_n -= left_n
    right_s -= left_s
    remaining = total_entropy(left_s, left_n)
    remaining += total_entropy(right_s, right_n)
    best = np.minimum.reduceat(remaining, first)
    hit = np.flatnonzero(remaining == np.repeat(best, size))
    chosen = hit[np.searchsorted(hit, first)]
    classes_left = outcomes(left_s[chosen], left_n[chosen])
    classes_right = outcomes(right_s[chosen], right_n[chosen])
    description = (
        least
        + classes_left * per_row(left_s[chosen], left_n[chosen])
        + classes_right * per_row(right_s[chosen], right_n[chosen])
    )
    cut[open_] = index[chosen]
    accepted[open_] = (left_n[chosen] > 0) & (right_n[chosen] > 0) & (whole - best > description)
    return cut, accepted


def most_gained(
    left_s: NDArray[np.int64],
    left_n: NDArray[np.int64],
    s: NDArray[np.int64],
    n: NDArray[np.int64],
    size: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Bound the entropy that each cut gains, from above.

    Parameters
    ----------
    left_s, left_n : ndarray of int64, shape (n_cuts,)
        Rows with the outcome, and all rows, below each cut.
    s, n : ndarray of int64, shape (n_segments,)
        The same of the whole segments; their outcome varies.
    size : ndarray of intp, shape (n_segments,)
        Cuts of each segment.

    Returns
    -------
    ndarray of float64, shape (n_cuts,)
        In nats, times rows. The chi-squared statistic of the cut: no Kullback-Leibler divergence
        is above its chi-squared divergence.
    """
    excess = left_s.astype(np.float64)
    excess -= left_n * np.repeat(s / n, size)
    excess *= excess
    excess *= np.repeat(n.astype(np.float64) ** 3 / (s * (n - s)), size)
    excess /= np.maximum(left_n * (np.repeat(n, size) - left_n), 1)
    return excess


def outcomes(successes: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many different outcomes there are among the rows: 0, 1 or 2."""
    return (successes > 0).astype(np.int64) + (successes < totals)


def per_row(successes: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Entropy of the outcome in nats; 0 where there are no rows."""
    return total_entropy(successes, totals) / np.maximum(totals, 1)


def uncertainty_coefficient(segments: Segments, n_metrics: int) -> NDArray[np.float64]:
    """Share of the outcome's entropy that the merged bins explain.

    Parameters
    ----------
    segments : Segments
    n_metrics : int

    Returns
    -------
    ndarray of float64, shape (n_metrics,)
        U = I(metric; outcome) / H(outcome), in [0, 1]; 0 where the outcome does not vary.

    Notes
    -----
    Theil (1972). The plug-in mutual information is too high by about (bins - 1) / (2 n) nats
    (Miller & Madow 1955), which is subtracted.
    """
    rows = np.bincount(segments.metric, segments.totals, n_metrics).astype(np.int64)
    hits = np.bincount(segments.metric, segments.successes, n_metrics).astype(np.int64)
    bins = np.bincount(segments.metric, minlength=n_metrics)
    left = np.bincount(
        segments.metric, total_entropy(segments.successes, segments.totals), n_metrics
    )
    whole = total_entropy(hits, rows)
    explained = whole - left - (bins - 1) / 2
    ratio = np.divide(explained, whole, out=np.zeros(n_metrics), where=whole > 0)
    return np.clip(ratio, 0.0, 1.0)


def importance(counts: BinCounts) -> NDArray[np.float64]:
    """Compute the importance of each metric from its counts per fine bin.

    Parameters
    ----------
    counts : BinCounts
        Shape (n_metrics, n_bins).

    Returns
    -------
    ndarray of float64, shape (n_metrics,)
        In [0, 1]: 0 = independent, 1 = the metric decides the outcome.

    Examples
    --------
    >>> half = np.array([[0, 10]])
    >>> round(float(importance(BinCounts(half, np.full((1, 2), 10)))[0]), 3)
    0.964
    """
    if counts.categorical is None:
        return uncertainty_coefficient(merge_bins(counts), len(counts.totals))
    result = np.empty(len(counts.totals))
    result[~counts.categorical] = importance(counts.of(~counts.categorical))
    result[counts.categorical] = categorical_importance(counts.of(counts.categorical))
    return result


def categorical_importance(counts: BinCounts) -> NDArray[np.float64]:
    """Compute the importance of metrics whose bins are categories.

    Parameters
    ----------
    counts : BinCounts
        Shape (n_metrics, n_bins).

    Returns
    -------
    ndarray of float64, shape (n_metrics,)
        In [0, 1]. The entropy of the outcome that is left within the categories, as a share of what
        is left on average when the same outcomes are dealt to the rows at random; less than 1 by
        the importance. So 0 on average where there is no dependency, and 1 where the categories
        decide the outcome, however many they are.

    Notes
    -----
    Adjusted mutual information (Vinh et al. 2010), relative to the entropy of the outcome.

    Examples
    --------
    >>> half = np.array([[0, 10]])
    >>> categorical_importance(BinCounts(half, np.full((1, 2), 10)))
    array([1.])
    """
    n, s = counts.totals.sum(axis=1), counts.successes.sum(axis=1)
    left = total_entropy(counts.successes, counts.totals).sum(axis=1)
    by_chance = [entropy_by_chance(int(s[m]), counts.totals[m]) for m in range(len(n))]
    chance = np.array(by_chance).reshape(-1)
    ratio = np.divide(chance - left, chance, out=np.zeros(len(n)), where=chance > 0)
    clipped: NDArray[np.float64] = np.clip(ratio, 0.0, 1.0)
    return clipped
