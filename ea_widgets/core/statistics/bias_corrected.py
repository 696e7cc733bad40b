"""Bias-corrected percentile intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.bootstrap import small_sample_factor
from ea_widgets.core.statistics.intervals import Z_95, wilson_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_BIAS = 0.5
"""Standard deviations: beyond it, the share of resamples below says little about the bias."""


def bias_corrected_interval(
    observed: NDArray[np.float64], resampled: NDArray[np.float64], n_clusters: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % intervals from resamples, corrected for their median bias.

    Parameters
    ----------
    observed : ndarray of float64, shape (k,)
    resampled : ndarray of float64, shape (n_resamples, k)
        NaN where a resample has nothing to say; it is left out.
    n_clusters : ndarray of int64, shape (k,)
        Clusters that each number is made of; intervals of few are wider, as Student's t has it.

    Returns
    -------
    low, high : ndarray of float64, shape (k,)
        NaN where `observed` is, and where fewer than nine tenths of the resamples say something.

    Notes
    -----
    Efron & Tibshirani (1993), chapter 14, without the acceleration.
    """
    from scipy.special import ndtr, ndtri  # noqa: PLC0415  # takes long to load

    low, high = np.full((2, len(observed)), np.nan)
    for column, value in enumerate(observed):
        drawn = resampled[:, column]
        drawn = np.sort(drawn[~np.isnan(drawn)])
        if np.isnan(value) or len(drawn) < 0.9 * len(resampled) or not len(drawn):
            continue
        below = np.searchsorted(drawn, value) + np.searchsorted(drawn, value, side="right")
        bias = np.clip(ndtri(below / (2 * len(drawn))), -MOST_BIAS, MOST_BIAS)
        reach = Z_95 * small_sample_factor(int(n_clusters[column]))
        if np.isfinite(reach):
            ends = np.quantile(drawn, ndtr([2 * bias - reach, 2 * bias + reach]))
            # Rounding could leave the number outside its own interval.
            low[column], high[column] = min(ends[0], value), max(ends[1], value)
    return low, high


def rate_interval(
    replicates: NDArray[np.float64], n_clusters: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % intervals of rates in [0, 1].

    Parameters
    ----------
    replicates : ndarray of float64, shape (1 + n_resamples, k)
        The rates of the data, then those of the resamples.
    n_clusters : ndarray of int64, shape (k,)
        Clusters that each rate is of.

    Returns
    -------
    low, high : ndarray of float64, shape (k,)
        Bias-corrected; of rates of 0 or 1, Wilson's, as if each cluster were one object.
    """
    observed = replicates[0]
    low, high = bias_corrected_interval(observed, replicates[1:], n_clusters)
    sure = (observed == 0) | (observed == 1)
    wilson_low, wilson_high = wilson_interval(observed, n_clusters.astype(np.float64))
    return np.where(sure, wilson_low, low), np.where(sure, wilson_high, high)
