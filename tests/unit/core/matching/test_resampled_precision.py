import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ea_widgets.core.matching.average_precision import average_precision, matches_needed
from ea_widgets.core.matching.resampled_precision import resampled_curve, resampled_precision


def drawn_labels(labels, weights):
    """Labels in each resample."""
    return (weights.astype(int) * labels).sum(axis=1)


def repeated(found, cluster, labels, weights):
    """AP of the data with each cluster repeated, by the ordinary fold."""
    times = weights[cluster].astype(int)
    found = np.repeat(found, times)
    n_labels = np.array([int((labels * weights).sum())])
    rank = np.flatnonzero(found)
    return average_precision(rank, np.zeros(len(rank), int), n_labels, matches_needed(n_labels))[0]


@settings(max_examples=80)
@given(seed=st.integers(0, 10**6), n=st.integers(0, 60), n_clusters=st.integers(1, 8))
def test_each_resample_is_the_data_with_clusters_repeated(seed, n, n_clusters):
    rng = np.random.default_rng(seed)
    found, cluster = rng.random(n) < rng.random(), rng.integers(0, n_clusters, n)
    labels = np.bincount(cluster[found], minlength=n_clusters) + rng.integers(0, 3, n_clusters)
    weights = rng.multinomial(n_clusters, np.ones(n_clusters) / n_clusters, 5).astype(np.float32)
    drawn = resampled_precision(found, cluster, drawn_labels(labels, weights), weights)
    expected = [repeated(found, cluster, labels, row) for row in weights]
    np.testing.assert_allclose(drawn, expected, atol=1e-12)
    curve = resampled_curve(found, cluster, drawn_labels(labels, weights), weights)
    np.testing.assert_allclose(curve.mean(axis=1), expected, atol=1e-12)


def test_nothing_found_is_zero_and_no_labels_are_unknown():
    weights = np.array([[1, 1], [0, 2]], np.float32)
    nothing = np.zeros(3, bool)
    n_labels = drawn_labels(np.array([2, 0]), weights)
    drawn = resampled_precision(nothing, np.array([0, 1, 1]), n_labels, weights)
    np.testing.assert_array_equal(drawn, [0.0, np.nan])
    curve = resampled_curve(nothing, np.array([0, 1, 1]), n_labels, weights)
    np.testing.assert_array_equal(curve, np.repeat([[0.0], [np.nan]], 101, axis=1))
