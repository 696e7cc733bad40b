"""A view asks the same questions of one query."""

from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import ea_widgets as ea


def test_shortcuts_ask_the_view(evaluation):
    view = evaluation.at(0.6, 0.3, ("ant", "dog"))
    chosen = {"iou_threshold": 0.6, "confidence_threshold": 0.3, "classes": ("dog", "ant")}
    assert_frame_equal(view.scores().per_class, evaluation.scores(**chosen).per_class)
    assert_frame_equal(view.importance(), evaluation.importance(**chosen))
    assert view == evaluation.at(**chosen)
    assert hash(view) == hash(evaluation.at(**chosen))
    assert view != evaluation.at(0.6)
    assert view.classes == ("ant", "dog")
    assert view.confidence_threshold == 0.3
    assert repr(view) == "View(IoU 0.6, confidence 0.3, classes 2)"


def test_nothing_is_left_out_at_no_threshold_and_at_zero(evaluation):
    assert (
        evaluation.at()
        == evaluation.at(confidence_threshold=0)
        == evaluation.at(confidence_threshold={})
    )
    assert evaluation.at().confidence_threshold is None


def by_hand(evaluation, thresholds):
    """An evaluation of the predictions that thresholds by class leave."""
    dataset = evaluation.dataset
    predictions = dataset.predictions
    least = predictions["class_name"].astype(str).map(thresholds).fillna(-np.inf).to_numpy(float)
    kept = predictions[predictions["confidence"].to_numpy() >= least]
    return ea.Evaluation(ea.Dataset.from_frames(dataset.images, dataset.labels, kept))


@pytest.mark.parametrize("classes", [(), ("ant", "dog")])
def test_each_class_can_have_its_own_confidence(evaluation, classes):
    thresholds = {"ant": 0.5, "dog": 0.2}
    view, fresh = evaluation.at(0.5, thresholds, classes), by_hand(evaluation, thresholds)
    assert_frame_equal(view.scores().per_class, fresh.scores(classes=classes).per_class)
    assert view.confidence_threshold == thresholds
    assert view.reasons() == fresh.at(classes=classes).reasons()
    assert len(view.matches().predictions) == len(fresh.matches(classes=classes).predictions)
    for outcome in ("true_positive", "missed"):
        ours, theirs = (v.importance(outcome) for v in (view, fresh.at(classes=classes)))
        assert ours["n"].to_dict() == theirs["n"].to_dict()
    what_if = view.what_if([])
    assert what_if.after.true_positives == fresh.scores(classes=classes).true_positives


def test_one_confidence_for_every_class_is_one_confidence(evaluation):
    same = dict.fromkeys(evaluation.class_names, 0.25)
    assert evaluation.at(confidence_threshold=same) == evaluation.at(confidence_threshold=0.25)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"ant": 2}, "`confidence_threshold` is 2. Give a number from 0 to 1."),
        ({"aunt": 0.5}, "`confidence_threshold` has no option 'aunt'. Did you mean 'ant'?"),
        (True, "`confidence_threshold` is True. Give a number from 0 to 1."),
        ("high", "`confidence_threshold` is 'high'. Give a number from 0 to 1."),
        ([0.5], "`confidence_threshold` is [0.5]. Give a number from 0 to 1."),
    ],
)
def test_a_confidence_that_cannot_be_used_is_refused(evaluation, value, words):
    with pytest.raises(ea.InvalidInputError) as caught:
        evaluation.at(confidence_threshold=value)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))])  # noqa: S301  # our own bytes
def test_evaluations_and_views_can_be_copied_and_pickled(evaluation, clone):
    evaluation.importance(settled=True)
    again = clone(evaluation)
    assert_frame_equal(again.importance(0.7), evaluation.importance(0.7))
    view = clone(evaluation.at(0.7))
    assert_frame_equal(view.scores().per_class, evaluation.scores(0.7).per_class)


@pytest.mark.parametrize(
    "ask",
    [
        lambda view: view.objects_in_range(descending="no"),
        lambda view: view.worst_ranges(by_class="no"),
        lambda view: view.curve(view.metrics.index[0], by_class="no"),
        lambda view: view.importance(settled="no"),
    ],
)
def test_flags_are_checked_at_every_door(evaluation, ask):
    with pytest.raises(ea.InvalidInputError, match=r"is 'no'\. Give True or False\."):
        ask(evaluation.at())


def test_an_evaluation_says_in_one_line_what_it_holds(evaluation):
    assert repr(evaluation) == (
        "Evaluation(60 images, 500 labels, 900 predictions, 4 classes, 9 metrics, iou_type='bbox')"
    )
    assert isinstance(evaluation.metrics, pd.DataFrame)


def test_bins_can_be_given(evaluation):
    binning = evaluation.binning(12)
    own = evaluation.curve("Size", bins=12)
    given = evaluation.curve("Size", bins=binning)
    assert_frame_equal(own.predictions, given.predictions)
    assert_frame_equal(own.labels, given.labels)
    # Another choice keeps the edges that it is given, and counts the same objects.
    view = evaluation.at(0.5, 0.6, ("ant",))
    curve = view.curve("Fog", bins=binning)
    assert len(curve.predictions) == binning.n_bins("Fog (F)")
    assert curve.predictions["n"].sum() == view.scores().predictions_used
    edges = [*curve.predictions["bin_low"][1:]]
    assert edges == list(binning.of("Fog (F)")[1:-1])
    with pytest.raises(ea.InvalidInputError, match=r"`bins` has no option 'Size \(P\)'"):
        evaluation.curve("Size", bins=ea.Binning({"Fog (F)": [0, 1]}))


def test_importance_can_start_from_given_bins(evaluation):
    binning = evaluation.binning(30)
    table = evaluation.importance(bins=binning)
    own = evaluation.importance()
    assert sorted(table.index) == sorted(own.index)
    assert table["correlation"].equals(own["correlation"].loc[table.index])
    assert table.loc["Size (P)", "importance"] == pytest.approx(
        own.loc["Size (P)", "importance"], abs=0.05
    )
    only = evaluation.importance(bins=ea.Binning({"Size (P)": binning.of("Size (P)")}))
    assert only.index.tolist() == ["Size (P)"]
    with pytest.raises(ea.InvalidInputError, match="`bins` are given, and with them"):
        evaluation.importance(bins=binning, settled=True)
    with pytest.raises(ea.InvalidInputError, match=r"`bins` is 20\. Give ea\.Binning, or None\."):
        evaluation.importance(bins=20)


def test_scores_are_one_flat_mapping_for_trackers(evaluation):
    scores = evaluation.scores(0.5, 0.3, ("ant", "dog"))
    flat = scores.to_dict()
    assert flat["mAP"] == scores.mean_average_precision
    assert flat["AP/ant"] == scores.per_class.loc["ant", "average_precision"]
    precision, recall = scores.precision, scores.recall
    assert flat["F1"] == pytest.approx(2 * precision * recall / (precision + recall), abs=1e-12)
    assert set(flat) == {
        *("mAP", "mAR", "precision", "recall", "F1"),
        *("true_positives", "false_positives", "false_negatives"),
        *("AP/ant", "AP/dog", "AR/ant", "AR/dog"),
    }
    assert {type(value) for value in flat.values()} == {int, float}
    assert json.loads(json.dumps(flat, allow_nan=False)) == flat
    assert repr(scores).startswith(f"Scores(mAP {scores.mean_average_precision:.3f}, mAR ")
