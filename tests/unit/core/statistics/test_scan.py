from __future__ import annotations

import numpy as np
import pytest

from ea_widgets.core.statistics.scan import Demands, best_runs, bonferroni_z, clustered_variance

ANY = Demands(z=0.0, rows=1, errors=1)


def naive_best(rows, errors, variance, demands):
    """Every run in a loop."""
    average = errors.sum() / rows.sum()
    best = None
    for start in range(len(rows)):
        for stop in range(start + 1, len(rows) + 1):
            n, found = rows[start:stop].sum(), errors[start:stop].sum()
            excess = found - average * n
            spread = max(average * (1 - average) * n, variance[start, stop])
            if n < demands.rows or found < demands.errors or excess <= 0:
                continue
            if excess > demands.z * spread**0.5:
                least = excess - 1.959963984540054 * spread**0.5
                if best is None or least > best[0]:
                    best = (least, start, stop)
    return best


@pytest.mark.parametrize("seed", range(20))
def test_the_best_run_is_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(1, 40, 12).astype(float)
    errors = rng.binomial(rows.astype(int), rng.random(12)).astype(float)
    variance = clustered_variance(rng.normal(0, 1, (30, 12)))
    demands = Demands(z=1.0, rows=5, errors=3)
    expected = naive_best(rows, errors, variance, demands)
    runs = best_runs(rows, errors, variance, demands, 3)
    assert bool(runs) == (expected is not None)
    if expected is None:
        return
    run = runs[0]
    assert run.least_excess == pytest.approx(expected[0])
    assert (run.start, run.stop) == expected[1:]


def test_runs_do_not_overlap_and_fall_in_excess():
    errors = np.array([9, 1, 1, 8, 8, 1, 1, 7.0])
    runs = best_runs(np.full(8, 10.0), errors, None, ANY, 5)
    assert [(run.start, run.stop) for run in runs] == [(3, 5), (0, 1), (7, 8)]
    assert sorted((run.least_excess for run in runs), reverse=True) == [
        run.least_excess for run in runs
    ]


@pytest.mark.parametrize("errors", [np.zeros(4), np.full(4, 10.0), np.full(4, 3.0)])
def test_nothing_stands_out_where_all_bins_are_alike(errors):
    assert best_runs(np.full(4, 10.0), errors, None, ANY, 3) == []
    assert best_runs(np.zeros(0), np.zeros(0), None, ANY, 3) == []


def test_the_variance_is_the_sum_over_frames_and_at_least_the_mean_of_its_width():
    residuals = np.random.default_rng(0).normal(0, 1, (50, 6))
    variance = clustered_variance(residuals)
    own = {
        (start, stop): (residuals[:, start:stop].sum(axis=1) ** 2).sum()
        for start in range(6)
        for stop in range(start + 1, 7)
    }
    for (start, stop), squares in own.items():
        alike = [value for run, value in own.items() if run[1] - run[0] == stop - start]
        assert variance[start, stop] == pytest.approx(max(squares, np.mean(alike)))


def test_more_tries_need_more_deviations():
    assert bonferroni_z(1) < bonferroni_z(10) < bonferroni_z(1e6) < 6
