"""Where the ticks of an axis go: round numbers, few enough to read."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def round_ticks(low: float, high: float, most: int = 6) -> Floats:
    """Choose round numbers between two others.

    Parameters
    ----------
    low, high : float
        Ends of the axis, ``low < high``.
    most : int
        Most ticks to give, at least 2.

    Returns
    -------
    ndarray of float64
        Multiples of 1, 2 or 5 times a power of ten, within the ends.

    Examples
    --------
    >>> round_ticks(0.0, 0.37).tolist()
    [0.0, 0.1, 0.2, 0.3]
    """
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10, 20) if power * times >= rough)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    decimals = max(0, 2 - math.floor(math.log10(step)))
    return np.round(np.arange(first, last + 1) * step, decimals) + 0.0


def log_ticks(low: float, high: float, most: int = 7) -> Floats:
    """Choose round numbers for a logarithmic axis.

    Parameters
    ----------
    low, high : float
        Ends of the axis, ``0 < low < high``.
    most : int
        Most ticks to give.

    Returns
    -------
    ndarray of float64
        1, 2 and 5 times powers of ten, or powers alone where those are many.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for times in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        values = np.array([t * 10.0**p for p in range(first, last + 1) for t in times])
        values = values[(values >= low * (1 - 1e-9)) & (values <= high * (1 + 1e-9))]
        if 0 < len(values) <= most:
            return values
    if len(values) == 0:
        return np.array([low, high])
    return values[:: math.ceil(len(values) / most)]


def js_key(value: float) -> str:
    """Write a number as JavaScript would, to look up the label of a tick.

    Parameters
    ----------
    value : float
        Any finite number.

    Returns
    -------
    str
        ``"2"`` where Python writes ``2.0``, ``"0.00005"`` where it writes ``5e-05``.

    Examples
    --------
    >>> js_key(2.0), js_key(0.5), js_key(5e-05), js_key(2.1e-07)
    ('2', '0.5', '0.00005', '2.1e-7')
    """
    if value == 0 or 1e-6 <= abs(value) < 1e21:
        return np.format_float_positional(value + 0.0, trim="-")
    mantissa, exponent = repr(float(value)).split("e")
    return f"{mantissa}e{int(exponent):+d}"
