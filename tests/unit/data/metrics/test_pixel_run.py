"""Threads take images only as fast as they are done with them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ea_widgets.data.images.sources import as_image_source
from ea_widgets.data.metrics.pixel_metrics import ImageTask, Quantity, cut_regions, whole_regions
from ea_widgets.data.metrics.pixel_run import WAITING, measure_all


def tasks(number, taken):
    for row in range(number):
        taken.append(row)
        yield ImageTask(row, row, None, {}, {"images": (Quantity("Brightness", None),)})


@pytest.mark.parametrize("n_threads", [1, 3])
def test_memory_does_not_grow_with_the_number_of_images(n_threads):
    source = as_image_source(lambda row: np.full((4, 5), row % 256, np.uint8))
    taken, done = [], 0
    for measured in measure_all(tasks(300, taken), source, n_threads):
        done += 1
        assert len(taken) - done <= WAITING * n_threads
        value = measured.values["images"]["Brightness"][0]
        assert value == pytest.approx(measured.task.row % 256 / 255)
    assert done == 300


def test_leaving_early_leaves_the_rest_undone():
    taken = []
    source = as_image_source(lambda row: np.zeros((4, 5), np.uint8))  # noqa: ARG005
    results = measure_all(tasks(1000, taken), source, 2)
    next(results)
    results.close()
    assert len(taken) <= 2 * WAITING


def test_boxes_grow_to_whole_pixels_and_are_cut_at_the_border():
    boxes = np.array([[0.2, 1.0, 1.5, 2.0], [-3, -3, 4.1, 9], [3, 3, 0, 5], [1e300, 0, 1, 1]])
    regions = whole_regions(boxes)
    assert regions[:3].tolist() == [[0, 1, 2, 3], [-3, -3, 2, 6], [3, 3, 3, 3]]
    assert cut_regions(regions, 5, 4).tolist() == [
        [0, 1, 2, 3], [0, 0, 2, 4], [3, 3, 3, 3], [5, 0, 5, 1]
    ]  # fmt: skip


def test_rounding_noise_grows_no_box():
    rng = np.random.default_rng(0)
    size = np.array([640, 480])
    low = rng.integers(0, 400, (5000, 2))
    sides = rng.integers(1, 80, (5000, 2))
    shares = (low + sides / 2) / size, sides / size
    boxes = np.hstack([(shares[0] - shares[1] / 2) * size, shares[1] * size])
    drawn = np.hstack([low, low + sides])
    plain = np.hstack([np.floor(boxes[:, :2]), np.ceil(boxes[:, :2] + boxes[:, 2:])])
    assert (plain != drawn).any(axis=1).mean() > 0.2  # what the noise would do
    assert_array_equal(whole_regions(boxes), drawn)
    more = whole_regions(np.hstack([low - 2e-6, sides + 4e-6]))
    assert_array_equal(more, np.hstack([low - 1, low + sides + 1]))


def test_a_box_of_any_area_has_a_pixel():
    thin = [
        [3 - 1e-7, 3, 2e-7, 1],
        [3 + 1e-7, 3, 1e-7, 1],
        [3 - 2e-7, 3, 1e-7, 1],
        [3, 3, 1, 1e-30],
        [3, 3, 0, 1],
    ]
    assert whole_regions(np.array(thin, dtype=float)).tolist() == [
        [2, 3, 3, 4], [3, 3, 4, 4], [2, 3, 3, 4], [3, 3, 4, 4], [3, 3, 3, 3]
    ]  # fmt: skip
