"""Metric values as whole numbers, so that sums of them do not depend on their order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS = 1 << 20
"""Steps of a unit: the width between the first and the last inner edge of a metric's bins."""

FARTHEST = 128
"""Values farther off than so many units count as that far."""

HALF = 27
"""Bits of the lower part of a square; both parts of 2^36 squares can be summed in 64 bits."""


@dataclass(frozen=True)
class Scale:
    """From values of a metric to whole numbers and back."""

    origin: float
    unit: float

    @classmethod
    def of(cls, edges: NDArray[np.float64]) -> Scale:
        """Choose it by the edges of the bins, which all parts have in common."""
        origin = float(edges[len(edges) // 2])
        inner = float(edges[-2] - edges[1]) if len(edges) > 3 else 0.0
        unit = inner if inner > 0 else float(edges[-1] - edges[0])
        return cls(origin, unit if 0 < unit < math.inf else max(abs(origin), 1.0))

    def fixed(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Round values to steps; 0 where missing.

        Examples
        --------
        >>> Scale(1.0, 2.0).fixed(np.array([1.0, 2.0, np.nan])).tolist()
        [0, 524288, 0]
        """
        units = np.clip((values - self.origin) / self.unit, -FARTHEST, FARTHEST)
        return np.rint(np.nan_to_num(units, nan=0.0) * STEPS).astype(np.int64)

    def value(self, total: NDArray[np.int64], n: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean value of `n` rows with that sum of steps; NaN of none."""
        mean = np.full(len(total), np.nan)
        np.divide(total, n, out=mean, where=n > 0)
        return self.origin + mean / STEPS * self.unit


def split(squares: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split squares in two parts that can be summed without overflow."""
    return squares >> HALF, squares & ((1 << HALF) - 1)


def joined(parts: NDArray[np.int64]) -> int:
    """Give the sum of squares whose two parts were summed."""
    return (int(parts[0]) << HALF) + int(parts[1])


def correlation(n: int, x: int, xx: int, y: int, xy: int) -> float:
    """Pearson's correlation of a metric and an outcome that is 0 or 1, from exact sums.

    Returns
    -------
    float
        In [-1, 1]; NaN where one of the two does not vary.

    Examples
    --------
    >>> correlation(4, 2, 2, 2, 2)
    1.0
    """
    of_x, of_y = n * xx - x * x, n * y - y * y
    if of_x <= 0 or of_y <= 0:
        return math.nan
    return max(-1.0, min(1.0, (n * xy - x * y) / (math.sqrt(of_x) * math.sqrt(of_y))))
