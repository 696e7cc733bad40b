"""AP from counts per bin, beside AP of the predictions themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.matching.average_precision import average_precision, matches_needed
from ea_widgets.core.matching.binned_precision import (
    EVENLY,
    FIRST,
    LAST,
    binned_average_precision,
)


def exact(hits, n_labels):
    rank, labels = np.flatnonzero(hits), np.array([n_labels])
    code = np.zeros(len(rank), np.int64)
    return float(average_precision(rank, code, labels, matches_needed(labels))[0])


def bounds_of(found, counted, n_labels):
    """Give the estimate, and what AP is between."""
    parts = (np.array(part, float)[None] for part in (found, counted))
    args = (*parts, np.array([n_labels]))
    return [float(binned_average_precision(*args, how)[0]) for how in (EVENLY, LAST, FIRST)]


@given(
    hits=st.lists(st.booleans(), max_size=60),
    cuts=st.lists(st.integers(0, 60), max_size=8),
    more=st.integers(0, 20),
)
def test_the_true_value_is_between_the_bounds_and_both_can_be_reached(hits, cuts, more):
    hits = np.array(hits, bool)
    n_labels = int(hits.sum()) + more
    parts = np.split(hits, np.unique([min(cut, len(hits)) for cut in cuts]).astype(int))
    found, counted = np.array([part.sum() for part in parts]), np.array([len(p) for p in parts])
    estimate, low, high = bounds_of(found, counted, n_labels)
    if not n_labels:
        assert np.isnan([estimate, low, high]).all()
        return
    assert low - 1e-12 <= exact(hits, n_labels) <= high + 1e-12
    assert low - 1e-12 <= estimate <= high + 1e-12
    last, first = (np.concatenate([np.sort(p)[::step] for p in parts]) for step in (1, -1))
    assert low == pytest.approx(exact(last, n_labels), abs=1e-12)
    assert high == pytest.approx(exact(first, n_labels), abs=1e-12)


def test_a_bin_for_each_prediction_is_exact():
    hits = np.random.default_rng(0).random(500) < np.linspace(0.9, 0.1, 500)
    bounds = bounds_of(hits, np.ones(500), 300)
    assert bounds == pytest.approx([exact(hits, 300)] * 3, abs=1e-12)


def test_many_bins_are_near():
    rng = np.random.default_rng(1)
    confidence = np.sort(rng.random(40_000))[::-1]
    hits = rng.random(40_000) < confidence
    code = np.minimum((confidence * 2048).astype(int), 2047)
    counted, found = np.bincount(code)[::-1], np.bincount(code, hits)[::-1].astype(np.int64)
    estimate = bounds_of(found, counted, 25_000)[0]
    assert estimate == pytest.approx(exact(hits, 25_000), abs=2e-4)


@pytest.mark.parametrize("how", [EVENLY, LAST, FIRST])
@pytest.mark.parametrize("seed", range(5))
def test_many_classes_at_once_are_each_by_itself(seed, how):
    rng = np.random.default_rng(seed)
    found = rng.poisson(2.0, (6, 30)) * (rng.random((6, 30)) < 0.7)
    counted = found + rng.poisson(1.5, (6, 30))
    labels = found.sum(axis=1) + rng.integers(0, 30, 6)
    labels[5], found[5], counted[5] = 0, 0, 3
    found, counted = found.astype(float), counted.astype(float)
    together = binned_average_precision(found, counted, labels, how)
    alone = [
        binned_average_precision(found[[row]], counted[[row]], labels[[row]], how)[0]
        for row in range(6)
    ]
    np.testing.assert_allclose(together, alone, atol=1e-12)
