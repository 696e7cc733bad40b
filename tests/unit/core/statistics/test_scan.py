from __future__ import annotations

import numpy as np
import pytest

from ea_widgets.core.statistics.scan import (
    best_runs,
    bonferroni_z,
    clusters_of_runs,
    run_scores,
)


def tables(seed, n_clusters=30, n_bins=6, rate=0.3, size=20):
    """Rows and errors by cluster and bin; clusters differ in size and difficulty."""
    rng = np.random.default_rng(seed)
    rows = rng.poisson(size / n_bins, (n_clusters, n_bins))
    rows[rng.random(rows.shape) < 0.5] = 0
    return rows, rng.binomial(rows, np.clip(rate + rng.normal(0, 0.1, (n_clusters, 1)), 0, 1))


def naive(rows, errors, start, stop):
    """Score of one run in a loop over clusters, and its standard error."""
    n, rate = rows.sum(), errors.sum() / rows.sum()
    inside = rows[:, start:stop]
    n_run, clusters = inside.sum(), (inside.sum(axis=1) > 0).sum()
    if n_run < 20 or clusters < 10 or n_run == n:
        return 0.0, 0.0
    share, within, among, p_within, p_among, there = n_run / n, 0.0, 0.0, 0.0, 0.0, 0
    for row, wrong in zip(rows, errors, strict=True):
        m, k = row.sum(), wrong.sum()
        if m:
            p = row[start:stop].sum() / m
            there += 1
            within += k * (m - k) / max(m - 1, 1)
            among += (k - rate * m) ** 2
            p_within += p * (1 - p)
            p_among += (p - share) ** 2
    variance = within * p_within / there + among * p_among / there
    excess = errors[:, start:stop].sum() - rate * n_run
    spread = max(variance, n_run * rate * (1 - rate) * (1 - share)) ** 0.5
    return excess / spread, spread


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.95])
def test_scores_are_those_of_a_loop(rate):
    stacks = [tables(seed, rate=rate) for seed in range(3)]
    rows, errors = (np.array(part) for part in zip(*stacks, strict=True))
    found = run_scores(rows, errors)
    for number in range(3):
        for start in range(6):
            for stop in range(start + 1, 7):
                expected = naive(rows[number], errors[number], start, stop)
                got = [table[number, start, stop] for table in found]
                assert got == pytest.approx(expected, abs=1e-9)
    assert np.abs(found[0]).max() > 1


def test_the_variance_is_that_of_clusters_that_are_given_the_values_of_others():
    rng = np.random.default_rng(0)
    n_clusters, size = 40, 25
    profile = rng.dirichlet(np.ones(4), n_clusters)
    bins = np.array([rng.choice(4, size, p=p) for p in profile])
    wrong = rng.random((n_clusters, size)) < rng.beta(1, 2, (n_clusters, 1))

    def counts(bins):
        held = bins[:, :, None] == np.arange(4)
        return held.sum(axis=1), (held & wrong[:, :, None]).sum(axis=1)

    z, _ = run_scores(*counts(bins))
    excess = []
    for _ in range(3000):
        rows, errors = counts(rng.permuted(bins[rng.permutation(n_clusters)], axis=1))
        excess.append(errors[:, 1:3].sum() - wrong.mean() * rows[:, 1:3].sum())
    rows, errors = counts(bins)
    spread = (errors[:, 1:3].sum() - wrong.mean() * rows[:, 1:3].sum()) / z[1, 3]
    assert spread == pytest.approx(np.std(excess), rel=0.05)


def test_an_outcome_that_does_not_vary_has_no_scores():
    rows, _ = tables(0)
    for errors in (rows * 0, rows):
        assert not np.any(run_scores(rows, errors))
    assert not np.any(run_scores(rows[:0], rows[:0]))


@pytest.mark.parametrize("seed", range(3))
def test_clusters_of_runs_are_counted(seed):
    rows = np.array([tables(seed + k)[0] for k in range(2)])
    found = clusters_of_runs(rows)
    for number in range(2):
        for start in range(6):
            for stop in range(start + 1, 7):
                held = (rows[number, :, start:stop].sum(axis=1) > 0).sum()
                assert found[number, start, stop] == held


def test_the_best_runs_do_not_overlap_and_are_high_enough():
    z, error = np.zeros((5, 5)), np.zeros((5, 5))
    for start, stop, score, least in ((0, 2, 5, 9), (1, 3, 6, 8), (2, 4, 4, 3), (3, 4, 2, 7)):
        z[start, stop], error[start, stop] = score, least / (score - bonferroni_z(12))
    assert best_runs(z, error, 3.0, 5) == [(0, 2), (2, 4)]
    assert best_runs(z, error, 3.0, 1) == [(0, 2)]
    assert best_runs(z, error, 5.5, 5) == [(1, 3)]
    assert best_runs(z, error, 6.0, 5) == []
