"""Threads take images only as fast as they are done with them."""

from __future__ import annotations

import numpy as np
import pytest

from ea_widgets.data.images import as_image_source
from ea_widgets.data.pixel_metrics import ImageTask, Quantity, cut_regions, whole_regions
from ea_widgets.data.pixel_run import WAITING, measure_all


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
