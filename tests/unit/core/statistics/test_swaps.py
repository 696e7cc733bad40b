import numpy as np
import pytest

from ea_widgets.core.statistics.swaps import SWAPS, overall_scores, scores_beyond, swap_signs


def naive(sums, weights, signs):
    """The same, run by run."""
    n_bins = sums.shape[1]
    z = np.zeros((len(signs), n_bins + 1, n_bins + 1))
    total = sums.sum(axis=1)
    for start in range(n_bins):
        for stop in range(start + 1, n_bins + 1):
            scores = []
            for weight in weights:
                share = weight[start:stop].sum() / (weight.sum() or 1.0)
                psi = sums[:, start:stop].sum(axis=1) - share * total
                floor = share * (1 - share) * (total**2).sum()
                variance = max((psi**2).sum(), floor)
                fine = share < 1 and variance > 0
                scores.append(signs @ psi / np.sqrt(variance) if fine else 0 * signs[:, 0])
            scores = np.array(scores)
            alike = (np.sign(scores) == np.sign(scores[0])).all(axis=0)
            least = np.sign(scores[0]) * np.abs(scores).min(axis=0)
            z[:, start, stop] = np.where(alike, least, 0.0)
    return z


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    weights = rng.integers(1, 50, (3, 6)).astype(float)
    return rng.normal(0.2, 1, (30, 6)), np.vstack([weights, np.zeros(6)])


def test_every_run_is_scored_as_one_by_one(table):
    signs = swap_signs(30)[:20]
    found = np.triu(scores_beyond(*table, signs, ordered=True), 1)
    expected = naive(*table, signs)
    np.testing.assert_allclose(found[:, :6, 1:], expected[:, :6, 1:], atol=1e-9)


def test_single_bins_are_runs_of_one(table):
    signs = swap_signs(30)[:20]
    runs = scores_beyond(*table, signs, ordered=True)
    alone = scores_beyond(*table, signs, ordered=False)
    np.testing.assert_allclose(alone, np.diagonal(runs, 1, 1, 2), atol=1e-9)


def test_a_part_in_which_nothing_differs_is_as_far_off_as_its_size_says():
    sums = np.zeros((100, 2))
    sums[:, 0] = 1.0  # all differences are in the first bin, which has 90 % of the rows
    z = scores_beyond(sums, np.array([[90.0, 10.0]]), np.ones((1, 100)), ordered=False)
    np.testing.assert_allclose(z[0], [10 / np.sqrt(0.09 * 100), -10 / np.sqrt(0.09 * 100)])


def test_less_change_than_elsewhere_is_none_where_the_change_itself_counts():
    sums = np.random.default_rng(0).normal([1.0, 0.02], 0.1, (100, 2))
    alike = np.array([[50.0, 50.0]])
    whole = np.ones((1, 100))
    assert scores_beyond(sums, alike, whole, ordered=False)[0, 1] < -5
    z = scores_beyond(sums, np.vstack([alike, [0.0, 0.0]]), whole, ordered=False)
    assert z[0, 0] > 5
    assert z[0, 1] == 0


def test_swapped_clusters_change_the_sign():
    sums = np.random.default_rng(1).normal(size=40)
    z = overall_scores(sums, swap_signs(40))
    assert len(z) == SWAPS + 1
    np.testing.assert_allclose(z[0], sums.sum() / np.sqrt((sums**2).sum()))
    assert abs(z[1:].mean()) < 0.2
    assert 0.8 < z[1:].std() < 1.2


def test_no_difference_scores_nothing():
    signs = swap_signs(5)
    assert not overall_scores(np.zeros(5), signs).any()
    assert not scores_beyond(np.zeros((5, 4)), np.ones((3, 4)), signs, ordered=True).any()
