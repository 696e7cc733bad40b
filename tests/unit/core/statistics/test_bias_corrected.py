import numpy as np

from ea_widgets.core.statistics.bias_corrected import bias_corrected_interval


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
