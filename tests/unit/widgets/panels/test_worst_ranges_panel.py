"""The list of ranges that hold the errors, and what a click on one chooses."""

from __future__ import annotations

import gc

import numpy as np
import pandas as pd
import pytest

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.view import View
from ea_widgets.data.dataset import Dataset
from ea_widgets.testing import front_end
from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges
from tests.unit.widgets.conftest import (
    SCRIPT,
    every_html,
    frames,
    instances,
    make_evaluation,
    with_metrics,
)


@pytest.fixture(scope="module")
def evaluation():
    """Enough small boxes that are missed for the scan to name them."""
    return make_evaluation(n_images=120)


@pytest.fixture(scope="module")
def pictured():
    """The same with pixels."""
    green = np.full((480, 640, 3), (20, 90, 20), np.uint8)
    made = frames(n_images=120)
    return Evaluation(Dataset.from_frames(*with_metrics(*made), pixels=lambda _: green))


def shown(widget):
    return [button.description for button in widget._list.children]


def sentences(table):
    """The rows as the list says them."""
    pairs = zip(table["sentence"], table["gain"], strict=True)
    return [f"{words} Mended: at most +{gain:.3f} mAP." for words, gain in pairs]


def test_the_list_is_what_the_evaluation_says(evaluation):
    worst = WorstRanges(evaluation, outcome="missed")
    expected = evaluation.worst_ranges(6, outcome="missed", settled=True, gain=True)
    assert len(expected) > 0
    assert shown(worst) == sentences(expected)
    assert worst.ranges.equals(expected)


def test_thresholds_classes_and_outcome_change_the_list(evaluation):
    worst = WorstRanges(evaluation, outcome="missed")
    worst.iou_threshold, worst.classes = 0.6, ("cat", "dog")
    expected = evaluation.worst_ranges(
        6, outcome="missed", iou_threshold=0.6, classes=("cat", "dog"), settled=True, gain=True
    )
    assert shown(worst) == sentences(expected)
    worst._outcome.set_state({"index": 0})
    assert worst.outcome == "true_positive"
    expected = evaluation.worst_ranges(
        6, iou_threshold=0.6, classes=("cat", "dog"), settled=True, gain=True
    )
    assert shown(worst) == sentences(expected)


@pytest.mark.parametrize("order", ["gain", "gain_per_100"])
def test_the_list_is_sorted_by_what_mending_is_worth(evaluation, monkeypatch, order):
    found = evaluation.worst_ranges(6, outcome="missed", settled=True, gain=True)
    found = pd.concat([found, found]).assign(gain=0.0, gain_per_100=0.0)
    found[order] = range(len(found))
    monkeypatch.setattr(View, "worst_ranges", lambda *_, **__: found)
    worst = WorstRanges(evaluation, outcome="missed")
    assert worst.ranges[order].tolist() == found[order].tolist()
    front_end(worst).move("sort_by", order)
    assert worst.ranges[order].tolist() == found[order].tolist()[::-1]
    assert shown(worst) == sentences(worst.ranges)
    worst._list.children[1].click()
    row = worst.ranges.iloc[1]
    assert (worst.metric, worst.metric_range) == (row["metric"], (row["low"], row["high"]))
    worst.sort_by = "surest"
    assert worst.ranges.equals(found)


def test_a_click_chooses_metric_and_range(evaluation):
    worst = WorstRanges(evaluation, outcome="missed", metric="Random (P)", metric_range=(0.0, 1.0))
    worst._list.children[0].click()
    row = worst.ranges.iloc[0]
    assert worst.metric == row["metric"]
    assert worst.metric_range == (row["low"], row["high"])
    assert worst._list.children[0].icon == "caret-right"
    worst.metric_range = ()
    assert worst._list.children[0].icon == ""


def test_a_range_of_one_class_chooses_the_class(evaluation, monkeypatch):
    table = (
        evaluation.worst_ranges(6, outcome="missed", settled=True, gain=True)
        .head(1)
        .assign(class_name="dog")
    )
    monkeypatch.setattr(View, "worst_ranges", lambda *_, **__: table)
    worst = WorstRanges(evaluation, outcome="missed", by_class=True)
    worst._list.children[0].click()
    assert worst.classes == ("dog",)
    assert worst.metric == table["metric"].iloc[0]


