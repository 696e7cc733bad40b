"""AP and AR of each class, against pycocotools 2.0.11."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import ea_widgets as ea
from tests.parity.scenes import CLASSES, make_scene, oracle, scenes

THRESHOLDS = (0.05, *np.arange(1, 11) / 10, 0.55, 0.75)
TOLERANCE = 1e-12


def assert_same(frames, max_detections=100, thresholds=THRESHOLDS):
    evaluation = ea.Evaluation(ea.Dataset.from_frames(*frames), max_detections=max_detections)
    precision, recall = oracle(frames, thresholds, max_detections)
    for place, threshold in enumerate(thresholds):
        scores = evaluation.scores(threshold)
        per_class = scores.per_class.reindex(CLASSES)
        for ours, theirs in (
            (per_class["average_precision"], precision[place]),
            (per_class["average_recall"], recall[place]),
        ):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE)
        if not np.isnan(precision[place]).all():
            for ours, theirs in (
                (scores.mean_average_precision, precision[place]),
                (scores.mean_average_recall, recall[place]),
            ):
                assert ours == pytest.approx(np.nanmean(theirs), abs=TOLERANCE)


@given(scenes)
def test_generated_scenes(frames):
    assert_same(frames)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("max_detections", [1, 7, 100])
def test_more_predictions_than_are_evaluated(seed, max_detections):
    frames = make_scene(seed, n_images=2, n_labels=25, n_predictions=900)
    assert_same(frames, max_detections, thresholds=(0.05, 0.5, 1.0))


@pytest.mark.parametrize("seed", range(40))
def test_ignored_labels_that_are_no_crowds(seed):
    assert_same(make_scene(seed, 3, 30, 60, ignores=True), thresholds=(0.1, 0.5, 0.9))


@pytest.mark.parametrize("seed", range(20))
def test_confidence_threshold_equals_leaving_predictions_out(seed):
    frames = make_scene(seed, 4, 30, 80)
    images, labels, predictions = frames
    whole = ea.Evaluation(ea.Dataset.from_frames(*frames))
    for threshold in (0.25, 0.5, 8 / 12):
        kept = predictions[predictions["confidence"] >= threshold]
        assert len(kept)  # pycocotools cannot load nothing
        precision, recall = oracle((images, labels, kept), [0.5])
        scores = whole.scores(0.5, confidence_threshold=threshold).per_class.reindex(CLASSES)
        np.testing.assert_allclose(
            scores["average_precision"], precision[0], rtol=0, atol=TOLERANCE
        )
        np.testing.assert_allclose(scores["average_recall"], recall[0], rtol=0, atol=TOLERANCE)


def test_images_without_anything_change_nothing():
    images, labels, predictions = make_scene(3, 4, 20, 40)
    more = pd.DataFrame({"image_id": [1000, 1001], "width": 40, "height": 30})
    assert_same((pd.concat([images, more], ignore_index=True), labels, predictions))
