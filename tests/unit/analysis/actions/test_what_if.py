from __future__ import annotations

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.analysis.actions.rule import Rule
from tests.parity.scenes import CLASSES, make_scene


def measured_scene(seed, n_images, n_labels, n_predictions):
    """A scene whose predictions and images have metrics with ties and gaps."""
    rng = np.random.default_rng(seed)
    images, labels, predictions = make_scene(
        seed, n_images, n_labels, n_predictions, ignores=bool(seed % 2)
    )
    kind = pd.CategoricalDtype(CLASSES)
    labels, predictions = (
        labels.astype({"class_name": kind}),
        predictions.astype({"class_name": kind}),
    )
    predictions["size"] = rng.integers(0, 6, n_predictions).astype(float)
    predictions.loc[rng.random(n_predictions) < 0.1, "size"] = np.nan
    images["light"] = rng.integers(0, 4, n_images).astype(float)
    return images, labels, predictions


scenes = st.builds(
    measured_scene,
    seed=st.integers(0, 2**32 - 1),
    n_images=st.integers(1, 5),
    n_labels=st.integers(0, 30),
    n_predictions=st.integers(1, 70),
)


@st.composite
def some_rules(draw):
    metric = draw(st.sampled_from(["size", "size (P)", "light", "light (F)"]))
    low = draw(st.none() | st.integers(0, 5))
    high = draw(st.none() | st.integers(low or 0, 5))
    sure = draw(st.none() | st.integers(0, 12).map(lambda twelfth: twelfth / 12))
    return Rule(metric, low, high, sure)


def assert_same_scores(one, other):
    for field in dataclasses.fields(one):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if field.name == "per_class":
            pd.testing.assert_frame_equal(first, second, check_exact=True)
        else:
            assert first == second or (np.isnan(first) and np.isnan(second)), field.name


@given(
    frames=scenes,
    rules=st.lists(some_rules(), max_size=3),
    max_detections=st.sampled_from([1, 2, 5, 100]),
    iou_threshold=st.sampled_from([0.0, 0.3, 0.5, 0.75, 1.0]),
    confidence_threshold=st.sampled_from([0.0, 0.25, 0.5]),
    classes=st.sampled_from([(), ("bee",), ("cat", "ant")]),
)
def test_what_if_equals_a_fresh_evaluation_of_what_is_left(
    frames, rules, max_detections, iou_threshold, confidence_threshold, classes
):
    images, labels, predictions = frames
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    evaluation = ea.Evaluation(dataset, max_detections=max_detections)
    choice = (iou_threshold, confidence_threshold, classes)
    result = evaluation.what_if(rules, *choice)
    left = dataset.predictions
    for rule in rules:
        left = rule.apply(left, images)
    fresh = ea.Evaluation(
        ea.Dataset.from_frames(images, labels, left), max_detections=max_detections
    )
    assert_same_scores(result.after, fresh.scores(*choice))
    assert_same_scores(result.before, evaluation.scores(*choice))
    gone = dataset.predictions.drop(left.index)
    looked_at = gone["class_name"].isin(classes or CLASSES)
    assert result.removed == (looked_at & (gone["confidence"] >= confidence_threshold)).sum()
    before, after = result.before, result.after
    assert result.true_positives_lost == before.true_positives - after.true_positives
    assert result.false_positives_removed == before.false_positives - after.false_positives


def two_boxes_on_one_label():
    """The surer one, of size 1, holds the label that the other one would find too."""
    images = pd.DataFrame({"image_id": [1], "width": 40, "height": 40})
    box = {"image_id": 1, "class_name": "ant", "x": 0, "y": 0, "width": 10, "height": 10}
    predictions = pd.DataFrame([box, box]).assign(confidence=[0.9, 0.5], size=[1.0, 2.0])
    return ea.Dataset.from_frames(images, pd.DataFrame([box]), predictions)


def test_a_label_is_found_by_the_next_prediction():
    result = ea.Evaluation(two_boxes_on_one_label()).what_if([Rule("size", 1, 1)])
    assert (result.removed, result.true_positives_lost, result.false_positives_removed) == (1, 0, 1)
    assert (result.f1_before, result.f1_after) == (pytest.approx(2 / 3), 1.0)


def test_others_move_up_beyond_max_detections():
    result = ea.Evaluation(two_boxes_on_one_label(), max_detections=1).what_if(Rule("size", 1, 1))
    assert (result.removed, result.true_positives_lost, result.false_positives_removed) == (1, 0, 0)
    assert result.after.predictions_total == 1


def test_no_rule_changes_nothing_and_nothing_left_has_no_precision():
    evaluation = ea.Evaluation(two_boxes_on_one_label())
    assert_same_scores(evaluation.what_if([]).after, evaluation.scores())
    result = evaluation.what_if([Rule("size")])
    assert np.isnan(result.after.precision)
    assert (result.after.recall, result.after.mean_average_precision, result.f1_after) == (0, 0, 0)


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (3, "`rules` is 3. Give a list of ea.Rule."),
        (["size"], "`rules` is ['size']. Give a list of ea.Rule."),
        (
            [Rule("sise (P)")],
            "`metric` has no option 'sise (P)'. Did you mean 'size (P)'? Options: 'size (P)'.",
        ),
    ],
)
def test_other_rules_are_refused(rules, message):
    with pytest.raises(ea.InvalidInputError, match=f"^{re.escape(message)}$"):
        ea.Evaluation(two_boxes_on_one_label()).what_if(rules)


@given(frames=scenes, rules=st.lists(some_rules(), min_size=1, max_size=2))
def test_what_if_matches_masks_again_too(frames, rules):
    images, labels, predictions = frames
    labels, predictions = (
        frame.assign(segmentation=[triangle(row) for row in frame.itertuples()])
        for frame in (labels, predictions)
    )
    dataset = ea.Dataset.from_frames(images, labels, predictions)
    evaluation = ea.Evaluation(dataset, iou_type="segm", max_detections=3)
    left = dataset.predictions
    for rule in rules:
        left = rule.apply(left, images)
    fresh = ea.Evaluation(
        ea.Dataset.from_frames(images, labels, left), iou_type="segm", max_detections=3
    )
    assert_same_scores(evaluation.what_if(rules, 0.4).after, fresh.scores(0.4))


def triangle(row):
    """Half of a box, as a polygon."""
    right, bottom = row.x + row.width, row.y + row.height
    return [[row.x, row.y, right, row.y, row.x, bottom]]
