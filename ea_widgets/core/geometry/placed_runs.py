"""Run lengths of a part of an image, row after row, as COCO's of the whole image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST = 1 << 28
"""Pixels of the largest part that is unpacked."""


def placed_runs(
    counts: NDArray[np.int64], part: tuple[int, int, int, int], size: tuple[int, int]
) -> dict[str, Any] | None:
    """Place a mask into its image.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_runs,)
        Lengths of runs outside and inside by turns, the first outside, row after row.
    part : (int, int, int, int)
        Left, top, width and height of the part that they run over, in pixels.
    size : (int, int)
        Width and height of the image.

    Returns
    -------
    dict or None
        ``size`` (height and width) and ``counts``, column after column, uncompressed; None where
        the runs do not add up to the part, or the part is empty or not within the image.

    Examples
    --------
    >>> placed_runs(np.array([1, 2, 1]), (1, 0, 2, 2), (3, 2))["counts"]
    [3, 2, 1]
    """
    left, top, width, height = part
    if not (0 <= left < left + width <= size[0] and 0 <= top < top + height <= size[1]):
        return None
    pixels = width * height
    # Each alone first: their sum may not fit into 64 bits.
    if pixels > LARGEST or (counts < 0).any() or (counts > pixels).any():
        return None
    if len(counts) > pixels + 2 or counts.sum() != pixels:
        return None
    inside = np.repeat(np.arange(len(counts)) % 2 == 1, counts).reshape(height, width)
    column, row = np.nonzero(inside.T)
    position = (column + left) * size[1] + row + top
    first = np.flatnonzero(np.diff(position, prepend=-2) != 1)
    starts, ends = position[first], np.append(position[first[1:] - 1], position[-1:]) + 1
    edges = np.stack([starts, ends], axis=1).ravel() if len(first) else starts
    runs = np.diff(np.concatenate([[0], edges, [size[0] * size[1]]]))
    if not runs[-1]:
        runs = runs[:-1]
    return {"size": [size[1], size[0]], "counts": runs.tolist()}
