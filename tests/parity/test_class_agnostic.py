"""All classes as one: pycocotools without categories, and the same data with one class."""

from __future__ import annotations

from operator import itemgetter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from pandas.testing import assert_frame_equal

import ea_widgets as ea
from tests.parity.coco_oracle import make_scene, pycocotools_numbers, scenes
from tests.unit.analysis.confusion.test_tables import scene

TOLERANCE = 1e-12

by_class = itemgetter("category_id")


def assert_same(labels, results):
    """Compare after a sort by class: that is the input order there (quirk PYC-NO-CATS)."""
    annotations = sorted(labels["annotations"], key=by_class)
    labels, results = {**labels, "annotations": annotations}, sorted(results, key=by_class)
    evaluation = ea.Evaluation(ea.read_coco(labels, results), class_agnostic=True)
    numbers, _ = pycocotools_numbers(labels, results, "bbox", use_cats=False)
    ours = evaluation.coco_summary()
    np.testing.assert_allclose([*ours.values()], [*numbers.values()], rtol=0, atol=TOLERANCE)
    return evaluation


@settings(max_examples=15)
@given(scenes(masks=False, ignores=True))
def test_pycocotools_without_categories(labels_and_results):
    assert_same(*labels_and_results)


def test_the_limit_is_one_per_image():
    labels, results = make_scene(5, n_images=2, n_labels=25, n_predictions=500, masks=False)
    evaluation = assert_same(labels, results)
    assert evaluation.scores().predictions_used <= 2 * 100
    assert ea.Evaluation(ea.read_coco(labels, results)).scores().predictions_used > 2 * 100


def test_everything_is_as_with_one_class():
    images, labels, predictions = scene(8)
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    agnostic = ea.Evaluation(evaluation.dataset, class_agnostic=True)
    one = ea.Evaluation(
        ea.Dataset.from_frames(
            images, labels.assign(class_name="object"), predictions.assign(class_name="object")
        )
    )
    assert agnostic.class_agnostic
    assert agnostic.class_names == ("object",)
    assert evaluation.class_names == ("ant", "bee", "cat")  # nothing was changed
    assert "All 3 classes are evaluated as one, 'object'." in agnostic.dataset.notes
    for where in (None, ea.where("Size", high=60), ea.where("Fog (F)", low=1)):
        ours, theirs = (each.at(0.4, 0.2, where=where) for each in (agnostic, one))
        assert_frame_equal(ours.scores().per_class, theirs.scores().per_class)
        assert_frame_equal(ours.confusion(), theirs.confusion())
        assert_frame_equal(ours.per_image(), theirs.per_image())
        assert_frame_equal(ours.importance(), theirs.importance())
        assert_frame_equal(ours.matches().predictions, theirs.matches().predictions)
        assert ours.reasons(gain=True) == theirs.reasons(gain=True)
    assert agnostic.scores(0.4).recall > evaluation.scores(0.4).recall


def test_federated_labels_stay_so():
    """What its own class is not judged for counts nowhere, unless it takes a label."""
    images = pd.DataFrame(
        {
            "image_id": [1, 2],
            "width": 99,
            "height": 99,
            "judged_classes": [("ant",), None],
            "not_exhaustive_classes": [None, ("bee",)],
        }
    )
    box = {"y": 0.0, "width": 9.0, "height": 9.0}
    labels = pd.DataFrame({"image_id": [1, 2], "class_name": ["ant", "bee"], "x": 0.0, **box})
    predictions = pd.DataFrame(
        {
            "image_id": [1, 1, 1, 2, 2],
            "class_name": ["bee", "bee", "ant", "bee", "ant"],
            "x": [0.0, 50.0, 70.0, 50.0, 70.0],
            "confidence": [0.9, 0.8, 0.7, 0.6, 0.5],
            **box,
        }
    )
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    outcome = ea.Evaluation(dataset, class_agnostic=True).matches().predictions["outcome"]
    expected = ["true_positive", "ignored", "false_positive", "ignored", "false_positive"]
    assert outcome.tolist() == expected
    summary = ea.Evaluation(dataset, class_agnostic=True, max_detections=1).coco_summary()
    whole = ea.Evaluation(dataset, class_agnostic=True).coco_summary()
    assert summary == pytest.approx(whole, nan_ok=True)


def test_what_is_no_truth_value_is_refused():
    dataset = ea.Dataset.from_frames(*scene(1))
    with pytest.raises(ea.InvalidInputError, match=r"`class_agnostic` is 1\. Give True or False\."):
        ea.Evaluation(dataset, class_agnostic=1)
