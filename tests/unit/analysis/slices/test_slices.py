"""Views of a slice: COCO's rule for objects, whole images for images."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import ea_widgets as ea
from ea_widgets.core.matching.boxes import pairwise_iou
from tests.parity.scenes import BOX, make_scene

TOLERANCE = 1e-12


def with_size(seed):
    images, labels, predictions = make_scene(seed, 6, 40, 80, ignores=True)
    for frame in (labels, predictions):
        frame["Size"] = frame["width"] * frame["height"]
    images["Fog"] = np.arange(len(images)) % 3.0
    return images, labels, predictions


def naive(frames, condition, threshold):
    """True positives, counted predictions and counted labels, one prediction after the other."""
    _images, labels, predictions = frames
    inside = [condition(frame) for frame in (labels, predictions)]
    ignored = (labels["is_crowd"] | labels["ignore"] | ~inside[0]).to_numpy(bool)
    found, counted = 0, 0
    taken = np.zeros(len(labels), bool)
    order = np.argsort(-predictions["confidence"].to_numpy(), kind="stable")
    for row in order:
        one = predictions.iloc[row]
        same = (labels["image_id"] == one["image_id"]) & (labels["class_name"] == one["class_name"])
        best, best_key = None, None
        for number in np.flatnonzero(same.to_numpy()):
            crowd = bool(labels["is_crowd"].iloc[number])
            if taken[number] and not crowd:
                continue
            boxes = one[BOX].to_numpy(float)[None], labels[BOX].to_numpy(float)[[number]]
            iou = float(pairwise_iou(*boxes, is_crowd=[crowd])[0, 0])
            key = (not ignored[number], iou, number)
            if iou >= threshold and iou > 0 and (best is None or key > best_key):
                best, best_key = number, key
        if best is None:
            counted += bool(inside[1].iloc[row])
            continue
        taken[best] = True
        if not ignored[best]:
            found += 1
            counted += 1
    return found, counted, int((~ignored).sum())


@given(
    seed=st.integers(0, 10_000),
    low=st.integers(0, 60),
    width=st.integers(0, 100),
    threshold=st.sampled_from([0.1, 0.5, 0.75]),
)
def test_a_slice_of_objects_is_coco_s(seed, low, width, threshold):
    frames = with_size(seed)
    evaluation = ea.Evaluation(ea.Dataset.from_frames(*frames), max_detections=1000)
    view = evaluation.at(threshold, where=ea.where("Size", low, low + width))
    found, counted, labels = naive(
        frames, lambda frame: frame["Size"].between(low, low + width), threshold
    )
    scores = view.scores()
    assert (scores.true_positives, scores.predictions_used, scores.labels_used) == (
        found,
        counted,
        labels,
    )


@pytest.mark.parametrize("name", ["small", "medium", "large"])
def test_slices_of_area_are_those_of_coco(evaluation, name):
    low, high = {"small": (0, 32**2), "medium": (32**2, 96**2), "large": (96**2, 1e10)}[name]
    thresholds = np.linspace(0.5, 0.95, 10)
    where = ea.where("Size", low, high)
    per_class = [
        evaluation.at(float(threshold), where=where).scores().per_class for threshold in thresholds
    ]
    expected = evaluation.coco_per_class()
    for column, letter in (("average_precision", "AP"), ("average_recall", "AR")):
        mean = np.mean([table[column] for table in per_class], axis=0)
        np.testing.assert_allclose(mean, expected[letter + name[0]], rtol=0, atol=TOLERANCE)


def answers(view):
    metric = "Noise"
    return [
        view.scores().per_class,
        view.importance(),
        view.importance("missed", settled=True),
        view.curve(metric).predictions,
        view.curve(metric, by_class=True).labels,
        view.matches().predictions,
        view.matches().labels,
        view.reasons().predictions,
        view.precision_recall(),
        view.worst_ranges(),
        view.objects_in_range(metric).rows,
        view.what_if([ea.Rule(metric, high=0.4, min_confidence=0.5)]).after.per_class,
    ]


def test_a_slice_that_is_everything_is_no_slice(evaluation):
    everything = ea.where("Size", low=-1)
    for one, other in zip(
        answers(evaluation.at(0.6, 0.2)), answers(evaluation.at(0.6, 0.2, where=everything)),
        strict=True,
    ):  # fmt: skip
        assert_frame_equal(one, other)


def test_slices_by_images_are_evaluations_of_those_images(evaluation):
    dataset = evaluation.dataset
    images = dataset.images[dataset.images["Fog"] <= 0.5]
    labels, predictions = (
        frame[frame["image_id"].isin(images["image_id"])]
        for frame in (dataset.labels, dataset.predictions)
    )
    alone = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions)).at(0.5, 0.1)
    view = evaluation.at(0.5, 0.1, where=ea.where("Fog (F)", high=0.5))
    assert_frame_equal(view.scores().per_class, alone.scores().per_class)
    assert view.reasons() == alone.reasons()
    assert view.coco_summary() == pytest.approx(alone.coco_summary(), abs=TOLERANCE, nan_ok=True)
    for outcome in ("true_positive", "missed"):
        ours, theirs = view.importance(outcome), alone.importance(outcome)
        assert ours["n"].to_dict() == theirs["n"].to_dict()
        found = ours["correlation"].reindex(theirs.index)
        np.testing.assert_allclose(found, theirs["correlation"], rtol=0, atol=1e-9)
    assert_frame_equal(view.curve("Size").predictions, alone.curve("Size").predictions)


def test_slices_by_images_add_up_and_those_by_objects_add_up_in_labels(evaluation):
    whole = evaluation.scores(0.5)
    for metric, cut in (("Fog (F)", 0.4), ("Size", 1500.0)):
        inside = ea.where(metric, high=cut)
        parts = [evaluation.at(where=where).scores() for where in (inside, ~inside)]
        assert sum(part.labels_used for part in parts) == whole.labels_used
        if metric == "Fog (F)":
            assert sum(part.true_positives for part in parts) == whole.true_positives
            assert sum(part.predictions_used for part in parts) == whole.predictions_used


def test_every_number_of_a_slice_counts_the_same_objects(evaluation):
    view = evaluation.at(0.5, 0.15, ("ant", "bee"), where=ea.where("Size", 800, 4000))
    scores, matches = view.scores(), view.matches()
    counts = matches.predictions["outcome"].value_counts()
    assert counts["true_positive"] == scores.true_positives
    assert counts["false_positive"] == scores.false_positives
    assert matches.predictions["reason"].notna().sum() == scores.false_positives
    assert (matches.labels["outcome"] == "missed").sum() == scores.false_negatives
    reasons = view.reasons()
    assert sum(reasons.prediction_counts) == scores.false_positives
    assert sum(reasons.label_counts) == scores.false_negatives
    by_reason = matches.predictions["reason"].value_counts()
    assert dict(zip(reasons.predictions["reason"], reasons.prediction_counts, strict=True)) == {
        name: int(by_reason[name]) for name in reasons.predictions["reason"]
    }
    curve = view.curve("Noise")
    assert curve.predictions["n"].sum() == scores.predictions_used
    assert curve.labels["n"].sum() == scores.labels_used
    assert (view.importance()["n"].loc["Noise (P)"]) == scores.predictions_used
    page = view.objects_in_range("Noise")
    assert page.counts == {
        "true_positive": scores.true_positives,
        "false_positive": scores.false_positives,
        "missed": scores.false_negatives,
    }
    assert view.what_if([]).after.true_positives == scores.true_positives
    assert_frame_equal(view.what_if([]).after.per_class, scores.per_class)


def one_sided(evaluation, side):
    images, labels, predictions = (
        evaluation.dataset.images,
        evaluation.dataset.labels,
        evaluation.dataset.predictions,
    )
    frames = {"labels": labels.copy(), "predictions": predictions.copy()}
    frames[side]["Only Here"] = np.arange(len(frames[side])) % 5.0
    return ea.Evaluation(ea.Dataset.from_frames(images, **frames))


def test_what_only_labels_have_gives_recall(evaluation):
    view = one_sided(evaluation, "labels").at(where=ea.where("Only Here", high=2))
    scores = view.scores()
    assert np.isnan([scores.precision, scores.mean_average_precision]).all()
    assert scores.false_positives == 0
    assert 0 < scores.recall < 1
    labels = view.matches().labels
    found = (labels["outcome"] == "found").sum()
    assert scores.recall == found / (labels["outcome"] != "ignored").sum()


def test_what_only_predictions_have_gives_precision(evaluation):
    mine = one_sided(evaluation, "predictions")
    scores = mine.at(where=ea.where("Only Here", high=2)).scores()
    assert np.isnan([scores.recall, scores.mean_average_recall]).all()
    predictions = mine.matches().predictions
    inside = mine.dataset.predictions["Only Here"].loc[predictions.index] <= 2
    counts = predictions["outcome"][inside].value_counts()
    assert (scores.true_positives, scores.false_positives) == (
        counts["true_positive"],
        counts["false_positive"],
    )


def test_an_unknown_metric_and_what_is_no_condition_are_refused(evaluation):
    with pytest.raises(ea.InvalidInputError, match=r"`where` has no option 'Siza'\. Did you mean"):
        evaluation.at(where=ea.where("Siza", low=1))
    with pytest.raises(ea.InvalidInputError, match=r"`where` is 'small'\. Give ea\.where"):
        evaluation.at(where="small")
    assert isinstance(evaluation.at(where=ea.where("Size", low=1)).metrics, pd.DataFrame)
