"""How often 95 % intervals of scores hold the truth, where images differ in difficulty."""

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from tests.conftest import usual_or_all

pytestmark = pytest.mark.slow

SETS = usual_or_all(80, 400)
NAMES = ("mean_average_precision", "mean_average_recall", "precision", "recall", "f1")


def scenes(rng, n_images):
    """Images of some objects each; in hard images fewer are found, with more false positives."""
    hardness = rng.normal(0, 1, n_images)
    n_labels = rng.poisson(4, n_images) + 1
    image = np.repeat(np.arange(n_images), n_labels)
    name = np.where(rng.random(len(image)) < 0.7, "cat", "dog")
    sure = rng.normal(0.8 - 0.9 * hardness[image], 1)
    found = sure > 0
    wrong = np.repeat(np.arange(n_images), rng.poisson(3 * np.exp(0.5 * hardness)))
    boxes = {"y": 0.0, "width": 10.0, "height": 10.0}
    images = pd.DataFrame({"image_id": np.arange(n_images), "width": 10_000, "height": 100})
    x = 20.0 * (np.arange(len(image)) - np.repeat(np.cumsum(n_labels) - n_labels, n_labels))
    labels = pd.DataFrame({"image_id": image, "class_name": name, "x": x, **boxes})
    predictions = pd.DataFrame(
        {
            "image_id": np.concatenate([image[found], wrong]),
            "class_name": np.concatenate(
                [name[found], np.where(rng.random(len(wrong)) < 0.7, "cat", "dog")]
            ),
            "x": np.concatenate([x[found], 5000 + 20.0 * np.arange(len(wrong)) % 4000]),
            **boxes,
            "confidence": 1
            / (1 + np.exp(-np.concatenate([sure[found], rng.normal(-0.3, 1, len(wrong))]))),
        }
    )
    return ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))


@pytest.fixture(scope="module")
def truth():
    return scenes(np.random.default_rng(0), 20_000).scores()


@pytest.mark.parametrize("n_images", [40, 150])
def test_intervals_hold_the_truth(truth, n_images):
    rng = np.random.default_rng(n_images)
    held = {name: [] for name in (*NAMES, "AP/dog")}
    for _ in range(SETS):
        scores = scenes(rng, n_images).scores(settled=True)
        for name in NAMES:
            low, high = getattr(scores, f"{name}_low"), getattr(scores, f"{name}_high")
            held[name].append(low <= getattr(truth, name) <= high)
        row = scores.per_class.loc["dog"]
        if not np.isnan(row["average_precision_low"]):
            value = truth.per_class.loc["dog", "average_precision"]
            held["AP/dog"].append(
                row["average_precision_low"] <= value <= row["average_precision_high"]
            )
    for name, times in held.items():
        # 90 to 98 % are promised; three standard errors of so few sets are allowed for.
        slack = 3 * np.sqrt(0.06 * 0.94 / max(len(times), 1))
        assert 0.90 - slack < np.mean(times) < 0.98 + slack, (name, np.mean(times))
