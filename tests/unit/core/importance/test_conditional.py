import numpy as np
import pytest
from scipy.stats import binom

from ea_widgets.core.importance.conditional import (
    ENUMERATED,
    conditional_share,
    expected_gain,
    gain_by_chance,
    number_of_strata,
)
from ea_widgets.core.importance.entropy import total_entropy


def exact_gain(n, rate):
    hits = np.arange(n + 1)
    entropy = -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    return n * entropy - binom.pmf(hits, n, rate) @ total_entropy(hits, np.full(n + 1, n))


@pytest.mark.parametrize("rate", [0.001, 0.02, 0.3, 0.5, 0.97])
@pytest.mark.parametrize("n", [1, 2, 7, ENUMERATED, ENUMERATED + 1, 100, 3000])
def test_the_expected_gain_is_that_of_binomial_draws(n, rate):
    tolerance = 1e-9 if n <= ENUMERATED else 0.01
    assert abs(expected_gain(np.array([n]), np.array([rate]))[0] - exact_gain(n, rate)) < tolerance


def test_rates_of_zero_and_one_and_empty_cells_gain_nothing():
    gain = expected_gain(np.array([5, 5, 0, 500]), np.array([0.0, 1.0, 0.5, 1.0]))
    assert gain.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("per_cell", [2, 8, 60])
def test_segments_without_meaning_explain_nothing_on_average(per_cell):
    rng = np.random.default_rng(per_cell)
    totals = rng.poisson(per_cell, (12, 9))
    rate = rng.uniform(0.02, 0.6, 12)
    gains, chance = [], []
    for _ in range(400):
        hits = rng.binomial(totals, rate[:, None])
        whole = total_entropy(hits.sum(axis=1), totals.sum(axis=1)).sum()
        gains.append(whole - total_entropy(hits, totals).sum())
        chance.append(gain_by_chance(hits, totals))
    # Miller and Madow's 48 would be far off where cells hold two rows.
    error = np.std(np.array(gains) - chance) / np.sqrt(400)
    assert abs(np.mean(gains) - np.mean(chance)) < 4 * error + 0.02 * np.mean(gains)


def test_a_metric_that_repeats_the_stratum_adds_nothing():
    totals = np.diag([50, 60, 70])
    hits = np.diag([10, 30, 60])
    assert conditional_share(hits, totals, gain_by_chance(hits, totals)) == 0


def test_a_metric_that_decides_within_every_stratum_explains_all():
    totals = np.array([[500, 500], [300, 700]])
    hits = np.array([[0, 500], [300, 0]])
    assert conditional_share(hits, totals, 0.0) == 1
    assert conditional_share(hits * 0, totals, 0.0) == 0


def test_more_rows_make_more_strata():
    assert [number_of_strata(n) for n in (0, 100, 1000, 500_000, 10**9)] == [4, 7, 16, 127, 256]
