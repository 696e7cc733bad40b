"""Predictions without confidences have no order: what needs one is NaN, all else counts."""

from __future__ import annotations

import pytest

import ea_widgets as ea
from ea_widgets.analysis.actions.rule import Rule
from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.data.door import DoorOptions
from tests.unit.analysis.conftest import small_frames


@pytest.fixture(scope="module")
def evaluation():
    images, labels, predictions = small_frames()
    dataset = ea.Dataset.from_raw(
        RawFrames(images=images, labels=labels),
        RawFrames(predictions=predictions.drop(columns="confidence")),
        None,
        DoorOptions(),
    )
    return ea.Evaluation(dataset)


@pytest.fixture(scope="module")
def view(evaluation):
    return evaluation.at(0.5)


def test_a_rule_that_drops_nothing_changes_nothing(view):
    effect = view.what_if([])
    assert effect.after.true_positives == effect.before.true_positives > 0
    assert effect.after.false_positives == effect.before.false_positives > 0


def test_average_precision_after_a_rule_is_missing(view):
    effect = view.what_if([Rule("Size", high=900)])
    assert effect.removed > 0
    for scores in (effect.before, effect.after):
        assert scores.mean_average_precision != scores.mean_average_precision
        assert scores.per_class["average_precision"].isna().all()
        assert scores.recall > 0


def test_a_range_is_dropped_as_a_whole_or_not_at_all(view):
    scan = view.best_min_confidence("Size", 0, 900).scan
    assert len(scan) == 2
    effect = view.what_if([Rule("Size", 0, 900)])
    assert scan["true_positives"].tolist() == [
        effect.before.true_positives,
        effect.after.true_positives,
    ]


def test_no_precision_is_traced(view):
    assert view.precision_recall()["precision"].isna().all()


def test_a_slice_counts_them(evaluation, view):
    sliced = evaluation.at(0.5, where=ea.where("Fog", low=0.0)).scores()
    assert sliced.true_positives == view.scores().true_positives
    assert sliced.per_class["average_precision"].isna().all()
