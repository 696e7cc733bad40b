"""How often the finder of ranges takes noise for something."""

from __future__ import annotations

import numpy as np
import pytest

import ea_widgets as ea
from ea_widgets.analysis.ranges.finder import STRONG, find_ranges
from ea_widgets.analysis.ranges.groups import groups_of
from tests.conftest import usual_or_all
from tests.statistics.simulate import sample_of, selection_of

pytestmark = pytest.mark.slow

SETS = usual_or_all(6, 60)
METRICS = 8
RATES = (0.05, 0.5, 0.95)


def noise(rng, frame, *, of_images):
    """Metrics that have nothing to do with the outcome; some of them alike within images."""
    n_images = int(frame.max()) + 1
    if of_images:
        return {f"m{k}": rng.random(n_images) for k in range(METRICS)}, None
    objects = {
        f"m{k}": k % 3 * rng.normal(size=n_images)[frame] + rng.normal(size=len(frame))
        for k in range(METRICS)
    }
    return None, objects


def strengths(frame, error, metrics):
    sample = sample_of(selection_of(frame, *metrics), ~error)
    return [one.strength for one in find_ranges(groups_of(sample), settled=True).ranges]


def simulated(seed, rate, *, of_images):
    """Strengths of what is found where images differ in size and difficulty."""
    n_images = (60, 100, 150)[seed % 3]
    rng = np.random.default_rng([seed, n_images])
    frame = np.repeat(np.arange(n_images), rng.poisson(14, n_images) + 1)
    odds = np.log(rate / (1 - rate)) + rng.normal(size=n_images)[frame]
    error = rng.random(len(frame)) < 1 / (1 + np.exp(-odds))
    return strengths(frame, error, noise(rng, frame, of_images=of_images))


def test_noise_is_hardly_ever_strong():
    named = {}
    for rate in RATES:
        for of_images in (False, True):
            found = [simulated(seed, rate, of_images=of_images) for seed in range(SETS)]
            named[rate, of_images] = sum(STRONG in one for one in found)
    assert sum(named.values()) <= 0.07 * SETS * len(named), named
    if SETS >= 60:
        assert max(named.values()) <= 0.07 * SETS + 1, named


def test_noise_on_real_outcomes_is_hardly_ever_strong(shared_data):
    folder = shared_data / "voc100-formats"
    evaluation = ea.Evaluation(
        ea.read_coco(
            folder / "gts/coco_format_v1/instances_default.json",
            folder / "dets/coco_format/coco_dets.json",
        )
    )
    found = evaluation.matches().predictions
    _, frame = np.unique(found["image_id"], return_inverse=True)
    error = (found["outcome"] == "false_positive").to_numpy()
    named = 0
    for seed in range(4 * SETS):
        rng = np.random.default_rng(seed // 2)
        named += STRONG in strengths(frame, error, noise(rng, frame, of_images=bool(seed % 2)))
    assert named <= 0.07 * 4 * SETS, named
