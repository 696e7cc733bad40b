"""Exchanged outcomes, against scipy's beta-binomial and simulated clusters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom

from ea_widgets.core.statistics.exchangeable import (
    ExchangeableClusters,
    beta_binomial_tables,
    icc,
    icc_by_spread,
)


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("correlation", [1e-6, 0.02, 0.3, 0.95])
def test_tables_are_scipys_beta_binomial(rate, correlation):
    sizes = np.array([1, 2, 7, 150, 1000])
    first, table = beta_binomial_tables(sizes, rate, correlation)
    strength = 1 / correlation - 1
    for number, (size, begin) in enumerate(zip(sizes, first, strict=True)):
        expected = betabinom(size, rate * strength, (1 - rate) * strength).cdf(np.arange(size + 1))
        found = table[begin : begin + size + 1] - number
        assert found == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("sizes", ["equal", "geometric", "heavy"])
def test_icc_is_that_of_simulated_frames(sizes):
    rng = np.random.default_rng(0)
    n = {
        "equal": np.full(3000, 20),
        "geometric": rng.geometric(1 / 7, 3000),
        "heavy": np.ceil(5 * (1 + rng.pareto(1.5, 3000))).astype(int),
    }[sizes]
    hits = rng.binomial(n, rng.beta(2, 6, 3000))
    assert icc(hits, n) == pytest.approx(1 / 9, abs=0.03)
    assert icc_by_spread(hits, n) == pytest.approx(1 / 9, abs=0.06)


@given(
    st.lists(st.tuples(st.integers(1, 40), st.floats(0, 1)), min_size=1, max_size=30),
    st.integers(0, 2**32),
)
def test_outcomes_fit_into_their_clusters(frames, seed):
    sizes = np.array([size for size, _ in frames])
    hits = np.array([round(size * share) for size, share in frames])
    rng = np.random.default_rng(seed)
    donor = rng.permutation(len(sizes))
    clusters = ExchangeableClusters.by_quantile(hits, sizes)
    moved = clusters.transfer(donor, rng.random(len(sizes)))
    assert (moved >= 0).all()
    assert (moved <= sizes).all()
    if len(set(sizes.tolist())) == 1:
        assert (moved == hits[donor]).all()


SIZES = {
    "two": lambda _: np.where(np.arange(4000) % 2, 1, 60),
    "geometric": lambda rng: rng.geometric(1 / 7, 4000),
    "heavy": lambda rng: np.ceil(5 * (1 + rng.pareto(1.5, 4000))).astype(int),
}


@pytest.mark.parametrize("kind", SIZES)
@pytest.mark.parametrize("trend", [0.0, -0.8])
def test_exchanged_clusters_vary_together_as_much_as_the_given_ones(kind, trend):
    """Also where large frames are harder: a bin of some of them must not look alike by chance."""
    rng = np.random.default_rng(0)
    sizes = SIZES[kind](rng)
    z = np.log(sizes)
    chance = 1 / (1 + np.exp(-1 - trend * (z - z.mean()) / z.std() - rng.normal(size=4000)))
    hits = rng.binomial(sizes, chance)
    clusters = ExchangeableClusters.by_quantile(hits, sizes)
    spread = []
    for _ in range(60):
        moved = clusters.transfer(rng.permutation(4000), rng.random(4000))
        spread.append(((moved - moved.sum() / sizes.sum() * sizes) ** 2).sum())
    given_ones = ((hits - hits.sum() / sizes.sum() * sizes) ** 2).sum()
    assert np.mean(spread) == pytest.approx(given_ones, rel=0.15)


def test_the_higher_quantile_hands_on_the_higher_outcome():
    sizes = np.array([10, 10, 10, 40, 40, 40])
    clusters = ExchangeableClusters.by_quantile(np.array([1, 5, 9, 8, 20, 36]), sizes)
    moved = [clusters.transfer(np.full(6, donor), np.full(6, 0.5))[3] for donor in range(6)]
    assert (np.diff(moved[:3]) > 0).all()
    assert (np.diff(moved[3:]) > 0).all()


def test_clusters_too_large_for_a_table_keep_their_rate(monkeypatch):
    monkeypatch.setattr("ea_widgets.core.statistics.exchangeable.LARGEST_TABLE", 30)
    sizes = np.array([5, 10, 200, 100])
    clusters = ExchangeableClusters.by_quantile(np.array([2, 4, 50, 75]), sizes)
    assert (clusters.group >= 0).tolist() == [True, True, False, False]
    moved = clusters.transfer(np.array([0, 1, 3, 2]), np.full(4, 0.5))
    assert moved[2:].tolist() == [150, 25]


def test_rates_are_rounded_at_random():
    clusters = ExchangeableClusters.by_rate(np.array([1, 1]), np.array([2, 5]))
    found = [clusters.transfer(np.array([1, 0]), np.full(2, u)).tolist() for u in (0.2, 0.55, 0.9)]
    assert found == [[0, 2], [0, 3], [1, 3]]  # of 0.4 and 2.5


def test_icc_within_strata_is_not_what_differs_between_them():
    rng = np.random.default_rng(0)
    stratum, sizes = np.repeat([0, 1], 2000), np.full(4000, 12)
    hits = rng.binomial(sizes, np.where(stratum == 0, 0.1, 0.8))
    assert icc(hits, sizes, stratum) == pytest.approx(0, abs=0.01)
    assert icc(hits, sizes) > 0.4


def test_quantiles_are_found_as_a_search_finds_them():
    """The lookup skips the search only where it cannot matter, at the ends of buckets too."""
    rng = np.random.default_rng(0)
    sizes = rng.geometric(1 / 40, 3000)
    clusters = ExchangeableClusters.by_quantile(rng.binomial(sizes, 0.07), sizes)
    quantile = np.concatenate([rng.random(3000), np.arange(1024) / 1024, [np.nextafter(1, 0), 1.0]])
    group = rng.integers(0, len(clusters.first), len(quantile))
    entry = np.searchsorted(clusters.table, group + quantile)
    expected = np.maximum(entry - clusters.first[group], 0)
    assert (clusters._find(group, quantile) == expected).all()
    rows = np.array([quantile, quantile[::-1]])
    assert (clusters._find(group, rows)[0] == expected).all()
