"""A range of the metric: clicked, dragged or typed; drawn; and linked to what is below."""

from __future__ import annotations

import numpy as np
import pytest

from ea_widgets.analysis.actions.examples import KINDS
from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.base.link import link
from ea_widgets.widgets.controls.range_controls import rounded
from ea_widgets.widgets.examples.examples_panel import Examples
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from ea_widgets.widgets.panels.what_if_panel import WhatIf
from tests.unit.widgets.conftest import frames, with_metrics

RANGE = (500.0, 2000.0)
SCALES = ("rank", "linear", "log")


@pytest.fixture
def detail(evaluation):
    return PerformanceByMetric(evaluation, metric="Size (P)")


def drag(chart, low, high):
    """What the browser sends: the mouse goes down, moves, and lets go."""
    chart.brush.brushing = True
    chart.brush.selected = np.array([low, high])
    chart.brush.brushing = False


def click(chart, index):
    chart.hits._handle_custom_msgs(chart.hits, {"event": "element_click", "data": {"index": index}})


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("side", ["predictions", "labels"])
def test_a_drag_on_either_chart_and_any_axis_is_in_the_metrics_unit(detail, scale, side):
    detail.scale = scale
    chart = detail._true_positive if side == "predictions" else detail._false_negative
    table = getattr(detail.curve, side)
    edges = [table["bin_low"].iloc[3], table["bin_high"].iloc[7]]
    places = chart._axis.places(np.array(edges))
    drag(chart, *places)
    assert detail.metric_range == pytest.approx(edges, rel=2e-3)
    drawn = chart.chosen.x
    np.testing.assert_allclose(
        [drawn[0], drawn[-1]], places, atol=2e-3 * np.ptp(chart._axis.centers)
    )
    assert detail._true_positive.chosen.visible
    assert detail._false_negative.chosen.visible


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("metric", ["Age (O)", "Size (P)", "Brightness (F)"])
@pytest.mark.parametrize("by_class", [False, True])
def test_a_drag_over_a_point_holds_its_objects(evaluation, scale, metric, by_class):
    detail = PerformanceByMetric(evaluation, metric=metric, scale=scale, by_class=by_class, bins=7)
    chart = detail._false_negative
    if chart._axis is None:
        chart = detail._true_positive
    table = detail.curve.labels if len(detail.curve.labels) else detail.curve.predictions
    for (row,), place in zip(chart._targets, chart.hits.x, strict=True):
        drag(chart, place - 1e-3, place + 1e-3)
        low, high = detail.metric_range
        assert low <= table["center"].iloc[row] <= high
        assert chart.chosen.x[0] <= place <= chart.chosen.x[-1]
        if not by_class:  # the median of an even number of objects need not be one of them
            near = evaluation.objects_in_range(metric, low, high, kind=KINDS).total
            assert near > 0 or metric != "Age (O)"


@pytest.mark.parametrize("scale", SCALES)
def test_a_range_of_a_constant_is_drawn_where_its_point_stands(scale):
    images, labels, predictions = with_metrics(*frames())
    predictions["Same"] = 7.0
    evaluation = Evaluation(Dataset.from_frames(images, labels, predictions))
    detail = PerformanceByMetric(evaluation, metric="Same (P)", scale=scale)
    chart = detail._true_positive
    (place,) = chart.hits.x
    drag(chart, place - 0.1, place + 0.1)
    assert detail.metric_range == (7.0, 7.0)
    ends = chart.chosen.x[[0, -1]].tolist()
    assert ends[0] < place < ends[1]
    assert scale != "rank" or ends == [0.0, 1.0]


def test_a_drag_over_an_edge_of_the_axis_ends_at_the_data(detail):
    chart = detail._true_positive
    drag(chart, chart._axis.low, chart._axis.high)
    assert detail.metric_range == detail._extent()
    tables = (detail.curve.predictions, detail.curve.labels)
    assert detail.metric_range[0] == min(t["bin_low"].min() for t in tables)


def test_a_drag_from_right_to_left(detail):
    drag(detail._true_positive, 0.8, 0.2)
    low, high = detail.metric_range
    assert low < high


