import numpy as np

from ea_widgets.core.statistics.bias_corrected import bias_corrected_interval, rate_interval
from ea_widgets.core.statistics.intervals import Z_95


def test_without_bias_it_is_the_percentile_interval():
    drawn = np.linspace(-1, 1, 4001)[:, None]
    low, high = bias_corrected_interval(np.zeros(1), drawn, np.array([10_000]))
    np.testing.assert_allclose([low[0], high[0]], [-0.95, 0.95], atol=2e-3)


def test_a_shift_of_all_resamples_is_taken_away():
    rng = np.random.default_rng(0)
    drawn = rng.normal(0.3, 1, (200_000, 1))  # the resamples are 0.3 standard deviations too high
    low, high = bias_corrected_interval(np.zeros(1), drawn, np.array([10_000]))
    np.testing.assert_allclose([low[0], high[0]], [-0.3 - 1.96, -0.3 + 1.96], atol=0.03)


def test_few_clusters_widen_and_one_says_nothing():
    drawn = np.random.default_rng(0).normal(0, 1, (4000, 1))
    (few,), _ = bias_corrected_interval(np.zeros(1), drawn, np.array([5]))
    (many,), _ = bias_corrected_interval(np.zeros(1), drawn, np.array([1000]))
    (one,), _ = bias_corrected_interval(np.zeros(1), drawn, np.array([1]))
    assert few < many
    assert np.isnan(one)


def test_what_most_resamples_do_not_know_has_no_interval():
    drawn = np.where(np.arange(100) % 5 == 0, np.nan, 0.5)[:, None]
    low, high = bias_corrected_interval(np.array([0.5]), drawn, np.array([50]))
    assert np.isnan([low[0], high[0]]).all()


def test_rates_of_0_and_1_have_wilson_s_interval_and_all_others_the_resampled_one():
    rng = np.random.default_rng(0)
    observed = np.array([0.0, 0.3, 1.0])
    drawn = np.column_stack([np.zeros(199), rng.normal(0.3, 0.05, 199), np.ones(199)])
    n = np.array([40, 50, 60])
    low, high = rate_interval(np.vstack([observed, drawn]), n)
    resampled = bias_corrected_interval(observed, drawn, n)
    assert (low[1], high[1]) == (resampled[0][1], resampled[1][1])
    z = Z_95**2
    np.testing.assert_allclose([low[0], high[0]], [0, z / (40 + z)], atol=1e-12)
    np.testing.assert_allclose([low[2], high[2]], [60 / (60 + z), 1], atol=1e-12)
