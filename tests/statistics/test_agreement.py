"""A model that is merely bad gives no alarm: that boxes or classes mean something else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea

BOX = ["x", "y", "width", "height"]
FACTORS = {"as many": 1, "many more": 8}


def bad_model(seed, factor, n_images, n_classes, per_image=8):
    """Labels, and predictions at random of which two in a hundred labels are found."""
    rng = np.random.default_rng(seed)
    images = pd.DataFrame({"image_id": np.arange(n_images), "width": 640, "height": 480})

    def objects(number):
        frame = pd.DataFrame({"image_id": rng.integers(0, n_images, number)})
        frame["class_name"] = rng.integers(0, n_classes, number).astype(str)
        frame["width"] = rng.lognormal(4, 0.6, number).clip(4, 400)
        frame["height"] = rng.lognormal(4, 0.6, number).clip(4, 400)
        frame["x"] = rng.random(number) * (640 - frame["width"])
        frame["y"] = rng.random(number) * (480 - frame["height"])
        return frame

    labels = objects(n_images * per_image)
    predictions = objects(len(labels) * factor)
    found = rng.random(len(labels)) < 0.02
    predictions.loc[: len(labels) - 1, :] = predictions.loc[: len(labels) - 1, :].mask(
        pd.Series(found), labels
    )
    return images, labels, predictions.assign(confidence=rng.random(len(predictions)))


@pytest.mark.parametrize("factor", FACTORS.values(), ids=FACTORS)
@pytest.mark.parametrize(("n_images", "n_classes"), [(8, 1), (30, 3), (200, 80)])
def test_recall_of_two_in_a_hundred_gives_no_alarm(factor, n_images, n_classes):
    marks = ("Give `boxes=", "Give `class_ids=", "most confident predictions", "counts upwards")
    alarms = 0
    for seed in range(12):
        dataset = ea.Dataset.from_frames(*bad_model(seed, factor, n_images, n_classes))
        alarms += any(mark in note for note in dataset.notes for mark in marks)
    assert alarms == 0


def test_predictions_of_other_images_still_give_one():
    images, labels, _ = bad_model(1, 1, 200, 3)
    good = labels.assign(confidence=0.5)
    other = good.assign(image_id=(good["image_id"] + 77) % 200, y=0.0, height=9.0)
    whole = ea.Dataset.from_frames(images, labels, good)
    assert not any("most confident" in note for note in whole.notes)
    notes = " ".join(ea.Dataset.from_frames(images, labels, other).notes)
    assert "are labels and predictions of the same images" in notes
