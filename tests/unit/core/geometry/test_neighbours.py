"""Nearest neighbours of boxes against the plainest loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from ea_widgets.core.geometry import crowded, neighbours
from ea_widgets.core.geometry.neighbours import find_neighbours
from ea_widgets.errors import InvalidInputError

box = st.tuples(*[st.integers(-3, 9)] * 2, *[st.integers(0, 6)] * 2)
scenes = st.lists(st.tuples(box, st.integers(0, 3), st.integers(0, 2)), max_size=14)


def iou(one, other):
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    shared = max(wide, 0) * max(high, 0)
    union = one[2] * one[3] + other[2] * other[3] - shared
    return shared / union if union else 0.0


def slowly(boxes, frames, classes):
    found = []
    for row, one in enumerate(boxes):
        others = [k for k in range(len(boxes)) if k != row and frames[k] == frames[row]]
        same = [k for k in others if classes[k] == classes[row]]
        centre = [one[0] + one[2] / 2, one[1] + one[3] / 2]
        distances = [
            np.sqrt(
                (boxes[k][0] + boxes[k][2] / 2 - centre[0]) ** 2
                + (boxes[k][1] + boxes[k][3] / 2 - centre[1]) ** 2
            )
            for k in others
        ]
        found.append(
            (
                max((iou(one, boxes[k]) for k in same), default=0.0),
                max((iou(one, boxes[k]) for k in others), default=0.0),
                min(distances, default=np.nan),
            )
        )
    return np.array(found).reshape(-1, 3)


@given(
    scene=scenes,
    pairs=st.sampled_from([1, 9, 1 << 17]),
    n_threads=st.integers(1, 2),
    crowd=st.sampled_from([2, 1000]),
)
def test_equals_a_loop_over_all_pairs(scene, pairs, n_threads, crowd):
    boxes, frames, classes = zip(*scene, strict=True) if scene else ([], [], [])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "PAIRS_AT_ONCE", pairs)
        patch.setattr(crowded, "PAIRS_AT_ONCE", pairs)
        patch.setattr(neighbours, "CROWD", crowd)
        found = find_neighbours(
            np.array(boxes, dtype=float).reshape(-1, 4), frames, classes, n_threads=n_threads
        )
    expected = slowly(boxes, frames, classes)
    assert_array_equal(found.same_class_iou, expected[:, 0])
    assert_array_equal(found.any_class_iou, expected[:, 1])
    assert_array_equal(found.distance, expected[:, 2])


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(3)
    boxes = rng.random((300, 4)) * [90, 90, 30, 30]
    frames, classes = rng.integers(0, 20, 300), rng.integers(0, 3, 300)
    order = rng.permutation(300)
    found = find_neighbours(boxes, frames, classes)
    shuffled = find_neighbours(boxes[order], frames[order], classes[order])
    assert_array_equal(found.any_class_iou[order], shuffled.any_class_iou)
    assert_array_equal(found.same_class_iou[order], shuffled.same_class_iou)
    assert_array_equal(found.distance[order], shuffled.distance)


def test_copies_overlap_by_exactly_one_and_nothing_by_more():
    rng = np.random.default_rng(5)
    boxes = rng.uniform([0, 0, 1, 1], [500, 500, 100, 100], (3000, 4))
    frames, classes = np.tile(np.arange(3000), 2), np.zeros(6000)
    copies = find_neighbours(np.tile(boxes, (2, 1)), frames, classes)
    assert (copies.any_class_iou == 1).all()
    assert (copies.same_class_iou == 1).all()
    nudged = np.nextafter(boxes, rng.choice([-np.inf, np.inf], boxes.shape))
    nearly = find_neighbours(np.concatenate([boxes, nudged]), frames, classes)
    assert nearly.any_class_iou.max() <= 1
    assert nearly.any_class_iou.min() > 1 - 1e-12


def test_refuses_what_is_no_list_of_boxes():
    with pytest.raises(InvalidInputError) as caught:
        find_neighbours([[1, 2, 3]], [0], [0])
    assert str(caught.value) == (
        "`boxes` has shape (1, 3). Give one row of x, y, width, height per box."
    )


def shapes(kind, n, rng):
    """Crowds of every kind: corners, frames, classes."""
    if kind == "apart":
        low, side = rng.uniform(0, 20_000, (n, 2)), rng.uniform(20, 60, (n, 2))
    elif kind == "heaped":
        low, side = rng.normal(500, 40, (n, 2)), rng.lognormal(3, 1, (n, 2))
    elif kind == "long":
        low, side = rng.uniform(0, 900, (n, 2)), rng.choice([1.0, 700.0], (n, 2))
    elif kind == "one spot":
        side = rng.uniform(1, 9, (n, 2))
        low = 50 - side / 2
    elif kind == "far off":
        low, side = rng.uniform(0, 5, (n, 2)), rng.uniform(0, 3, (n, 2))
        low[0], side[0] = 1e9, 1e9
    else:
        low, side = rng.integers(0, 30, (n, 2)) / 1.0, rng.integers(-1, 9, (n, 2)) / 1.0
    return np.hstack([low, side]), rng.integers(0, 3, n) * 7, rng.integers(0, 4, n)


@pytest.mark.parametrize("kind", ["apart", "heaped", "long", "one spot", "far off", "copies"])
def test_crowds_give_the_same_as_all_pairs(kind, monkeypatch):
    rng = np.random.default_rng(11)
    given = shapes(kind, 3000, rng)
    monkeypatch.setattr(neighbours, "CROWD", 10**9)
    every = find_neighbours(*given)
    monkeypatch.setattr(neighbours, "CROWD", 2)
    few = find_neighbours(*given, n_threads=2)
    assert_array_equal(few.same_class_iou, every.same_class_iou)
    assert_array_equal(few.any_class_iou, every.any_class_iou)
    assert_array_equal(few.distance, every.distance)


@pytest.mark.parametrize("kind", ["apart", "heaped", "one spot", "copies"])
def test_few_pairs_of_a_crowd_are_looked_at(kind, monkeypatch):
    looked, real = [], crowded._Grid._iou

    def counted(self, one, other):
        looked.append(len(one))
        return real(self, one, other)

    monkeypatch.setattr(crowded._Grid, "_iou", counted)
    n = 20_000
    boxes, _, classes = shapes(kind, n, np.random.default_rng(2))
    find_neighbours(boxes, np.zeros(n, int), classes)
    assert sum(looked) < n**2 / 20
    assert max(looked) <= crowded.PAIRS_AT_ONCE + n


def test_an_interrupt_does_not_wait_for_a_crowded_frame(monkeypatch):
    monkeypatch.setattr(neighbours, "CROWD", 10**9)
    n, steps = 12_000, []
    real = neighbours.np.minimum

    def counted(*args, **kwargs):
        steps.append(None)
        return real(*args, **kwargs)

    def interrupted(self, work, batches):
        self.submit(work, next(iter(batches)))
        raise KeyboardInterrupt

    monkeypatch.setattr(neighbours.ThreadPoolExecutor, "map", interrupted)
    monkeypatch.setattr(neighbours.np, "minimum", counted)
    boxes = np.random.default_rng(0).random((n, 4))
    with pytest.raises(KeyboardInterrupt):
        find_neighbours(boxes, np.zeros(n, int), np.zeros(n, int), n_threads=2)
    assert len(steps) < 2000  # of 3,600 to the end
