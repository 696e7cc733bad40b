from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ea_widgets as ea
from tests.parity.scenes import CLASSES
from tests.unit.analysis.actions.test_what_if import scenes


@given(
    frames=scenes,
    iou_threshold=st.sampled_from([0.0, 0.5, 0.75]),
    confidence_threshold=st.sampled_from([0.0, 0.25, 0.5]),
    classes=st.sampled_from([(), ("bee",), ("cat", "ant")]),
)
def test_the_interpolated_curve_is_what_average_precision_averages(
    frames, iou_threshold, confidence_threshold, classes
):
    evaluation = ea.Evaluation(ea.Dataset.from_frames(*frames))
    choice = (iou_threshold, confidence_threshold, classes)
    table = evaluation.precision_recall(*choice)
    per_class = evaluation.scores(*choice).per_class
    labelled = per_class[per_class["labels"] > 0]
    even = table[table["kind"] == "interpolated"]
    assert list(even["class_name"].unique()) == list(labelled.index)
    mean = even["precision"].to_numpy().reshape(-1, 101).mean(axis=1)
    np.testing.assert_array_equal(mean, labelled["average_precision"])
    for name, raw in table[table["kind"] == "raw"].groupby("class_name", observed=True):
        row = per_class.loc[name]
        assert raw["recall"].iloc[-1] == pytest.approx(row["recall"])
        assert raw["recall"].is_monotonic_increasing
        assert raw["confidence"].is_monotonic_decreasing
        assert len(raw) == round(row["recall"] * row["labels"])
        levels = even[even["class_name"] == name]
        reach = np.searchsorted(raw["recall"], levels["recall"])
        highest = np.append(np.maximum.accumulate(raw["precision"][::-1])[::-1], 0)
        # pycocotools adds a rounding error to the divisor, so equal precisions differ by it.
        np.testing.assert_allclose(levels["precision"], highest[reach], atol=1e-15)
        confidence = np.append(raw["confidence"], np.nan)
        np.testing.assert_array_equal(levels["confidence"], confidence[reach])


def test_raw_precision_counts_the_predictions_down_to_each_true_positive(evaluation):
    table = evaluation.precision_recall(classes=("bee",))
    raw = table[table["kind"] == "raw"]
    matches = evaluation.matches(classes=("bee",)).predictions
    counted = matches[matches["outcome"].isin(["true_positive", "false_positive"])]
    last = raw.iloc[-1]
    down_to = counted[counted["confidence"] > last["confidence"]]
    right = (down_to["outcome"] == "true_positive").sum()
    before = raw[raw["confidence"] > last["confidence"]]
    assert len(before) == right
    assert raw["precision"].between(0, 1).all()
    best = counted[counted["confidence"] == counted["confidence"].max()]
    if (best["outcome"] == "true_positive").all():
        assert raw["precision"].iloc[0] == pytest.approx(1)


def test_a_class_without_labels_has_no_curve_and_one_never_found_is_flat():
    kind = pd.CategoricalDtype(CLASSES)
    box = {"image_id": [1], "x": 0, "y": 0, "width": 5, "height": 5}
    images = pd.DataFrame({"image_id": [1], "width": 40, "height": 40})
    labels = pd.DataFrame(box | {"class_name": pd.Categorical(["ant"], dtype=kind)})
    predictions = pd.DataFrame(
        box | {"class_name": pd.Categorical(["bee"], dtype=kind), "confidence": 0.5}
    )
    table = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions)).precision_recall()
    assert table["class_name"].astype(str).unique().tolist() == ["ant"]
    assert len(table) == 101
    assert (table["precision"] == 0).all()
    assert table["confidence"].isna().all()
