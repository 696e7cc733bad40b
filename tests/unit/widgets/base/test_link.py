"""Two widgets, one selection."""

from __future__ import annotations

import pytest

from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base.link import link
from ea_widgets.widgets.base.widget import SHARED
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric


@pytest.fixture
def pair(evaluation):
    return ImportancePanel(evaluation), PerformanceByMetric(evaluation)


def choices(widget):
    return [getattr(widget, name) for name in SHARED]


def test_the_second_takes_the_choices_of_the_first(evaluation, next_evaluation):
    panel = ImportancePanel(evaluation, classes=("dog",), metric="Sureness (P)", iou_threshold=0.7)
    detail = PerformanceByMetric(next_evaluation, classes=("emu",), metric="Fresh (P)")
    link(panel, detail)
    assert choices(detail) == choices(panel)
    assert panel.metric == "Sureness (P)"


def test_a_click_on_a_bar_redraws_the_curves_once(pair, draws):
    panel, detail = pair
    link(panel, detail)
    draws.update(dict.fromkeys(draws, 0))
    panel._ranking._picked(1)
    assert detail.metric == panel.metric == panel.importance.index[1]
    assert detail.curve.metric == panel.importance["name"].iloc[1]
    assert draws == {"ImportancePanel": 1, "PerformanceByMetric": 1}


def test_choices_go_both_ways(pair):
    panel, detail = pair
    link(panel, detail)
    detail.classes = ("owl",)
    detail._menu.value = "Random (P)"
    assert (panel.classes, panel.metric) == (("owl",), "Random (P)")
    panel._iou.set_state({"value": 0.9})
    assert detail.iou_threshold == 0.9


def test_another_evaluation_reaches_both_with_choices_that_only_it_knows(
    pair, next_evaluation, draws
):
    panel, detail = pair
    link(panel, detail)
    panel.metric = "Sureness (P)"
    draws.update(dict.fromkeys(draws, 0))
    with panel.hold_trait_notifications():
        panel.metric = "Fresh (P)"
        panel.classes = ("emu", "cat")
        panel.evaluation = next_evaluation
    assert choices(detail) == choices(panel)
    assert detail.evaluation is next_evaluation
    assert detail.curve.metric == "Fresh"
    assert draws == {"ImportancePanel": 1, "PerformanceByMetric": 1}


def test_a_swap_drops_unknown_choices_in_both(pair, next_evaluation):
    panel, detail = pair
    link(panel, detail)
    panel.metric, panel.classes = "Sureness (P)", ("cat", "dog")
    detail.evaluation = next_evaluation
    assert choices(panel) == choices(detail) == [next_evaluation, ("cat",), 0.5, 0.0, None, None]
    assert panel._message.value == detail._message.value == ""


def test_a_refused_choice_reaches_nobody(pair):
    panel, detail = pair
    link(panel, detail)
    with pytest.raises(InvalidInputError):
        detail.classes = ("unicorn",)
    assert panel.classes == detail.classes == ()


def test_unlink(pair):
    panel, detail = pair
    linked = link(panel, detail)
    linked.unlink()
    linked.unlink()
    panel.metric = "Size (P)"
    assert detail.metric is None


def test_a_closed_widget_does_not_disturb_the_other(pair):
    panel, detail = pair
    link(panel, detail)
    detail.close()
    panel.metric = "Size (P)"
    assert panel.metric == "Size (P)"


def test_what_cannot_be_linked_is_refused(pair):
    with pytest.raises(InvalidInputError) as caught:
        link(pair[0], "detail")
    assert str(caught.value) == (
        "`widgets` holds a str. Give an ea.ImportancePanel and an ea.PerformanceByMetric."
    )
    with pytest.raises(InvalidInputError) as caught:
        link(pair[0])
    assert str(caught.value) == "`widgets` holds 1. Give at least two widgets to link."
