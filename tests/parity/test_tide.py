"""Reasons of false positives and missed labels, against tidecv; quirks are in QUIRKS.md."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.core.matching.greedy import LARGEST_THRESHOLD
from tests.parity.tide_oracle import tide

THRESHOLDS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
EVERYTHING = 10**9
"""tidecv's limit is one for all classes together, so neither side has one (quirk TIDE-MAX)."""

FILES = {
    "coco100 boxes": (
        "coco100-crowd-masks/instances_val2014_100.json",
        "coco100-crowd-masks/instances_val2014_fakebbox100_results.json",
        "bbox",
    ),
    "coco100 masks": (
        "coco100-crowd-masks/instances_val2014_100.json",
        "coco100-crowd-masks/instances_val2014_fakesegm100_results.json",
        "segm",
    ),
    "mixed12 boxes": (
        "mixed12-masks/trainval.json",
        "mixed12-masks/coco_instances_results.json",
        "bbox",
    ),
    "mixed12 masks": (
        "mixed12-masks/trainval.json",
        "mixed12-masks/coco_instances_results.json",
        "segm",
    ),
    "tooth32": (
        "tooth32-yolo/derived/gt_coco.json",
        "tooth32-yolo/derived/yolov8_coco_results.json",
        "bbox",
    ),
    "voc100": (
        "voc100-formats/gts/coco_format_v1/instances_default.json",
        "voc100-formats/dets/coco_format/coco_dets.json",
        "bbox",
    ),
    "voc100 second model": (
        "voc100-formats/gts/coco_format_v1/instances_default.json",
        "voc100-formats/second-model/yolov3tiny_coco_results.json",
        "bbox",
    ),
}


def assert_same(dataset, threshold, iou_type="bbox"):
    evaluation = ea.Evaluation(dataset, iou_type, EVERYTHING)
    matches = evaluation.matches(threshold)
    wrong, _, labels = tide(  # quirk TIDE-ONE
        dataset, min(threshold, LARGEST_THRESHOLD), masks=iou_type == "segm"
    )
    ours = matches.predictions["reason"].dropna().astype(object)
    pd.testing.assert_series_equal(ours, wrong, check_names=False, check_index_type=False)
    ours = matches.labels["reason"].dropna().astype(object)
    theirs = labels.replace("badly_located", "missed")  # quirk TIDE-MISSED
    pd.testing.assert_series_equal(ours, theirs, check_names=False, check_index_type=False)
    return evaluation


def assert_counts(evaluation, threshold, confidence=0.0, classes=()):
    """Counts come by another way than the reasons one by one."""
    reasons = evaluation.reasons(threshold, confidence, classes)
    matches = evaluation.matches(threshold, confidence, classes)
    scores = evaluation.scores(threshold, confidence, classes)
    for counts, frame, total in (
        (reasons.predictions, matches.predictions, scores.false_positives),
        (reasons.labels, matches.labels, scores.false_negatives),
    ):
        expected = frame["reason"].value_counts().reindex(counts["reason"]).fillna(0)
        assert counts["count"].tolist() == expected.astype(int).tolist()
        assert counts["count"].sum() == total
        assert (
            (counts["share"].sum() == pytest.approx(1)) if total else counts["share"].isna().all()
        )


@pytest.mark.parametrize("name", FILES)
def test_shared_data(shared_data, name):
    labels, predictions, iou_type = FILES[name]
    dataset = ea.read_coco(shared_data / labels, shared_data / predictions)
    for threshold in THRESHOLDS:
        evaluation = assert_same(dataset, threshold, iou_type)
        assert_counts(evaluation, threshold)
        assert_counts(evaluation, threshold, 0.3, evaluation.class_names[::2])


def make_scene(seed, *, crowds, whole):
    """Boxes near labels, in three classes; without ties unless `whole` pixels are asked for."""
    rng = np.random.default_rng(seed)
    n_labels, n_predictions = rng.integers(1, 25), rng.integers(1, 50)

    def frame(n):
        box = np.hstack([rng.random((n, 2)) * 60, 5 + rng.random((n, 2)) * 35])
        box = box.round() if whole else box
        return pd.DataFrame(box, columns=["x", "y", "width", "height"]).assign(
            image_id=rng.integers(1, 4, n), class_name=rng.choice(["ant", "bee", "cat"], n)
        )

    labels, predictions = frame(n_labels), frame(n_predictions)
    source = rng.integers(0, n_labels, n_predictions)
    for column in ("image_id", "x", "y", "width", "height"):
        near = rng.random(n_predictions) < 0.85
        shift = 0 if column == "image_id" else rng.normal(0, 3, n_predictions)
        shift = np.round(shift) if whole else shift
        predictions[column] = np.where(
            near, np.maximum(labels[column].to_numpy()[source] + shift, 0), predictions[column]
        ).astype(labels[column].dtype)
    predictions["confidence"] = rng.random(n_predictions)
    labels["is_crowd"] = crowds & (rng.random(n_labels) < 0.15)
    images = pd.DataFrame({"image_id": [1, 2, 3], "width": 120, "height": 120})
    return ea.Dataset.from_frames(images, labels, predictions)


SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.sampled_from(THRESHOLDS))
def test_generated_scenes(seed, threshold):
    assert_counts(assert_same(make_scene(seed, crowds=False, whole=False), threshold), threshold)


@given(SEEDS, st.sampled_from((0.0, *THRESHOLDS)), st.sampled_from((0.0, 0.4)))
def test_counts_with_crowds_ties_and_choices(seed, threshold, confidence):
    evaluation = ea.Evaluation(make_scene(seed, crowds=True, whole=True))
    for classes in ((), ("ant",), ("bee", "cat")):
        if set(classes) <= set(evaluation.class_names):
            assert_counts(evaluation, threshold, confidence, classes)


def one_image(labels, predictions):
    """Objects as (class, x, width), ten pixels high; predictions in order of confidence."""
    labels, predictions = (
        pd.DataFrame(objects, columns=["class_name", "x", "width"]).assign(
            image_id=1, y=0.0, height=10.0
        )
        for objects in (labels, predictions)
    )
    predictions["confidence"] = np.linspace(0.9, 0.1, len(predictions))
    images = pd.DataFrame({"image_id": [1], "width": 200, "height": 20})
    return ea.Dataset.from_frames(images, labels, predictions)


def reasons_of(dataset, threshold):
    """Reasons of false positives by row: ours and tidecv's."""
    ours = ea.Evaluation(dataset).matches(threshold).predictions["reason"].dropna()
    return dict(ours), dict(tide(dataset, threshold)[0])


def test_quirk_tide_equal():
    """A duplicate whose overlap is exactly the threshold is badly located in tidecv."""
    dataset = one_image([("cat", 0, 10)], [("cat", 0, 10), ("cat", 0, 5)])
    assert reasons_of(dataset, 0.5) == ({1: "duplicate"}, {1: "badly_located"})


def test_quirk_tide_zero():
    """At threshold 0 no overlap at all is a match in tidecv, and background here."""
    dataset = one_image([("dog", 0, 10)], [("cat", 100, 10)])
    assert reasons_of(dataset, 0.0) == ({0: "background"}, {})


def test_quirk_tide_ignored():
    """tidecv gives reasons to predictions that a crowd excuses, too."""
    dataset = one_image([("cat", 0, 10), ("dog", 50, 10)], [("cat", 0, 10), ("cat", 2, 8)])
    labels = dataset.labels.assign(is_crowd=[True, False])
    dataset = ea.Dataset.from_frames(dataset.images, labels, dataset.predictions)
    assert reasons_of(dataset, 0.5) == ({}, {})
    assert dict(tide(dataset, 0.5)[1]) == {0: "background", 1: "background"}


def test_quirk_tide_tie():
    """Of labels with equal overlap tidecv takes the first, COCO the last."""
    dataset = one_image([("cat", 0, 10), ("cat", 0, 10)], [("cat", 0, 10)])
    matches = ea.Evaluation(dataset).matches(0.5)
    assert matches.labels["outcome"].tolist() == ["missed", "found"]
    assert tide(dataset, 0.5)[2].index.tolist() == [1]


def test_quirk_tide_missed():
    """A label under a badly located prediction is missed here; tidecv counts it nowhere."""
    dataset = one_image([("cat", 0, 10)], [("cat", 0, 3)])
    assert ea.Evaluation(dataset).reasons(0.5).label_counts == (1, 0)
    assert tide(dataset, 0.5)[2].tolist() == ["badly_located"]


def test_equal_overlaps_mark_every_label_whatever_the_order():
    labels = [("dog", 0, 10), ("emu", 0, 10)]
    for order in (labels, labels[::-1]):
        dataset = one_image(order, [("cat", 0, 10)])
        assert ea.Evaluation(dataset).reasons(0.5).label_counts == (0, 2)


def test_a_wrong_class_may_be_one_that_is_not_chosen():
    dataset = one_image([("cat", 0, 10)], [("dog", 0, 10)])
    evaluation = ea.Evaluation(dataset)
    assert evaluation.reasons(0.5, classes=("cat",)).label_counts == (0, 1)
    assert evaluation.reasons(0.5, 0.95, classes=("cat",)).label_counts == (1, 0)
    assert evaluation.reasons(0.5, classes=("cat",)).prediction_counts == (0,) * 5
    assert evaluation.reasons(0.5, classes=("dog",)).prediction_counts == (0, 1, 0, 0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_rows_changes_nothing(seed):
    dataset = make_scene(seed, crowds=True, whole=False)
    shuffled = ea.Dataset.from_frames(
        *(
            frame.sample(frac=1, random_state=seed)
            for frame in (dataset.images, dataset.labels, dataset.predictions)
        )
    )
    ours, theirs = ea.Evaluation(dataset), ea.Evaluation(shuffled)
    for threshold in THRESHOLDS:
        assert ours.reasons(threshold) == theirs.reasons(threshold)
    np.testing.assert_array_equal(
        [*ours.coco_summary().values()], [*theirs.coco_summary().values()]
    )
