"""Values go to their places and back, and ticks say what they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.widgets.ticks import js_key, log_ticks, round_ticks
from ea_widgets.widgets.x_axis import SCALES, Bins, lay_out


def bins(edges, n=None):
    edges = np.asarray(edges, float)
    count = np.ones(len(edges) - 1) if n is None else np.asarray(n, float)
    return Bins(edges[:-1], edges[1:], (edges[:-1] + edges[1:]) / 2, count)


def test_rank_gives_each_bin_the_room_of_its_objects():
    axis = lay_out("rank", bins([1, 2, 100, 5000], n=[10, 30, 60]))
    np.testing.assert_allclose(axis.edges_low, [0, 0.1, 0.4])
    np.testing.assert_allclose(axis.edges_high, [0.1, 0.4, 1])
    np.testing.assert_allclose(axis.centers, [0.05, 0.25, 0.7])
    assert axis.tick_labels == {"0": "1", "0.4": "100", "1": "5,000"}  # 0.1 has no room


def test_rank_says_no_value_twice():
    axis = lay_out("rank", bins([0, 0.5, 0.99991, 0.99992, 0.99993, 1.0]))
    assert list(axis.tick_labels.values()) == ["0", "0.5", "1"]


def test_rank_labels_stay_few():
    axis = lay_out("rank", bins(np.arange(101.0)))
    assert len(axis.tick_places) <= 8
    assert set(axis.tick_labels) == {js_key(place) for place in axis.tick_places}
    assert axis.tick_labels["1"] == "100"


def test_log_moves_edges_at_nought_into_sight():
    axis = lay_out("log", bins([0, 1, 100]))
    assert axis.note == ""
    np.testing.assert_allclose(axis.edges_high, [0, 2])
    np.testing.assert_allclose(axis.edges_low[0], np.log10(0.25))
    assert {"1", "10", "100"} <= set(axis.tick_labels.values())


def test_log_of_values_below_nought_is_linear_and_says_so():
    axis = lay_out("log", bins([-3, -1, 2]))
    assert axis.note == "A log axis needs values above 0, so this one is linear."
    np.testing.assert_allclose(axis.centers, [-2, 0.5])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("value", [0.0, 7.0, -2.0, 1e-9, 1e12])
def test_a_constant_metric_has_an_axis_too(scale, value):
    single = Bins(*(np.array([value]) for _ in range(3)), np.array([5.0]))
    axis = lay_out(scale, single)
    assert axis.low < axis.centers[0] < axis.high
    assert len(axis.tick_places) >= 1


@pytest.mark.parametrize("scale", SCALES)
@given(
    steps=st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=30),
    start=st.floats(0.01, 100),
)
def test_places_read_back_as_values(scale, steps, start):
    edges = start + np.concatenate([[0.0], np.cumsum(steps)])
    axis = lay_out(scale, bins(edges))
    assert (np.diff(axis.centers) > 0).all()
    back = axis.values(axis.edges_high)
    np.testing.assert_allclose(back, edges[1:], rtol=2e-2 if scale == "log" else 1e-9)


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-3, 1e6))
def test_round_ticks_are_few_rising_and_inside(low, width):
    values = round_ticks(low, low + width)
    assert 1 <= len(values) <= 7
    assert (np.diff(values) > 0).all()
    slack = 1e-6 * max(1.0, abs(low), width)
    assert low - slack <= values[0]
    assert values[-1] <= low + width + slack


@given(low=st.floats(1e-6, 1e6), factor=st.floats(1.01, 1e9))
def test_log_ticks_are_few_and_inside(low, factor):
    values = log_ticks(low, low * factor)
    assert 1 <= len(values) <= 8
    assert (values >= low * (1 - 1e-6)).all()
    assert (values <= low * factor * (1 + 1e-6)).all()
