"""Intervals of differences of rates between two models, from the same groups of clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.intervals import t_quantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.summary.uncertainty.group_tables import RateTable


@dataclass(frozen=True, eq=False)
class ModelRates:
    """What the curve of one model is made of.

    Attributes
    ----------
    groups : RateTable
        By group of clusters and the few bins of a metric.
    share : ndarray of float64, shape (n_displayed, n_bins)
        Which part of the rows of each few bin is in each bin that is shown.
    """

    groups: RateTable
    share: NDArray[np.float64]

    def residuals(self, *, of_images: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Tell what each group adds to the error of each rate.

        Parameters
        ----------
        of_images : bool
            See :func:`~ea_widgets.summary.uncertainty.rate_effects.design_effects`.

        Returns
        -------
        residuals : ndarray of float64, shape (n_groups, n_displayed, n_bins) or (n_groups, n_bins)
            The former of images.
        more : ndarray of float64, shape (n_bins,)
            Variance of a part of the rows beyond that.
        """
        rows, hits = self.groups.rows, self.groups.hits
        n, s = rows.sum(axis=0), hits.sum(axis=0)
        total = n @ self.share
        scale = np.divide(1.0, total, out=np.zeros(len(total)), where=total > 0)
        known = np.divide(s, n, out=np.zeros(len(n)), where=n > 0)
        if of_images:
            parts = (hits - rows * known)[:, :, None] * np.sqrt(self.share) * scale
            return parts, np.zeros(len(total))
        rate = (s @ self.share) * scale
        parts = (hits @ self.share - rows @ self.share * rate) * scale
        more = (self.share - self.share**2).T @ (n * known * (1 - known)) * scale**2
        return parts, more


def paired_reach(first: ModelRates, other: ModelRates, *, of_images: bool) -> NDArray[np.float64]:
    """Compute half the width of the 95 % intervals of the differences of rates.

    Returns
    -------
    ndarray of float64, shape (n_bins,)
    """
    (one, more_one), (two, more_two) = (
        model.residuals(of_images=of_images) for model in (first, other)
    )
    apart = two - one
    variance = (apart**2).sum(axis=0)
    if of_images:
        variance = variance.sum(axis=0)
    rows = first.groups.rows @ first.share + other.groups.rows @ other.share
    present = (rows > 0).sum(axis=0)
    variance = variance * present / np.maximum(present - 1, 1)
    if (first.share != other.share).any() or (apart != 0).any():
        variance = variance + more_one + more_two
    half: NDArray[np.float64] = t_quantiles(np.maximum(present - 1, 1)) * np.sqrt(variance)
    return half
