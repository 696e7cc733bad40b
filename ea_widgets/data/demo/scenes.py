"""Colour scenes with handwritten digits; each is rebuilt from its split and number alone.

What makes a scene hard is drawn per frame and per digit: size, opacity, softness, crowding, and
what the camera did (dusk with sensor noise, fog, motion, defocus). The detector is told nothing.
"""

from __future__ import annotations

import io
from colorsys import hsv_to_rgb
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ea_widgets.data.demo.camera import background, photograph
from ea_widgets.data.demo.digits import SEED, Digits, Split, digits_of, draw_mask

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

SCENES_SHIPPED = 460
JPEG_QUALITY = 78

_SIZES = (
    (280, 210), (320, 216), (352, 264), (216, 288), (256, 256), (368, 248), (304, 228), (232, 304),
)  # fmt: skip
_VISIBLE_OPACITY = 0.3
_LEAST_VISIBLE_SHARE = 0.45
_LEAST_INSIDE = 0.7
_PLACEMENT_TRIES = 25
_INKS_TRIED = 3  # a painter takes the one that stands out


@dataclass(frozen=True)
class Scene:
    """One picture and what is in it.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        RGB, before compression.
    boxes : ndarray of int64, shape (n, 4)
        Tight boxes ``[x, y, width, height]`` around the visible part of each digit, in pixels.
    digits : ndarray of int64, shape (n,)
        The digit in each box, 0 to 9.
    """

    pixels: NDArray[np.uint8]
    boxes: NDArray[np.int64]
    digits: NDArray[np.int64]


@dataclass
class _Placed:
    """A digit in its place, cut at the frame's edge."""

    value: int
    left: int
    top: int
    mask: NDArray[np.float64]
    visible: NDArray[np.float64]

    @property
    def area(self) -> tuple[slice, slice]:
        """Rows and columns of the frame."""
        height, width = self.mask.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    def visible_under(self, other: _Placed) -> NDArray[np.float64]:
        """Give what stays visible when another digit is painted on top."""
        rest = self.visible.copy()
        mine, theirs = [], []
        for own, its in zip(self.area, other.area, strict=True):
            start, stop = max(own.start, its.start), min(own.stop, its.stop)
            if start >= stop:
                return rest
            mine.append(slice(start - own.start, stop - own.start))
            theirs.append(slice(start - its.start, stop - its.start))
        rest[mine[0], mine[1]] *= 1.0 - other.mask[theirs[0], theirs[1]]
        return rest

    def tight_box(self) -> tuple[int, int, int, int]:
        """Give x, y, width and height of what is visible."""
        ys, xs = np.nonzero(self.visible > _VISIBLE_OPACITY)
        width, height = int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1
        return self.left + int(xs.min()), self.top + int(ys.min()), width, height


def build_scene(split: Split, index: int) -> Scene:
    """Build one scene.

    Parameters
    ----------
    split : {"train", "shipped"}
        Decides which digits are used.
    index : int
        Number of the scene, from 0.

    Returns
    -------
    Scene
        Always the same one for the same arguments.
    """
    rng = np.random.default_rng([SEED, 2 if split == "train" else 3, index])
    width, height = _SIZES[rng.integers(len(_SIZES))]
    canvas = background(rng, width, height)
    placed = _place_digits(rng, digits_of(split), width, height)
    opacity = rng.beta(6.0, 1.4)
    for digit in placed:
        _paint(rng, canvas, digit, opacity)
    return Scene(
        pixels=photograph(rng, canvas),
        boxes=np.array([digit.tight_box() for digit in placed], dtype=np.int64).reshape(-1, 4),
        digits=np.array([digit.value for digit in placed], dtype=np.int64),
    )


def to_jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """Compress a picture as it is shipped.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        RGB.

    Returns
    -------
    bytes
        The JPEG file.
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=JPEG_QUALITY, optimize=True)
    return buffer.getvalue()


def from_jpeg(data: bytes) -> NDArray[np.uint8]:
    """Decompress a picture: the detector sees what is shipped."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))


