"""Calibrated models are called so, others not, also where predictions of an image are alike."""

import numpy as np
import pytest
from scipy.special import ndtri

from ea_widgets.analysis.calibration.measure import _bins, _numbers
from ea_widgets.core.statistics.calibration_error import Judged, calibration_error
from tests.conftest import usual_or_all

pytestmark = pytest.mark.slow

SEEDS = usual_or_all(250, 2000)


def judged(seed, n_clusters, per_cluster, alike, shape, power=1.0):
    """Predictions of known precision, confidence ** power, correlated within clusters."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(n_clusters), rng.poisson(per_cluster - 1, n_clusters) + 1)
    confidence = rng.beta(*shape, len(cluster))
    latent = np.sqrt(alike) * rng.normal(size=n_clusters)[cluster]
    latent += np.sqrt(1 - alike) * rng.normal(size=len(cluster))
    order = np.argsort(confidence)
    return Judged(confidence, latent < ndtri(confidence**power), cluster).take(order)


@pytest.mark.parametrize(
    ("n_clusters", "per_cluster", "alike", "shape"),
    [
        (400, 10, 0.0, (1, 1)),
        (100, 5, 0.3, (0.3, 1)),
        (100, 8, 0.5, (0.2, 5)),
        (30, 2, 0.0, (0.3, 1)),
        (60, 20, 0.2, (1, 1)),
    ],
)
def test_a_calibrated_model_is_under_its_95_percent_point(n_clusters, per_cluster, alike, shape):
    errors, under, covered, held = [], [], [], []
    for seed in range(SEEDS):
        drawn = judged(seed, n_clusters, per_cluster, alike, shape)
        found = calibration_error(drawn)
        under.append(found.error <= found.noise_floor)
        errors.append((found.error, found.plain_error))
        *_, low, high = _numbers(found, drawn)
        covered.append(low <= 0 <= high)
        bins = _bins(drawn, found.start)
        held.append(
            bins["confidence"].between(bins["precision_low"], bins["precision_high"]).mean()
        )
    assert 0.90 <= np.mean(under) <= 0.985
    assert 0.90 <= np.mean(covered) <= 0.98
    assert 0.90 <= np.mean(held) <= 0.985
    error, plain = np.mean(errors, axis=0)
    assert error < 0.35 * plain  # most of what chance gives is taken off


@pytest.mark.parametrize(("n", "tolerance"), [(300, 0.02), (1000, 0.01)])
def test_an_uncalibrated_model_keeps_its_error(n, tolerance):
    """P(true | c) = c²: an error of 1/6, of which nothing must be taken for bias."""
    found = [calibration_error(judged(seed, n, 1, 0.0, (1, 1), 2.0)) for seed in range(SEEDS // 2)]
    assert np.mean([one.error for one in found]) == pytest.approx(1 / 6, abs=tolerance)
    assert np.mean([one.error > one.noise_floor for one in found]) > 0.99
