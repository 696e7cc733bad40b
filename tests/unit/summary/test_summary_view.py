"""The answers of a summary beside those of an evaluation of the same data."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.data.door import DoorOptions
from tests.unit.summary.conftest import made_dataset

CLASSES = [(), ("ant",), ("cat", "dog")]
SHOWN = ["class_name", "bin_low", "bin_high", "n", "rate"]


@pytest.mark.parametrize("classes", CLASSES)
def test_scores_are_those_of_an_evaluation_at_every_tick(summary, evaluation, classes):
    for iou in summary.iou_thresholds:
        for confidence in (None, *summary.confidence_thresholds):
            expected = evaluation.at(iou, confidence, classes).scores()
            scores = summary.at(iou, confidence, classes).scores()
            assert scores.per_class.index.tolist() == sorted(expected.per_class.index)
            pd.testing.assert_frame_equal(
                scores.per_class.loc[expected.per_class.index], expected.per_class, rtol=1e-12
            )
            for name, value in expected.to_dict().items():
                assert scores.to_dict()[name] == pytest.approx(value, abs=1e-12, nan_ok=True)
            assert scores.predictions_total == expected.predictions_total


def test_thresholds_by_class(summary, evaluation):
    by_class = {"ant": 0.3, "dog": 0.7}
    expected = evaluation.at(0.5, by_class).scores().to_dict()
    assert summary.at(0.5, by_class).scores().to_dict() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_importance_is_that_of_the_same_bins(monkeypatch, summary, evaluation, classes, outcome):
    monkeypatch.setattr("ea_widgets.summary.ranks.exact_bins.MOST_ROWS", 0)
    summary = dataclasses.replace(summary)  # has answered nothing yet
    for confidence in (None, 0.5):
        view = evaluation.at(0.5, confidence, classes)
        expected = view.importance(outcome, bins=summary.binning)
        table = summary.at(0.5, confidence, classes).importance(outcome)
        assert table.columns.tolist() == expected.columns.tolist()
        expected = expected.loc[table.index]
        exact = ["importance", "n", "name", "level", "kind", "unit", "description"]
        pd.testing.assert_frame_equal(
            table[exact], expected[exact], check_exact=True, check_dtype=False
        )
        np.testing.assert_allclose(table["correlation"], expected["correlation"], atol=1e-6)


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_importance_of_few_objects_is_that_of_their_own_bins(summary, evaluation, classes, outcome):
    for confidence in (None, 0.5):
        expected = evaluation.at(0.5, confidence, classes).importance(outcome)["importance"]
        found = summary.at(0.5, confidence, classes).importance(outcome)["importance"]
        np.testing.assert_allclose(found.loc[expected.index], expected, atol=1e-12)


def test_importance_is_nearly_that_of_all_values():
    """Sure predictions are few, and at the border many have the same value: both decide."""
    dataset = made_dataset(8, 400, 4000, 16_000)
    predictions = dataset.predictions
    at_border = (predictions["confidence"] > 0.6) & (predictions["Noise"] < 0.3)
    predictions = predictions.assign(
        Sure=predictions["confidence"] ** 3, Border=predictions["Noise"].where(~at_border, 0.0)
    )
    wrong = (predictions["confidence"] < 0.4) | at_border
    predictions["x"] = predictions["x"].where(~wrong, predictions["x"] + 2000)
    predictions["Model Confidence"] = predictions["confidence"]
    own = ea.Dataset.from_frames(dataset.images, dataset.labels, predictions)
    evaluation = ea.Evaluation(own)
    summary = ea.summarize(evaluation)
    for query in ({}, {"confidence_threshold": 0.5}, {"classes": ("bee",)}, {"classes": ("dog",)}):
        for iou in (0.3, 0.5, 0.75):
            expected = evaluation.at(iou, **query).importance()["importance"]
            assert query or iou > 0.3 or expected["Sure (P)"] > 0.03
            found = summary.at(iou, **query).importance()["importance"]
            assert (found - expected).abs().max() < 0.005, query
            assert found["Model Confidence (P)"] == pytest.approx(
                expected["Model Confidence (P)"], abs=1e-12
            )  # 100 confidences: each has a bin


@pytest.mark.parametrize("classes", CLASSES)
def test_curves_are_those_of_the_same_bins(summary, evaluation, classes):
    for confidence in (None, 0.3):
        view, own = (one.at(0.6, confidence, classes) for one in (evaluation, summary))
        for metric in summary.metrics.index:
            expected, curve = (one.curve(metric, summary.binning) for one in (view, own))
            for name in ("predictions", "labels"):
                pd.testing.assert_frame_equal(
                    getattr(curve, name)[SHOWN], getattr(expected, name)[SHOWN], check_exact=True
                )
            for name in ("average_true_positive_rate", "average_false_negative_rate"):
                expected_average = getattr(expected, name)
                assert getattr(curve, name) == pytest.approx(expected_average, nan_ok=True)


def test_a_curve_has_as_many_bins_as_wanted_and_their_edges_give_the_same(summary, evaluation):
    curve = summary.at(0.5).curve("Size (P)", 7)
    assert len(curve.predictions) == 7
    assert curve.predictions["n"].min() > 100
    edges = ea.Binning(
        {"Size (P)": (*curve.predictions["bin_low"], 9000.0)}
        | {"Size (O)": (*curve.labels["bin_low"], 9000.0)}
    )
    same = evaluation.at(0.5).curve("Size (P)", edges)
    assert same.predictions["rate"].tolist() == curve.predictions["rate"].tolist()
    assert same.labels["rate"].tolist() == curve.labels["rate"].tolist()
    own = summary.at(0.5).curve("Size (P)", edges)
    assert own.predictions["rate"].tolist() == curve.predictions["rate"].tolist()
    assert (curve.predictions["rate_low"] < curve.predictions["rate"]).all()
    assert (curve.predictions["rate"] < curve.predictions["rate_high"]).all()


def test_the_center_is_the_mean_of_the_bin(summary, dataset):
    curve = summary.at(0.5).curve("Size (P)", 5).predictions
    size = dataset.predictions["Size"]
    within = [size[(size >= low) & (size < high)].mean() for low, high in
              zip(curve["bin_low"], [*curve["bin_high"][:-1], np.inf], strict=True)]  # fmt: skip
    np.testing.assert_allclose(curve["center"], within, rtol=1e-5)


def test_curves_by_class(summary, evaluation):
    expected = evaluation.at(0.5).curve("Size", summary.binning, by_class=True)
    curve = summary.at(0.5).curve("Size", summary.binning, by_class=True)
    order = ["class_name", "bin_low"]
    for name in ("predictions", "labels"):
        one, other = (
            getattr(c, name)[SHOWN].sort_values(order, ignore_index=True) for c in (curve, expected)
        )
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_edges_that_were_not_counted_name_the_nearest(summary):
    edges = summary.binning.of("Noise (P)")
    bins = ea.Binning({"Noise (P)": (0, edges[5] + 1e-6, 1), "Noise (O)": (0, 1)})
    with pytest.raises(ea.NotAnswerableError) as caught:
        summary.at().curve("Noise (P)", bins)
    assert caught.value.nearest == edges[5]


def test_confidences_in_bins_keep_counts_exact_and_ap_within_its_bounds(
    monkeypatch, dataset, evaluation
):
    monkeypatch.setattr("ea_widgets.summary.counts.counting.KEPT", 0)
    summary = ea.summarize(dataset)
    for iou in (0.3, 0.5, 0.8):
        for confidence in (None, 0.3):
            expected = evaluation.at(iou, confidence).scores()
            view = summary.at(iou, confidence)
            scores, bounds = view.scores(), view.average_precision_bounds()
            assert scores.true_positives == expected.true_positives
            assert scores.false_positives == expected.false_positives
            ap = expected.per_class["average_precision"].loc[bounds.index]
            assert (bounds["low"] <= ap + 1e-12).all()
            assert (ap <= bounds["high"] + 1e-12).all()
            # 100 confidences only: the bins hold ties, whose order nobody knows.
            assert scores.mean_average_precision == pytest.approx(
                expected.mean_average_precision, abs=0.01
            )


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("confidence", [None, 0.3])
def test_precision_over_recall_is_that_of_an_evaluation(summary, evaluation, classes, confidence):
    expected = evaluation.at(0.5, confidence, classes).precision_recall()
    found = summary.at(0.5, confidence, classes).precision_recall()
    order = ["class_name", "kind"]
    for one in (found, expected):
        one["class_name"] = one["class_name"].astype(str)
    one, other = (t.sort_values(order, kind="stable", ignore_index=True) for t in (found, expected))
    pd.testing.assert_frame_equal(one, other, rtol=1e-12)


def test_precision_over_recall_from_bins_has_the_ap_as_its_mean(monkeypatch, dataset, evaluation):
    monkeypatch.setattr("ea_widgets.summary.counts.counting.KEPT", 0)
    view = ea.summarize(dataset).at(0.5)
    curves = view.precision_recall()
    levels = curves[curves["kind"] == "interpolated"].groupby("class_name", observed=True)
    ap = view.scores().per_class["average_precision"]
    np.testing.assert_allclose(levels["precision"].mean(), ap.loc[levels.size().index], atol=1e-12)
    exact = evaluation.at(0.5).precision_recall()
    exact = exact[(exact["kind"] == "interpolated") & (exact["class_name"] == "dog")]
    own = levels.get_group("dog")
    # Bins hold ties, whose order nobody knows.
    assert np.abs(own["precision"].to_numpy() - exact["precision"].to_numpy()).mean() < 0.02
    np.testing.assert_allclose(own["confidence"], exact["confidence"], atol=0.02)


def test_what_was_not_counted_names_the_nearest(summary):
    with pytest.raises(ea.NotAnswerableError) as caught:
        summary.at(0.52)
    assert str(caught.value).startswith(
        "`iou_threshold` is 0.52, at which was not counted. "
        "The nearest at which was counted is 0.5; of 0.05, 0.1,"
    )
    assert caught.value.nearest == 0.5
    with pytest.raises(ea.NotAnswerableError) as caught:
        summary.at(0.5, 0.45)
    assert caught.value.nearest == 0.5
    assert summary.at(0.1 + 0.05).query.iou_threshold == pytest.approx(0.15)
    with pytest.raises(ea.NotAnswerableError, match="no counts of slices"):
        summary.at(where=ea.where("Fog", high=0.5))
    with pytest.raises(ea.NotAnswerableError, match="`given` is 'Size'"):
        summary.at().importance(given="Size")


def test_every_question_of_a_view_is_answered_or_refused_with_a_reason(summary, evaluation):
    known = {"query", "matched_data", "iou_threshold", "confidence_threshold", "classes"}
    known |= {"class_names", "metrics", "dataset"}
    for question in set(dir(evaluation.at())) - known:
        if question.startswith("_"):
            continue
        reason = summary.cannot(question)
        assert hasattr(summary.at(), question) is (reason is None), question
    assert summary.cannot("what_if") == (
        "A summary cannot match again: it holds counts, not single objects. "
        "Ask an ea.Evaluation of those parts that matter."
    )
    with pytest.raises(ea.InvalidInputError, match="Did you mean 'what_if'"):
        summary.cannot("what_iff")


def test_without_confidences_there_is_no_ap(dataset):
    bare = ea.Dataset.from_raw(
        RawFrames(images=dataset.images, labels=dataset.labels),
        RawFrames(predictions=dataset.predictions.drop(columns="confidence")),
        None,
        DoorOptions(),
    )
    expected = ea.Evaluation(bare).at(0.5).scores()
    scores = ea.summarize(bare).at(0.5).scores()
    assert math.isnan(scores.mean_average_precision)
    assert math.isnan(expected.mean_average_precision)
    assert scores.true_positives == expected.true_positives
    assert scores.false_positives == expected.false_positives


def test_nothing_at_all(dataset):
    empty = ea.Dataset.from_frames(
        dataset.images, dataset.labels.iloc[:0], dataset.predictions.iloc[:0]
    )
    summary = ea.summarize(empty)
    scores = summary.at().scores()
    assert (scores.true_positives, scores.labels_used) == (0, 0)
    assert math.isnan(scores.mean_average_precision)
    assert ea.Summary.from_bytes(summary.to_bytes()) == summary
    whole = ea.summarize(dataset)
    assert len(whole.at().importance()) > len(summary.at().importance())


@pytest.mark.parametrize("classes", CLASSES)
def test_the_numbers_of_coco_are_those_of_an_evaluation(summary, evaluation, classes):
    expected = evaluation.at(classes=classes).coco_summary()
    found = summary.at(0.3, 0.5, classes).coco_summary()
    assert list(found) == ["AP", "AP50", "AP75", "AR100"]
    assert found == pytest.approx({name: expected[name] for name in found}, abs=1e-12)


def test_without_the_thresholds_of_coco_it_says_so(dataset):
    summary = ea.summarize(dataset, iou_thresholds=(0.5, 0.75))
    assert "thresholds .50:.95" in summary.cannot("coco_summary")
    with pytest.raises(ea.NotAnswerableError, match="IoU thresholds"):
        summary.at().coco_summary()
