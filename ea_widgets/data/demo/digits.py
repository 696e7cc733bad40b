"""The handwritten digits: who is used for training, who for the scenes, and how one is drawn.

The masks are evaluated with a spline at exact coordinates, not resized by an image library, so
that the label boxes come out the same with any version of Pillow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import ndimage  # comes with scikit-learn
from sklearn.datasets import load_digits

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20
"""Everything in the demo data follows from this number."""

CLASS_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
"""Names of the ten classes; the position is the digit."""

Split = Literal["train", "shipped"]
"""Training scenes and shipped scenes share no digit and no scene."""

_SOURCE_SIDE = 8
_PADDING = 2
_GREATEST_INK = 16.0
_HALF_INK = 0.42
_EDGE_SOFTNESS = 0.16


@dataclass(frozen=True)
class Digits:
    """Handwritten digits of one split.

    Parameters
    ----------
    ink : ndarray of float64, shape (n, 12, 12)
        Amount of ink in [0, 1], with an empty margin of 2 around the 8 x 8 of the source.
    values : ndarray of int64, shape (n,)
        The digit that was written, 0 to 9.
    """

    ink: NDArray[np.float64]
    values: NDArray[np.int64]


@cache
def digits_of(split: Split) -> Digits:
    """Give one half of scikit-learn's digits; the halves share none.

    Parameters
    ----------
    split : {"train", "shipped"}
        Which half.

    Returns
    -------
    Digits
        898 digits for training, or the other 899.
    """
    source = load_digits()
    order = np.random.default_rng([SEED, 1]).permutation(len(source.target))
    half = len(order) // 2
    chosen = np.sort(order[:half] if split == "train" else order[half:])
    margin = (_PADDING, _PADDING)
    ink = np.pad(source.images[chosen] / _GREATEST_INK, ((0, 0), margin, margin))
    return Digits(ink=ink, values=source.target[chosen].astype(np.int64))


def draw_mask(
    ink: NDArray[np.float64],
    *,
    height: float,
    stretch: float,
    rotation: float,
    shear: float,
    softness: float,
) -> NDArray[np.float64]:
    """Draw one digit as an opacity mask.

    Parameters
    ----------
    ink : ndarray of float64, shape (12, 12)
        The padded source digit.
    height : float
        Height of the source's 8 rows in pixels.
    stretch : float
        Width of a source column over the height of a source row.
    rotation : float
        Angle in radians, clockwise on screen.
    shear : float
        Slant: columns moved per row.
    softness : float
        Standard deviation of a blur, in pixels; 0 for none.

    Returns
    -------
    ndarray of float64, shape (rows, columns)
        Opacity in [0, 1]; rows and columns leave room for the whole digit.
    """
    pixels_per_row = height / _SOURCE_SIDE
    finer = 3 if height < 48 else 1  # small digits are drawn larger and averaged: no jagged edges
    side = int(np.ceil(height * 1.5 + 4 * softness)) + 4
    steps = (np.arange(side * finer) + 0.5) / finer - side / 2
    down, right = np.meshgrid(steps, steps, indexing="ij")
    cosine, sine = np.cos(rotation), np.sin(rotation)
    row = cosine * down - sine * right
    column = (sine * down + cosine * right) / stretch - shear * row
    middle = (ink.shape[0] - 1) / 2
    where = np.stack([row / pixels_per_row + middle, column / pixels_per_row + middle])
    value = ndimage.map_coordinates(ink, where, order=3, mode="constant")
    mask = np.clip((value - _HALF_INK) / (2 * _EDGE_SOFTNESS) + 0.5, 0.0, 1.0)
    mask = mask * mask * (3.0 - 2.0 * mask)
    mask = mask.reshape(side, finer, side, finer).mean(axis=(1, 3))
    if softness > 0:
        mask = ndimage.gaussian_filter(mask, softness)
    return np.asarray(mask, dtype=np.float64)
