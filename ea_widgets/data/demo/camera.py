"""What the camera does: the photograph behind the digits, and the light, optics and sensor."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image
from scipy import ndimage  # comes with scikit-learn
from sklearn.datasets import load_sample_images

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

_CONDITIONS = ("clear", "dusk", "fog", "motion", "defocus")
_CONDITION_SHARES = (0.46, 0.2, 0.08, 0.13, 0.13)


@cache
def _photographs() -> tuple[Image.Image, ...]:
    return tuple(Image.fromarray(pixels) for pixels in load_sample_images().images)


def background(rng: Generator, width: int, height: int) -> NDArray[np.float64]:
    """Cut, turn and recolour a piece of one of scikit-learn's photographs.

    Parameters
    ----------
    rng : Generator
        Decides everything.
    width, height : int
        Size in pixels.

    Returns
    -------
    ndarray of float64, shape (height, width, 3)
        RGB in [0, 1].
    """
    photographs = _photographs()
    photograph = photographs[rng.integers(len(photographs))]
    largest = min(photograph.width / width, photograph.height / height)
    scale = largest * rng.uniform(0.35, 1.0)
    left = rng.uniform(0, photograph.width - scale * width)
    top = rng.uniform(0, photograph.height - scale * height)
    area = (left, top, left + scale * width, top + scale * height)
    piece = photograph.resize((width, height), Image.Resampling.BICUBIC, box=area)
    if rng.random() < 0.5:
        piece = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    hsv = np.array(piece.convert("HSV"), dtype=np.float64)
    turn = rng.uniform(0, 256) if rng.random() < 0.2 else rng.normal(0, 8)
    hsv[..., 0] = (hsv[..., 0] + turn) % 256
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(0.35, 1.1), 0, 255)
    recoloured = Image.frombytes("HSV", (width, height), hsv.astype(np.uint8).tobytes())
    canvas = np.asarray(recoloured.convert("RGB"), dtype=np.float64) / 255
    if rng.random() < 0.65:  # a shallow depth of field
        sigma = rng.uniform(1.0, 4.5)
        canvas = ndimage.gaussian_filter(canvas, (sigma, sigma, 0))
    middle = canvas.mean()
    canvas = (canvas - middle) * rng.uniform(0.5, 1.05) + middle + rng.uniform(-0.08, 0.08)
    return np.asarray(np.clip(canvas, 0.0, 1.0))


def photograph(rng: Generator, canvas: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Take the picture: optics first, then light, then the sensor.

    Parameters
    ----------
    rng : Generator
        Decides whether the frame is clear, at dusk, in fog, out of focus or moving, and how much.
    canvas : ndarray of float64, shape (height, width, 3)
        RGB in [0, 1].

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        RGB.
    """
    condition = _CONDITIONS[rng.choice(len(_CONDITIONS), p=_CONDITION_SHARES)]
    noise = rng.uniform(0.002, 0.008)
    if condition == "motion":
        canvas = _motion(canvas, length=rng.uniform(5, 26), angle=rng.uniform(0, np.pi))
    elif condition == "defocus":
        sigma = rng.uniform(1.2, 5.0)
        canvas = ndimage.gaussian_filter(canvas, (sigma, sigma, 0))
    elif condition == "fog":
        canvas = canvas + (rng.uniform(0.7, 0.85) - canvas) * rng.uniform(0.35, 0.72)
    elif condition == "dusk":
        canvas = canvas * np.exp(rng.uniform(np.log(0.07), np.log(0.45))) * (0.92, 0.97, 1.08)
        noise = rng.uniform(0.014, 0.035)
    grain = ndimage.gaussian_filter(rng.normal(size=canvas.shape), (0.6, 0.6, 0)) * 2.1
    taken: NDArray[np.uint8] = np.clip(np.rint(255 * (canvas + noise * grain)), 0, 255).astype(
        np.uint8
    )
    return taken


def _motion(canvas: NDArray[np.float64], *, length: float, angle: float) -> NDArray[np.float64]:
    """Average the picture along a straight line of so many pixels."""
    steps = np.linspace(-0.5, 0.5, int(np.ceil(length)) + 1) * length
    total = np.zeros_like(canvas)
    for step in steps:
        offset = (step * np.sin(angle), step * np.cos(angle), 0)
        total += ndimage.shift(canvas, offset, order=1, mode="nearest")
    return total / len(steps)
