from math import comb

import numpy as np
import pytest
from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

from ea_widgets.core.importance.entropy import entropy_by_chance, total_entropy


def enumerated(successes, totals):
    """Every way to deal the outcomes, category by category."""
    n, whole = sum(totals), 0.0
    for size in totals:
        for hits in range(max(0, successes - n + size), min(size, successes) + 1):
            chance = comb(size, hits) * comb(n - size, successes - hits) / comb(n, successes)
            whole += chance * total_entropy(np.array([hits]), np.array([size]))[0]
    return whole


@pytest.mark.parametrize(
    ("totals", "successes"),
    [([3, 5, 0, 2], 4), ([30, 1, 1, 200, 7], 17), ([400, 300, 2], 350), ([1000], 5), ([2, 2], 0)],
)
def test_entropy_by_chance_is_the_mean_over_all_ways_to_deal_the_outcomes(totals, successes):
    found = entropy_by_chance(successes, np.array(totals))
    assert found == pytest.approx(enumerated(successes, totals), rel=1e-12, abs=1e-12)


def test_what_chance_explains_is_the_expected_mutual_information_of_scikit_learn():
    rng = np.random.default_rng(0)
    category, hit = rng.integers(0, 50, 5_000) ** 2 // 50, rng.random(5_000) < 0.05
    n, s = len(hit), int(hit.sum())
    explained = total_entropy(np.array([s]), np.array([n]))[0]
    explained -= entropy_by_chance(s, np.bincount(category))
    oracle = expected_mutual_information(contingency_matrix(category, hit), n)
    assert explained / n == pytest.approx(oracle, rel=1e-9)


def test_large_categories_take_only_the_likely_counts():
    totals = np.array([300_000, 200_000])
    explained = total_entropy(np.array([30_000]), np.array([500_000]))[0]
    # Miller and Madow: half a nat per category beyond the first.
    assert explained - entropy_by_chance(30_000, totals) == pytest.approx(0.5, rel=1e-4)