@pytest.mark.parametrize("scale", SCALES)
def test_a_click_on_a_point_chooses_its_bin(detail, scale):
    detail.scale = scale
    click(detail._false_negative, 4)
    row = detail.curve.labels.iloc[4]
    assert detail.metric_range == (row["bin_low"], row["bin_high"])


def test_typing_either_end_chooses_and_clear_chooses_none(detail):
    whole = detail._extent()
    controls = detail._ranges
    assert (controls._boxes[0].value, controls._boxes[1].value) == pytest.approx(whole, rel=1e-5)
    assert controls._clear.disabled
    controls._boxes[1].set_state({"value": 900.0})
    assert detail.metric_range == (whole[0], 900.0)
    controls._boxes[0].set_state({"value": 300.0})
    assert detail.metric_range == (300.0, 900.0)
    controls._clear.click()
    assert detail.metric_range == ()
    assert (controls._boxes[0].value, controls._boxes[1].value) == pytest.approx(whole, rel=1e-5)
    assert not detail._true_positive.chosen.visible


def test_ends_that_are_swapped_are_refused_in_words(detail):
    detail.metric_range = RANGE
    detail._ranges._boxes[0].set_state({"value": 5000.0})
    assert "whose low end is above the high one. Swap the two." in detail._message.value
    assert detail.metric_range == RANGE
    detail._ranges._boxes[0].set_state({"value": 600.0})
    assert detail._message.value == ""
    assert detail.metric_range == (600.0, 2000.0)
    with pytest.raises(InvalidInputError):
        detail.metric_range = (3.0, 1.0)


def test_the_mouse_points_until_it_is_told_to_drag(detail):
    charts = (detail._true_positive, detail._false_negative)
    assert [chart.figure.interaction for chart in charts] == [None, None]
    detail._ranges._drag.set_state({"value": True})
    assert [chart.figure.interaction for chart in charts] == [chart.brush for chart in charts]
    detail.metric = "Sureness (P)"
    assert charts[1].figure.interaction is None  # nothing is drawn there
    detail._ranges._drag.set_state({"value": False})
    assert charts[0].figure.interaction is None


def test_without_a_metric_there_is_nothing_to_choose(evaluation):
    detail = PerformanceByMetric(evaluation)
    assert detail._ranges.layout.display == "none"
    detail.metric = "Size (P)"
    assert detail._ranges.layout.display == "flex"


def test_a_single_value_is_drawn_and_a_range_outside_stays_on_the_axis(detail):
    for ends in ((700.0, 700.0), (-5.0, -1.0), (1e9, 2e9)):
        detail.metric_range = ends
        x = detail._true_positive.chosen.x
        assert x[-1] > x[0]
        assert detail._message.value == ""


def test_no_values_at_all(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Sureness (P)", confidence_threshold=1.0)
    detail.metric_range = (0.0, 1.0)
    assert detail._message.value == ""
    assert not detail._true_positive.chosen.visible


def test_another_metric_drops_the_range_in_one_drawing(detail, draws):
    detail.metric_range = RANGE
    draws.update(dict.fromkeys(draws, 0))
    detail.metric = "Random (P)"
    assert detail.metric_range == ()
    assert draws["PerformanceByMetric"] == 1


def test_a_range_reaches_all_that_is_linked_once(evaluation, draws, monkeypatch):
    shown = []
    original = Examples._show_page
    monkeypatch.setattr(
        Examples, "_show_page", lambda self, *args: shown.append(1) or original(self, *args)
    )
    panel, detail = ImportancePanel(evaluation), PerformanceByMetric(evaluation)
    gallery, trial = Examples(evaluation), WhatIf(evaluation)
    link(panel, detail, gallery, trial)
    panel.metric = "Size (P)"
    draws.update(dict.fromkeys(draws, 0))
    click(detail._true_positive, 2)
    ranges = {widget.metric_range for widget in (detail, gallery, trial)}
    assert len(ranges) == 1
    assert ranges != {()}
    assert draws == {"ImportancePanel": 0, "PerformanceByMetric": 1}
    assert len(shown) == 1
    panel.metric = "Random (P)"
    assert {widget.metric_range for widget in (detail, gallery, trial)} == {()}
    assert {w.metric for w in (detail, gallery, trial)} == {"Random (P)"}


def test_the_same_range_of_another_metric_reaches_all(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Size (P)", metric_range=(0.0, 1.0))
    gallery = Examples(evaluation)
    link(detail, gallery)
    with detail.hold_trait_notifications():
        detail.metric, detail.metric_range = "Random (P)", (0.0, 0.9)
    gallery.metric_range = (0.0, 1.0)
    detail.metric = "Size (P)"
    detail.metric_range = (0.0, 1.0)
    assert (gallery.metric, gallery.metric_range) == ("Size (P)", (0.0, 1.0))


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((0.123456, 0.654321), (0.1234, 0.6544)),
        ((1234.567, 98765.4), (1234.0, 98770.0)),
        ((0.0031234, 5000.2), (0.003123, 5001.0)),
        ((1e-11, 7.5), (0.0, 7.5)),
        ((0.0, 0.0), (0.0, 0.0)),
        ((-5.0, 2000.0), (-1.0, 1e3)),
    ],
)
def test_dragged_ends_have_few_digits(ends, expected):
    whole = (-1.0, 1e3) if ends[0] < 0 else (-1.0, 1e9)
    assert rounded(*ends, whole) == expected


