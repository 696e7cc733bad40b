"""The area of a union of boxes against boxes painted on a raster."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from ea_widgets.core.geometry import union_area
from ea_widgets.core.geometry.union_area import union_areas

SIDE = 12
corner = st.integers(0, SIDE)
boxes = st.lists(st.tuples(corner, corner, corner, corner, st.integers(0, 3)), max_size=16)


def painted(rows, frame):
    raster = np.zeros((SIDE, SIDE), dtype=bool)
    for x_low, y_low, x_high, y_high, its_frame in rows:
        if its_frame == frame:
            raster[y_low:y_high, x_low:x_high] = True
    return raster.sum()


@given(rows=boxes, cells=st.sampled_from([1, 64, 1 << 20]), crowd=st.sampled_from([1, 4, 1000]))
def test_equals_a_painted_raster(rows, cells, crowd):
    rows = [(min(a, c), min(b, d), max(a, c), max(b, d), frame) for a, b, c, d, frame in rows]
    table = np.array(rows, dtype=float).reshape(-1, 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(union_area, "CELLS_AT_ONCE", cells)
        patch.setattr(union_area, "CROWD", crowd)
        patch.setattr(union_area, "FEW", 2)
        found = union_areas(table[:, :4], table[:, 4].astype(int), 5)
    assert_array_equal(found, [painted(rows, frame) for frame in range(5)])


def test_fractions_of_pixels_are_exact():
    assert_allclose(union_areas([[0.25, 0, 1.5, 2], [1, 1, 2.25, 3]], [0, 0], 1), [4.5])


def test_a_frame_with_very_many_boxes_stays_in_bounds():
    rng = np.random.default_rng(0)
    low = rng.integers(0, 400, (1500, 2))
    high = low + rng.integers(0, 30, (1500, 2))
    raster = np.zeros((430, 430), dtype=bool)
    for (x_low, y_low), (x_high, y_high) in zip(low, high, strict=True):
        raster[y_low:y_high, x_low:x_high] = True
    found = union_areas(np.hstack([low, high]), np.zeros(1500, dtype=int), 1)
    assert_array_equal(found, [raster.sum()])


@pytest.mark.parametrize("side", [30, 300, 3000])
def test_a_crowd_is_the_same_cut_into_tiles(side, monkeypatch):
    rng = np.random.default_rng(side)
    low = rng.uniform(0, 2000, (2500, 2))
    corners = np.hstack([low, low + rng.uniform(0, side, (2500, 2))])
    frames = rng.integers(1, 3, 2500)
    found = union_areas(corners, frames, 4)
    monkeypatch.setattr(union_area, "CROWD", 10**9)
    assert_allclose(found, union_areas(corners, frames, 4), rtol=1e-12)
