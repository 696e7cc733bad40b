"""Histograms of oriented gradients (Dalal & Triggs 2005) of square windows at many sizes.

Strength is counted relative to its surroundings, so that light and dark ink and bright and dim
frames look alike, until sensor noise or fog takes over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image
from scipy import ndimage  # comes with scikit-learn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

CELL = 4
"""Side of a cell in pixels of the resized picture."""

WINDOW_CELLS = 7
"""Side of a window in cells."""

FIGURE_SIDE = 20.0
"""Side of the square that a digit fills inside a window, in pixels of the resized picture."""

ORIENTATIONS = 9

_MARGIN_CELLS = 2
TRAINED_STEPS = range(8)
"""Steps of the sizes that the detector is trained on: digits of 20 to 113 pixels."""

DETECTED_STEPS = range(-2, 8)
"""Steps of the sizes that it looks at later: from 12 pixels on, enlarged to those of training."""

_STEPS_TO_DOUBLE = 2.8
_SMALLEST_ENERGY = 0.03
_LARGEST_SHARE = 0.4
_GAIN = 10.0  # to about unit size, as the networks like it


@dataclass(frozen=True)
class Windows:
    """All windows of one picture.

    Parameters
    ----------
    features : ndarray of float32, shape (n, 441)
        Histograms of the 7 x 7 cells.
    squares : ndarray of float64, shape (n, 3)
        Square that a digit would fill: centre x, centre y, side, in pixels of the picture.
    """

    features: NDArray[np.float32]
    squares: NDArray[np.float64]


def windows_of(pixels: NDArray[np.uint8], steps: Iterable[int] = TRAINED_STEPS) -> Windows:
    """Describe all windows of a picture, at several sizes.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        RGB.
    steps : iterable of int, default 0 to 7
        Sizes: digits of 20 pixels times two to the power of the step / 2.8.

    Returns
    -------
    Windows
        A fifth of the digit's side apart.
    """
    picture = Image.fromarray(pixels)
    features, squares = [], []
    for side in (FIGURE_SIDE * 2 ** (step / _STEPS_TO_DOUBLE) for step in steps):
        scale = FIGURE_SIDE / side
        columns = max(int(picture.width * scale) // CELL, WINDOW_CELLS)
        rows = max(int(picture.height * scale) // CELL, WINDOW_CELLS)
        resized = picture.resize((columns * CELL, rows * CELL), Image.Resampling.BILINEAR)
        margin = _MARGIN_CELLS * CELL
        padded = np.pad(np.asarray(resized), ((margin,) * 2, (margin,) * 2, (0, 0)), mode="edge")
        cells = oriented_cells(np.asarray(padded, dtype=np.float32) / np.float32(255))
        view = sliding_window_view(cells, (WINDOW_CELLS, WINDOW_CELLS), axis=(0, 1))
        n_rows, n_columns = view.shape[:2]
        features.append(view.reshape(n_rows * n_columns, -1))
        down, right = np.meshgrid(np.arange(n_rows), np.arange(n_columns), indexing="ij")
        offset = (WINDOW_CELLS / 2 - _MARGIN_CELLS) * CELL
        x = (right.ravel() * CELL + offset) * picture.width / (columns * CELL)
        y = (down.ravel() * CELL + offset) * picture.height / (rows * CELL)
        squares.append(np.stack([x, y, np.full(x.shape, side)], axis=1))
    return Windows(features=np.concatenate(features), squares=np.concatenate(squares))


def oriented_cells(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Histogram the directions of edges per cell.

    Parameters
    ----------
    values : ndarray of float32, shape (height, width, 3)
        RGB in [0, 1]; height and width are multiples of ``CELL``.

    Returns
    -------
    ndarray of float32, shape (height / CELL, width / CELL, 9)
        Strength of the edges per direction, relative to the 5 x 5 cells around.
    """
    down = np.zeros_like(values)
    right = np.zeros_like(values)
    down[1:-1] = values[2:] - values[:-2]
    right[:, 1:-1] = values[:, 2:] - values[:, :-2]
    strength = down**2 + right**2
    channel = strength.argmax(axis=2)[..., None]
    down = np.take_along_axis(down, channel, axis=2)[..., 0]
    right = np.take_along_axis(right, channel, axis=2)[..., 0]
    size = np.sqrt(np.take_along_axis(strength, channel, axis=2)[..., 0])
    index = np.mod(np.arctan2(down, right) / np.pi, 1.0) * ORIENTATIONS
    lower = np.floor(index)
    share = index - lower
    first = lower.astype(np.intp) % ORIENTATIONS
    height, width = size.shape
    rows, columns = height // CELL, width // CELL
    cell = (np.arange(height) // CELL)[:, None] * columns + np.arange(width) // CELL
    n_bins = rows * columns * ORIENTATIONS
    base = cell * ORIENTATIONS
    total = np.bincount((base + first).ravel(), (size * (1 - share)).ravel(), n_bins)
    following = (first + 1) % ORIENTATIONS
    total += np.bincount((base + following).ravel(), (size * share).ravel(), n_bins)
    cells = total.reshape(rows, columns, ORIENTATIONS) / CELL**2
    energy = ndimage.uniform_filter(cells.sum(axis=2) ** 2, 5, mode="nearest")
    relative = cells / (np.sqrt(np.maximum(energy, 0))[..., None] + _SMALLEST_ENERGY)
    return np.asarray(np.minimum(relative, _LARGEST_SHARE) * _GAIN, dtype=np.float32)
