"""Boxes are drawn as far as they are seen: what is out of sight costs nothing."""

from __future__ import annotations

import time
from io import BytesIO
from itertools import pairwise
from math import ceil, hypot

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image, ImageDraw

from ea_widgets.data.images import drawing
from ea_widgets.data.images.drawing import HALO_COLOUR, Outline, draw

SIZE = (160.0, 100.0)
PIXELS = np.random.default_rng(0).integers(0, 256, (100, 160, 3), dtype=np.uint8)


def whole_dashes(start, end, dash):
    """The naive way: every dash of the whole line, seen or not."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    if not dash or length == 0:
        return [[start, end]]
    pieces, done, turn = [], 0.0, 0
    while done < length and len(pieces) < ceil(length):
        until = min(done + dash[turn % len(dash)], length)
        if turn % 2 == 0:
            parts = (done / length, until / length)
            pieces.append(
                [tuple(a + (b - a) * t for a, b in zip(start, end, strict=True)) for t in parts]
            )
        done, turn = until, turn + 1
    return pieces


def drawn_whole(canvas, corners, outline):
    pen = ImageDraw.Draw(canvas)
    left, top, right, bottom = corners
    path = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    for start, end in pairwise(path):
        pen.line([start, end], fill=HALO_COLOUR, width=outline.stroke + 2)
    for start, end in pairwise(path):
        for piece in whole_dashes(start, end, outline.dash):
            pen.line(piece, fill=outline.colour, width=outline.stroke)


@pytest.mark.parametrize("dash", [(), (8, 8), (2, 5), (9, 4, 2, 4), (3,)])
@pytest.mark.parametrize("reach", [10, 100, 3000])
def test_the_picture_is_that_of_the_whole_outline(dash, reach):
    rng = np.random.default_rng(reach + len(dash))
    for x, y, width, height in rng.uniform(-reach, reach, (40, 4)):
        box = (x, y, abs(width) if x > 0 else 0.0, abs(height))
        outline = Outline(box, "#ff0000", dash, int(rng.integers(1, 4)))
        right = Image.new("RGB", (200, 100))
        found = right.copy()
        corners = (x, y, x + box[2], y + box[3])
        drawn_whole(right, corners, outline)
        drawing._rectangle(ImageDraw.Draw(found), corners, outline, found.size)
        assert_array_equal(np.asarray(found), np.asarray(right))


@pytest.mark.parametrize("width", [1e7, 2**31 - 1.0, 1e15, 1e300])
def test_a_box_of_any_size_is_drawn_at_once(width):
    def outlined(size):
        thick = Outline((0, 20, size, 30), "#ff0000", (8, 8))
        return draw(
            PIXELS, SIZE, (0.0, 0.0, *SIZE), [thick, Outline((9, 9, size, size), "#0f0")], 160
        )

    began = time.monotonic()
    found = outlined(width)
    assert time.monotonic() - began < 1
    # The lower and left sides' dashes count from the other end of the line.
    both = [np.asarray(Image.open(BytesIO(made)), np.int16) for made in (found, outlined(500.0))]
    assert abs(both[0] - both[1])[:32, 24:].max() == 0
