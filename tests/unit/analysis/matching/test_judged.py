"""Federated labels: predictions of classes that nobody looked for count nowhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from tests.parity.test_lvis import make_scene


@pytest.fixture(scope="module")
def frames():
    labels, results = make_scene(11)
    data = ea.read_lvis(labels, results)
    return (
        data.images,
        data.labels.assign(side=data.labels["width"]),
        data.predictions.assign(
            side=data.predictions["width"], sure=data.predictions["confidence"]
        ),
    )


def _is_judged(images, labels, predictions):
    judged = dict(zip(images["image_id"], images["judged_classes"], strict=True))
    have = set(zip(labels["image_id"], labels["class_name"], strict=True))
    return np.array(
        [
            name in judged[image] or (image, name) in have
            for image, name in zip(predictions["image_id"], predictions["class_name"], strict=True)
        ]
    )


def _numbers(images, labels, predictions):
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    return evaluation, evaluation.at(0.5, 0.2)


def test_every_number_is_that_without_the_predictions_that_are_not_judged(frames):
    images, labels, predictions = frames
    images = images.drop(columns="not_exhaustive_classes")
    keep = _is_judged(*frames)
    assert 0.2 < keep.mean() < 0.9
    federated, view = _numbers(images, labels, predictions)
    plain, expected = _numbers(images.drop(columns="judged_classes"), labels, predictions[keep])
    assert federated.coco_summary() == pytest.approx(plain.coco_summary(), abs=1e-12, nan_ok=True)
    pd.testing.assert_frame_equal(view.scores().per_class, expected.scores().per_class)
    assert view.reasons() == expected.reasons()
    curve, other = view.curve("side (P)"), expected.curve("side (P)")
    pd.testing.assert_frame_equal(curve.predictions, other.predictions)
    outcome = view.matches().predictions["outcome"].value_counts()
    counts = expected.matches().predictions["outcome"].value_counts()
    for name in ("true_positive", "false_positive"):
        assert outcome[name] == counts[name]
    pd.testing.assert_frame_equal(
        view.precision_recall().reset_index(drop=True),
        expected.precision_recall().reset_index(drop=True),
    )


def test_a_class_that_is_not_exhaustive_has_no_false_positives(frames):
    images, labels, predictions = frames
    _, view = _numbers(images, labels, predictions)
    table = view.matches().predictions
    partial = dict(zip(images["image_id"], images["not_exhaustive_classes"], strict=True))
    is_partial = np.array(
        [
            name in partial[image]
            for image, name in zip(table["image_id"], table["class_name"], strict=True)
        ]
    )
    outcomes = table["outcome"].astype(str)[is_partial].value_counts()
    assert set(outcomes.index) == {"true_positive", "ignored"}
    scores, outcomes = view.scores(), table["outcome"].value_counts()
    assert scores.true_positives == outcomes["true_positive"]
    assert scores.false_positives == outcomes["false_positive"]
    counted = outcomes["true_positive"] + outcomes["false_positive"]
    assert scores.per_class["predictions"].sum() == counted
    # Also where a slice goes by the predictions alone.
    sliced = view.scores().true_positives
    everything = ea.where("sure", low=0.0)
    evaluation, _ = _numbers(images, labels, predictions)
    assert evaluation.at(0.5, 0.2, where=everything).scores().true_positives == sliced


def test_images_that_say_nothing_judge_every_class(frames):
    images, labels, predictions = frames
    plain = images.drop(columns=["judged_classes", "not_exhaustive_classes"])
    silent = plain.assign(judged_classes=pd.Series([None] * len(plain), dtype=object))
    evaluation, _ = _numbers(plain, labels, predictions)
    other, _ = _numbers(silent, labels, predictions)
    pd.testing.assert_frame_equal(other.scores().per_class, evaluation.scores().per_class)


def test_a_cell_that_is_no_list_is_left_out_and_counted(frames):
    images, labels, predictions = frames
    odd = images.assign(judged_classes=pd.Series([7, *images["judged_classes"][1:]], dtype=object))
    data = ea.Dataset.from_frames(odd, labels, predictions)
    assert data.images["judged_classes"].tolist()[0] is None
    assert data.problems["field"].tolist() == ["judged_classes"]
