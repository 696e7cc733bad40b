"""A drawing that failed is not taken as drawn; handlers never raise; stale messages say nothing."""

from __future__ import annotations

import pytest

from ea_widgets.analysis.view import View
from ea_widgets.widgets.base.link import link
from ea_widgets.widgets.examples.examples_panel import Examples
from ea_widgets.widgets.explore import explore
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.per_class import PerClass
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from ea_widgets.widgets.panels.what_if_panel import WhatIf
from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges
from tests.unit.widgets.conftest import make_evaluation

RANGE = (0.0, 900.0)


def interrupt(*_arguments, **_options):
    raise KeyboardInterrupt


def broken(*_arguments, **_options):
    raise RuntimeError("out of order")


def event(mark, kind, index):
    mark._handle_custom_msgs(mark, {"event": kind, "data": {"index": index}})


@pytest.mark.parametrize("fails", [interrupt, broken])
def test_a_drawing_that_failed_is_made_again_for_the_same_choice(evaluation, fails):
    panel = ImportancePanel(evaluation)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(View, "importance", fails)
        if fails is interrupt:
            with pytest.raises(KeyboardInterrupt):
                panel._iou.value = 0.9
        else:
            panel._iou.value = 0.9
        assert "What is below may belong to the choice before" in panel._message.value
        assert panel._message.layout.display == "block"
    panel.iou_threshold = 0.9  # the same again
    assert panel._message.layout.display == "none"
    assert panel.importance.equals(evaluation.importance(0.9))
    assert panel.scores.true_positives == evaluation.scores(0.9).true_positives


def test_an_interrupt_leaves_linked_widgets_with_one_choice(evaluation):
    panel = ImportancePanel(evaluation)
    detail = PerformanceByMetric(evaluation, metric="Size (P)")
    link(detail, panel)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(View, "scores", interrupt)
        with pytest.raises(KeyboardInterrupt):
            panel._iou.value = 0.9
    assert detail.iou_threshold == panel.iou_threshold == 0.9
    assert detail.curve.labels.equals(evaluation.curve("Size (P)", 0.9).labels)
    panel.outcome = "missed"  # any next choice draws all of it
    assert panel.scores.true_positives == evaluation.scores(0.9).true_positives
    assert panel._message.value == ""


def test_a_computation_in_the_background_that_failed_is_made_again(evaluation):
    worst = WorstRanges(evaluation)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(View, "worst_ranges", broken)
        worst.iou_threshold = 0.8
        assert "RuntimeError: out of order" in worst._message.value
    worst.iou_threshold = 0.8
    assert worst._message.value == ""
    assert worst.ranges.equals(
        evaluation.worst_ranges(6, iou_threshold=0.8, settled=True, gain=True)
    )


def test_one_failing_part_does_not_keep_the_others(evaluation, monkeypatch):
    page = explore(evaluation, metric="Size (P)")
    monkeypatch.setattr(type(page.detail), "_draw", broken)
    page.panel._iou.set_state({"value": 0.7})
    assert "RuntimeError" in page.detail._message.value
    assert {part.iou_threshold for part in (page, *page._parts)} == {0.7}
    assert page.examples._message.value == page.what_if._message.value == ""


def test_hovers_clicks_and_the_mouse_raise_nothing(evaluation, monkeypatch):
    panel = ImportancePanel(evaluation)
    detail = PerformanceByMetric(evaluation, metric="Size (P)")
    hits = panel._importance_chart.hits
    for kind in ("hover", "element_click"):
        hits._handle_custom_msgs(hits, {"event": kind, "data": {}})  # no index
        assert "KeyError" in panel._message.value
        panel._message.value = ""
    chart = detail._true_positive
    monkeypatch.setattr(type(detail), "_describe", broken)
    monkeypatch.setattr(chart, "_describe", broken)
    monkeypatch.setattr(chart, "_on_pick", broken)
    monkeypatch.setattr(chart, "_on_move", broken)
    monkeypatch.setattr(chart, "_on_drag", broken)

    def drag():
        chart.brush.brushing = True
        chart.brush.selected = [0.2, 0.4]
        chart.brush.brushing = False

    for act in (
        lambda: event(chart.hits, "hover", 1),
        lambda: event(chart.hits, "element_click", 1),
        lambda: chart._x.set_state({"min": 0.3, "max": 0.6}),
        drag,
    ):
        detail._message.value = ""
        act()
        assert "RuntimeError: out of order" in detail._message.value


def test_messages_of_controls_that_have_just_been_hidden_say_nothing(evaluation):
    """The browser may send what a person did before the page had changed."""
    detail = PerformanceByMetric(evaluation, metric="Size (P)", metric_range=RANGE)
    chart = detail._true_positive
    detail.metric = None
    for kind in ("hover", "element_click"):
        event(chart.hits, kind, 3)
    detail._ranges._drag.set_state({"value": True})
    chart.brush.brushing = True
    chart.brush.selected = [0.2, 0.4]
    chart.brush.brushing = False
    chart._x.set_state({"min": 0.1, "max": 0.2})
    detail._ranges._boxes[0].set_state({"value": 3.0})
    detail._zoom._closer.click()
    detail._save.button.click()
    assert detail._message.value == ""

    gallery = Examples(evaluation, metric="Size (P)", metric_range=RANGE, view="table")
    gallery.metric_range = ()
    gallery._save.button.click()
    gallery._next.click()
    gallery._open(0)
    gallery._step(1)
    gallery._close_whole()
    assert gallery._message.value == ""
    assert gallery.opened is None

    trial = WhatIf(evaluation, metric="Size (P)", metric_range=RANGE)
    trial.metric_range = ()
    trial._save.button.click()
    trial._add.click()
    trial._slider.set_state({"value": 0.4})
    assert trial._message.value == ""

    folded = PerClass(evaluation)
    folded._save_bars.button.click()
    event(folded._precision.hits, "element_click", 2)
    event(folded._precision.hits, "hover", 2)
    assert folded._message.value == ""


def test_a_range_that_is_no_longer_listed_is_not_picked():
    evaluation = make_evaluation(n_images=120)
    worst = WorstRanges(evaluation, outcome="missed")
    button = worst._buttons[-1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            View, "worst_ranges", lambda *_, **__: evaluation.worst_ranges(gain=True).iloc[:0]
        )
        patch.undo()
    worst.confidence_threshold = 1.0
    assert len(worst.ranges) == 0
    button.click()
    assert worst.metric is None
    assert worst._message.value == ""
