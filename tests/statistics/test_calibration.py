"""Calibrated models are called so, others not, also where predictions of an image are alike."""

import numpy as np
import pytest
from scipy.special import expit, logit, ndtri

from ea_widgets.analysis.calibration.measure import _bins, _numbers
from ea_widgets.core.statistics.calibration_error import Judged, calibration_error
from ea_widgets.core.statistics.calibration_interval import error_interval
from tests.conftest import usual_or_all

pytestmark = pytest.mark.slow

SEEDS = usual_or_all(250, 2000)
INTERVALS = usual_or_all(4, 200)


def judged(seed, n_clusters, per_cluster, alike, shape, curve=lambda c: c):
    """Predictions of known precision, a function of confidence, correlated within clusters."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(n_clusters), rng.poisson(per_cluster - 1, n_clusters) + 1)
    confidence = rng.beta(*shape, len(cluster))
    truth = curve(confidence)
    latent = np.sqrt(alike) * rng.normal(size=n_clusters)[cluster]
    latent += np.sqrt(1 - alike) * rng.normal(size=len(cluster))
    order = np.argsort(confidence)
    return Judged(confidence, latent < ndtri(truth), cluster).take(order)


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
    found = [
        calibration_error(judged(seed, n, 1, 0.0, (1, 1), lambda c: c**2))
        for seed in range(SEEDS // 2)
    ]
    assert np.mean([one.error for one in found]) == pytest.approx(1 / 6, abs=tolerance)
    assert np.mean([one.error > one.noise_floor for one in found]) > 0.99


def tempered(by):
    return lambda c: expit(logit(np.clip(c, 1e-9, 1 - 1e-9)) / by)


CURVES = {
    "calibrated": lambda c: c,
    "slightly too sure": lambda c: c**1.1,
    "too sure": lambda c: c**1.3,
    "far too sure": lambda c: c**2,
    "too unsure": lambda c: c**0.7,
    "too extreme": tempered(2.0),
    "not extreme enough": tempered(0.7),
    "wrong in one tenth": lambda c: np.where((c > 0.6) & (c < 0.7), c - 0.3, c),
    "too sure here, too unsure there": lambda c: np.clip(c + 0.05 * np.sin(12 * c), 0, 1),
}
SCENES = [
    (400, 10, 0.0, (1, 1)),
    (100, 5, 0.3, (0.3, 1)),
    (100, 8, 0.5, (0.2, 5)),
    (60, 20, 0.2, (1, 1)),
    (300, 3, 0.0, (2, 2)),
]


@pytest.mark.parametrize("curve", CURVES)
def test_the_interval_of_the_error_holds_what_it_says(curve):
    """The true error is that of the true precisions in the bins of the data."""
    covered = []
    for scene in SCENES:
        for seed in range(INTERVALS):
            drawn = judged(seed, *scene, CURVES[curve])
            found = calibration_error(drawn)
            start, confidence = found.start[:-1], drawn.confidence
            apart = np.add.reduceat(CURVES[curve](confidence) - confidence, start)
            low, high = error_interval(drawn, found)
            covered.append(low <= np.abs(apart).sum() / len(confidence) <= high)
    slack = 2 * np.sqrt(0.10 * 0.90 / len(covered))
    assert 0.90 - slack <= np.mean(covered)
    assert np.mean(covered) <= 0.995 + 2 * np.sqrt(0.005 * 0.995 / len(covered))
