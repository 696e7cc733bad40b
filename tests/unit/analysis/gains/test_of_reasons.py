"""Gains by kind of error against a naive twin; tests/parity/test_gains.py holds tidecv's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ea_widgets as ea
from tests.unit.analysis.confusion.test_tables import evaluation_of, one_sided, scene
from tests.unit.analysis.gains.naive import Naive

TOLERANCE = 1e-12


def everything(frame):
    return np.ones(len(frame), bool)


def nothing(frame):
    return np.zeros(len(frame), bool)


@settings(max_examples=40)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.3, 0.5, 0.75]),
    st.sampled_from([None, 0.3, {"ant": 0.5}]),
    st.sampled_from([(), ("ant",), ("bee", "cat")]),
    st.sampled_from([None, ea.where("Size", high=60), ea.where("Fog (F)", low=1)]),
)
def test_every_kind(seed, iou_threshold, confidence, classes, where):
    evaluation = evaluation_of(scene(seed))
    view = evaluation.at(iou_threshold, confidence, classes, where)
    naive = Naive(view, evaluation.at(iou_threshold, confidence, (), where))
    assert naive.before == pytest.approx(
        view.scores().mean_average_precision, abs=TOLERANCE, nan_ok=True
    )
    reasons, plain = view.reasons(gain=True), view.reasons()
    pd.testing.assert_frame_equal(reasons.predictions[list(plain.predictions)], plain.predictions)
    pd.testing.assert_frame_equal(reasons.labels[list(plain.labels)], plain.labels)
    assert plain.gains is None
    table = reasons.predictions
    expected = [naive.of_reason(reason) for reason in table["reason"]]
    np.testing.assert_allclose(table["gain"], expected, rtol=0, atol=TOLERANCE)
    per_100 = np.where(table["count"] > 0, 100 * table["gain"] / table["count"].clip(1), np.nan)
    np.testing.assert_allclose(table["gain_per_100"], per_100)
    expected = [naive.of_missed(), naive.of_renamed()]
    np.testing.assert_allclose(reasons.labels["gain"], expected, rtol=0, atol=TOLERANCE)
    whole = [reasons.gains.false_positives, reasons.gains.missed]
    expected = [
        naive.of_range(*marks)[0] for marks in ((everything, nothing), (nothing, everything))
    ]
    np.testing.assert_allclose(whole, expected, rtol=0, atol=TOLERANCE)


def test_errors_of_one_kind_are_worth_what_they_cost():
    """Two labels, one found; on the other there is a prediction of the wrong class."""
    box = {"image_id": [1, 1], "y": 0.0, "width": 10.0, "height": 10.0}
    images = pd.DataFrame({"image_id": [1], "width": 100, "height": 100})
    labels = pd.DataFrame({**box, "x": [0.0, 50.0], "class_name": ["ant", "ant"]})
    predictions = pd.DataFrame(
        {**box, "x": [0.0, 50.0], "class_name": ["ant", "bee"], "confidence": [0.9, 0.8]}
    )
    view = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions)).at()
    reasons = view.reasons(gain=True)
    assert view.scores().mean_average_precision == pytest.approx(51 / 101)
    gain = reasons.predictions.set_index("reason")["gain"]
    assert gain["wrong_class"] == pytest.approx(50 / 101)
    assert gain.drop("wrong_class").tolist() == [0, 0, 0, 0]
    assert reasons.predictions["gain_per_100"][1] == pytest.approx(100 * 50 / 101)
    assert reasons.labels["gain"].tolist() == pytest.approx([0, 50 / 101])
    assert reasons.gains.false_positives == 0  # no label is a bee
    assert reasons.gains.missed == pytest.approx(50 / 101)
    nobody = ea.Dataset.from_frames(images, labels, predictions.iloc[:0])
    gains = ea.Evaluation(nobody).at().reasons(gain=True).gains
    assert gains.predictions == (0,) * 5
    assert np.isnan([gains.missed, gains.labels[0]]).all()  # nothing would be left to score


def test_without_map_there_is_no_gain(evaluation):
    for side in ("labels", "predictions"):
        view = one_sided(evaluation, side).at(where=ea.where("Only", high=1))
        reasons = view.reasons(gain=True)
        assert reasons.predictions["gain"].isna().all()
        assert reasons.labels["gain"].isna().all()
        assert np.isnan([reasons.gains.false_positives, reasons.gains.missed]).all()


def test_what_is_no_truth_value_is_refused(evaluation):
    with pytest.raises(ea.InvalidInputError, match=r"`gain` is 1\. Give True or False\."):
        evaluation.at().reasons(gain=1)
    with pytest.raises(ea.InvalidInputError, match=r"`gain` is 'all'\. Give True or False\."):
        evaluation.at().worst_ranges(gain="all")
