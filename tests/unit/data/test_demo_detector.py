import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from ea_widgets.core.matching.boxes import pairwise_iou
from ea_widgets.data.demo.detector import probabilities
from ea_widgets.data.demo.features import (
    CELL,
    FIGURE_SIDE,
    ORIENTATIONS,
    WINDOW_CELLS,
    oriented_cells,
    windows_of,
)
from ea_widgets.data.demo.figures import error_kinds
from ea_widgets.data.demo.geometry import (
    apply_moves,
    corners,
    moves_to,
    overlap,
    square_corners,
    squares_around,
    suppress,
)
from ea_widgets.data.demo.scenes import build_scene, from_jpeg, to_jpeg
from ea_widgets.data.demo.training import train

boxes = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 20), st.integers(1, 20)),
    min_size=1,
    max_size=6,
).map(lambda rows: np.array(rows, dtype=float))


@given(boxes, boxes)
def test_overlap_is_the_iou_of_the_package(first, second):
    expected = pairwise_iou(first, second)
    np.testing.assert_allclose(overlap(corners(first), corners(second)), expected, atol=1e-12)


@given(boxes)
def test_suppression_keeps_the_best_and_what_is_far_from_it(rows):
    scores = np.linspace(0, 1, len(rows))
    kept = suppress(corners(rows), scores, 0.3, 100)
    assert kept[0] == len(rows) - 1
    between = overlap(corners(rows)[kept], corners(rows)[kept])
    assert between[~np.eye(len(kept), dtype=bool)].max(initial=0.0) <= 0.3
    dropped = np.setdiff1d(np.arange(len(rows)), kept)
    near = overlap(corners(rows)[dropped], corners(rows)[kept]) > 0.3
    assert near.any(axis=1).all()


def test_suppression_stops_at_the_most():
    far = corners(np.array([[0, 0, 2, 2], [10, 0, 2, 2], [20, 0, 2, 2]]))
    assert suppress(far, np.array([0.1, 0.9, 0.5]), 0.5, 2).tolist() == [1, 2]


@given(boxes)
def test_moves_lead_from_the_square_to_the_box(rows):
    rows = np.maximum(rows, [0, 0, 3, 3])  # extreme shapes are cut off
    squares = squares_around(rows) + np.array([1.0, -2.0, 3.0])
    moved = apply_moves(squares, moves_to(squares, rows), (100, 100))
    np.testing.assert_allclose(moved, corners(rows), atol=1e-9)


def test_a_vertical_edge_falls_into_the_first_orientation():
    values = np.zeros((24, 24, 3), dtype=np.float32)
    values[:, 13:, 1] = 1.0  # in one channel only
    cells = oriented_cells(values)
    assert cells.shape == (24 // CELL, 24 // CELL, ORIENTATIONS)
    assert (cells[..., 0] > 1)[:, 3].all()
    assert not cells[..., 1:].any()


def test_half_the_contrast_gives_nearly_the_same_features():
    pixels = np.zeros((96, 96, 3), dtype=np.uint8)
    pixels[30:60, 40:70] = 255
    full, half = (windows_of(one).features for one in (pixels, pixels // 2))
    assert 0.8 * full.sum() < half.sum() < full.sum()


def test_a_window_lies_where_its_square_says():
    pixels = np.zeros((200, 240, 3), dtype=np.uint8)
    pixels[80:120, 100:140] = 255
    windows = windows_of(pixels)
    assert windows.features.shape == (len(windows.squares), WINDOW_CELLS**2 * ORIENTATIONS)
    ideal = square_corners(np.array([[120.0, 100.0, 40.0]]))
    best = overlap(square_corners(windows.squares), ideal)[:, 0].argmax()
    shape = (WINDOW_CELLS, WINDOW_CELLS)
    strength = windows.features[best].reshape(ORIENTATIONS, *shape).sum(axis=0)
    rows, columns = np.indices(shape)
    assert np.average(rows, weights=strength) == pytest.approx(3, abs=0.6)
    assert np.average(columns, weights=strength) == pytest.approx(3, abs=0.6)
    assert WINDOW_CELLS * CELL > FIGURE_SIDE


def test_probabilities_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 8)).astype(np.float32)
    network = MLPClassifier((6,), max_iter=5, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(features, rng.integers(0, 4, 200))
    expected = network.predict_proba(features)
    np.testing.assert_allclose(probabilities(network, features), expected, atol=1e-5)


def label(x, category, *, width=10):
    return {"image_id": 1, "category_id": category, "bbox": [x, 0, width, 10]}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], {"missed": 2}),
        ([(0, 1, 0.9)], {"correct": 1, "missed": 1}),
        ([(0, 1, 0.9), (1, 1, 0.5)], {"correct": 1, "duplicate": 1, "missed": 1}),
        ([(0, 2, 0.9)], {"wrong class": 1, "missed": 1}),
        ([(6, 1, 0.9)], {"badly located": 1, "missed": 1}),
        ([(6, 2, 0.9)], {"both": 1, "missed": 2}),
        ([(200, 1, 0.9)], {"background": 1, "missed": 2}),
    ],
)
def test_kinds_of_errors_follow_tide(found, expected):
    truth = [label(0, 1), label(50, 1)]
    predictions = [{**label(x, category), "score": score} for x, category, score in found]
    assert dict(+error_kinds(truth, predictions)) == expected


def test_smaller_windows_come_beside_those_of_training():
    pixels = np.zeros((60, 60, 3), dtype=np.uint8)
    trained = windows_of(pixels).squares[:, 2]
    wider = windows_of(pixels, range(-2, 8)).squares[:, 2]
    assert trained.min() == FIGURE_SIDE
    assert wider.min() == pytest.approx(FIGURE_SIDE / 2 ** (2 / 2.8))
    assert set(trained) < set(wider)


@pytest.mark.slow
def test_a_briefly_trained_detector_finds_digits_it_never_saw():
    detector = train(40)
    right = wrong = total = 0
    for index in range(10):
        scene = build_scene("shipped", index)
        found = detector.detect(from_jpeg(to_jpeg(scene.pixels)))
        assert (np.diff(found.confidences) <= 0).all()
        assert (found.boxes[:, 2:] > 0).all()
        shared = overlap(corners(found.boxes), corners(scene.boxes)) >= 0.5
        same = found.digits[:, None] == scene.digits[None, :]
        right += int((shared & same).any(axis=0).sum())
        other_digit = found.digits[:, None] == (scene.digits[None, :] + 1) % 10
        wrong += int((shared & other_digit).any(axis=0).sum())
        total += len(scene.digits)
    assert right > total / 4
    assert right > 3 * wrong
