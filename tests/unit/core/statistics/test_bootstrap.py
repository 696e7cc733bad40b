import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score

from ea_widgets.core.importance.importance import BinCounts, merge_bins
from ea_widgets.core.statistics.bootstrap import (
    correlation_interval,
    cut_metrics,
    draw_counts,
    drop_doubtful_cuts,
    explained_share,
    resampled_correlation,
    share_interval,
    small_sample_factor,
)
from ea_widgets.core.statistics.intervals import Z_95
from ea_widgets.core.statistics.resampling import draw_clusters


def test_few_frames_widen_an_interval():
    assert small_sample_factor(1) == np.inf
    assert small_sample_factor(5) > 1.5
    assert abs(small_sample_factor(100_000) - 1) < 1e-3


@given(st.integers(0, 2**32), st.integers(1, 12))
def test_cuts_are_the_merged_ones_and_equal_parts(seed, parts):
    rng = np.random.default_rng(seed)
    totals = rng.integers(0, 5, (3, 60))
    successes = rng.binomial(totals, np.where(np.arange(60) < 20, 0.1, 0.9))
    counts = BinCounts(successes, totals)
    merged = merge_bins(counts)
    for metric, cuts in enumerate(cut_metrics(counts, parts)):
        n = np.bincount(cuts.segment, totals[metric])
        assert (n > 0).all()
        assert len(cuts.chosen) == len(n) - 1
        assert (np.diff(cuts.segment) >= 0).all()
        before = np.concatenate([[0], np.cumsum(totals[metric])])
        starts = before[np.searchsorted(cuts.segment, np.arange(len(n)))]
        assert set(before[merged.start[merged.metric == metric]]) - {before[-1]} <= set(starts)
        assert n.max() <= max(before[-1] / parts + totals[metric].max(), 1)


def test_a_metric_without_rows_is_one_segment():
    (cuts,) = cut_metrics(BinCounts(np.zeros((1, 8), int), np.zeros((1, 8), int)))
    assert cuts.segment.tolist() == [0] * 8
    assert len(cuts.chosen) == 0


def test_cuts_that_frames_explain_are_dropped_and_real_ones_stay():
    rng = np.random.default_rng(0)
    frames = 200
    rate = np.clip(rng.normal(0.4, 0.25, frames), 0, 1)
    totals = np.zeros((frames, 4), int)
    totals[np.arange(frames), rng.integers(0, 4, frames)] = 20
    noise = rng.binomial(totals, rate[:, None])
    chosen = np.ones(3, bool)
    assert drop_doubtful_cuts(noise, totals, chosen).tolist() == [0]
    real = np.where(np.arange(4) < 2, totals // 10, totals - totals // 10)
    assert drop_doubtful_cuts(real, totals, chosen).tolist() == [0, 2]
    assert drop_doubtful_cuts(noise, totals, ~chosen).tolist() == [0, 1, 2, 3]


def test_drawn_counts_are_those_of_the_drawn_frames():
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 50, (30, 7))
    weights = draw_clusters(30, 20)
    naive = [np.repeat(counts, row.astype(int), axis=0).sum(axis=0) for row in weights]
    assert (draw_counts(weights, counts) == np.array(naive)).all()
    large = counts * 10**6
    assert (draw_counts(weights, large) == np.array(naive) * 10**6).all()


def test_explained_share_is_mutual_information_over_entropy():

    rng = np.random.default_rng(0)
    code = rng.integers(0, 5, 2000)
    hit = rng.random(2000) < 0.1 + 0.15 * code
    share = explained_share(np.bincount(code[hit], minlength=5), np.bincount(code))
    assert np.isclose(share, mutual_info_score(code, hit) / entropy([hit.mean(), 1 - hit.mean()]))
    assert explained_share(np.zeros(3, int), np.ones(3, int)) == 0


def test_resampled_correlation_is_that_of_the_drawn_rows():
    rng = np.random.default_rng(0)
    frame = np.repeat(np.arange(20), 10)
    x, y = rng.normal(size=200), (rng.random(200) < 0.4).astype(float)
    table = np.column_stack(
        [np.bincount(frame, part) for part in (np.ones(200), x, x * x, y, x * y)]
    )
    weights = draw_clusters(20, 6)
    for row, found in zip(weights, resampled_correlation(weights, table)[:, 0], strict=True):
        rows = np.repeat(np.arange(200), row.astype(int)[frame])
        assert np.isclose(found, np.corrcoef(x[rows], y[rows])[0, 1])


def test_intervals_of_one_frame_say_nothing():
    assert share_interval(0.3, np.full(9, 0.3), 1) == (0.0, 1.0)
    low, high = correlation_interval(np.array([0.3, np.nan]), np.zeros((9, 2)), 1)
    assert low[0] == -1
    assert high[0] == 1
    assert np.isnan([low[1], high[1]]).all()


def test_a_perfect_correlation_has_a_finite_interval():
    low, high = correlation_interval(np.array([1.0]), np.ones((99, 1)), 30)
    assert low[0] > 0.999
    assert high[0] <= 1


def test_share_interval_takes_the_bias_off_twice_and_keeps_the_spread():
    resampled = np.random.default_rng(0).normal(0.25, 0.01, 100_000)
    low, high = share_interval(0.2, resampled, 10**6)
    assert abs((low + high) / 2 - 0.15) < 1e-3
    assert abs((high - low) / 2 - Z_95 * 0.01) < 1e-3
