"""Ranges with more errors than average, from counts, beside an evaluation of the same data."""

import numpy as np
import pytest

import ea_widgets as ea
from ea_widgets.core.statistics.resampling import ComputationStoppedError
from tests.unit.summary.conftest import made_dataset


@pytest.fixture(scope="module")
def both():
    """Small predictions are wrong and small labels are missed, and those of one camera."""
    dataset, rng = made_dataset(6, 300, 4000, 6000), np.random.default_rng(6)
    labels, predictions = dataset.labels, dataset.predictions
    small = labels["Size"].quantile(0.2)
    camera = rng.choice(["front", "left", "rear"], len(predictions))
    predictions = predictions[(predictions["Size"] > small) | (rng.random(len(predictions)) < 0.5)]
    wrong = (predictions["Size"] < 1.5 * small) | (camera[: len(predictions)] == "rear")
    wrong &= rng.random(len(predictions)) < 0.7
    predictions = predictions.assign(
        Camera=camera[: len(predictions)],
        x=predictions["x"].where(~wrong, predictions["x"] + 2000),
    )
    evaluation = ea.Evaluation(ea.Dataset.from_frames(dataset.images, labels, predictions))
    return evaluation, ea.summarize(evaluation)


@pytest.mark.parametrize("iou", [0.5, 0.75])
@pytest.mark.parametrize(
    ("outcome", "metric"), [("true_positive", "Size (P)"), ("missed", "Size (O)")]
)
def test_a_range_is_found_and_its_numbers_are_those_of_an_evaluation(both, outcome, metric, iou):
    evaluation, summary = both
    table = summary.at(iou).worst_ranges(outcome=outcome, settled=True)
    found = table.set_index("metric").loc[[metric]].iloc[0]
    assert (found["strength"], found["p_value"] <= 0.05) == ("strong", True)
    theirs = evaluation.at(iou).worst_ranges(outcome=outcome, settled=True).set_index("metric")
    assert found["high"] == pytest.approx(theirs.loc[metric, "high"], rel=0.5)
    side = "predictions" if outcome == "true_positive" else "labels"
    values = getattr(evaluation.dataset, side)["Size"]
    ends = (values.min(), *sorted({found["low"], found["high"]} - {values.min()}))
    edges = (*ends, values.max()) if ends[-1] < values.max() else ends
    bins = ea.Binning({metric: edges, metric.replace("(P)", "(O)"): edges, "Size (P)": edges})
    curve = getattr(evaluation.at(iou).curve("Size", bins), side)
    row = curve[curve["bin_low"] == found["low"]].iloc[0]
    assert (found["n"], found["rate"]) == (row["n"], row["rate"])
    errors = found["n"] * (found["rate"] if outcome == "missed" else 1 - found["rate"])
    assert found["errors"] == pytest.approx(errors)
    assert found["rate_low"] < found["rate"] < found["rate_high"]
    assert "Size" in found["sentence"]


def test_categories_are_named(both):
    _, summary = both
    table = summary.at(0.5).worst_ranges(settled=True).set_index("metric")
    assert table.loc["Camera (P)", "isin"] == ("rear",)
    assert table.loc["Camera (P)", "strength"] == "strong"


def test_columns_are_those_of_an_evaluation_also_of_nothing(both):
    evaluation, summary = both
    expected = list(evaluation.at(0.5).worst_ranges())
    assert list(summary.at(0.5).worst_ranges()) == expected
    empty = summary.at(0.5, classes=("bee",)).worst_ranges(1, "missed", settled=True)
    assert list(empty) == expected
    assert len(empty) <= 1


def test_it_can_be_stopped(both):
    with pytest.raises(ComputationStoppedError):
        both[1].at(0.5).worst_ranges(settled=True, should_stop=lambda: True)
