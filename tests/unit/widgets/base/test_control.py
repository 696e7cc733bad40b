"""What Python sets is what is used, to the last digit; what the front end rounds is no move."""

from __future__ import annotations

import pytest

from ea_widgets.widgets.explore import explore
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from ea_widgets.widgets.panels.what_if_panel import WhatIf

RANGE = (0.0, 900.0)


def sliders(evaluation):
    """Every slider of a share, with the widget and the trait that it stands for."""
    panel = ImportancePanel(evaluation)
    trial = WhatIf(evaluation, metric="Size (P)", metric_range=RANGE)
    return [
        (panel, "iou_threshold", panel._iou),
        (panel, "confidence_threshold", panel._confidence),
        (trial, "min_confidence", trial._slider),
    ]


@pytest.mark.parametrize(
    ("value", "echo"), [(1 / 3, 0.33), (0.755, 0.76), (2 / 3, 0.67), (0.745, 0.75), (0.999, 1.0)]
)
def test_an_echo_of_the_front_end_rounds_nothing(evaluation, value, echo):
    for widget, trait, slider in sliders(evaluation):
        seen = []
        widget.observe(lambda change, seen=seen: seen.append(change["new"]), trait)
        setattr(widget, trait, value)
        # The front end has nothing to round: it is sent what it can show.
        assert slider.value == pytest.approx(echo, abs=1e-12)
        slider.set_state({"value": echo})
        slider.set_state({"value": echo + 1e-15})
        assert getattr(widget, trait) == value
        assert seen == [value]
        slider.set_state({"value": 0.42})  # a move of a person
        slider.set_state({"value": echo})  # and back: a move as well
        assert seen == [value, 0.42, echo]


def test_initial_values_are_exact_too(evaluation):
    panel = ImportancePanel(evaluation, iou_threshold=2 / 3, confidence_threshold=1 / 7)
    panel._iou.set_state({"value": 0.67})
    panel._confidence.set_state({"value": 0.14})
    assert (panel.iou_threshold, panel.confidence_threshold) == (2 / 3, 1 / 7)
    assert panel.scores.true_positives == evaluation.scores(2 / 3, 1 / 7).true_positives


def test_boxes_of_a_range_round_nothing(evaluation):
    ends = (123.456789012, 4567.89012345)
    detail = PerformanceByMetric(evaluation, metric="Size (P)", metric_range=ends)
    detail._ranges._boxes[0].set_state({"value": 123.457})
    assert detail.metric_range == ends
    detail._ranges._boxes[1].set_state({"value": 900.0})
    assert detail.metric_range == (ends[0], 900.0)


def test_a_slider_under_a_finger_is_not_written_back(evaluation, monkeypatch):
    panel = ImportancePanel(evaluation)
    panel._iou.set_state({"value": 0.61})
    sent = []
    monkeypatch.setattr(
        type(panel._iou), "send_state", lambda _, key=None: sent.append(key), raising=True
    )
    panel._iou.value = 0.62
    assert panel.iou_threshold == 0.62
    panel.iou_threshold = 0.6204
    assert panel._iou.value == 0.62
    assert panel.iou_threshold == 0.6204


def test_echoes_change_nothing_on_the_page(evaluation):
    page = explore(evaluation, iou_threshold=1 / 3)
    page.panel._iou.set_state({"value": 0.33})
    assert {w.iou_threshold for w in (page, page.panel, page.detail, page.what_if)} == {1 / 3}
