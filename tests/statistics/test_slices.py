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


def found_at(shift, spread=0.8):
    """Share of labels that is found over all images, where their chances are so much higher."""
    hardness = np.random.default_rng(0).normal(0, spread, 400_000)
    return float(np.clip(expit(0.5 - hardness) + shift, 0, 1).mean())


def test_intervals_of_slices_cells_and_of_what_was_selected_hold_the_truth():
    """Of the pair that was found, of every cell of its grid, and of a slice and its difference."""
    shift = -0.35

    def worse(labels):
        return ((labels["m3"] < 0.5) & (labels["m5"] < 0.5)).to_numpy()

    def lower(_images, labels, chance):
        return np.clip(chance + shift * worse(labels), 0, 1)

    plain, bad = found_at(0.0), found_at(shift)
    covered = {name: [] for name in ("selected", "cell", "recall", "difference")}
    for seed in range(usual_or_all(8, 300)):
        evaluation = evaluation_of(np.random.default_rng(seed), lower, n_metrics=6)
        labels = evaluation.dataset.labels
        truth = np.where(worse(labels), bad, plain)
        for row in evaluation.worst_slices(1, outcome="missed").to_dict("records"):
            inside = evaluation.at(where=row["condition"]).matches().labels["outcome"] != "ignored"
            missed = 1 - truth[inside.to_numpy()].mean()
            covered["selected"].append(row["rate_low"] <= missed <= row["rate_high"])
        for cell in evaluation.grid("m3", "m5", bins=4, outcome="missed").to_dict("records"):
            inside = labels["m3"].between(cell["x_low"], cell["x_high"])
            inside &= labels["m5"].between(cell["y_low"], cell["y_high"])
            found = truth[inside].mean()
            covered["cell"].append(1 - cell["rate_high"] <= found <= 1 - cell["rate_low"])
        sliced = evaluation.slices({"low": ea.where("m3", high=0.5)}, settled=True).iloc[0]
        inside = (labels["m3"] <= 0.5).to_numpy()
        ends = sliced["recall_low"], sliced["recall_high"]
        covered["recall"].append(ends[0] <= truth[inside].mean() <= ends[1])
        apart = truth[inside].mean() - truth[~inside].mean()
        ends = sliced["recall_difference_low"], sliced["recall_difference_high"]
        covered["difference"].append(ends[0] <= apart <= ends[1])
    for name, held in covered.items():
        slack = 2 * np.sqrt(0.05 * 0.95 / len(held))
        assert 0.90 - slack <= np.mean(held), (name, np.mean(held), len(held))
        assert name == "selected" or np.mean(held) <= 0.98 + slack, (name, np.mean(held))
