"""Calibration against loops, closed forms and views of single classes."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.core.statistics.calibration_error import Judged, calibration_error
from ea_widgets.core.statistics.calibration_interval import error_interval
from tests.unit.analysis.conftest import small_frames


def naive_error(predictions, n_bins=15):
    """Mean |precision - confidence| of bins that ties do not cut, by a loop."""
    rows = sorted(zip(predictions["confidence"], predictions["outcome"], strict=True))
    total, at, error = len(rows), 0, 0.0
    for number in range(n_bins):
        end = max(-(-(number + 1) * total // n_bins), at)
        while 0 < end < total and rows[end][0] == rows[end - 1][0]:
            end += 1
        part = rows[at:end]
        if part:
            precision = sum(outcome == "true_positive" for _, outcome in part) / len(part)
            error += len(part) * abs(precision - sum(c for c, _ in part) / len(part)) / total
        at = end
    return error


@pytest.mark.parametrize("classes", [(), ("ant",), ("bee", "dog")])
def test_the_plain_error_is_that_of_a_loop(evaluation, classes):
    view = evaluation.at(0.5, 0.1, classes)
    predictions = view.matches().predictions
    counted = predictions[predictions["outcome"].isin(["true_positive", "false_positive"])]
    found = view.calibration()
    assert found.n == len(counted)
    assert found.plain_error == pytest.approx(naive_error(counted), rel=1e-12)
    precision = (counted["outcome"] == "true_positive").mean()
    assert found.overconfidence == pytest.approx(counted["confidence"].mean() - precision)
    assert found.overconfidence_low < found.overconfidence < found.overconfidence_high


def test_a_class_in_the_table_is_that_class_alone(evaluation):
    per_class = evaluation.calibration().per_class
    assert per_class.index.tolist() == ["ant", "bee", "cat", "dog"]
    for name, row in per_class.iterrows():
        alone = evaluation.calibration(classes=(name,))
        for column in row.index:
            assert row[column] == pytest.approx(getattr(alone, column), rel=1e-12), column


def test_bins_hold_all_predictions_in_order(evaluation):
    found = evaluation.calibration()
    bins = found.bins
    assert bins["n"].sum() == found.n
    assert (bins["confidence_low"].to_numpy()[1:] > bins["confidence_high"].to_numpy()[:-1]).all()
    weighted = (bins["n"] * (bins["precision"] - bins["confidence"]).abs()).sum() / found.n
    assert found.plain_error == pytest.approx(weighted, rel=1e-12)
    assert (bins["precision_low"] <= bins["precision"]).all()
    assert (bins["precision"] <= bins["precision_high"]).all()


def test_the_error_of_a_known_curve():
    """P(true | c) = c² and c uniform: the integral of c - c² is 1/6."""
    rng = np.random.default_rng(0)
    confidence = np.sort(rng.random(100_000))
    hit = rng.random(100_000) < confidence**2
    found = calibration_error(Judged(confidence, hit, np.arange(100_000)))
    assert found.error == pytest.approx(1 / 6, abs=0.005)
    assert found.error > found.noise_floor


def test_a_certain_model_that_is_always_right_has_no_error():
    found = calibration_error(Judged(np.ones(50), np.ones(50, bool), np.arange(50)))
    assert (found.error, found.plain_error, found.noise_floor) == (0.0, 0.0, 0.0)


def test_a_certain_model_that_is_always_wrong_has_error_one():
    found = calibration_error(Judged(np.ones(50), np.zeros(50, bool), np.arange(50)))
    assert found.error == found.plain_error == 1.0


def test_the_interval_of_an_error_is_narrow_where_much_is_known():
    """The curve of above: 1/6, whose standard error is at most that of a mean, 1 / 2 sqrt(n)."""
    rng = np.random.default_rng(1)
    confidence = np.sort(rng.random(100_000))
    judged = Judged(confidence, rng.random(100_000) < confidence**2, np.arange(100_000))
    low, high = error_interval(judged, calibration_error(judged))
    assert low < 1 / 6 < high
    assert high - low < 2 * 1.96 / (2 * np.sqrt(100_000)) * 1.2


def test_nothing_and_certain_models_have_intervals_too():
    nothing = Judged(np.zeros(0), np.zeros(0, bool), np.zeros(0, np.intp))
    assert np.isnan(error_interval(nothing, calibration_error(nothing))).all()
    right = Judged(np.ones(50), np.ones(50, bool), np.arange(50))
    assert error_interval(right, calibration_error(right)) == pytest.approx((0, 0), abs=1e-3)


def unusual(values):
    images, labels, predictions = small_frames()
    return ea.Dataset.from_frames(images, labels, predictions.assign(confidence=values))


def test_confidences_that_are_no_probabilities_have_no_error():
    values = np.linspace(-3, 7, 900)
    found = ea.Evaluation(unusual(values)).calibration()
    outside = int(((values < 0) | (values > 1)).sum())
    assert math.isnan(found.error)
    assert math.isnan(found.overconfidence)
    assert not found.distinguishable
    assert found.bins.empty
    assert found.per_class["error"].isna().all()
    assert found.problem.endswith("confidences are outside of 0 to 1")
    assert int(found.problem.split()[0].replace(",", "")) <= outside
    assert repr(found) == f"Calibration(none: {found.problem})"


def test_missing_confidences_have_no_error(frames):
    known = ea.Dataset.from_frames(*frames).frames
    unsure = replace(known, predictions=known.predictions.assign(confidence=np.nan))
    found = ea.Evaluation(ea.Dataset.from_tidy(unsure)).calibration()
    assert math.isnan(found.error)
    assert found.problem == "predictions have no confidences"


def test_a_slice_that_predictions_lack_has_no_error():
    images, labels, predictions = small_frames()
    labels["hand"] = 1.0
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    found = evaluation.calibration(where=ea.where("hand", low=0))
    assert found.problem == "predictions lack the metric of the slice"


def test_no_predictions():
    images, labels, predictions = small_frames()
    found = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions[:0])).calibration()
    assert math.isnan(found.error)
    assert found.n == 0
    assert repr(found) == "Calibration(none: no predictions)"


def test_repr_and_flat_mapping(evaluation):
    found = evaluation.calibration()
    ends = f"({found.error_low:.3f} to {found.error_high:.3f})"
    assert repr(found).startswith(
        f"Calibration(error {found.error:.3f} {ends}, more than chance gives"
    )
    assert 0 <= found.error_low < found.error < found.error_high <= 1
    assert found.to_dict()["ECE high"] == found.error_high
    assert found.to_dict()["ECE"] == found.error
    assert found.to_dict()["ECE/ant"] == found.per_class.loc["ant", "error"]
    found.bins["n"] = 0
    assert evaluation.calibration().bins["n"].all()
    assert isinstance(found.per_class["distinguishable"].dtype, np.dtypes.BoolDType)
    assert pd.api.types.is_integer_dtype(found.per_class["n"])
