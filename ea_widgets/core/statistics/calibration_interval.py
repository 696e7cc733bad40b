"""An interval of the calibration error that holds near zero too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.calibration_error import chance, less_bias

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.core.statistics.calibration_error import CalibrationError, Judged

TAIL = 0.025

HALVINGS = 12
"""Of the span in which an end is sought: 1/4,096 of it is left."""

NEIGHBOURS = 2.0
"""Standard deviation, in bins, over which differences are smoothed."""


def error_interval(judged: Judged, found: CalibrationError) -> tuple[float, float]:
    """95 % interval of the calibration error, by inverting a test.

    Parameters
    ----------
    judged : Judged
    found : CalibrationError
        Of these predictions.

    Returns
    -------
    low, high : float
        NaN without predictions.

    Notes
    -----
    The error is bounded by 0, and its absolute values have a kink there: no bootstrap of it holds
    its level (a percentile one covers 0 to 45 %). So an error is in the interval unless models that
    have it would show a smaller one, or a larger one, than the data in 97.5 % of draws. These
    models differ from calibrated ones as the data do, more or less (Chuang and Lai 2000, hybrid
    resampling): in each bin; smoothed over neighbouring bins, since chance roughens what is seen;
    and in those bins only where it is clear. The widest ends are taken. Its coverage for nine ways
    to be calibrated or not: ``tests/statistics/test_calibration.py``.
    """
    size = np.diff(found.start)
    if not len(size):
        return np.nan, np.nan
    weight = size / len(judged.hit)
    excess = np.add.reduceat(judged.hit - judged.confidence, found.start[:-1]) / size
    _, variance = chance(judged, found.start, judged.confidence)
    surely = excess * np.maximum(1 - variance / np.maximum(excess**2, 1e-300), 0.0)
    likely = np.clip(judged.confidence + np.repeat(surely, size), 1e-6, 1 - 1e-6)
    drawn, variance = chance(judged, found.start, likely)
    seen = float(less_bias(excess[np.newaxis], variance, weight)[1][0])
    reach = 6 * float(np.sqrt(variance @ weight)) + 0.02

    def ends_of(shape: NDArray[np.float64]) -> tuple[float, float]:
        whole = float(np.abs(shape) @ weight)
        unit = shape / whole if whole > 0 else np.ones(len(size))

        def shown(error: float) -> NDArray[np.float64]:
            return less_bias(error * unit + drawn, variance, weight)[1]

        low = last(lambda error: np.mean(shown(error) < seen) >= 1 - TAIL, 0.0, 1.2 * seen)
        high = last(lambda error: np.mean(shown(error) <= seen) > TAIL, seen, seen + reach)
        return low, high

    shapes = excess, smoothed(excess, weight), cleared(excess, np.sqrt(variance))
    lows, highs = zip(*map(ends_of, shapes), strict=True)
    return min(*lows, found.error), max(*highs, found.error)


def smoothed(excess: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average over neighbouring bins, with normal weights."""
    number = np.arange(len(excess))
    apart = (number[:, np.newaxis] - number) / NEIGHBOURS
    kernel = np.exp(-(apart**2) / 2) * weight
    averaged: NDArray[np.float64] = kernel @ excess / kernel.sum(axis=1)
    return averaged


def cleared(excess: NDArray[np.float64], error: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave of each difference what exceeds two standard errors."""
    left: NDArray[np.float64] = np.sign(excess) * np.maximum(np.abs(excess) - 2 * error, 0.0)
    return left if left.any() else excess


def last(holds: Callable[[float], np.bool_], first: float, beyond: float) -> float:
    """Find where what holds at first holds no more; `first` where it does not hold there."""
    if not holds(first):
        return first
    for _ in range(HALVINGS):
        middle = (first + beyond) / 2
        first, beyond = (middle, beyond) if holds(middle) else (first, middle)
    return first
