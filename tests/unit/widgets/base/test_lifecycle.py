"""Shown twice, closed, made again: nothing is left behind."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from bqplot import LinearScale, Lines
from ipywidgets import Button, Layout

from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base.lifecycle import send
from ea_widgets.widgets.explore import explore
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from tests.unit.widgets.conftest import frames, instances


def test_close_leaves_no_widget_behind(evaluation):
    before = set(instances())
    panel = ImportancePanel(evaluation, metric="Size (P)")
    detail = PerformanceByMetric(evaluation, metric="Size (P)")
    panel._picker._search.value = "cat"
    assert len(set(instances()) - before) > 50
    panel.close()
    detail.close()
    gc.collect()
    left = [instances()[key] for key in set(instances()) - before]
    assert left == []


def test_close_twice_and_choices_after_it_are_no_error(evaluation, draws):
    panel = ImportancePanel(evaluation)
    panel.close()
    panel.close()
    panel.iou_threshold = 0.3
    assert draws["ImportancePanel"] == 1


def test_shown_twice_is_one_widget(evaluation):
    panel = ImportancePanel(evaluation)
    first, second = (panel._repr_mimebundle_() for _ in range(2))
    assert first == second
    panel.iou_threshold = 0.7
    assert panel.importance.equals(evaluation.importance(0.7))


def test_explore_takes_an_evaluation(evaluation):
    before = set(instances())
    page = explore(evaluation)
    assert page.panel.evaluation is page.detail.evaluation is evaluation
    page.panel._ranking._picked(0)
    assert page.detail.metric == page.panel.importance.index[0]
    page.close()
    gc.collect()
    assert set(instances()) - before == set()


def test_explore_computes_metrics_where_there_are_none():
    dataset = Dataset.from_frames(*frames(n_images=6))
    assert dataset.metrics.empty
    page = explore(dataset)
    assert "Object Area - Relative (P)" in page.panel.importance.index
    assert len(page.panel._bars.y) == len(page.panel.importance) > 5


def test_explore_keeps_the_metrics_there_are(evaluation):
    page = explore(evaluation.dataset)
    assert set(page.panel.evaluation.metrics.index) == set(evaluation.metrics.index)


def test_explore_refuses_what_is_no_data():
    with pytest.raises(InvalidInputError) as caught:
        explore("labels.json")
    assert str(caught.value) == (
        "`dataset` is of type str. Give a Dataset, such as ea.load_demo() or ea.read_coco(...), "
        "or an Evaluation of one."
    )


def test_send_skips_what_is_there_already(monkeypatch):
    line = Lines(x=[1.0, np.nan], y=[1.0, 2.0], scales={"x": LinearScale(), "y": LinearScale()})
    sent = []
    monkeypatch.setattr(Lines, "send_state", lambda _, key=None: sent.append(set(key)))
    send(line, x=np.array([1.0, np.nan]), y=np.array([1.0, 2.0]), visible=True)
    assert sent == []
    send(line, x=np.array([1.0, 3.0]), y=np.array([1.0, 4.0]))
    assert sent == [{"x", "y"}]


def test_a_layout_that_the_user_gave_is_not_closed(evaluation):
    given = Layout(width="90%")
    beside = Button(layout=given)
    panel = ImportancePanel(evaluation, layout=given)
    panel.close()
    assert given.comm is not None
    assert (beside.layout.width, given.overflow) == ("90%", None)
    later = PerformanceByMetric(evaluation)
    own, later.layout = later.layout, given
    later.close()
    assert given.comm is not None
    assert own.comm is None
    page = explore(evaluation, layout=given)
    page.close()
    assert given.comm is not None
    beside.close()
    given.close()


def test_a_refused_widget_leaves_nothing_behind(evaluation):
    before = set(instances())
    for kind in (ImportancePanel, PerformanceByMetric, explore):
        with pytest.raises(InvalidInputError):
            kind(evaluation, iou_threshold=2)
    gc.collect()
    assert set(instances()) - before == set()
