"""What a metric tells about an outcome that another metric does not tell already."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.importance.entropy import total_entropy

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENUMERATED = 32
"""Cells of up to so many rows get their expected gain by adding up all their outcomes."""

MOST_STRATA = 256


def number_of_strata(n_rows: int) -> int:
    """How many strata a metric is held fixed in.

    What varies within strata shrinks with their number squared, chance grows with it: the cube
    root of the rows keeps the first below the second at any size.
    """
    return int(np.clip(round(1.6 * n_rows ** (1 / 3)), 4, MOST_STRATA))


def conditional_share(
    successes: NDArray[np.int64], totals: NDArray[np.int64], by_chance: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Share of the outcome's entropy within strata that the segments explain.

    Parameters
    ----------
    successes, totals : ndarray of int64, shape (..., n_strata, n_segments)
    by_chance : float
        Nats that chance explains; see :func:`gain_by_chance`.

    Returns
    -------
    ndarray of float64, shape (...)
        I(outcome; metric | stratum) / H(outcome | stratum), in [0, 1]; 0 where the outcome does
        not vary within any stratum.
    """
    whole = total_entropy(successes.sum(axis=-1), totals.sum(axis=-1)).sum(axis=-1)
    left = total_entropy(successes, totals).sum(axis=(-2, -1))
    gain = whole - left - by_chance
    share = np.divide(gain, whole, out=np.zeros_like(np.asarray(whole)), where=whole > 0)
    clipped: NDArray[np.float64] = np.clip(share, 0.0, 1.0)
    return clipped


def gain_by_chance(successes: NDArray[np.int64], totals: NDArray[np.int64]) -> float:
    """Nats that segments without any meaning explain within strata on average.

    Parameters
    ----------
    successes, totals : ndarray of int64, shape (n_strata, n_segments)

    Returns
    -------
    float

    Notes
    -----
    Miller & Madow's (segments - 1) / 2 holds for cells with many rows only. Here each cell
    contributes what a binomial draw of its size gains on average, times the variance of drawing
    without replacement: the outcomes of a stratum are fixed.
    """
    rows = totals.sum(axis=-1, keepdims=True)
    rate = successes.sum(axis=-1, keepdims=True) / np.maximum(rows, 1)
    gain = expected_gain(totals.ravel(), np.broadcast_to(rate, totals.shape).ravel())
    free = (rows - totals) / np.maximum(rows - 1, 1)
    return float((gain * free.ravel()).sum())


def expected_gain(n: NDArray[np.int64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute the expected n * KL(observed rate || rate) of binomial draws, in nats.

    Parameters
    ----------
    n : ndarray of int64, shape (k,)
    rate : ndarray of float64, shape (k,)
        In [0, 1].

    Returns
    -------
    ndarray of float64, shape (k,)
        About 1/2 where both outcomes are expected often; 0 at rates of 0 and 1 and for n = 0.

    Examples
    --------
    >>> expected_gain(np.array([1, 1000, 10]), np.array([0.5, 0.5, 0.0])).round(3)
    array([0.693, 0.501, 0.   ])
    """
    result = np.zeros(len(n))
    varies = (rate > 0) & (rate < 1) & (n > 0)
    small = np.flatnonzero(varies & (n <= ENUMERATED))
    result[small] = enumerated_gain(n[small], rate[small])
    large = np.flatnonzero(varies & (n > ENUMERATED))
    p, grid = rate[large], poisson_gain()
    seldom, often = (np.interp(n[large] * share, *grid) for share in (p, 1 - p))
    # The variance of a count of expectation m is m (1 - p), not m as with Poisson.
    result[large] = (1 - p) * seldom + p * often
    return result


def enumerated_gain(n: NDArray[np.int64], rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute :func:`expected_gain` of few rows by adding up over all outcomes."""
    odds = rate / (1 - rate)
    chance = (1 - rate) ** n
    left = np.zeros(len(n))
    for hits in range(1, ENUMERATED + 1):
        chance = chance * odds * np.maximum(n - hits + 1, 0) / hits
        left += chance * total_entropy(np.minimum(hits, n), n)
    entropy = -(rate * np.log(rate) + (1 - rate) * np.log1p(-rate))
    gain: NDArray[np.float64] = n * entropy - left
    return gain


@lru_cache(maxsize=1)
def poisson_gain() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tabulate E[h ln(h / m)] of Poisson counts h by their mean m; it tends to 1/2."""
    mean = np.concatenate([[0.0], np.geomspace(1e-5, 60, 400)])
    chance, gain = np.exp(-mean), np.zeros(len(mean))
    logs = np.log(np.maximum(mean, 1e-300))
    for hits in range(1, 200):
        chance = chance * mean / hits
        gain += chance * hits * (np.log(hits) - logs)
    return np.append(mean, 1e9), np.append(gain, 0.5)
