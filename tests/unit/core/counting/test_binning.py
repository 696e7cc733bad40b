import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.core.counting.binning import (
    RankedColumn,
    bin_of_ranks,
    equal_count_bins,
    number_keys,
)

values = st.lists(
    st.integers(-5, 5).map(float) | st.floats(-1e6, 1e6) | st.just(np.nan), max_size=60
)


def bins_of(column, n_bins):
    ranked = RankedColumn.of(np.array(column, float))
    return ranked, equal_count_bins(ranked.values, ranked.counts, n_bins)


@given(values, st.integers(1, 12))
def test_bins_partition_the_rows(column, n_bins):
    ranked, bins = bins_of(column, n_bins)
    code = bins.of_rank[ranked.rank]
    series = pd.Series(column, dtype=float)
    present = series.notna().to_numpy()
    assert bins.n_bins <= n_bins
    expected, used = bin_of_ranks(ranked.counts, n_bins)
    assert bins.n_bins == used
    assert bins.of_rank.tolist() == expected.tolist()
    assert bins.n.sum() == present.sum()
    assert (bins.n > 0).all()
    for place in range(bins.n_bins):
        inside = series[present & (code == place)]
        assert len(inside) == bins.n[place]
        assert inside.min() >= bins.low[place]
        assert inside.max() <= bins.high[place]
        assert bins.center[place] == pytest.approx(inside.median(), rel=1e-12, abs=1e-300)
    # Ties stay together, order is kept, and edges touch.
    assert (np.diff(code[present][np.argsort(series[present], kind="stable")]) >= 0).all()
    assert (bins.low[1:] == bins.high[:-1]).all()
    for _, group in series[present].groupby(series[present]):
        assert len(set(code[group.index])) == 1


def test_distinct_values_give_equal_counts():
    _, bins = bins_of(np.random.default_rng(0).normal(size=1000), 20)
    assert bins.n.tolist() == [50] * 20


def test_a_heavy_tie_is_one_bin_and_the_rest_is_still_cut():
    _, bins = bins_of([0.0] * 600 + list(range(1, 401)), 10)
    assert bins.n[0] == 600
    assert bins.n_bins == 5
    assert bins.center[0] == 0


def test_no_rows_no_bins():
    for column in ([], [np.nan, np.nan]):
        _, bins = bins_of(column, 20)
        assert bins.n_bins == 0
        assert len(bins.low) == len(bins.high) == len(bins.center) == 0


@given(values, st.integers(1, 12))
def test_chosen_rows_are_binned_by_themselves(column, n_bins):
    column = np.array(column, float)
    chosen = np.flatnonzero(np.arange(len(column)) % 3 != 1)
    taken = RankedColumn.of(column).take(chosen)
    alone = RankedColumn.of(column[chosen])
    for ours, theirs in (
        (taken.rank, alone.rank),
        (taken.values, alone.values),  # noqa: PD011  # not a frame
        (taken.counts, alone.counts),
        (bin_of_ranks(taken.counts, n_bins)[0], bin_of_ranks(alone.counts, n_bins)[0]),
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_a_few_rows_of_many_values_are_the_same_as_alone():
    rng = np.random.default_rng(0)
    column = rng.normal(size=10_000)
    column[::7] = np.nan
    chosen = np.sort(rng.choice(10_000, 200, replace=False))
    taken, alone = RankedColumn.of(column).take(chosen), RankedColumn.of(column[chosen])
    np.testing.assert_array_equal(taken.rank, alone.rank)
    np.testing.assert_array_equal(taken.values, alone.values)


def test_a_column_of_images_counts_its_rows():
    unit = np.array([2, 0, 2, 1, 2])
    ranked = RankedColumn.of(np.array([5.0, np.nan, 5.0]), unit)
    assert ranked.counts.tolist() == [4, 1]
    assert ranked.spread(np.array([0, 1])).tolist() == [0, 0, 0, 1, 0]


@given(st.lists(st.integers(0, 9) | st.integers(0, 2**62), max_size=30))
def test_keys_are_numbered_as_numpy_does(keys):
    keys = np.array(keys, np.int64)
    expected = np.unique(keys, return_inverse=True, return_counts=True)
    place, distinct, counts = number_keys(keys)
    assert distinct.tolist() == expected[0].tolist()
    assert place.tolist() == expected[1].tolist()
    assert counts.tolist() == expected[2].tolist()
