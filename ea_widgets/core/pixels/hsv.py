"""Which pixels are red, green or blue, by the 8-bit HSV of OpenCV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SCALE = 1 << 12  # OpenCV's fixed point
_SLOPE = np.float32(30 * _SCALE)  # a sixth of a turn is 30 of 180
_LOWEST_VALUE = 40

_RED = np.float32(-10.5 * _SCALE), np.float32(10.5 * _SCALE)
_GREEN = np.float32(34.5 * _SCALE), np.float32(75.5 * _SCALE)
_BLUE = np.float32(89.5 * _SCALE), np.float32(130.5 * _SCALE)


def colour_masks(
    channels: NDArray[np.uint8],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark pixels by hue, where saturation is in 50..255 and value in 40..255.

    Parameters
    ----------
    channels : ndarray of uint8, shape (3, ...)
        Red, green and blue.

    Returns
    -------
    tuple of three ndarray of bool
        Hue in [0, 10] or [170, 179]; in [35, 75]; in [90, 130]. Shape (...).

    Notes
    -----
    OpenCV's ``COLOR_RGB2HSV`` (5.0.0) rounds in fixed point; its integers are below 2**24 and so
    exact in float32, which needs no table. The test compares all 16.7 million colours. Pixels
    that two channels share the maximum of fall out the same by either formula, so none is
    excluded from the other.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.array([[255, 0, 0], [0, 255, 0], [90, 90, 90]], dtype=np.uint8)
    >>> [mask.tolist() for mask in colour_masks(pixels.T)]
    [[True, False, False], [False, True, False], [False, False, False]]
    """
    value = np.maximum(channels[0], channels[1])
    np.maximum(value, channels[2], out=value)
    spread = np.minimum(channels[0], channels[1])
    np.minimum(spread, channels[2], out=spread)
    np.subtract(value, spread, out=spread)
    # Saturation from 50 is spread / value of at least 49.5 / 255, rounded in fixed point;
    # these whole numbers (below 2**16) say the same for all pairs.
    vivid = spread.astype(np.uint16) * np.uint16(237) > value.astype(np.uint16) * np.uint16(46)
    vivid &= value >= _LOWEST_VALUE

    red, green, blue = channels.astype(np.float32)
    width = np.maximum(spread, 1).astype(np.float32)
    slope = np.divide(_SLOPE, width)
    np.rint(slope, out=slope)

    hue = green - blue
    hue *= slope
    is_red = _between(hue, _RED)
    is_red &= channels[0] == value
    is_red &= vivid

    width += width
    np.subtract(blue, red, out=hue)
    hue += width
    hue *= slope
    greenest = channels[1] == value
    is_green = _between(hue, _GREEN)
    is_green &= greenest
    is_green &= vivid
    is_blue = hue >= _BLUE[0]  # a third channel nearly as high rounds up to 90
    is_blue &= greenest

    width += width
    np.subtract(red, green, out=hue)
    hue += width
    hue *= slope
    bluest = _between(hue, _BLUE)
    bluest &= channels[2] == value
    is_blue |= bluest
    is_blue &= vivid
    return is_red, is_green, is_blue


def _between(hue: NDArray[np.float32], limits: tuple[np.float32, np.float32]) -> NDArray[np.bool_]:
    inside = hue >= limits[0]
    inside &= hue < limits[1]
    return inside
