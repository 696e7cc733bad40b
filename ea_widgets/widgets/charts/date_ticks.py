"""Ticks of an axis of dates: whole years, months, days, hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(MINUTE * count for count in (1, 2, 5, 10, 15, 30)),
    *(HOUR * count for count in (1, 2, 3, 6, 12)),
    *(DAY * count for count in (1, 2, 5, 10)),
)
"""Seconds between ticks, up to a third of a month."""

MONTHS = (1, 2, 3, 6, *(12 * years for years in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)))
"""Months between ticks, beyond that."""

MOST_DATES = 5
"""Ticks: dates are wide."""


def date_ticks(low: float, high: float, most: int = MOST_DATES) -> Floats:
    """Choose round moments between two others.

    Parameters
    ----------
    low, high : float
        Ends of the axis in seconds since 1970, ``low < high``.
    most : int
        Most ticks to give, at least 2.

    Returns
    -------
    ndarray of float64
        Seconds since 1970, of UTC, within the ends; may be none.

    Examples
    --------
    >>> from ea_widgets.analysis.formatting import date_labels
    >>> date_labels(date_ticks(1.68e9, 1.71e9))
    ['2023-04', '2023-07', '2023-10', '2024-01']
    """
    for step in STEPS:
        first, last = np.ceil(low / step), np.floor(high / step)
        if last - first < most:
            return np.arange(first, last + 1) * step
    ends = np.array([low, high]).astype(np.int64).astype("M8[s]").astype("M8[M]")
    first, last = ends.astype(np.int64).tolist()
    for step in MONTHS:
        months = np.arange(-(-first // step), last // step + 1) * step
        moments = months.astype("M8[M]").astype("M8[s]").astype(np.float64)
        moments = moments[(moments >= low) & (moments <= high)]
        if len(moments) <= most:
            break
    return moments