def test_the_same_range_of_another_metric_is_kept(evaluation, monkeypatch):
    table = pd.DataFrame(
        {
            "metric": ["Size (P)", "Random (P)"],
            "class_name": "all",
            "low": 0.0,
            "high": 1.0,
            "isin": None,
            "sentence": ["small", "random"],
            "gain": [0.1, 0.2],
        }
    )
    monkeypatch.setattr(View, "worst_ranges", lambda *_, **__: table)
    worst = WorstRanges(evaluation)
    for place, metric in enumerate(table["metric"]):
        worst._list.children[place].click()
        assert (worst.metric, worst.metric_range) == (metric, (0.0, 1.0))


def test_a_move_of_the_range_alone_asks_nothing(evaluation, monkeypatch):
    asked = []
    original = View.worst_ranges
    monkeypatch.setattr(View, "worst_ranges", lambda *a, **k: asked.append(k) or original(*a, **k))
    worst = WorstRanges(evaluation, outcome="missed")
    worst._list.children[0].click()
    worst.metric = "Random (P)"
    assert len(asked) == 1
    worst.iou_threshold = 0.8
    assert len(asked) == 2


def test_nothing_that_stands_out_is_said(evaluation, monkeypatch):
    empty = evaluation.worst_ranges(gain=True).iloc[:0]
    monkeypatch.setattr(View, "worst_ranges", lambda *_, **__: empty)
    worst = WorstRanges(evaluation)
    assert shown(worst) == []
    words = "No significant concentration of {}."
    assert words.format("false positives") in worst._said.value
    worst.outcome = "missed"
    assert words.format("missed objects") in worst._said.value


def test_single_classes_without_a_prediction_left_are_nothing_that_stands_out(evaluation):
    worst = WorstRanges(evaluation, by_class=True, confidence_threshold=1.0)
    assert worst._message.value == ""
    assert shown(worst) == []
    assert "There are no predictions, so there are no false positives." in worst._said.value
    worst.outcome = "missed"
    assert "Every object is missed, since there are no predictions." in worst._said.value


def test_text_from_data_is_never_html(evaluation):
    worst = WorstRanges(evaluation, by_class=True, classes=(SCRIPT,), outcome="missed")
    assert all("<script" not in html for html in every_html(worst))


def test_an_error_is_seen(evaluation, monkeypatch):
    worst = WorstRanges(evaluation)
    monkeypatch.setattr(View, "worst_ranges", lambda *_, **__: 1 / 0)
    worst.iou_threshold = 0.9
    assert "ZeroDivisionError: division by zero" in worst._message.value


def test_close_leaves_nothing_behind(evaluation):
    before = set(instances())
    worst = WorstRanges(evaluation, outcome="missed")
    worst.outcome = "true_positive"
    worst.close()
    gc.collect()
    assert set(instances()) - before == set()


def test_each_range_has_pictures_of_its_errors_beside_it(evaluation, pictured):
    plain = WorstRanges(evaluation)._list.children  # no pixels, no pictures
    assert {type(row).__name__ for row in plain} == {"Button"}
    worst = WorstRanges(pictured, outcome="missed")
    rows = worst._list.children
    assert len(rows) == len(worst.ranges) > 0
    for row, found in zip(rows, worst.ranges.itertuples(), strict=True):
        button, beside = row.children
        assert found.sentence in button.description
        errors = pictured.objects_in_range(
            found.metric, found.low, found.high, kind="missed", isin=found.isin
        )
        assert beside.value.count("<img") == min(4, errors.total)
        assert "missed" in beside.value
        assert SCRIPT not in beside.value
    rows[-1].children[0].click()
    assert worst.metric == worst.ranges["metric"].iloc[-1]
    before = [row.children[1].value for row in rows]
    worst.outcome = "true_positive"
    assert [row.children[1].value for row in worst._list.children] != before
