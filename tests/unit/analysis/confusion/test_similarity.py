from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.analysis.confusion.cells import Cells
from ea_widgets.analysis.confusion.similarity import similar_order


def cells_of(matrix):
    matrix = np.asarray(matrix)
    label, predicted = np.nonzero(matrix)
    return Cells(len(matrix), label, predicted, matrix[label, predicted])


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_every_class_once_and_the_most_similar_ones_are_neighbours(seed, n):
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 30, (n, n)) * (rng.random((n, n)) < 0.3) + np.diag([100] * n)
    order = similar_order(cells_of(matrix)).tolist()
    assert sorted(order) == list(range(n))
    share = matrix / matrix.sum(axis=1, keepdims=True)
    share = np.maximum(share, share.T) - np.eye(n) * 9
    if n > 1 and share.max() > 0:
        place = np.argsort(order)
        one, other = np.unravel_index(share.argmax(), share.shape)
        rivals = (share == share.max()).sum()
        if rivals == 2:  # it alone
            assert abs(place[one] - place[other]) == 1


def test_blocks_of_planted_confusions_stand_together():
    rng = np.random.default_rng(4)
    n, block = 60, rng.permutation(60) % 6
    matrix = np.where(block[:, None] == block, rng.integers(3, 9, (n, n)), 0)
    matrix += np.diag([50] * n)
    matrix[rng.integers(0, n, 20), rng.integers(0, n, 20)] += 1
    of_place = block[similar_order(cells_of(matrix))]
    assert np.count_nonzero(np.diff(of_place)) == 5


def test_classes_that_are_confused_with_none_keep_their_order():
    assert similar_order(cells_of(np.diag([3, 1, 2]))).tolist() == [0, 1, 2]
    assert similar_order(Cells(2, *np.zeros((3, 0), int))).tolist() == [0, 1]
