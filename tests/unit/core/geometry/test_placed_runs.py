"""Masks of a part of an image, placed into it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.geometry.placed_runs import placed_runs


def _runs(pixels):
    """Lengths by turns, the first outside: the naive way."""
    counts, value = [0], 0
    for pixel in pixels:
        if pixel != value:
            counts.append(0)
            value = pixel
        counts[-1] += 1
    return counts


@given(
    seed=st.integers(0, 2**32 - 1),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    share=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
)
def test_equals_pixel_by_pixel(seed, size, share):
    rng = np.random.default_rng(seed)
    width, height = size
    left, top = int(rng.integers(0, width)), int(rng.integers(0, height))
    right, bottom = int(rng.integers(left, width)) + 1, int(rng.integers(top, height)) + 1
    image = np.zeros((height, width), int)
    part = (rng.random((bottom - top, right - left)) < share).astype(int)
    image[top:bottom, left:right] = part
    counts = np.array(_runs(part.ravel().tolist()))
    found = placed_runs(counts, (left, top, right - left, bottom - top), size)
    assert found is not None
    assert found["size"] == [height, width]
    lengths = found["counts"]
    assert sum(lengths) == width * height
    again = np.repeat(np.arange(len(lengths)) % 2, lengths)
    assert (again == image.T.ravel()).all()


def test_parts_that_do_not_fit_are_none():
    whole = np.array([0, 4])
    assert placed_runs(whole, (0, 0, 2, 2), (2, 2)) == {"size": [2, 2], "counts": [0, 4]}
    for part in ((1, 0, 2, 2), (0, -1, 2, 2), (0, 0, 0, 2), (0, 0, 2, 3), (0, 0, 1 << 20, 1 << 20)):
        assert placed_runs(whole, part, (2, 2)) is None
    for counts in ([1, 2], [-1, 5], [2**62, 2**62], [0] * 50):
        assert placed_runs(np.array(counts), (0, 0, 2, 2), (2, 2)) is None
