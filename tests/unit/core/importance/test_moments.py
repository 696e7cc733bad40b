from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from ea_widgets.core.counting.binning import RankedColumn
from ea_widgets.core.importance.moments import (
    MomentSums,
    midranks,
    on_grid,
    pearson,
    squares,
    standardise,
)


def standard(column):
    """Standardised column, row by row."""
    ranked = RankedColumn.of(np.asarray(column, float))
    counts = ranked.counts[:-1]
    return np.append(standardise(ranked.values, counts), 0.0)[ranked.rank]


def sums(x, y):
    x, y = np.asarray(x, float), np.asarray(y, float)
    one = np.ones(1)
    return MomentSums(
        len(x) * one, x.sum() * one, (x * x).sum() * one, y.sum() * one, (y * y).sum() * one,
        (x * y).sum() * one,
    )  # fmt: skip


rows = st.lists(st.tuples(st.floats(-1e3, 1e3), st.booleans()), min_size=2, max_size=50)


@given(rows, st.integers(0, 50))
def test_any_split_equals_the_whole(table, cut):
    x, y = np.array(table, float).T
    x = standard(x)
    whole, parts = pearson(sums(x, y)), pearson(sums(x[:cut], y[:cut]) + sums(x[cut:], y[cut:]))
    np.testing.assert_allclose(parts, whole, atol=1e-9)


@given(
    st.integers(0, 2**32 - 1), st.sampled_from([1e-200, 1.0, 1e200]), st.sampled_from([0.0, 1e6])
)
def test_equals_numpy_whatever_the_scale(seed, scale, offset):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=40)
    y = (x + rng.normal(size=40) > 0).astype(float)
    if 0 < y.sum() < len(y):
        got = pearson(sums(standard((x + offset) * scale), y))
        assert got[0] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-9)


@pytest.mark.parametrize(
    ("x", "y"), [([1, 1, 1], [0, 1, 0]), ([1, 2, 3], [1, 1, 1]), ([0.1] * 7, [0, 1] * 3 + [0])]
)
def test_nothing_that_does_not_vary_has_a_correlation(x, y):
    assert np.isnan(pearson(sums(standard(x), y))[0])


def test_missing_values_are_zero_after_standardising():
    out = standard([1.0, np.nan, 3.0])
    assert out == pytest.approx([-1.0, 0.0, 1.0])


def test_midranks_are_scipys_shifted_and_scaled():

    values = np.random.default_rng(0).integers(0, 9, 200)
    ranks = midranks(np.append(np.bincount(values), 7))
    assert np.allclose(ranks[values], (rankdata(values) - 100.5) / 200)
    assert ranks[-1] == 0


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(0, 9)), min_size=2, max_size=200),
    st.randoms(use_true_random=False),
)
def test_sums_of_a_column_on_its_grid_are_exact(table, random):
    column, times = np.array([x for x, _ in table]), np.array([k for _, k in table])
    column = standard(column)
    rounded = on_grid(column, times)
    total = np.abs(column) @ times
    assert np.abs(rounded - column).max() <= total * 2.0**-52 * (1 + 1e-9)
    entries = np.repeat(rounded, times).tolist()
    exact = float(sum(map(Fraction, entries)))
    random.shuffle(entries)
    assert sum(entries) == exact
    assert rounded @ times == exact


def test_the_grid_of_one_row_each_is_as_fine_as_its_words_say():
    for n, finest in ((1_000, 2e-13), (500_000, 6e-11)):
        column = standard(np.random.default_rng(0).normal(size=n))
        assert 0 < np.abs(on_grid(column) - column).max() < finest


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200), st.randoms(use_true_random=False))
def test_sums_of_squares_are_exact_in_any_order(values, random):
    column = standard(values)
    squared = squares(column, len(column))
    assert np.abs(squared - column**2).max() <= len(column) * 2.0**-52
    entries = squared.tolist()
    exact = float(sum(map(Fraction, entries)))
    random.shuffle(entries)
    assert sum(entries) == exact


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_digit_of_a_standardised_column(values, random):
    expected = dict(zip(values, standard(values).tolist(), strict=True))
    random.shuffle(values)
    assert dict(zip(values, standard(values).tolist(), strict=True)) == expected
