"""Directions, components and turns against numpy's plain answers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from ea_widgets.core import embeddings as similarity
from ea_widgets.core.embeddings import (
    principal_components,
    singularity,
    take_turns,
    unit_vectors,
)


def test_unit_vectors_leave_zeros_alone():
    found = unit_vectors(np.array([[3.0, 4.0], [0.0, 0.0]]))
    assert_allclose(found, [[0.6, 0.8], [0, 0]], rtol=1e-6)


def test_components_equal_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    fitted = rng.normal(size=(300, 6)) @ rng.normal(size=(6, 6))
    others = rng.normal(size=(40, 6))
    found = principal_components(fitted, others, 3)
    oracle = PCA(3).fit(fitted)
    for ours, theirs in zip(found, (fitted, others), strict=True):
        assert_allclose(np.abs(ours), np.abs(oracle.transform(theirs)), atol=1e-4)


def test_no_rows_have_no_components_but_a_shape():
    fitted, others = principal_components(np.empty((0, 5)), np.empty((0, 5)), 3)
    assert fitted.shape == others.shape == (0, 3)


@pytest.mark.parametrize("at_once", [1, 40, 1 << 23])
def test_singularity_equals_the_matrix_of_all_pairs(monkeypatch, at_once):
    monkeypatch.setattr(similarity, "PAIRS_AT_ONCE", at_once)
    vectors = unit_vectors(np.random.default_rng(1).normal(size=(30, 4)))
    distances = 1 - vectors.astype(float) @ vectors.T.astype(float)
    np.fill_diagonal(distances, np.inf)
    assert_allclose(singularity(vectors), np.clip(distances.min(axis=1), 0, 1), atol=1e-6)


def test_singularity_says_how_far_it_is(monkeypatch):
    monkeypatch.setattr(similarity, "PAIRS_AT_ONCE", 60)
    steps = []
    vectors = unit_vectors(np.random.default_rng(1).normal(size=(30, 4)))
    singularity(vectors, steps.append)
    assert steps == [2] * 15


def test_singularity_does_not_depend_on_the_threads_of_matrix_products():
    directions = unit_vectors(np.random.default_rng(0).normal(size=(276, 300)))
    found = []
    for threads in (1, 2, 4):
        with threadpool_limits(threads, user_api="blas"):
            found.append(singularity(directions))
    assert_array_equal(found[0], found[1])
    assert_array_equal(found[0], found[2])
    exact = directions.astype(float) @ directions.T.astype(float)
    np.fill_diagonal(exact, -1)
    assert_allclose(found[0], 1 - exact.max(axis=1), rtol=0, atol=1e-14)


def test_all_but_the_first_copy_get_zero_and_the_first_looks_past_its_copies():
    vectors = unit_vectors(np.array([[1.0, 0], [0, 1], [1, 0], [1, 1], [2, 0]]))
    assert_allclose(
        singularity(vectors),
        [1 - np.sqrt(0.5), 1 - np.sqrt(0.5), 0, 1 - np.sqrt(0.5), 0],
        atol=1e-6,
    )


def test_singularity_of_few():
    assert singularity(np.empty((0, 3), dtype=np.float32)).shape == (0,)
    assert np.isnan(singularity(np.ones((1, 1), dtype=np.float32))).all()
    assert_array_equal(singularity(np.ones((3, 1), dtype=np.float32)), [0, 0, 0])


def test_turns_go_round_and_do_not_depend_on_numbers_of_clusters():
    clusters = np.array([0, 0, 0, 1, 2, 2])
    distances = np.array([0.3, 0.1, 0.2, 0.9, 0.5, 0.4])
    # First turn: rows 1, 5, 3 by distance; second: 2, 4; third: 0.
    assert_array_equal(take_turns(clusters, distances), [5, 0, 3, 2, 4, 1])
    renamed = np.array([2, 0, 1])[clusters]
    assert_array_equal(take_turns(renamed, distances), take_turns(clusters, distances))
