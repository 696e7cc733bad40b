import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea


def small_frames(seed=0, n_images=60, n_labels=500, n_predictions=900):
    """Frames with metrics at each level: some matter, one is noise, one has gaps, one constant."""
    rng = np.random.default_rng(seed)
    names = np.array(["ant", "bee", "cat", "dog"])
    images = pd.DataFrame({"image_id": np.arange(n_images) * 7, "width": 400, "height": 300})
    images["Fog"] = rng.random(n_images)
    labels = pd.DataFrame(
        {
            "image_id": rng.choice(images["image_id"], n_labels),
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
    predictions[["x", "y", "width", "height"]] = (
        source[["x", "y", "width", "height"]] + noise
    ).clip(0)
    wrong = rng.random(n_predictions) < 0.2
    predictions.loc[wrong, "class_name"] = rng.choice(names, wrong.sum())
    predictions["confidence"] = rng.integers(0, 100, n_predictions) / 100
    for frame in (labels, predictions):
        frame["Size"] = frame["width"] * frame["height"]
        frame["Noise"] = rng.random(len(frame))
        frame["Gaps"] = frame["width"].where(rng.random(len(frame)) < 0.7)
        frame["Constant"] = 3.0
    return images, labels, predictions


@pytest.fixture(scope="session")
def frames():
    return small_frames()


@pytest.fixture(scope="session")
def evaluation(frames):
    return ea.Evaluation(ea.Dataset.from_frames(*frames))
