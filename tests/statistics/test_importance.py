"""What DESIGN promises of the importance estimator, over many seeds."""

import numpy as np
import pytest

from ea_widgets.analysis.sample.selection import Selection
from ea_widgets.core.importance.importance import BinCounts, importance
from tests.statistics.simulate import NOTHING, outcomes, selection_of

pytestmark = pytest.mark.slow

SEEDS = 100


def importance_of(metric, hit, rows=None):
    selection = selection_of(np.arange(len(metric)), None, {"m": metric})
    hits = np.flatnonzero(hit) if rows is None else np.intersect1d(np.flatnonzero(hit), rows)
    excluded = NOTHING if rows is None else np.setdiff1d(np.arange(len(metric)), rows)
    return importance(selection.fold(hits, excluded)[0])[0]


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.95])
@pytest.mark.parametrize("kind", ["threshold", "band"])
@pytest.mark.parametrize("n", [1000, 5000])
def test_a_threshold_or_a_band_that_decides_is_found(rate, kind, n):
    least = 0.98 if kind == "threshold" else 0.95
    for seed in range(SEEDS):
        metric = np.random.default_rng(seed).lognormal(size=n)
        rank = metric.argsort().argsort() / n
        hit = rank < rate if kind == "threshold" else np.abs(rank - 0.5) < rate / 2
        assert importance_of(metric, hit) >= least


@pytest.mark.parametrize("n", [1025, 1100, 1300, 2000, 2375, 2600, 2601, 2750, 4100])
def test_no_number_of_rows_hides_a_decision_at_the_edge_of_a_bin(n):
    metric = np.arange(float(n))
    for rate in (0.05, 0.052, 0.06, 0.95):
        for start in np.linspace(0, n - np.ceil(rate * n), 12).astype(int):
            hit = np.zeros(n, bool)
            hit[start : start + int(np.ceil(rate * n))] = True
            is_threshold = hit[0] or hit[-1]
            assert importance_of(metric, hit) >= (0.98 if is_threshold else 0.95), (rate, start)


def test_an_independent_metric_comes_out_as_none():
    found = []
    for seed in range(3 * SEEDS):
        rng = np.random.default_rng(seed)
        found.append(
            importance_of(rng.normal(size=1000), rng.random(1000) < rng.uniform(0.05, 0.95))
        )
    assert np.mean(found) < 0.002
    assert np.quantile(found, 0.95) <= 0.005


def masks(metric, luck):
    """Choices of rows, as the controls make them; both arguments are even in [0, 1]."""
    return {
        "a twentieth of the metric's range": metric > 0.95,
        "a hundredth of the metric's range": metric > 0.99,
        "the middle of the metric": np.abs(metric - 0.5) < 0.01,
        "half of the rows": luck < 0.5,
        "few rows": luck < 0.006,
        "1,000 rows": luck.argsort().argsort() < 1000,
    }


def choices(seed):
    """A metric of 200,000 rows, more than there are fine bins, and rows chosen from it."""
    rng = np.random.default_rng(seed)
    metric, luck = rng.random((2, 200_000))
    whole = selection_of(np.arange(200_000) // 50, None, {"m": metric})
    for name, mask in masks(metric, luck).items():
        yield name, metric, Selection(whole.side, np.flatnonzero(mask))


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.95])
def test_what_decides_among_chosen_rows_is_found(rate):
    for seed in range(3):
        for name, metric, selection in choices(seed):
            rows = selection.rows
            for start in [0.0, *np.random.default_rng(seed).uniform(0, 1 - rate, 10), 1 - rate]:
                rank = (metric[rows].argsort().argsort() + 0.5) / len(rows)
                hit = rows[(rank >= start) & (rank < start + rate)]
                least = 0.98 if start in (0.0, 1 - rate) else 0.95
                found = importance(selection.fold(hit, NOTHING)[0])[0]
                assert found >= least, (name, start)


def test_noise_among_chosen_rows_comes_out_as_none():
    found = []
    for seed in range(20):
        rng = np.random.default_rng(1000 + seed)
        for _, _, selection in choices(seed):
            hit = selection.rows[rng.random(len(selection.rows)) < rng.uniform(0.05, 0.95)]
            found.append(importance(selection.fold(hit, NOTHING)[0])[0])
    assert np.mean(found) < 0.002
    assert np.quantile(found, 0.95) <= 0.005


def test_increasing_transforms_and_the_order_of_rows_change_nothing_under_a_choice():
    rng = np.random.default_rng(0)
    metric = rng.random(200_000)
    order = rng.permutation(len(metric))
    for chosen in masks(metric, rng.random(len(metric))).values():
        hit = chosen & outcomes(rng, 9 * metric - 5)
        found = []
        for values, mask, hits in (
            (metric, chosen, hit),
            (np.exp(9 * metric), chosen, hit),
            (metric[order], chosen[order], hit[order]),
        ):
            whole = selection_of(np.arange(len(values)), None, {"m": values})
            selection = Selection(whole.side, np.flatnonzero(mask))
            found.append(importance(selection.fold(np.flatnonzero(hits), NOTHING)[0])[0])
        assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("slope", [0.2, 1.0, 2.5])
def test_a_known_dependency_comes_out_within_a_hundredth(slope):
    grid = np.linspace(-8, 8, 20_001)
    weight = np.exp(-(grid**2) / 2)
    weight /= weight.sum()
    chance = 1 / (1 + np.exp(1 - slope * grid))
    entropy = [-(p * np.log(p) + (1 - p) * np.log(1 - p)) for p in (chance, weight @ chance)]
    truth = 1 - weight @ entropy[0] / entropy[1]
    for seed in range(10):
        rng = np.random.default_rng(seed)
        metric = rng.normal(size=50_000)
        assert abs(importance_of(metric, outcomes(rng, slope * metric - 1)) - truth) < 0.01


def test_increasing_transforms_and_the_order_of_rows_change_nothing():
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        metric = rng.normal(size=700).round(2)
        hit = outcomes(rng, metric)
        expected = importance_of(metric, hit)
        order = rng.permutation(700)
        for bent in (np.exp(metric), metric**3, 1e9 + metric):
            assert importance_of(bent, hit) == expected
        assert importance_of(metric[order], hit[order]) == expected


def test_any_split_gives_the_same_answer_as_the_whole():
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        totals = rng.integers(0, 9, (3, 400))
        hits = rng.binomial(totals, np.linspace(0.1, 0.6, 400))
        part = rng.binomial(totals, 0.3)
        part_hits = rng.hypergeometric(hits, totals - hits, part)
        parts = BinCounts(part_hits, part) + BinCounts(hits - part_hits, totals - part)
        assert (importance(parts) == importance(BinCounts(hits, totals))).all()
