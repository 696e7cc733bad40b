"""Expected calibration error, its bias, and what a perfectly calibrated model would show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.binning import RankedColumn, equal_count_starts
from ea_widgets.core.counting.ordered_ranks import SortedRanks
from ea_widgets.core.statistics.resampling import SEED

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 15
"""Equal-count bins of confidence."""

DRAWS = 2_000
"""Calibrated models that are drawn for the 95 % point."""

MOST_ALIKE = 0.99
"""Correlation within clusters beyond which the covariance would not be one."""


@dataclass(frozen=True, eq=False)
class CalibrationError:
    """Calibration error of some predictions.

    Attributes
    ----------
    error : float
        Mean |precision - mean confidence| over the bins, weighted by their predictions, less its
        bias; in [0, 1], NaN without predictions.
    plain_error : float
        Before its bias is subtracted.
    noise_floor : float
        95 % point of `error` for a perfectly calibrated model of these confidences.
    start : ndarray of intp, shape (n_bins + 1,)
        Where each bin begins among the predictions by ascending confidence, and their number.
    """

    error: float
    plain_error: float
    noise_floor: float
    start: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Judged:
    """Predictions by ascending confidence.

    Attributes
    ----------
    confidence : ndarray of float64, shape (n,)
        In [0, 1].
    hit : ndarray of bool, shape (n,)
        Whether each is a true positive.
    cluster : ndarray of intp, shape (n,)
        Predictions of a cluster may be alike.
    """

    confidence: NDArray[np.float64]
    hit: NDArray[np.bool_]
    cluster: NDArray[np.intp]

    def take(self, rows: NDArray[np.intp] | slice) -> Judged:
        """Take some predictions, in this order."""
        return Judged(self.confidence[rows], self.hit[rows], self.cluster[rows])


def calibration_error(judged: Judged) -> CalibrationError:
    """Measure how far precision is from confidence.

    Parameters
    ----------
    judged : Judged

    Returns
    -------
    CalibrationError

    Notes
    -----
    Of a calibrated model the difference between precision and mean confidence of a bin is about
    normal, with a variance known from the confidences; what clusters add to it is estimated by
    one correlation behind the outcomes, from how alike the residuals of a cluster are. The mean
    of the absolute differences is too high: of a bin of standard error s, whose true difference is
    normal with standard deviation t, by sqrt(2 / pi) (sqrt(t² + s²) - t). t² is what the squared
    differences are above s² on average. So the whole of the noise is subtracted where there is
    nothing else, and hardly any of it where the model is far off. The same is done to each draw of
    a calibrated model.
    """
    confidence, hit = judged.confidence, judged.hit
    n = len(confidence)
    if not n:
        return CalibrationError(np.nan, np.nan, np.nan, np.zeros(1, np.intp))
    ranked = RankedColumn.of(confidence)
    start = np.append(equal_count_starts(SortedRanks(ranked.rank), BINS), n)
    size = np.diff(start)
    difference = np.add.reduceat(hit - confidence, start[:-1]) / size
    drawn, variance = chance(judged, start, confidence)
    plain, error = less_bias(difference[np.newaxis], variance, size / n)
    floor = np.quantile(less_bias(drawn, variance, size / n)[1], 0.95)
    return CalibrationError(float(error[0]), float(plain[0]), float(floor), start)


def chance(
    judged: Judged, start: NDArray[np.intp], probability: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw what chance adds to the differences between precision and mean confidence of bins.

    Parameters
    ----------
    judged : Judged
    start : ndarray of intp, shape (n_bins + 1,)
    probability : ndarray of float64, shape (n,)
        That each prediction is a true positive.

    Returns
    -------
    drawn : ndarray of float64, shape (DRAWS, n_bins)
    variance : ndarray of float64, shape (n_bins,)
    """
    from scipy.special import chdtri  # noqa: PLC0415  # takes long to load

    size = np.diff(start)
    own, shared = null_variance(Judged(probability, judged.hit, judged.cluster), start)
    normal, other, uniform = _draws()
    degrees = max(len(np.unique(judged.cluster)) - 1, 1)
    # What is estimated from few clusters is often too small, as Student's t has it.
    widening = np.sqrt(degrees / chdtri(degrees, uniform))[:, np.newaxis]
    drawn = normal[:, : len(size)] * np.sqrt(own)
    drawn += widening * (other[:, : len(size)] @ _root(shared).T)
    return drawn / size, (own + np.diag(shared)) / size**2