BOTH = {"metric": "Random (P)", "metric_range": (0.0, 0.5)}


@pytest.mark.parametrize("order", [("metric", "metric_range"), ("metric_range", "metric")])
@pytest.mark.parametrize("kind", [PerformanceByMetric, Examples, WhatIf])
def test_a_range_that_is_set_together_with_its_metric_is_kept(evaluation, kind, order):
    widget = kind(evaluation, metric="Sureness (P)", metric_range=BOTH["metric_range"])
    with widget.hold_trait_notifications():
        for name in order:
            setattr(widget, name, BOTH[name])
    assert (widget.metric, widget.metric_range) == ("Random (P)", (0.0, 0.5))
    widget.metric = "Sureness (P)"
    assert widget.metric_range == ()


def test_the_same_range_again_is_one_of_the_metric_there_is(evaluation):
    widget = WhatIf(evaluation, metric="Sureness (P)", metric_range=(0.0, 0.5))
    widget.metric_range = (0.0, 0.5)
    widget.metric = "Random (P)"
    assert widget.metric_range == ()
    widget.metric_range = (0.0, 0.5)
    with widget.hold_trait_notifications():
        widget.metric_range = (0.0, 0.5)
    widget.metric = "Sureness (P)"
    assert widget.metric_range == ()


def test_a_refused_metric_leaves_the_range_with_its_own(evaluation):
    widget = WhatIf(evaluation, metric="Sureness (P)", metric_range=(0.0, 0.5))

    def choose():
        with widget.hold_trait_notifications():
            widget.metric_range = (0.0, 0.6)
            widget.metric = "Sise (P)"

    with pytest.raises(InvalidInputError):
        choose()
    assert (widget.metric, widget.metric_range) == ("Sureness (P)", (0.0, 0.5))
    widget.metric = "Random (P)"
    assert widget.metric_range == ()


def test_linked_widgets_keep_a_range_that_is_set_with_its_metric(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Sureness (P)", metric_range=(0.0, 0.5))
    gallery, panel = Examples(evaluation), ImportancePanel(evaluation)
    link(detail, panel, gallery)
    with gallery.hold_trait_notifications():
        gallery.metric_range = (0.0, 0.5)
        gallery.metric = "Random (P)"
    assert detail.metric == panel.metric == "Random (P)"
    assert detail.metric_range == gallery.metric_range == (0.0, 0.5)


def test_a_zoom_goes_with_its_metric_too(evaluation):
    detail = PerformanceByMetric(evaluation, metric="Sureness (P)", zoom=(0.0, 0.5))
    with detail.hold_trait_notifications():
        detail.zoom = (0.0, 0.5)
        detail.metric = "Random (P)"
    assert detail.zoom == (0.0, 0.5)
    detail.metric = "Sureness (P)"
    assert detail.zoom == ()


def test_a_date_typed_for_the_metric_before_chooses_nothing(evaluation):
    panel = PerformanceByMetric(evaluation, metric="Size (P)")
    for field in panel._ranges._dates:
        field.set_state({"value": "2020-01-01"})
    assert panel.metric_range == ()
    assert panel._message.value == ""
