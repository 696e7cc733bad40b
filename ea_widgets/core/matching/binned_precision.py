"""Average precision from counts per bin of confidence, and how far it can be off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.average_precision import matches_needed

if TYPE_CHECKING:
    from numpy.typing import NDArray


EVENLY, LAST, FIRST = range(3)
"""Where in their bin the true positives are: AP is between what the last two give."""


def binned_average_precision(
    found: NDArray[np.float64],
    counted: NDArray[np.float64],
    n_labels: NDArray[np.int64],
    where: int = EVENLY,
) -> NDArray[np.float64]:
    """101-point interpolated average precision of classes, or resamples, from counts per bin.

    Parameters
    ----------
    found, counted : ndarray of float64, shape (n, n_bins)
        True positives, and true and false positives, by falling confidence.
    n_labels : ndarray of int64, shape (n,)
        Labels that are not ignored.
    where : int, default EVENLY
        Where in their bin the true positives are taken to be: spread evenly, all last, or first.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [0, 1]; NaN without labels.

    Examples
    --------
    >>> one, labels = np.ones((1, 1)), np.array([1])
    >>> [round(float(binned_average_precision(one, 2 * one, labels, how)[0]), 2)
    ...  for how in (EVENLY, LAST, FIRST)]
    [0.67, 0.5, 1.0]
    """
    highest, _ = binned_curve(found, counted, n_labels, where)
    return np.where(n_labels > 0, highest.mean(axis=1), np.nan)


def binned_curve(
    found: NDArray[np.float64],
    counted: NDArray[np.float64],
    n_labels: NDArray[np.int64],
    where: int = EVENLY,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Give the highest precision from each of the 101 recall levels on.

    Parameters
    ----------
    found, counted, n_labels, where
        See :func:`binned_average_precision`.

    Returns
    -------
    highest : ndarray of float64, shape (n, 101)
        0 where a level is never reached.
    reached : ndarray of intp, shape (n, 101)
        Bin in which the level is reached; -1 for none.
    """
    needed = matches_needed(n_labels)
    if not found.shape[1]:
        return np.zeros(needed.shape), np.full(needed.shape, -1)
    ends, all_ = np.cumsum(found, axis=1), np.cumsum(counted, axis=1)
    before_found, before = ends - found, all_ - counted
    held = found > 0
    # Within a bin precision rises or falls throughout, so that the highest is at one of its ends.
    # How far behind `before` the i-th true positive of a bin is: shift + i * step.
    step = np.ones_like(counted)
    if where == EVENLY:
        np.divide(counted, found, out=step, where=held)
        shift = (1 - step) / 2
    else:
        shift = counted - found if where == LAST else np.zeros_like(counted)
    first = np.divide(before_found + 1, before + shift + step, out=np.zeros_like(step), where=held)
    behind_last = before + shift + found * step
    last = np.divide(ends, behind_last, out=np.zeros_like(step), where=held)
    best = np.maximum(first, last)
    later = np.maximum.accumulate(best[:, ::-1], axis=1)[:, ::-1]
    later = np.hstack([later[:, 1:], np.zeros((len(later), 1))])
    # Each row is lifted above the one before it, so that one search serves all of them.
    n_bins = found.shape[1]
    lift = np.arange(len(found)) * (max(ends.max(initial=0), needed.max(initial=0)) + 1.0)
    index = np.searchsorted((ends + lift[:, None]).ravel(), (needed + lift[:, None]).ravel())
    column = index.reshape(needed.shape) - (np.arange(len(found)) * n_bins)[:, None]
    column = np.minimum(column, n_bins - 1)

    def at(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.take_along_axis(values, column, axis=1)

    behind = at(before) + at(shift) + (needed - at(before_found)) * at(step)
    own = np.divide(needed, behind, out=np.zeros_like(behind), where=behind > 0)
    highest = np.maximum(own, np.maximum(at(last), at(later)))
    is_reached = needed <= ends[:, -1:]
    return np.where(is_reached, highest, 0.0), np.where(is_reached, column, -1)
