"""The commonest length is kept, whatever the order in which images are done."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ea_widgets.data.metrics.vector_rows import VectorRows

ROWS = [np.array(rows, np.intp) for rows in ([4, 0], [1], [2, 3], [5], [])]
NONE = np.empty((0, 0), np.float32)


def piece(length, *missing):
    return np.array([[np.nan] * length if lost else range(length) for lost in missing], np.float32)


PIECES = {
    "most rows": (
        [piece(2, 0, 1), piece(2, 0), piece(3, 0, 0), piece(3, 0), NONE],
        3,
        {0: 1, 1: 1},
    ),
    "missing rows count for nothing": (
        [piece(2, 0, 1), piece(2, 0), piece(3, 1, 0), piece(1, 0), NONE],
        2,
        {2: 1, 3: 1},
    ),
    "a tie": ([piece(3, 1, 0), piece(2, 0), piece(3, 1, 0), piece(2, 0), NONE], 3, {1: 1, 3: 1}),
    "one length": ([piece(2, 0, 1), piece(2, 0), np.empty((2, 0)), piece(2, 0), NONE], 2, {}),
}


@pytest.mark.parametrize("name", PIECES)
def test_any_order_gives_the_same(name):
    pieces, length, left_out = PIECES[name]
    right = np.full((6, length), np.nan)
    for image, rows in enumerate(ROWS):
        if pieces[image].shape[1] == length:
            right[rows] = pieces[image]
    for order in permutations(range(len(ROWS))):
        vectors = VectorRows(ROWS, 6)
        for image in order:
            vectors.add(image, pieces[image])
        assert list(vectors.settle()) == [
            (
                image,
                number,
                f"it gave vectors of {pieces[image].shape[1]} numbers, others {length}",
            )
            for image, number in left_out.items()
        ]
        assert_array_equal(vectors.values, right)


def test_bytes_have_noughts_where_there_is_none():
    vectors = VectorRows(ROWS, 6)
    vectors.add(1, np.array([[7, 8]], np.uint8))
    assert list(vectors.settle()) == []
    assert vectors.values.dtype == np.uint8
    assert vectors.values.tolist() == [[0, 0], [7, 8], *[[0, 0]] * 4]


def test_without_vectors_there_are_no_columns():
    vectors = VectorRows(ROWS, 6)
    vectors.add(1, np.empty((1, 0), np.float32))
    assert list(vectors.settle()) == []
    assert vectors.values.shape == (6, 0)
