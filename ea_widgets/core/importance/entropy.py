"""Entropy of a yes-or-no outcome, from counts, and what is left of it by chance."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALL_TABLE = 1 << 20
LARGEST_TABLE = 1 << 24
"""Up to this count, n log n is looked up (128 MB of logarithms at most)."""


DEVIATIONS, MARGIN = 12, 24
"""Counts of a category that are looked at: so many standard deviations, and so many counts more,
to either side of the mean. What is beyond has a chance below 1e-15."""


@lru_cache(maxsize=2)
def n_log_n_table(size: int) -> NDArray[np.float64]:
    """Tabulate ``n * ln(n)`` for all n below a size; 0 for 0."""
    counts = np.arange(size, dtype=np.float64)
    table = counts * np.log(np.maximum(counts, 1.0))
    table.flags.writeable = False
    return table


def table_size(largest: int) -> int:
    """Size of the table that holds a count: one of two, so that both stay."""
    return SMALL_TABLE if largest < SMALL_TABLE else LARGEST_TABLE


def n_log_n(counts: NDArray[np.int64], largest: int) -> NDArray[np.float64]:
    """``n * ln(n)``, and 0 for 0; no count is above the largest."""
    if largest < LARGEST_TABLE:
        # Looking a logarithm up takes a fifth of the time of computing it.
        return n_log_n_table(table_size(largest)).take(counts)
    logs: NDArray[np.float64] = np.log(np.maximum(counts, 1))
    return counts * logs


def total_entropy(successes: NDArray[np.int64], totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rows times the entropy of their outcome, in nats: ``n * H(s / n)``."""
    largest = int(totals.max(initial=0))
    entropy = n_log_n(totals, largest)
    entropy -= n_log_n(successes, largest)
    entropy -= n_log_n(totals - successes, largest)
    return entropy


@lru_cache(maxsize=1)
def log_factorials(size: int) -> NDArray[np.float64]:
    """Tabulate ``ln(n!)`` for all n below a size."""
    logs = np.log(np.maximum(np.arange(size, dtype=np.float64), 1.0))
    table: NDArray[np.float64] = np.cumsum(logs)
    table.flags.writeable = False
    return table


def log_factorial(counts: NDArray[np.int64], largest: int) -> NDArray[np.float64]:
    """``ln(n!)`` of counts, none of which is above the largest."""
    if largest < LARGEST_TABLE:
        return log_factorials(1 << int(largest).bit_length()).take(counts)
    from scipy.special import gammaln  # noqa: PLC0415  # takes long to load, and is hardly needed

    found: NDArray[np.float64] = gammaln(counts + 1.0)
    return found


def entropy_by_chance(successes: int, totals: NDArray[np.int64]) -> float:
    """Mean entropy of the outcome that is left within categories when outcomes are dealt anew.

    Parameters
    ----------
    successes : int
        Rows with the outcome, of all.
    totals : ndarray of int64, shape (n_categories,)
        Rows of each category, maybe none.

    Returns
    -------
    float
        Nats, times rows.

    Notes
    -----
    The successes of a category are hypergeometric: so many draws without return. The mean over
    that distribution is exact, as in the expected mutual information of Vinh et al. (2010).
    Categories of the same size have the same mean.

    Examples
    --------
    Of two successes among four rows, two of a category are alike in one third of all cases:

    >>> round(float(entropy_by_chance(2, np.array([2, 2])) / np.log(2)), 6)
    2.666667
    """
    return _entropy_by_chance(int(successes), totals[totals > 0].tobytes())


@lru_cache(maxsize=256)
def _entropy_by_chance(successes: int, totals: bytes) -> float:
    size, repeats = np.unique(np.frombuffer(totals, np.int64), return_counts=True)
    n = int((size * repeats).sum())
    if not 0 < successes < n or n == size[-1]:
        return float(
            n_log_n(np.array([n]), n)[0] - n_log_n(np.array([successes, n - successes]), n).sum()
        )
    mean = size * (successes / n)
    spread = np.sqrt(mean * (1 - successes / n) * (n - size) / max(n - 1, 1))
    reach = DEVIATIONS * spread + MARGIN
    low = np.maximum(np.floor(mean - reach).astype(np.int64), np.maximum(0, successes - n + size))
    high = np.minimum(np.ceil(mean + reach).astype(np.int64), np.minimum(size, successes))
    width = high - low + 1
    first = np.cumsum(width) - width
    hits = np.arange(int(width.sum())) - np.repeat(first - low, width)
    total = np.repeat(size, width)
    log_chance = -sum(
        log_factorial(part, n)
        for part in (hits, total - hits, successes - hits, n - total - successes + hits)
    )
    log_chance -= np.repeat(np.maximum.reduceat(log_chance, first), width)
    chance = np.exp(log_chance)
    entropy = n_log_n(total, n) - n_log_n(hits, n) - n_log_n(total - hits, n)
    mean_entropy = np.add.reduceat(chance * entropy, first) / np.add.reduceat(chance, first)
    return float((mean_entropy * repeats).sum())