def less_bias(
    difference: NDArray[np.float64], variance: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted mean of absolute differences, shape (k, n_bins), before and after its bias."""
    plain = np.abs(difference) @ weight
    true = np.sqrt(np.maximum((difference**2 - variance) @ weight, 0.0))[:, np.newaxis]
    bias = np.sqrt(2 / np.pi) * (np.sqrt(true**2 + variance) - true) @ weight
    return plain, np.maximum(plain - bias, 0.0)


def null_variance(
    judged: Judged, start: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variance of the bins' numbers of true positives, were the model calibrated.

    Parameters
    ----------
    judged : Judged
    start : ndarray of intp, shape (n_bins + 1,)

    Returns
    -------
    own : ndarray of float64, shape (n_bins,)
        What each prediction adds for itself.
    shared : ndarray of float64, shape (n_bins, n_bins)
        Covariance of what the predictions of a cluster have in common.

    Notes
    -----
    Outcomes are thought of as normal numbers below a bound, equally correlated within clusters.
    To first order, two of them have the covariance correlation * density * density, at the two
    bounds. The correlation is the one that gives the residuals' own sum of products; residuals
    are taken from their bin's precision, so that a wrong confidence is not taken for likeness.
    """
    from scipy.special import ndtri  # noqa: PLC0415  # takes long to load

    confidence, hit, size = judged.confidence, judged.hit, np.diff(start)
    code = np.repeat(np.arange(len(size)), size)
    spread = np.add.reduceat(confidence * (1 - confidence), start[:-1])
    bound = ndtri(np.clip(confidence, 1e-12, 1 - 1e-12))
    density: NDArray[np.float64] = np.exp(-(bound**2) / 2) / np.sqrt(2 * np.pi)
    _, place = np.unique(judged.cluster, return_inverse=True)
    n_clusters = int(place.max()) + 1
    precision = np.add.reduceat(hit.astype(np.float64), start[:-1]) / size
    residual = hit - confidence - (precision - np.add.reduceat(confidence, start[:-1]) / size)[code]
    products, possible = (
        (np.bincount(place, values, n_clusters) ** 2).sum() - (values**2).sum()
        for values in (residual, density)
    )
    alike = 0.0
    if possible > 0 and n_clusters > 1:  # residuals from a mean lack the part of one cluster
        products *= n_clusters / (n_clusters - 1)
        alike = min(max(products / possible, 0.0), MOST_ALIKE)
    sums = np.bincount(place * len(size) + code, density, n_clusters * len(size))
    cells = sums.reshape(n_clusters, len(size)).astype(np.float64)
    own: NDArray[np.float64] = spread - alike * np.bincount(code, density**2)
    shared: NDArray[np.float64] = alike * (cells.T @ cells)
    return own, shared


@lru_cache(maxsize=1)
def _draws() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Draw normal numbers twice, shapes (DRAWS, BINS), and uniform ones, shape (DRAWS,)."""
    generator = np.random.default_rng([SEED, BINS])
    normal, other = generator.standard_normal((2, DRAWS, BINS))
    return normal, other, generator.random(DRAWS)


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give a matrix whose product with itself, transposed, is a covariance."""
    values, vectors = np.linalg.eigh(covariance)
    root: NDArray[np.float64] = vectors * np.sqrt(np.maximum(values, 0.0))
    return root
