"""A part of the data, its evaluation and its summary, as all tests here need them."""

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea


def made_dataset(seed=0, n_images=60, n_labels=500, n_predictions=900, *, text_ids=False):
    """Metrics at each level: some matter, one is noise, one has gaps, one constant; many ties."""
    rng = np.random.default_rng(seed)
    names = np.array(["dog", "ant", "cat", "bee"])
    ids = rng.permutation(n_images) * 7 - 50
    images = pd.DataFrame({"image_id": ids, "width": 400, "height": 300})
    images["Fog"] = rng.random(n_images)
    labels = pd.DataFrame(
        {
            "image_id": rng.choice(ids, n_labels),
            "class_name": rng.choice(names, n_labels, p=[0.5, 0.3, 0.15, 0.05]),
            "x": rng.uniform(0, 300, n_labels),
            "y": rng.uniform(0, 200, n_labels),
            "width": rng.uniform(5, 90, n_labels),
            "height": rng.uniform(5, 90, n_labels),
            "is_crowd": rng.random(n_labels) < 0.03,
            "ignore": rng.random(n_labels) < 0.03,
        }
    )
    source = labels.iloc[rng.integers(0, n_labels, n_predictions)].reset_index(drop=True)
    predictions = source[["image_id", "class_name"]].copy()
    noise = rng.normal(0, 1, (n_predictions, 4)) * 4
    boxes = ["x", "y", "width", "height"]
    predictions[boxes] = (source[boxes] + noise).clip(0)
    predictions["confidence"] = rng.integers(0, 100, n_predictions) / 100
    for frame in (labels, predictions):
        frame["Size"] = frame["width"] * frame["height"]
        frame["Noise"] = rng.random(len(frame))
        frame["Gaps"] = frame["width"].where(rng.random(len(frame)) < 0.7)
        frame["Constant"] = 3.0
    frames = images, labels, predictions
    if text_ids:
        for frame in frames:
            frame["image_id"] = "image " + frame["image_id"].astype(str)
    return ea.Dataset.from_frames(*frames)


def many_classes():
    """A hundred classes, the first of them frequent, of some metrics."""
    rng = np.random.default_rng(5)
    names = np.array([f"class {number:02}" for number in range(100)])
    weight = 1 / np.arange(3, 103)
    images = pd.DataFrame({"image_id": np.arange(80), "width": 400, "height": 300})
    images["Fog"] = rng.random(80)
    labels = pd.DataFrame({"image_id": rng.integers(0, 80, 1500)})
    labels["class_name"] = rng.choice(names, 1500, p=weight / weight.sum())
    for name, most in (("x", 300), ("y", 200), ("width", 90), ("height", 90)):
        labels[name] = rng.uniform(5, most, 1500)
    predictions = labels.iloc[rng.integers(0, 1500, 2500)].reset_index(drop=True)
    boxes = ["x", "y", "width", "height"]
    predictions[boxes] = (predictions[boxes] + rng.normal(0, 5, (2500, 4))).clip(0)
    predictions["confidence"] = rng.integers(0, 100, 2500) / 100
    for frame in (labels, predictions):
        frame["Size"] = frame["width"] * frame["height"]
    return ea.Dataset.from_frames(images, labels, predictions)


@pytest.fixture(scope="session")
def dataset():
    return made_dataset()


@pytest.fixture(scope="session")
def evaluation(dataset):
    return ea.Evaluation(dataset)


@pytest.fixture(scope="session")
def summary(evaluation):
    return ea.summarize(evaluation)
