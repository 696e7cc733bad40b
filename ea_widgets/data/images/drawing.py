"""Small pictures of objects: a piece of an image with boxes drawn on it, as JPEG."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from itertools import cycle, pairwise
from math import copysign, dist
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Span = tuple[float, float]

CONTEXT = 0.6
"""Room around an object, as a share of its longer side, on each side."""

LEAST_REGION = 40.0
"""Shortest side of what is shown, in pixels of the image: a tiny object needs surroundings."""

MARGIN_COLOUR = (128, 128, 128)
HALO_COLOUR = (255, 255, 255)
QUALITY = 88


@dataclass(frozen=True)
class Outline:
    """A box to draw.

    Attributes
    ----------
    box : tuple of float
        x, y, width, height in pixels of the data set's image, origin top left.
    colour : str
        ``"#rrggbb"``.
    dash : tuple of int
        Pixels of the picture that are drawn and left out, in turn; empty draws a solid line.
    stroke : int
        Width of the line in pixels of the picture.
    """

    box: Box
    colour: str
    dash: tuple[int, ...] = ()
    stroke: int = 3


def region_around(
    box: Box, size: tuple[float, float], shape: float, also: Iterable[Box] = ()
) -> Box:
    """Choose what to show around an object.

    Parameters
    ----------
    box : tuple of float
        x, y, width, height of the object in pixels.
    size : tuple of float
        Width and height of the image.
    shape : float
        Width of the picture over its height.
    also : iterable of tuple of float
        Boxes that have to be seen as well.

    Returns
    -------
    tuple of float
        x, y, width, height, of that shape. It is moved into the image, and reaches over its edges
        only where the image is smaller.

    Examples
    --------
    >>> region_around((50, 50, 20, 10), (200, 100), 2.0)
    (20.0, 35.0, 80.0, 40.0)
    """
    boxes = [box, *also]
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
    room = 2 * CONTEXT * max(box[2], box[3])
    height = max(bottom - top + room, (right - left + room) / shape, LEAST_REGION)
    # No more than the whole image, as far as the boxes allow: the rest would be empty.
    whole = max(size[1], size[0] / shape, bottom - top, (right - left) / shape)
    height = min(height, whole)
    width = height * shape
    x = (left + right) / 2 - width / 2
    y = (top + bottom) / 2 - height / 2
    return (_moved_inside(x, width, size[0]), _moved_inside(y, height, size[1]), width, height)


def _moved_inside(start: float, length: float, whole: float) -> float:
    """Move a stretch into 0..whole, or to its middle where it is longer."""
    if length >= whole:
        return (whole - length) / 2
    return min(max(start, 0.0), whole - length)


def draw(
    pixels: NDArray[np.uint8],
    size: tuple[float, float],
    region: Box,
    outlines: Iterable[Outline],
    width: int,
) -> bytes:
    """Draw a piece of an image and the boxes on it.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3) or (height, width)
        RGB, or grey.
    size : tuple of float
        Width and height that the boxes are measured in; the pixels may be scaled.
    region : tuple of float
        x, y, width, height of the piece, in the same pixels as the boxes. What is outside of the
        image is grey.
    outlines : iterable of Outline
        In the order of drawing.
    width : int
        Of the picture, in its own pixels.

    Returns
    -------
    bytes
        JPEG.
    """
    x, y, region_width, region_height = region
    zoom = width / region_width
    height = max(1, round(region_height * zoom))
    canvas = Image.new("RGB", (width, height), MARGIN_COLOUR)
    image = Image.fromarray(pixels)
    across, down = image.width / size[0], image.height / size[1]
    left, top = max(x, 0.0), max(y, 0.0)
    right, bottom = min(x + region_width, size[0]), min(y + region_height, size[1])
    if right > left and bottom > top:
        shown = (max(1, round((right - left) * zoom)), max(1, round((bottom - top) * zoom)))
        piece = image.resize(
            shown,
            Image.Resampling.BILINEAR,
            box=(left * across, top * down, right * across, bottom * down),
            reducing_gap=2.0,
        )
        canvas.paste(piece, (round((left - x) * zoom), round((top - y) * zoom)))
    pen = ImageDraw.Draw(canvas)
    for outline in outlines:
        bx, by, bw, bh = outline.box
        corners = (
            (bx - x) * zoom, (by - y) * zoom, (bx + bw - x) * zoom, (by + bh - y) * zoom
        )  # fmt: skip
        _rectangle(pen, corners, outline, canvas.size)
    return as_jpeg(canvas)


def _rectangle(
    pen: ImageDraw.ImageDraw, corners: Box, outline: Outline, canvas: tuple[int, int]
) -> None:
    """Draw a box in its colour and dash, on a white line that shows on any ground."""
    left, top, right, bottom = corners
    path = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    reach = outline.stroke + 2
    seen = [(side, _visible(*side, canvas, reach)) for side in pairwise(path)]
    sides = [(side, span) for side, span in seen if span is not None]
    for side, span in sides:
        pen.line([_along(*side, part) for part in span], fill=HALO_COLOUR, width=reach)
    for side, span in sides:
        for dash in _dashes(span, outline.dash):
            line = [_along(*side, part) for part in dash]
            pen.line(line, fill=outline.colour, width=outline.stroke)


def _visible(start: Point, end: Point, canvas: tuple[int, int], reach: int) -> Span | None:
    """Say from where to where a line is on the picture, in pixels from its start.

    A label may be millions of pixels wide: what nobody sees must cost nothing.
    """
    low, high = 0.0, dist(start, end)
    for first, last, limit in zip(start, end, canvas, strict=True):
        if first <= last:
            enters, leaves = -reach - first, limit + reach - first
        else:
            enters, leaves = first - limit - reach, first + reach
        if first == last:  # the line keeps its distance from these edges
            if not enters <= 0 <= leaves:
                return None
        else:
            low, high = max(low, enters), min(high, leaves)
    return (low, high) if low <= high else None


def _along(start: Point, end: Point, part: float) -> Point:
    """Give the point of an upright or level line that is so many pixels from its start."""
    across, down = end[0] - start[0], end[1] - start[1]
    return (
        start[0] + copysign(min(part, abs(across)), across),
        start[1] + copysign(min(part, abs(down)), down),
    )


def _dashes(span: Span, dash: tuple[int, ...]) -> Iterator[Span]:
    """Cut the visible part of a line into the pieces that are drawn."""
    low, high = span
    if not dash or low == high:
        yield span
        return
    pattern = dash if len(dash) % 2 == 0 else dash * 2
    done = low - low % sum(pattern)
    for turn, length in enumerate(cycle(pattern)):
        if done >= high:
            return
        if turn % 2 == 0 and done + length >= low:
            yield max(done, low), min(done + length, high)
        done += length


def placeholder(words: str, size: tuple[int, int]) -> bytes:
    """Draw a grey picture with words on it, for an image that cannot be shown.

    Parameters
    ----------
    words : str
        Short; characters outside of Latin-1 become question marks.
    size : tuple of int
        Width and height in pixels.

    Returns
    -------
    bytes
        JPEG.
    """
    canvas = Image.new("RGB", size, (232, 232, 232))
    pen = ImageDraw.Draw(canvas)
    pen.rectangle([0, 0, size[0] - 1, size[1] - 1], outline=(170, 170, 170))
    plain = words.encode("latin-1", "replace").decode("latin-1")
    pen.text((size[0] / 2, size[1] / 2), plain, fill=(70, 70, 70), anchor="mm", font_size=14)
    return as_jpeg(canvas)


def as_jpeg(image: Image.Image) -> bytes:
    """Encode a picture."""
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
