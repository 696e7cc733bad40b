"""Free-response curves against a count at every confidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.analysis.scores.froc import REFERENCE_RATES
from tests.unit.analysis.confusion.test_tables import evaluation_of, one_sided, scene


def naive(view, classes, n_images):
    """(false positives per image, recall, confidence) at each confidence there is."""
    predictions = view.matches().predictions
    predictions = predictions[predictions["class_name"].isin(classes)]
    labels = view.matches().labels
    labels = labels[labels["class_name"].isin(classes) & (labels["outcome"] != "ignored")]
    points = []
    for confidence in sorted(predictions["confidence"].unique(), reverse=True):
        outcome = predictions["outcome"][predictions["confidence"] >= confidence]
        hits, wrong = (outcome == "true_positive").sum(), (outcome == "false_positive").sum()
        if hits + wrong:
            points.append(
                (wrong / n_images, hits / len(labels) if len(labels) else np.nan, confidence)
            )
    return points


def assert_curve(table, points):
    raw = table[table["kind"] == "raw"]
    found = list(
        zip(raw["false_positives_per_image"], raw["recall"], raw["confidence"], strict=True)
    )
    assert set(found) <= set(points) or np.isnan(raw["recall"]).all()
    recalls = [point[1] for point in points]
    rises = [p for n, p in enumerate(points) if p[1] > ([0, *recalls])[n]]
    assert [point for point in found if point in rises] == rises
    assert len(found) - len(rises) in (0, 1)
    if points:  # all predictions are the last point, at whichever confidence counts end
        assert found[-1][:2] == points[-1][:2] or np.isnan(points[-1][1])
    reference = table[table["kind"] == "reference"]
    assert reference["false_positives_per_image"].tolist() == list(REFERENCE_RATES)
    for row in reference.itertuples():
        within = [point for point in points if point[0] <= row.false_positives_per_image]
        best = max((point[1] for point in within), default=0)
        if np.isnan(row.recall):
            assert np.isnan(recalls).all()
        else:
            assert row.recall == best


@settings(max_examples=25)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([None, 0.4, {"ant": 0.5}]),
    st.sampled_from([(), ("ant",), ("bee", "cat")]),
    st.sampled_from([None, ea.where("Size", high=60), ea.where("Fog (F)", low=1)]),
)
def test_every_confidence(seed, confidence, classes, where):
    evaluation = evaluation_of(scene(seed))
    view = evaluation.at(0.3, confidence, classes, where)
    n_images = len(view.per_image())
    assert_curve(view.froc(), naive(view, view.classes, n_images))
    by_class = view.froc(by_class=True)
    per_class = view.scores().per_class
    labelled = per_class.index[per_class["labels"] > 0]
    assert list(by_class["class_name"].cat.categories) == list(labelled)
    for name in labelled:
        assert_curve(by_class[by_class["class_name"] == name], naive(view, [name], n_images))


def test_the_last_point_is_what_scores_count(evaluation):
    view = evaluation.at(0.5, 0.1)
    scores, curve = view.scores(), view.froc()
    assert set(curve["class_name"]) == {"all"}
    last = curve[curve["kind"] == "raw"].iloc[-1]
    assert last["recall"] == scores.recall
    n_images = len(evaluation.dataset.images)
    assert last["false_positives_per_image"] == scores.false_positives / n_images


def test_confidences_of_the_reference_rates_reach_them(evaluation):
    curve = evaluation.froc(0.5)
    reference = curve[(curve["kind"] == "reference") & curve["confidence"].notna()]
    assert len(reference) >= 3
    for row in reference.itertuples():
        scores = evaluation.scores(0.5, row.confidence)
        assert scores.recall == row.recall
        per_image = scores.false_positives / len(evaluation.dataset.images)
        assert per_image <= row.false_positives_per_image


def test_nothing_to_trace():
    images, labels, predictions = scene(5)
    curve = evaluation_of((images, labels, predictions.iloc[:0])).froc()
    assert curve["kind"].tolist() == ["reference"] * 7
    assert curve["recall"].tolist() == [0] * 7
    nothing = evaluation_of((images, labels.iloc[:0], predictions))
    assert nothing.froc()["recall"].isna().all()
    assert len(nothing.froc(by_class=True)) == 0


def test_what_cannot_be_known_is_missing(evaluation):
    where = ea.where("Only", high=1)
    curve = one_sided(evaluation, "labels").at(where=where).froc()
    raw = curve["kind"] == "raw"
    assert curve["false_positives_per_image"][raw].isna().all()
    assert curve["recall"][raw].notna().all()
    assert curve["recall"][~raw].isna().all()
    assert one_sided(evaluation, "predictions").at(where=where).froc()["recall"].isna().all()


def test_what_is_no_truth_value_is_refused(evaluation):
    with pytest.raises(ea.InvalidInputError, match=r"`by_class` is 'ant'\. Give True or False\."):
        evaluation.at().froc(by_class="ant")
