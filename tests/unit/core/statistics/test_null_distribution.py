import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from ea_widgets.core.importance.importance import BinCounts, importance
from ea_widgets.core.statistics.clusters import order_by_cluster
from ea_widgets.core.statistics.exchangeable import ExchangeableClusters
from ea_widgets.core.statistics.null_distribution import (
    adjusted_p_values,
    exchange_outcomes,
    needs_more,
    null_importance,
    null_quantile,
    stopping_points,
)


def ordered(sizes):
    frame = np.repeat(np.arange(len(sizes)), sizes)
    return order_by_cluster(frame, np.arange(len(frame)))


def exchanged(rows, clusters, generator, n_datasets=3):
    donor = np.array([rows.circular_shift(generator) for _ in range(n_datasets)])
    u = generator.random((2, *donor.shape))
    positions, ends = exchange_outcomes(rows, clusters, donor, u)
    assert ends[[0, -1]].tolist() == [0, len(positions)]
    one, _ = exchange_outcomes(rows, clusters, donor[1:2], u[:, 1:2])
    assert positions[ends[1] : ends[2]].tolist() == one.tolist()  # each data set by itself
    return one


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20), st.integers(0, 2**32))
def test_frames_of_one_size_exchange_their_outcomes_whole(hits, seed):
    rows = ordered([5] * len(hits))
    clusters = ExchangeableClusters.by_quantile(np.array(hits), rows.sizes)
    moved_to = exchanged(rows, clusters, np.random.default_rng(seed))
    assert len(set(moved_to.tolist())) == len(moved_to)
    moved = np.bincount(rows.cell[moved_to], minlength=len(hits)).tolist()
    shifts = [hits[shift:] + hits[:shift] for shift in range(len(hits))]
    assert moved in (shifts[1:] or shifts)


@given(
    st.lists(st.tuples(st.integers(1, 9), st.floats(0, 1)), min_size=2, max_size=20),
    st.integers(0, 2**32),
)
def test_no_place_is_taken_twice_whatever_the_sizes(frames, seed):
    sizes = np.array([size for size, _ in frames])
    hits = np.array([round(size * share) for size, share in frames])
    rows = ordered(sizes)
    moved_to = exchanged(
        rows, ExchangeableClusters.by_quantile(hits, sizes), np.random.default_rng(seed)
    )
    assert len(set(moved_to.tolist())) == len(moved_to)


def test_outcomes_stay_in_their_stratum():
    rng = np.random.default_rng(0)
    frame, stratum = rng.integers(0, 20, 500), rng.integers(0, 4, 500)
    rows = order_by_cluster(frame, np.arange(500), stratum)
    hits = np.where(rows.stratum == 2, rows.sizes, 0)
    moved_to = exchanged(rows, ExchangeableClusters.by_rate(hits, rows.sizes), rng)
    assert set(stratum[rows.order[moved_to]]) == {2}
    assert len(moved_to) == (stratum == 2).sum()


@given(
    st.integers(0, 2**32),
    st.sampled_from([0.02, 0.3, 0.9]),
    st.sampled_from([0.0, 0.1, 0.3]),
)
def test_the_quick_null_equals_the_estimator(seed, rate, spread):
    rng = np.random.default_rng(seed)
    totals = rng.integers(0, 9, (4, 200))
    trend = np.clip(rate + spread * np.sin(np.arange(200) / 30), 0, 1)
    counts = BinCounts(rng.binomial(totals, trend), totals)
    assert (null_importance(counts) == importance(counts)).all()
    shared = BinCounts(rng.binomial(totals[:1], trend, (4, 200)), totals[:1])
    expected = importance(BinCounts(shared.successes, np.repeat(totals[:1], 4, axis=0)))
    assert (null_importance(shared) == expected).all()


def test_a_null_without_rows_or_variation_is_zero():
    counts = BinCounts(np.array([[0, 0], [5, 5]]), np.array([[0, 0], [5, 5]]))
    assert null_importance(counts).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("size", [19, 99, 199, 599])
def test_a_value_above_the_floor_has_p_of_at_most_five_percent(size):
    null = np.random.default_rng(0).permutation(np.arange(size, dtype=float))
    floor = null_quantile(null)
    above = (null >= floor + 0.5).sum()
    assert (above + 1) / (size + 1) <= 0.05
    below = (null >= floor).sum()
    assert (below + 1) / (size + 1) > 0.05


def test_false_discoveries_equal_scipys():

    p_values = np.random.default_rng(0).random(40) ** 3
    assert np.allclose(adjusted_p_values(p_values), false_discovery_control(p_values))
    assert adjusted_p_values(np.zeros(0)).shape == (0,)


def test_one_important_metric_among_thirty_can_pass():
    for n_metrics in (1, 30, 31, 100):
        p_values = np.ones(n_metrics)
        p_values[0] = 1 / (stopping_points(n_metrics)[-1] + 1)
        assert adjusted_p_values(p_values)[0] <= 0.05 + 1e-12


def test_what_is_decided_needs_no_more_null_data_sets():
    exceeded, done = np.array([0, 0, 9, 12, 30, 99]), np.full(6, 99)
    assert needs_more(exceeded, done, 599).tolist() == [False, False, True, False, False, False]
    one = np.array([0, 99, 99, 99, 99, 99])
    assert needs_more(one, np.full(6, 99), 599).tolist() == [True] + 5 * [False]


def test_nineteen_null_data_sets_drop_what_is_hopeless_and_settle_nothing():
    assert needs_more(np.array([0, 0]), np.full(2, 19), 599).tolist() == [True, True]
    assert needs_more(np.array([3, 4]), np.full(2, 19), 599).tolist() == [True, False]
