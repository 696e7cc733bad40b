"""Mean, deviation, Laplacian and colours of many rectangles of an image, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.pixels.box_sums import sum_regions
from ea_widgets.core.pixels.hsv import colour_masks
from ea_widgets.core.pixels.laplacian import laplacian_moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXACT_UP_TO = 1 << 21  # values whose moments stay below 2**63 when multiplied by their number


@dataclass(frozen=True)
class PixelStatistics:
    """What the pixels of rectangles say; each of shape (n,), NaN for an empty rectangle.

    Parameters
    ----------
    mean, deviation : ndarray of float64
        Of all values over all channels, in 0..255.
    laplacian_deviation : ndarray of float64
        Of the Laplacian over all channels, in 0..2040.
    red, green, blue : ndarray of float64
        Shares of pixels, in [0, 1].
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    laplacian_deviation: NDArray[np.float64]
    red: NDArray[np.float64]
    green: NDArray[np.float64]
    blue: NDArray[np.float64]


def pixel_statistics(
    channels: NDArray[np.uint8], regions: NDArray[np.intp], *, laplacian: bool = True
) -> PixelStatistics:
    """Measure rectangles of an image.

    Parameters
    ----------
    channels : ndarray of uint8, shape (3, height, width) or (1, height, width)
        Red, green and blue; or grey, which has no colour and the deviations of three equal
        channels.
    regions : ndarray of intp, shape (n, 4)
        x_low, y_low, x_high, y_high inside the image, highs excluded.
    laplacian : bool, default True
        Whether to measure the Laplacian; NaN without.

    Returns
    -------
    PixelStatistics
        In the order of `regions`.

    Notes
    -----
    All sums are whole numbers, so the same rectangle gives the same numbers whatever else is
    measured beside it.
    """
    n_channels, height, width = channels.shape
    n_planes = 5 if n_channels == 3 else 2

    def fill(first: int, last: int, out: NDArray[np.int32]) -> None:
        band = channels[:, first:last]
        wide = band.astype(np.uint16)
        out[:, 0] = wide.sum(axis=0, dtype=np.uint16)
        wide *= wide  # at most 255² = 65025
        out[:, 1] = wide[0]
        for square in wide[1:].astype(np.int32):
            out[:, 1] += square
        if n_channels == 3:
            for plane, mask in enumerate(colour_masks(band), start=2):
                out[:, plane] = mask

    regions = np.asarray(regions, dtype=np.intp).reshape(-1, 4)
    sums = sum_regions(fill, (n_planes, height, width), regions)
    pixels = (regions[:, 2] - regions[:, 0]) * (regions[:, 3] - regions[:, 1])
    number = pixels * n_channels
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums[:, 0] / number
        if n_channels == 3:
            red, green, blue = (sums[:, 2:] / pixels[:, None]).T
        else:
            red = green = blue = np.where(pixels > 0, 0.0, np.nan)
        edges = np.full(len(regions), np.nan)
        if laplacian:
            edges = _deviation(number, *laplacian_moments(channels, regions))
        return PixelStatistics(
            mean, _deviation(number, sums[:, 0], sums[:, 1]), edges, red, green, blue
        )


def _deviation(
    number: NDArray[np.intp], total: NDArray[np.int64], squares: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give the population standard deviation, without cancellation where whole moments fit."""
    small = number <= _EXACT_UP_TO
    exact = np.where(small, number * squares - total * total, 0)
    mean = total / number
    variance = np.where(small, exact / number / number, squares / number - mean * mean)
    known = np.where(number > 0, np.maximum(variance, 0), np.nan)
    return np.asarray(np.sqrt(known))
