"""A label without a class that is ignored is ignored for every class, as KITTI's DontCare."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea

CLASSES = ["car", "bus", "van"]
BOX = ["x", "y", "width", "height"]


def _scene(seed):
    rng = np.random.default_rng(seed)
    images = pd.DataFrame({"image_id": range(8), "width": 100, "height": 100})

    def objects(n):
        frame = pd.DataFrame(rng.integers([0, 0, 5, 5], 50, (n, 4)), columns=BOX)
        return frame.assign(
            image_id=rng.integers(0, 8, n), class_name=rng.choice(CLASSES, n), ignore=False
        )

    labels, predictions = objects(60), objects(150).drop(columns="ignore")
    near = labels[[*BOX, "image_id", "class_name"]].sample(frac=0.7, random_state=seed)
    predictions = pd.concat([predictions, near], ignore_index=True)
    predictions["confidence"] = rng.integers(1, 50, len(predictions)) / 50
    regions = objects(10).assign(ignore=True, class_name=None)
    return images, labels, regions, predictions


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("threshold", [0.5, 0.7])
def test_equals_one_crowd_of_each_class(seed, threshold):
    images, labels, regions, predictions = _scene(seed)
    data = ea.Dataset.from_frames(images, pd.concat([labels, regions]), predictions)
    crowds = [regions.assign(class_name=name, is_crowd=True) for name in CLASSES]
    other = ea.Dataset.from_frames(images, pd.concat([labels, *crowds]), predictions)
    assert len(data.labels) == 70
    assert data.labels["class_name"].isna().sum() == 10
    view, expected = (ea.Evaluation(one).at(threshold) for one in (data, other))
    assert view.scores().mean_average_precision == expected.scores().mean_average_precision
    pd.testing.assert_frame_equal(view.scores().per_class, expected.scores().per_class)
    assert view.reasons() == expected.reasons()
    outcomes = view.matches().predictions["outcome"]
    assert outcomes.tolist() == expected.matches().predictions["outcome"].tolist()
    assert (outcomes == "ignored").any()
    shown = view.matches().labels
    assert shown["class_name"].isna().sum() == 10
    one = ea.Evaluation(data).at(threshold, classes=("van",))
    assert not one.matches().labels["class_name"].isna().any()
    pd.testing.assert_frame_equal(
        one.scores().per_class,
        ea.Evaluation(other).at(threshold, classes=("van",)).scores().per_class,
    )


def test_labels_without_a_class_that_count_are_left_out():
    images, labels, regions, predictions = _scene(0)
    given = pd.concat([labels, regions.assign(ignore=False)])
    data = ea.Dataset.from_frames(images, given, predictions)
    assert len(data.labels) == 60
    assert data.problems["field"].tolist() == ["class_name"] * 10


def test_questions_of_all_kinds_are_answered():
    images, labels, regions, predictions = _scene(1)
    data = ea.Dataset.from_frames(images, pd.concat([labels, regions]), predictions)
    data = ea.compute_metrics(data)
    view = ea.Evaluation(data).at(0.5)
    assert len(view.importance(outcome="missed"))
    assert len(view.curve("Object Area - Relative").labels)
    assert len(view.worst_ranges()) >= 0
    assert view.sentences("Object Area - Relative (O)")
    assert ea.Evaluation(data).at(0.5, where=ea.where("Object Area - Relative", high=5)).scores()