def _place_digits(rng: Generator, digits: Digits, width: int, height: int) -> list[_Placed]:
    """Draw the frame's digits, later ones on top; none hides most of another."""
    crowding = rng.choice(3, p=(0.6, 0.27, 0.13))
    count = int(rng.integers((1, 5, 10)[crowding], (5, 10, 19)[crowding]))
    if rng.random() < 0.03:
        count = 0
    usual_height = np.exp(rng.uniform(np.log(15), np.log((80, 56, 42)[crowding])))
    spread = rng.uniform(0.16, 0.3) if crowding == 2 else 0.5
    centre = rng.uniform(0.3, 0.7, size=2)
    placed: list[_Placed] = []
    for _ in range(count):
        chosen = int(rng.integers(len(digits.values)))
        size = float(np.clip(usual_height * np.exp(rng.normal(0, 0.3)), 10, 0.55 * height))
        stamp = draw_mask(
            digits.ink[chosen],
            height=size,
            stretch=rng.uniform(0.75, 1.1),
            rotation=rng.normal(0, 0.1),
            shear=rng.normal(0, 0.1),
            softness=size * rng.uniform(0.02, 0.07) if rng.random() < 0.25 else 0.0,
        )
        for _ in range(_PLACEMENT_TRIES):
            anywhere = rng.uniform(0.02, 0.98, size=2)
            at = rng.normal(centre, spread) if crowding == 2 else anywhere
            digit = _put(int(digits.values[chosen]), stamp, at * (width, height), width, height)
            rests = [earlier.visible_under(digit) for earlier in placed]
            shares = [
                rest.sum() / earlier.mask.sum() for rest, earlier in zip(rests, placed, strict=True)
            ]
            inside = digit.mask.sum() / max(stamp.sum(), 1e-9)
            if inside > _LEAST_INSIDE and min(shares, default=1.0) > _LEAST_VISIBLE_SHARE:
                for rest, earlier in zip(rests, placed, strict=True):
                    earlier.visible = rest
                placed.append(digit)
                break
    return placed


def _put(
    value: int, stamp: NDArray[np.float64], centre: NDArray[np.float64], width: int, height: int
) -> _Placed:
    """Put a mask somewhere on a frame, cut at the frame's edge."""
    side = stamp.shape[0]
    left, top = (round(float(middle) - side / 2) for middle in centre)
    x0, x1 = (min(max(edge, 0), width) for edge in (left, left + side))
    y0, y1 = (min(max(edge, 0), height) for edge in (top, top + side))
    mask = stamp[y0 - top : y1 - top, x0 - left : x1 - left]
    return _Placed(value=value, left=x0, top=y0, mask=mask, visible=mask.copy())


def _paint(
    rng: Generator, canvas: NDArray[np.float64], digit: _Placed, usual_opacity: float
) -> None:
    """Blend one digit onto the canvas in a colour of its own."""
    below = canvas[digit.area]
    mask = digit.mask[..., None]
    behind = (below * mask).sum(axis=(0, 1)) / mask.sum()
    inks = [_ink(rng) for _ in range(_INKS_TRIED)]
    colour = max(inks, key=lambda ink: float(np.abs(ink - behind).sum()))
    cover = np.clip(usual_opacity + rng.normal(0, 0.1), 0.2, 1.0) * mask
    shade = np.linspace(1.06, 0.94, canvas.shape[0])[digit.area[0], None, None]
    canvas[digit.area] = below * (1.0 - cover) + np.clip(colour * shade, 0, 1) * cover


def _ink(rng: Generator) -> NDArray[np.float64]:
    """Mix a dark or a bright colour."""
    value = rng.uniform(0.05, 0.35) if rng.random() < 0.35 else rng.uniform(0.75, 1.0)
    return np.array(hsv_to_rgb(rng.random(), rng.beta(1.6, 1.4), value))
