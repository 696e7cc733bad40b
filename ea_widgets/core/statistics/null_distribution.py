"""What importance comes out when a metric and the outcome have nothing to do with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.importance import BinCounts, importance, total_entropy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.core.statistics.frame_exchange import Exchange
    from ea_widgets.core.statistics.resampling import FrameRows

LEVEL = 0.05
"""Share of false discoveries allowed, and of the null beyond the noise floor."""

LOOKS = (59, 199, 599)
"""Numbers of null data sets after which it is asked which metrics still need more.

599 let one important metric among 30 pass: its p-value can reach 1 / 600 = 0.05 / 30.
"""


def rotate_outcomes(
    rows: FrameRows, exchange: Exchange, generator: np.random.Generator
) -> NDArray[np.intp]:
    """Give every frame the outcomes of another frame, a random number of frames further on.

    A circular shift of the objects, ordered by frame, that keeps frame on frame: shifted by any
    number of objects, each frame gets a piece of two others, and what varies between frames
    varies a third less than it does in truth.

    Parameters
    ----------
    rows : FrameRows
    exchange : Exchange
        Of the cells of `rows`.
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of intp
        Places in ``rows.order`` that have the outcome now.
    """
    cell, donor = np.arange(len(rows.sizes)), rows.turned(generator)
    luck, spin = generator.random((2, len(cell)))
    count = exchange.in_place_of(cell, donor, luck)
    # A run of places that begins at random; the order within a frame is random as it is.
    first = rows.start[:-1] + (spin * (rows.sizes - count + 1)).astype(np.intp)
    ends = np.cumsum(count)
    places: NDArray[np.intp] = np.repeat(first - (ends - count), count)
    places += np.arange(len(places))
    return places


def shuffled_frame_counts(
    codes: NDArray[np.intp], exchange: Exchange, n_bins: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Count successes per bin of frame metrics after permuting the outcomes over the frames.

    Frames keep their value and their size together: a metric that goes with the number of objects
    has few huge frames in one bin, whose rate varies more than that of many small ones.

    Parameters
    ----------
    codes : ndarray of intp, shape (n_metrics, n_frames)
        Bin of each frame; `n_bins` where the value is missing.
    exchange : Exchange
        Of the frames.
    n_bins : int
    generator : numpy.random.Generator

    Returns
    -------
    ndarray of int64, shape (n_metrics, n_bins)
    """
    frames = np.arange(codes.shape[1])
    order, luck = generator.permutation(len(frames)), generator.random(frames.shape)
    hits = exchange.in_place_of(frames, order, luck)
    counts = np.empty((len(codes), n_bins + 1), np.int64)
    for metric, code in enumerate(codes):
        counts[metric] = np.bincount(code, hits, n_bins + 1)
    return counts[:, :n_bins]


def null_importance(counts: BinCounts) -> NDArray[np.float64]:
    """Compute importance as :func:`importance` does, quickly where no cut can be accepted.

    Parameters
    ----------
    counts : BinCounts
        Shape (n, n_bins).

    Returns
    -------
    ndarray of float64, shape (n,)

    Notes
    -----
    The gain of a cut is at most Pearson's chi-square of its fourfold table, which takes no
    logarithms; where that reaches nowhere what a cut costs at least, the importance is 0.
    """
    hits = np.cumsum(counts.successes, axis=1).astype(np.float64)
    rows = np.cumsum(counts.totals, axis=1).astype(np.float64)
    s, n = hits[:, -1:], rows[:, -1:]
    whole = total_entropy(counts.successes.sum(axis=1), counts.totals.sum(axis=1))
    size = n[:, 0]
    cost = np.log(np.maximum(size - 1, 1)) + np.log(7.0) - 2 * whole / np.maximum(size, 1)
    # chi2 = n (s_k n - n_k s)^2 / (n_k (n - n_k) s (n - s)), with the divisor on the other side.
    distance = (hits * n - rows * s) ** 2 * n
    open_ = distance > (cost[:, None] * (1 - 1e-9)) * (rows * (n - rows)) * (s * (n - s))
    row, cut = np.nonzero(open_)
    left_s, left_n = hits[row, cut].astype(np.int64), rows[row, cut].astype(np.int64)
    all_s, all_n = s[row, 0].astype(np.int64), size[row].astype(np.int64)
    remaining = total_entropy(left_s, left_n) + total_entropy(all_s - left_s, all_n - left_n)
    worth = whole[row] - remaining > cost[row] * (1 - 1e-9)
    result = np.zeros(len(hits))
    found = np.unique(row[worth])
    if len(found):
        result[found] = importance(BinCounts(counts.successes[found], counts.totals[found]))
    return result


def noise_floor(null: NDArray[np.float64]) -> float:
    """95 % point of a null: values above it have p <= 0.05.

    Parameters
    ----------
    null : ndarray of float64, shape (n,)

    Returns
    -------
    float
    """
    place = int(np.ceil((1 - LEVEL) * (len(null) + 1))) - 1
    return float(np.partition(null, place)[place]) if place < len(null) else 1.0


def adjusted_p_values(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p-values for looking at many metrics (Benjamini & Hochberg 1995).

    Parameters
    ----------
    p_values : ndarray of float64, shape (n,)

    Returns
    -------
    ndarray of float64, shape (n,)
        To be compared with the share of false discoveries that is allowed.

    Examples
    --------
    >>> adjusted_p_values(np.array([0.01, 0.04, 0.03])).round(3)
    array([0.03, 0.04, 0.04])
    """
    n = len(p_values)
    order = np.argsort(p_values)
    scaled = p_values[order] * n / np.arange(1, n + 1)
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def undecided(exceeded: NDArray[np.int64], done: NDArray[np.int64], last: int) -> NDArray[np.bool_]:
    """Tell which metrics need more null data sets.

    Parameters
    ----------
    exceeded : ndarray of int64, shape (n_metrics,)
        Null data sets in which the importance was at least as high as in truth.
    done : ndarray of int64, shape (n_metrics,)
        Null data sets made.
    last : int
        Most that will be made.

    Returns
    -------
    ndarray of bool, shape (n_metrics,)
        False where more could not bring p to 5 % or, three standard errors off, hardly; and where
        not one of them came near and as many metrics share that as the adjustment asks for: then p
        is low enough already.
    """
    luck = 3 * np.sqrt(LEVEL * (1 - LEVEL) / np.maximum(done, 1))
    hopeless = (exceeded + 1 > LEVEL * (last + 1)) | (exceeded + 1 > (LEVEL + luck) * (done + 1))
    clear = exceeded == 0
    enough = clear & (1 / (done + 1) <= LEVEL * clear.sum() / max(len(done), 1))
    needed: NDArray[np.bool_] = ~hopeless & ~enough
    return needed


def looks(n_metrics: int) -> tuple[int, ...]:
    """Numbers of null data sets to stop at; the last lets one metric of `n_metrics` pass."""
    needed = int(np.ceil(n_metrics / LEVEL)) - 1
    return (*LOOKS, needed) if needed > LOOKS[-1] else LOOKS
