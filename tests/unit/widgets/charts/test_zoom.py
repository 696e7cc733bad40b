"""A part of the axis: by buttons, by the mouse, by the range; on any axis, in the metric's unit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.charts.axis import SCALES, Bins, lay_out
from ea_widgets.widgets.charts.zoom import NARROWEST, part, step, zoomed
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric


@pytest.fixture
def detail(evaluation):
    return PerformanceByMetric(evaluation, metric="Size (P)")


def charts(detail):
    return detail._true_positive, detail._false_negative


def mouse(chart, low, high):
    """What the browser sends while a chart is dragged or the wheel is turned."""
    chart._x.set_state({"min": float(low), "max": float(high)})


def axis_of(steps, start, scale):
    edges = start + np.concatenate([[0.0], np.cumsum(steps)])
    middles = (edges[:-1] + edges[1:]) / 2
    bins = Bins(edges[:-1], edges[1:], np.vstack([middles, middles]), np.ones(len(steps)))
    return lay_out(scale, bins)


some_steps = st.lists(st.floats(1e-2, 1e2), min_size=1, max_size=30)


@pytest.mark.parametrize("scale", SCALES)
@given(
    steps=some_steps, start=st.floats(0.01, 100), ends=st.tuples(st.floats(0, 1), st.floats(0, 1))
)
def test_a_part_has_its_own_readable_ticks_and_keeps_everything_in_its_place(
    scale, steps, start, ends
):
    axis = axis_of(steps, start, scale)
    first, last = axis.knots_place[[0, -1]]
    low, high = (first + (last - first) * end for end in sorted(ends))
    wanted = part(axis, low, high)
    if not wanted:
        assert high - low > 0.99 * (last - first)
        return
    shown = zoomed(axis, scale, wanted)
    np.testing.assert_allclose(axis.places(np.array(wanted)), [shown.low, shown.high])
    assert shown.high - shown.low >= NARROWEST * (last - first) * (1 - 1e-6)
    assert shown.centers is axis.centers
    ticks = shown.tick_places
    assert 2 <= len(ticks) <= 9
    assert (np.diff(ticks) > 0).all()
    room = 1e-9 * (shown.high - shown.low)
    assert shown.low - room <= ticks[0] < ticks[-1] <= shown.high + room
    assert len(set(shown.tick_labels.values())) == len(shown.tick_labels) == len(ticks)


@pytest.mark.parametrize("scale", SCALES)
@given(steps=some_steps, start=st.floats(0.01, 100))
def test_closer_and_wider_and_there_and_back(scale, steps, start):
    axis = axis_of(steps, start, scale)
    closer = step(axis, (), factor=0.5)
    assert step(axis, closer, factor=2.0) == ()
    low, high = axis.places(np.array(closer))
    np.testing.assert_allclose(high - low, np.ptp(axis.knots_place) / 2)
    there = step(axis, closer, shift=0.25)
    np.testing.assert_allclose(
        axis.places(np.array(there)), [low + (high - low) / 4, high + (high - low) / 4]
    )
    np.testing.assert_allclose(step(axis, there, shift=-0.25), closer)
    # At an end it stays as wide as it is.
    for shift in (-9.0, 9.0):
        end = axis.places(np.array(step(axis, closer, shift=shift)))
        np.testing.assert_allclose(end[1] - end[0], high - low)


def test_the_buttons_look_at_both_charts(detail):
    whole = [(chart._x.min, chart._x.max) for chart in charts(detail)]
    tools = detail._zoom
    away = (tools._wider, tools._left, tools._right, tools._reset)
    assert all(button.disabled for button in away)
    tools._closer.click()
    assert not any(button.disabled for button in away)
    low, high = detail.zoom
    for chart in charts(detail):
        ends = chart._axis.values(np.array([chart._x.min, chart._x.max]))
        np.testing.assert_allclose(ends, [low, high])
    assert "In sight: from " in detail._foot.value
    tools._right.click()
    assert detail.zoom > (low, high)
    tools._left.click()
    np.testing.assert_allclose(detail.zoom, (low, high))
    tools._reset.click()
    assert detail.zoom == ()
    assert [(chart._x.min, chart._x.max) for chart in charts(detail)] == whole
    assert "In sight" not in detail._foot.value


def test_the_chosen_range_fills_the_charts(detail):
    assert detail._zoom._range.disabled
    detail.metric_range = (500.0, 2000.0)
    detail._zoom._range.click()
    assert detail.zoom == (500.0, 2000.0)
    for chart in charts(detail):
        np.testing.assert_allclose(chart.chosen.x[[0, -1]], [chart._x.min, chart._x.max])
    detail.metric_range = (700.0, 700.0)
    assert detail._zoom._range.disabled


@pytest.mark.parametrize("scale", SCALES)
def test_the_mouse_moves_one_chart_and_the_other_follows(detail, scale):
    detail.scale = scale
    first, second = charts(detail)
    detail._zoom._mouse.value = True
    assert [chart.figure.interaction for chart in charts(detail)] == [first.mover, second.mover]
    low, high = (first._x.min + np.ptp([first._x.min, first._x.max]) * end for end in (0.3, 0.6))
    mouse(first, low, high)
    # Nothing is written back to the chart that the mouse holds.
    assert (first._x.min, first._x.max) == (low, high)
    np.testing.assert_allclose(detail.zoom, first._axis.values(np.array([low, high])))
    np.testing.assert_allclose(
        second._axis.values(np.array([second._x.min, second._x.max])), detail.zoom
    )
    mouse(first, low - 100 * (high - low), high - 100 * (high - low))
    start = first._axis.knots_place[0]
    np.testing.assert_allclose([first._x.min, first._x.max], [start, start + high - low])
    detail._zoom._mouse.value = False
    assert first.figure.interaction is None


def test_the_mouse_has_one_work_at_a_time(detail):
    detail._zoom._mouse.value = True
    detail._ranges._drag.value = True
    assert not detail._zoom.moving
    assert detail._true_positive.figure.interaction is detail._true_positive.brush
    detail._zoom._mouse.value = True
    assert not detail._ranges.dragging
    assert detail._true_positive.figure.interaction is detail._true_positive.mover


def test_it_stays_when_a_slider_moves_and_goes_with_the_metric(detail):
    detail.zoom = (500.0, 2000.0)
    detail.iou_threshold = 0.7
    detail.scale = "log"
    detail.bins = 7
    assert detail.zoom == (500.0, 2000.0)
    detail.metric = "Size (O)"
    assert detail.zoom == (500.0, 2000.0)
    detail.metric = "Brightness (F)"
    assert detail.zoom == ()


def test_where_nothing_is_in_the_part_all_is_shown_and_said(detail):
    whole = (detail._true_positive._x.min, detail._true_positive._x.max)
    detail.zoom = (1e8, 2e8)
    assert (detail._true_positive._x.min, detail._true_positive._x.max) == whole
    assert "Nothing is from 100,000,000 to 200,000,000" in detail._foot.value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ((1.0, 1.0), "`zoom` is (1.0, 1.0). Give two ends that differ."),
        ((2.0, 1.0), "`zoom` is (2.0, 1.0), whose low end is above the high one. Swap the two."),
        ((1.0,), "`zoom` is (1.0,). Give (low, high), two numbers, or () for no range."),
    ],
)
def test_parts_that_are_none_are_refused(detail, value, message):
    with pytest.raises(InvalidInputError) as caught:
        detail.zoom = value
    assert str(caught.value) == message
    assert detail.zoom == ()
