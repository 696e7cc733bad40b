"""Average precision from counts per bin of confidence, and how far it can be off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.average_precision import RECALL_LEVELS, matches_needed

if TYPE_CHECKING:
    from numpy.typing import NDArray


def binned_average_precision(
    found: NDArray[np.int64], counted: NDArray[np.int64], n_labels: int
) -> tuple[float, float, float]:
    """101-point interpolated average precision of one class, from counts per bin.

    Parameters
    ----------
    found, counted : ndarray of int64, shape (n_bins,)
        True positives, and true and false positives, by falling confidence.
    n_labels : int
        Labels that are not ignored.

    Returns
    -------
    estimate, low, high : float
        In [0, 1]; NaN without labels. True positives are taken to be spread evenly over their bin;
        the other two are what they give if they all come last in it, or first: AP is between.

    Examples
    --------
    >>> one = np.array([1])
    >>> [round(value, 12) for value in binned_average_precision(one, one, 1)]
    [1.0, 1.0, 1.0]
    >>> [round(value, 2) for value in binned_average_precision(one, 2 * one, 1)]
    [0.67, 0.5, 1.0]
    """
    if not n_labels:
        return float("nan"), float("nan"), float("nan")
    needed = matches_needed(np.array([n_labels]))[0]
    held = found > 0
    before_found = (np.cumsum(found) - found)[held].astype(np.float64)
    before = (np.cumsum(counted) - counted)[held].astype(np.float64)
    t, c = found[held].astype(np.float64), counted[held].astype(np.float64)
    ends = before_found + t
    needed = needed[needed <= ends[-1]] if len(ends) else needed[:0]
    at = np.searchsorted(ends, needed)
    number = needed - before_found[at]
    # Within a bin precision rises or falls throughout, so that the highest is at one of its ends.
    even = c / np.maximum(t, 1)
    # How far behind `before` the i-th true positive of a bin is: shift + i * step.
    ways = ((even, (1 - even) / 2), (np.ones_like(t), c - t), (np.ones_like(t), np.zeros_like(t)))
    results = []
    for step, shift in ways:
        first = (before_found + 1) / (before + shift + step)
        last = ends / (before + shift + t * step)
        later = np.maximum.accumulate(np.maximum(first, last)[::-1])[::-1]
        own = needed / (before[at] + shift[at] + number * step[at])
        best = np.maximum(own, np.maximum(last, np.append(later[1:], 0.0))[at] if len(t) else own)
        results.append(float(best.sum()) / len(RECALL_LEVELS))
    return results[0], results[1], results[2]


def resampled_binned_precision(
    found: NDArray[np.float64], counted: NDArray[np.float64], n_labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Average precision of resamples, from counts per bin.

    Parameters
    ----------
    found, counted : ndarray of float64, shape (n_resamples, n_bins)
        True positives, and true and false positives, by falling confidence.
    n_labels : ndarray of int64, shape (n_resamples,)

    Returns
    -------
    ndarray of float64, shape (n_resamples,)
        The estimate of :func:`binned_average_precision` of each; NaN without labels.
    """
    ends, all_ = np.cumsum(found, axis=1), np.cumsum(counted, axis=1)
    before_found, before = ends - found, all_ - counted
    held = found > 0
    even = np.divide(counted, found, out=np.ones_like(counted), where=held)
    shift = (1 - even) / 2
    first = np.divide(before_found + 1, before + shift + even, out=np.zeros_like(even), where=held)
    last = np.divide(ends, before + shift + counted, out=np.zeros_like(even), where=held)
    best = np.maximum(first, last)
    later = np.maximum.accumulate(best[:, ::-1], axis=1)[:, ::-1]
    later = np.hstack([later[:, 1:], np.zeros((len(later), 1))])
    needed = matches_needed(n_labels)
    # Each resample is lifted above the one before it, so that one search serves all of them.
    n_bins = found.shape[1]
    lift = np.arange(len(found)) * (max(ends.max(initial=0), needed.max(initial=0)) + 1.0)
    index = np.searchsorted((ends + lift[:, None]).ravel(), (needed + lift[:, None]).ravel())
    column = index.reshape(needed.shape) - (np.arange(len(found)) * n_bins)[:, None]
    column = np.minimum(column, n_bins - 1)

    def at(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.take_along_axis(values, column, axis=1)

    behind = at(before) + at(shift) + (needed - at(before_found)) * at(even)
    own = np.divide(needed, behind, out=np.zeros_like(behind), where=behind > 0)
    highest = np.maximum(own, np.maximum(at(last), at(later)))
    mean = np.where(needed <= ends[:, -1:], highest, 0.0).mean(axis=1)
    return np.where(n_labels > 0, mean, np.nan)
