"""Exact sums over many overlapping rectangles of an image, each pixel touched once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PIXELS_AT_ONCE = 90_000
"""Pixels of a band of rows: few enough for its arrays to stay near the core, and enough for
threads to work side by side, since between any two of numpy's calls they wait for each other."""

ROWS_AT_ONCE = 512
"""Most rows of a band: sums of a column of 22 bit numbers over them fit 31 bits."""


def sum_regions(
    fill: Callable[[int, int, NDArray[np.int32]], None],
    shape: tuple[int, int, int],
    regions: NDArray[np.intp],
) -> NDArray[np.int64]:
    """Sum planes of numbers over rectangles.

    Parameters
    ----------
    fill : callable
        ``fill(first, last, out)`` writes the planes' rows from `first` to before `last` into
        `out`, of shape (last - first, n_planes, width); below 2**22 each.
    shape : tuple of int
        Number of planes, height, width.
    regions : ndarray of intp, shape (n, 4)
        x_low, y_low, x_high, y_high inside the image, highs excluded.

    Returns
    -------
    ndarray of int64, shape (n, n_planes)
        0 for an empty rectangle.

    Notes
    -----
    A band of rows is cut at the upper and lower edges of the rectangles; each slice is summed
    along its columns, and the slices' running sums along x give every rectangle in two look-ups.
    """
    n_planes, height, width = shape
    totals = np.zeros((len(regions), n_planes), dtype=np.int64)
    if not len(regions) or width < 1:
        return totals
    x_low, x_high = regions[:, 0], regions[:, 2]
    rows_cut = np.concatenate([regions[:, 1], regions[:, 3]])
    rows = min(max(1, PIXELS_AT_ONCE // width), ROWS_AT_ONCE, max(height, 1))
    band = np.empty((rows, n_planes, width), dtype=np.int32)
    every = np.arange(len(regions))
    for first in range(0, height, rows):
        last = min(first + rows, height)
        fill(first, last, band[: last - first])
        ends = np.minimum(np.maximum(rows_cut, first), last)
        cuts = sorted({first, last, *ends.tolist()})
        low, high = np.searchsorted(cuts, ends).reshape(2, -1)
        slices = np.empty((len(cuts) - 1, n_planes, width), dtype=np.int32)
        for row, (top, bottom) in enumerate(pairwise(cuts)):
            np.add.reduce(band[top - first : bottom - first], axis=0, out=slices[row])
        running = np.zeros((len(slices), n_planes, width + 1), dtype=np.int64)
        np.add.accumulate(slices, axis=2, out=running[:, :, 1:])
        across = running.take(x_high, axis=2)
        across -= running.take(x_low, axis=2)
        down = np.zeros((len(cuts), *across.shape[1:]), dtype=np.int64)
        np.add.accumulate(across, axis=0, out=down[1:])
        totals += down[high, :, every] - down[low, :, every]
    return totals
