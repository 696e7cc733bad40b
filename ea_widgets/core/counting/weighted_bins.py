"""Bins of about equal weight, with values that many rows share by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.binning import RankedColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEAVY = 0.25
"""A value with more than this share of an equal bin's weight has a bin by itself."""


def weighted_edges(
    values: NDArray[np.float64], weight: NDArray[np.float64], most: int
) -> tuple[float, ...]:
    """Give the edges of at most `most` bins of about equal weight.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        NaN is missing.
    weight : ndarray of float64, shape (n,)
        None below 0.
    most : int

    Returns
    -------
    tuple of float
        Smallest value, inner edges half-way between neighbouring values, largest value; empty
        without values. Where a value has a bin by itself, as 0 often has, no more than a quarter
        of the bins are such.

    Examples
    --------
    >>> weighted_edges(np.array([0.0, 0.0, 0.0, 1.0, 2.0, 3.0]), np.ones(6), 3)
    (0.0, 0.5, 1.5, 3.0)
    """
    column = RankedColumn.of(values)
    distinct, known = column.values, column.rank < len(column.values)
    if not len(distinct):
        return ()
    own = np.bincount(column.rank[known], weight[known], minlength=len(distinct))
    heavy = np.argsort(-own, kind="stable")[: most // 4]
    heavy = heavy[own[heavy] > HEAVY / most * own.sum()]
    apart = np.unique(np.concatenate([heavy, heavy + 1]))
    apart = apart[(apart > 0) & (apart < len(distinct))]
    light = own.copy()
    light[heavy] = 0
    running = np.cumsum(light)
    n_equal = max(most - len(apart), 1)
    equal = np.searchsorted(running, running[-1] * np.arange(1, n_equal) / n_equal) + 1
    cuts = np.unique(np.concatenate([apart, equal]))
    cuts = cuts[(cuts > 0) & (cuts < len(distinct))]
    below, above = distinct[cuts - 1], distinct[cuts]
    middle = below + (above - below) / 2
    inner = np.where(middle > below, middle, above)
    return (float(distinct[0]), *inner.tolist(), float(distinct[-1]))
