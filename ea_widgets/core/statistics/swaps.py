"""Whether two models differ in some ranges beyond what they differ everywhere.

The null distribution swaps the two models at random within whole clusters: what a cluster adds to
a difference changes its sign. That is exact where the models differ by chance only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.resampling import SEED
from ea_widgets.core.statistics.scan import between, between_both, running

if TYPE_CHECKING:
    from numpy.typing import NDArray

SWAPS = 499
"""Null data sets: the smallest p is 1/500."""


NEGLIGIBLE = 1e-12
"""Share of the variance of the whole difference that is rounding."""


@lru_cache(maxsize=2)
def swap_signs(n_clusters: int) -> NDArray[np.float64]:
    """Draw which clusters are swapped.

    Parameters
    ----------
    n_clusters : int

    Returns
    -------
    ndarray of float64, shape (1 + SWAPS, n_clusters)
        -1 where the models are swapped, else 1; the first row swaps nothing. Not to be written to.
    """
    generator = np.random.default_rng([SEED, n_clusters, 2])
    signs = generator.choice([-1.0, 1.0], (1 + SWAPS, n_clusters))
    signs[0] = 1.0
    signs.flags.writeable = False
    return signs


@lru_cache(maxsize=64)
def numbered_signs(numbers: range, n_groups: int) -> NDArray[np.float64]:
    """Draw which groups are turned round in numbered data sets, the same for every metric.

    Parameters
    ----------
    numbers : range
        Numbers of the data sets.
    n_groups : int

    Returns
    -------
    ndarray of float64, shape (len(numbers), n_groups)
        -1 where a group is turned round, else 1. Not to be written to.
    """
    signs = np.stack(
        [np.random.default_rng([SEED, n]).choice([-1.0, 1.0], n_groups) for n in numbers]
    )
    signs.flags.writeable = False
    return signs


def overall_scores(sums: NDArray[np.float64], signs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score a difference over all rows.

    Parameters
    ----------
    sums : ndarray of float64, shape (n_clusters,)
        What each cluster adds to the difference.
    signs : ndarray of float64, shape (n_draws, n_clusters)
        See :func:`swap_signs`.

    Returns
    -------
    ndarray of float64, shape (n_draws,)
        Difference over its standard error; 0 where no cluster differs.
    """
    spread = float(np.sqrt((sums**2).sum()))
    return signs @ sums / spread if spread else np.zeros(len(signs))


def scores_beyond(
    sums: NDArray[np.float64],
    weights: NDArray[np.float64],
    signs: NDArray[np.float64],
    *,
    ordered: bool,
) -> NDArray[np.float64]:
    """Score how much more, or less, parts of the rows differ than all of them.

    Parameters
    ----------
    sums : ndarray of float64, shape (n_clusters, n_bins)
        What each cluster adds to the difference in each bin.
    weights : ndarray of float64, shape (n_weights, n_bins)
        How the difference of all rows would spread over the bins if the models differed alike
        everywhere; several ways of being alike. Zeros take nothing off: the difference itself. A
        swap must not change them.
    signs : ndarray of float64, shape (n_draws, n_clusters)
        See :func:`swap_signs`.
    ordered : bool
        Whether runs of bins are looked at, or else each bin by itself.

    Returns
    -------
    ndarray of float64, shape (n_draws, n_bins + 1, n_bins + 1) or (n_draws, n_bins)
        Of the bins from row to column, that one excluded; or of each bin. The excess over its
        standard error, by that way of being alike by which it is least; 0 where they do not agree
        on its sign.

    Notes
    -----
    z = sum psi / sqrt(max(sum psi^2, f (1 - f) sum U^2)): psi is what a cluster adds in the part,
    less the share f of U, what it adds to all rows. The floor is the variance of a part that takes
    its share of the differences by chance; without it, a part in which nothing differs would be as
    far from the others as they are from nothing.
    """
    total = sums.sum(axis=1)
    drawn, drawn_total = signs @ sums, signs @ total
    if ordered:
        part = between(running(drawn))
        squares = between_both(sums.T @ sums)
        cross = between(running(sums.T @ total))
    else:
        part, squares, cross = drawn, (sums**2).sum(axis=0), sums.T @ total
    whole = float(total @ total)
    drawn_total = drawn_total.reshape(-1, *[1] * (part.ndim - 1))
    least = most = np.zeros(())
    for number, weight in enumerate(weights):
        everything = float(weight.sum())
        share = (between(running(weight)) if ordered else weight) / (everything or 1.0)
        variance = squares - 2 * share * cross + share**2 * whole
        variance = np.maximum(variance, share * (1 - share) * whole)
        counts = (share < 1) & (variance > NEGLIGIBLE * whole)
        z = (part - share * drawn_total) / np.sqrt(np.where(counts, variance, 1.0))
        z = np.where(counts, z, 0.0)
        least = z if not number else np.minimum(least, z)
        most = z if not number else np.maximum(most, z)
    agreed: NDArray[np.float64] = np.maximum(least, 0.0) + np.minimum(most, 0.0)
    return agreed
