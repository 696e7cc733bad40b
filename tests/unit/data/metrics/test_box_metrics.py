"""Metrics from boxes against values worked out by hand."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import ea_widgets as ea

COLUMNS = ["image_id", "class_name", "x", "y", "width", "height"]


@pytest.fixture(scope="module")
def dataset():
    images = pd.DataFrame({"image_id": [4, 9, 7], "width": [200, 50, 10], "height": [100, 50, 40]})
    labels = pd.DataFrame(
        [
            [4, "cat", 10, 20, 40, 20],
            [9, "dog", -5, 40, 20, 20],  # over two borders
            [4, "cat", 30, 20, 40, 20],
            [4, "dog", 30, 20, 40, 20],
            [9, "cat", 60, 60, 5, 5],  # outside
            [9, "dog", 10, 10, 8, 0],  # no area
        ],
        columns=COLUMNS,
    )
    predictions = labels.iloc[:2].assign(confidence=[0.25, 0.75])
    return ea.compute_metrics(ea.Dataset.from_frames(images, labels, predictions))


def test_frames(dataset):
    images = dataset.images
    assert_array_equal(images["Area"], [20000, 2500, 400])
    assert_array_equal(images["Aspect Ratio"], [2, 1, 0.25])
    assert_array_equal(images["Object Count"], [3, 3, 0])
    # Image 4: x from 10 to 70, y from 20 to 40. Image 9: 15 by 10 inside.
    assert_allclose(images["Frame Object Density"], [100 * 1200 / 20000, 100 * 150 / 2500, 0])


def test_areas_are_those_inside_the_image(dataset):
    labels = dataset.labels
    assert_array_equal(labels["Object Area - Absolute"], [800, 150, 800, 800, 0, 0])
    assert_allclose(labels["Object Area - Relative"], [4, 6, 4, 4, 0, 0])


def test_coco_areas_are_those_of_the_file_else_of_whole_boxes(dataset):
    assert_array_equal(dataset.labels["COCO Area"], [800, 400, 800, 800, 25, 0])
    assert_array_equal(dataset.predictions["COCO Area"], [800, 400])
    stated = dataset.labels[COLUMNS].assign(coco_area=[7.5, np.nan, 0, np.nan, 30, 2])
    again = ea.compute_metrics(
        ea.Dataset.from_frames(dataset.images, stated, dataset.predictions), metrics=["COCO Area"]
    )
    assert_array_equal(again.labels["COCO Area"], [7.5, 400, 0, 800, 30, 2])


def test_aspect_ratio_is_missing_where_the_height_is_0(dataset):
    assert_array_equal(dataset.labels["Object Aspect Ratio"], [2, 1, 2, 2, 1, np.nan])


def test_border_closeness(dataset):
    # Image 4: the nearest is the left border at 10 of 200, 30 of 200 against 20 of 100 above.
    assert_allclose(dataset.labels["Border Closeness"], [0.95, 1, 0.85, 0.85, 1, 0.8])


def test_neighbours_of_the_same_source(dataset):
    labels = dataset.labels
    third = 20 * 20 / (2 * 800 - 20 * 20)
    assert_allclose(labels["Annotation Duplicates"], [third, 0, third, 0, 0, 0])
    assert_allclose(labels["Overlap with Others"], [third, 0, 1, 1, 0, 0])
    centres = np.hypot(5 - 14, 50 - 10), np.hypot(5 - 62.5, 50 - 62.5)
    diagonals = np.hypot(200, 100), np.hypot(50, 50)
    assert_allclose(
        labels["Nearest Neighbour Distance"],
        [
            100 * 20 / diagonals[0],
            100 * centres[0] / diagonals[1],
            0,
            0,
            100 * centres[1] / diagonals[1],
            100 * centres[0] / diagonals[1],
        ],
    )
    alone = dataset.predictions["Nearest Neighbour Distance"]
    assert alone.isna().all()
    assert_array_equal(dataset.predictions["Overlap with Others"], [0, 0])


def test_confidence_is_a_metric_of_predictions_only(dataset):
    assert_array_equal(dataset.predictions["Model Confidence"], [0.25, 0.75])
    assert "Model Confidence" not in dataset.labels.columns


def test_random_values_are_the_same_in_every_run_and_differ_by_frame():
    number = 4000
    images = pd.DataFrame({"image_id": np.arange(number), "width": 9, "height": 9})
    labels = pd.DataFrame(
        {"image_id": np.arange(number), "class_name": "a", "x": 1, "y": 1, "width": 2, "height": 2}
    )
    dataset = ea.Dataset.from_frames(images, labels, labels.assign(confidence=0.5))
    names = ["Random Values on Images", "Random Values on Objects"]
    first, second = (ea.compute_metrics(dataset, metrics=names) for _ in range(2))
    columns = [
        first.images["Random Values on Images"],
        first.labels["Random Values on Objects"],
        first.predictions["Random Values on Objects"],
    ]
    pd.testing.assert_frame_equal(first.labels, second.labels)
    for column in columns:
        assert column.between(0, 1).all()
        assert column.mean() == pytest.approx(0.5, abs=0.02)
    correlations = np.corrcoef(columns)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 0.05


def test_masks_count_where_they_are_given():
    images = pd.DataFrame({"image_id": [0, 1], "width": [20, 20], "height": [10, 10]})
    labels = pd.DataFrame(
        [
            [0, "a", 0, 0, 10, 10, [[0, 0, 10, 0, 10, 10, 0, 10]]],
            [0, "a", 0, 0, 10, 10, {"size": [10, 20], "counts": [0, 50, 150]}],
            [0, "a", 12, 2, 4, 4, None],
            [1, "a", 2, 2, 4, 4, None],
        ],
        columns=[*COLUMNS, "segmentation"],
    )
    empty = labels.iloc[:0].drop(columns="segmentation").assign(confidence=0.5)
    found = ea.compute_metrics(ea.Dataset.from_frames(images, labels, empty))
    # Run lengths go down the columns: 50 pixels are five of the image's 20 columns.
    assert_array_equal(found.labels["Object Area - Absolute"], [100, 50, 16, 16])
    assert_array_equal(found.labels["Object Area - Relative"], [50, 25, 8, 8])
    assert_array_equal(found.images["Frame Object Density"], [100 * 116 / 200, 8])


def test_nothing_at_all_has_the_columns_all_the_same():
    images = pd.DataFrame({"image_id": [1], "width": [5], "height": [5]})
    none = pd.DataFrame([], columns=COLUMNS)
    found = ea.compute_metrics(ea.Dataset.from_frames(images, none, none.assign(confidence=[])))
    assert found.images["Frame Object Density"].tolist() == [0]
    assert "Overlap with Others" in found.labels.columns
    assert len(found.predictions["Model Confidence"]) == 0


def test_boxes_among_masks_cost_no_memory_of_the_images_size():
    side, n = 60_000, 60
    low = np.random.default_rng(0).uniform(0, side - 200, (n, 2)).round()
    labels = pd.DataFrame(
        {"image_id": 1, "class_name": "a", "x": low[:, 0], "y": low[:, 1], "width": 100.0}
    ).assign(height=100.0)
    squares = [[[x, y, x + 100, y, x + 100, y + 100, x, y + 100]] for x, y in low.tolist()]
    labels["segmentation"] = [square if row % 2 else None for row, square in enumerate(squares)]
    images = pd.DataFrame({"image_id": [1], "width": side, "height": side})
    dataset = ea.Dataset(
        images, labels, labels[:0].drop(columns="segmentation").assign(confidence=[])
    )
    tracemalloc.start()
    found = ea.compute_metrics(dataset, metrics=["Frame Object Density"], progress=False)
    assert tracemalloc.get_traced_memory()[1] < 1e8
    tracemalloc.stop()
    boxes = ea.Dataset(images, labels.drop(columns="segmentation"), dataset.predictions)
    plain = ea.compute_metrics(boxes, metrics=["Frame Object Density"], progress=False)
    assert_allclose(found.images["Frame Object Density"], plain.images["Frame Object Density"])


@pytest.mark.parametrize(("width", "height"), [(2**31, 1280), (2**63 - 1, 480), (10**10, 10**10)])
def test_an_absurd_size_of_an_image_beside_masks_ends_nothing(width, height):
    found = beside_a_mask(width, height)
    assert found.labels["Object Area - Absolute"].isna().all()  # a size that nobody can have
    assert found.images["Frame Object Density"].isna().all()


def test_masks_of_images_too_large_to_count_give_way_to_boxes():
    found = beside_a_mask(100_000, 60_000)
    assert_array_equal(found.labels["Object Area - Absolute"], [9, 9])
    assert "1 mask of labels cannot be read" in "".join(found.notes)
    assert_allclose(found.images["Frame Object Density"], 100 * 9 / 6e9)


def beside_a_mask(width, height):
    box = {"image_id": 7, "class_name": "a", "x": 8, "y": 0, "width": 9, "height": 1}
    labels = pd.DataFrame([box, box])
    labels["segmentation"] = [[[8, 0, 17, 0, 17, 1]], None]
    images = pd.DataFrame({"image_id": [7], "width": [width], "height": [height]})
    empty = labels[:0].drop(columns="segmentation").assign(confidence=[])
    return ea.compute_metrics(ea.Dataset(images, labels, empty), progress=False)
