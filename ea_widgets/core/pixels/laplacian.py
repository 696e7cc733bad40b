"""Sums of the Laplacian, and of its square, over rectangles with their own reflected border."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.pixels.box_sums import sum_regions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

RING_AT_ONCE = 1 << 17
"""Border pixels in one step."""


def laplacian_moments(
    channels: NDArray[np.uint8], regions: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Sum the Laplacian (0 1 0 / 1 -4 1 / 0 1 0) of every rectangle as if it were an image.

    Parameters
    ----------
    channels : ndarray of uint8, shape (c, height, width)
        The image.
    regions : ndarray of intp, shape (n, 4)
        x_low, y_low, x_high, y_high inside the image, highs excluded.

    Returns
    -------
    total, squares : ndarray of int64, shape (n,)
        Sums over all pixels and channels; 0 for an empty rectangle.

    Notes
    -----
    Beyond a rectangle's border its pixels are mirrored without repeating the border itself
    (OpenCV's BORDER_REFLECT_101, its default), and in a row or column of one pixel that pixel
    repeats. Inside, the Laplacian is the image's; the ring of border pixels is summed apart.
    """
    _, height, width = channels.shape
    inner = np.concatenate([regions[:, :2], regions[:, 2:] - 2], axis=1)
    inner[:, 2:] = np.maximum(inner[:, 2:], inner[:, :2])
    inside = (inner[:, 2] > inner[:, 0]) & (inner[:, 3] > inner[:, 1])
    inner[~inside] = 0

    def fill(first: int, last: int, out: NDArray[np.int32]) -> None:
        band = channels[:, first : last + 2].astype(np.int16)
        edges = band[:, :-2, 1:-1] + band[:, 2:, 1:-1]
        edges += band[:, 1:-1, :-2]
        edges += band[:, 1:-1, 2:]
        band *= 4
        edges -= band[:, 1:-1, 1:-1]
        out[:, 0] = edges.sum(axis=0, dtype=np.int16)
        squares = edges.astype(np.int32)
        squares *= squares
        np.sum(squares, axis=0, out=out[:, 1])

    moments = sum_regions(fill, (2, height - 2, width - 2), inner)
    for chosen in _chunks(regions):
        _add_ring(moments, chosen, channels, regions)
    return moments[:, 0], moments[:, 1]


def _chunks(regions: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Split the rectangles that are not empty so that their rings fit into memory."""
    size = regions[:, 2:] - regions[:, :2]
    rows = np.flatnonzero((size > 0).all(axis=1))
    filled = np.cumsum(size[rows].sum(axis=1)) * 2
    yield from np.split(rows, np.flatnonzero(np.diff(filled // RING_AT_ONCE)) + 1)


def _add_ring(
    moments: NDArray[np.int64],
    chosen: NDArray[np.intp],
    channels: NDArray[np.uint8],
    regions: NDArray[np.intp],
) -> None:
    """Add the border pixels of the chosen rectangles, as runs along their four sides."""
    n_channels, _, stride = channels.shape
    x_low, y_low, x_high, y_high = regions[chosen].T
    wide, high = x_high - x_low, y_high - y_low
    corner = y_low * stride + x_low
    inward = np.where(high > 1, stride, 0)
    sideways = np.where(wide > 1, 1, 0)
    shorter = np.maximum(high - 2, 0)
    first = np.concatenate(
        [corner, corner + (high - 1) * stride, corner + stride, corner + stride + wide - 1]
    )
    length = np.concatenate(
        [wide, np.where(high > 1, wide, 0), shorter, np.where(wide > 1, shorter, 0)]
    )
    across = np.concatenate([inward, -inward, sideways, -sideways])
    along = np.repeat([1, 1, stride, stride], len(chosen))

    ends = np.cumsum(length)
    starts = ends - length
    step = np.repeat(along, length)
    here = np.repeat(first - starts * along, length) + step * np.arange(len(step))
    before, after = here - step, here + step
    # The upper and lower side reach the corners, where a step over the border is turned round.
    flat_sides = np.flatnonzero(length[: 2 * len(chosen)])
    turn = np.tile(sideways, 2)[flat_sides]
    before[starts[flat_sides]] = here[starts[flat_sides]] + turn
    after[ends[flat_sides] - 1] = here[ends[flat_sides] - 1] - turn

    pixels = channels.reshape(n_channels, -1)
    edges = pixels.take(here + np.repeat(across, length), axis=1).astype(np.int16)
    edges -= pixels.take(here, axis=1)
    edges -= pixels.take(here, axis=1)
    edges *= 2
    edges += pixels.take(before, axis=1)
    edges += pixels.take(after, axis=1)
    total = edges.sum(axis=0, dtype=np.int64)
    squares = np.square(edges, dtype=np.int32).sum(axis=0, dtype=np.int64)
    for column, values in enumerate((total, squares)):
        running = np.concatenate([[0], np.cumsum(values)])
        per_side = running[ends] - running[starts]
        moments[chosen, column] += per_side.reshape(4, -1).sum(axis=0)
