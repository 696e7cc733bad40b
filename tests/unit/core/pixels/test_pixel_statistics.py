"""Statistics of crops against OpenCV and numpy, one crop after the other."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from ea_widgets.core.pixels import box_sums as region_sums
from ea_widgets.core.pixels import laplacian
from ea_widgets.core.pixels.pixel_statistics import pixel_statistics


def shares(crop):
    hsv = cv2.cvtColor(crop, cv2.COLOR_RGB2HSV)
    ranges = ([(0, 10), (170, 179)], [(35, 75)], [(90, 130)])
    return [
        sum(np.count_nonzero(cv2.inRange(hsv, (a, 50, 40), (b, 255, 255))) for a, b in pair)
        / (crop.shape[0] * crop.shape[1])
        for pair in ranges
    ]


def slowly(image, regions):
    rows = []
    for x_low, y_low, x_high, y_high in regions:
        crop = np.ascontiguousarray(image[y_low:y_high, x_low:x_high])
        if not crop.size:
            rows.append([np.nan] * 6)
            continue
        edges = cv2.Laplacian(crop.astype(np.float64), cv2.CV_64F, ksize=1)
        rows.append([crop.mean(), crop.std(), edges.std(), *shares(crop)])
    return np.array(rows)


def quickly(channels, regions):
    found = pixel_statistics(channels, regions)
    return np.stack(
        [
            found.mean,
            found.deviation,
            found.laplacian_deviation,
            found.red,
            found.green,
            found.blue,
        ],
        axis=1,
    )


def planes(image):
    return np.ascontiguousarray(image.transpose(2, 0, 1))


@given(
    seed=st.integers(0, 10**6),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    at_once=st.sampled_from([(1, 1), (60, 40), (1 << 16, 1 << 17)]),
)
def test_equals_opencv_on_every_crop(seed, height, width, at_once):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    x = np.sort(rng.integers(0, width + 1, (9, 2)), axis=1)
    y = np.sort(rng.integers(0, height + 1, (9, 2)), axis=1)
    regions = np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1)
    regions[0] = 0, 0, width, height
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(region_sums, "PIXELS_AT_ONCE", at_once[0])
        patch.setattr(laplacian, "RING_AT_ONCE", at_once[1])
        found = quickly(planes(image), regions)
    assert_allclose(found, slowly(image, regions), atol=1e-12, rtol=1e-12)


def test_equals_opencv_on_real_images(shared_data):
    folder = shared_data / "voc100-formats" / "images"
    rng = np.random.default_rng(0)
    for path in sorted(folder.iterdir())[:12]:
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        height, width = image.shape[:2]
        low = rng.integers(0, [width - 1, height - 1], (20, 2))
        high = np.minimum(low + rng.integers(1, 300, (20, 2)), [width, height])
        regions = np.vstack([[0, 0, width, height], np.hstack([low, high])])
        assert_allclose(
            quickly(planes(image), regions), slowly(image, regions), atol=1e-11, rtol=1e-12
        )


def test_grey_is_three_equal_channels():
    rng = np.random.default_rng(2)
    grey = rng.integers(0, 256, (23, 31), dtype=np.uint8)
    regions = np.array([[0, 0, 31, 23], [3, 4, 9, 20], [5, 5, 5, 9]])
    found = quickly(grey[None], regions)
    assert_allclose(found, quickly(np.repeat(grey[None], 3, axis=0), regions), rtol=1e-13)
    assert_array_equal(found[:2, 3:], 0)


def test_planted_images():
    whole = np.array([[0, 0, 8, 6]])
    flat = np.full((3, 6, 8), 51, dtype=np.uint8)
    assert_array_equal(quickly(flat, whole), [[51, 0, 0, 0, 0, 0]])

    checkerboard = (np.indices((6, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)
    found = quickly(checkerboard[None], whole)
    # Every pixel has four opposite neighbours, mirrored ones included: -4 * 255 or 4 * 255.
    assert_array_equal(found, [[127.5, 127.5, 1020, 0, 0, 0]])

    for place, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        pure = np.broadcast_to(np.array(colour, dtype=np.uint8)[:, None, None], (3, 6, 8))
        assert_array_equal(quickly(pure, whole)[0, 3:], np.eye(3)[place])

    one_pixel = np.array([[2, 3, 3, 4]])
    assert_array_equal(quickly(flat + 1, one_pixel), [[52, 0, 0, 0, 0, 0]])
    assert np.isnan(quickly(flat, np.array([[4, 4, 4, 6]]))).all()


def test_sharpness_of_the_sharpest_image_stays_in_its_scale():
    stripes = np.zeros((1, 4, 4), dtype=np.uint8)
    stripes[:, :, ::2] = 255
    deviation = pixel_statistics(stripes, np.array([[0, 0, 4, 4]])).laplacian_deviation[0]
    assert deviation / 2040 == pytest.approx(0.25)
    # Nothing has a Laplacian beyond -4 * 255 .. 4 * 255, so no deviation beyond 1020.
    assert deviation <= 1020


def test_without_the_laplacian_the_rest_is_the_same():
    image = np.random.default_rng(4).integers(0, 256, (3, 9, 9), dtype=np.uint8)
    regions = np.array([[0, 0, 9, 9], [1, 2, 5, 6]])
    full, part = pixel_statistics(image, regions), pixel_statistics(image, regions, laplacian=False)
    assert_array_equal(part.mean, full.mean)
    assert_array_equal(part.red, full.red)
    assert np.isnan(part.laplacian_deviation).all()


def test_a_region_does_not_depend_on_the_others():
    image = np.random.default_rng(5).integers(0, 256, (3, 50, 60), dtype=np.uint8)
    regions = np.array([[0, 0, 60, 50], [7, 8, 30, 33], [7, 8, 30, 33], [2, 2, 50, 49]])
    together = quickly(image, regions)
    alone = np.vstack([quickly(image, regions[row : row + 1]) for row in range(4)])
    assert_array_equal(together, alone)
