"""Conjunctions of two properties: planted ones are first, noise is not named."""

import numpy as np
import pytest
from scipy.special import expit

import ea_widgets as ea
from tests.conftest import usual_or_all
from tests.statistics.two_models import model, scene

pytestmark = pytest.mark.slow

SETS = usual_or_all(5, 200)
N_METRICS = 30


def evaluation_of(rng, chance_of=None, *, n_metrics=N_METRICS, spread=0.8, **shape):
    """Some metrics, a third of images; by default none has to do with what is missed."""
    images, labels, _ = scene(rng, **{"n_images": 100, "n_objects": 10, **shape})
    labels = labels.drop(columns=[c for c in labels if c.startswith("m")])
    for number in range(n_metrics):
        if number < n_metrics // 3:
            images[f"m{number}"] = rng.random(len(images))
        else:
            labels[f"m{number}"] = rng.random(len(labels))
    hardness = rng.normal(0, spread, len(images))[labels["image_id"]]
    chance = expit(0.5 - hardness)
    if chance_of is not None:
        chance = chance_of(images, labels, chance)
    return ea.Evaluation(model(images, labels, rng.random(len(labels)) < chance, rng))


def test_noise_is_hardly_ever_named():
    named = [
        len(evaluation_of(np.random.default_rng(seed)).worst_slices(outcome="missed")) > 0
        for seed in range(SETS)
    ]
    assert np.mean(named) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / SETS)


def test_noise_of_many_objects_that_are_alike_is_hardly_ever_named():
    """Null data sets are made of some of these 19,200 objects only."""
    sets = usual_or_all(10, 200)
    shape = {"n_images": 160, "n_objects": 120, "n_metrics": 9, "spread": 1.5}
    named = [
        len(evaluation_of(np.random.default_rng(seed), **shape).worst_slices(outcome="missed")) > 0
        for seed in range(sets)
    ]
    assert np.mean(named) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / sets)


def test_a_planted_conjunction_is_first():
    """Neither property matters alone: more are missed where they meet, as many fewer elsewhere."""

    def lower(_images, labels, chance):
        meets = (labels["m12"] < 0.5) == (labels["m20"] < 0.5)
        return np.clip(chance + np.where(meets, -0.2, 0.2), 0, 1)

    first = []
    for seed in range(SETS):
        table = evaluation_of(np.random.default_rng(seed), lower).worst_slices(outcome="missed")
        first.append(len(table) > 0 and table["metrics"].iloc[0] == ("m12 (O)", "m20 (O)"))
    assert np.mean(first) >= 0.95 - 2 * np.sqrt(0.05 * 0.95 / SETS)
