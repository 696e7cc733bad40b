"""Values go to their places and back, and ticks say what they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.widgets.charts.axis import SCALES, Bins, lay_out
from ea_widgets.widgets.charts.ticks import js_key, log_ticks, round_ticks


def bins(edges, n=None):
    edges = np.asarray(edges, float)
    count = np.ones(len(edges) - 1) if n is None else np.asarray(n, float)
    middles = (edges[:-1] + edges[1:]) / 2
    return Bins(edges[:-1], edges[1:], np.vstack([middles, middles]), count)


@st.composite
def tables(draw):
    """Bins as curves have them: ties put medians on outer edges; lines share a bin or do not."""
    edges = np.cumsum([draw(st.floats(-50, 50)), *draw(st.lists(st.floats(0.1, 50), min_size=1))])
    if draw(st.booleans()) and len(edges) == 2:
        edges[1] = edges[0]  # a constant
    low, high = edges[:-1], edges[1:]
    share = np.array([sorted(draw(st.tuples(*[st.floats(0, 1)] * 2))) for _ in low]).T
    if draw(st.booleans()):
        share[1] = share[0]  # one line
    medians = np.clip(low + share * (high - low), low, high)
    n = draw(st.lists(st.integers(1, 99), min_size=len(low), max_size=len(low)))
    return Bins(low, high, medians, np.array(n, float))


def test_rank_gives_each_bin_the_room_of_its_objects():
    axis = lay_out("rank", bins([1, 2, 100, 5000], n=[10, 30, 60]))
    np.testing.assert_allclose(axis.edges_low, [0, 0.1, 0.4])
    np.testing.assert_allclose(axis.edges_high, [0.1, 0.4, 1])
    np.testing.assert_allclose(axis.centers, [0.05, 0.25, 0.7])
    assert axis.tick_labels == {"0": "1", "0.4": "100", "1": "5,000"}  # 0.1 has no room


def test_rank_says_no_value_twice():
    axis = lay_out("rank", bins([0, 0.5, 0.99991, 0.99992, 0.99993, 1.0]))
    assert list(axis.tick_labels.values()) == ["0", "0.5", "1"]


def test_rank_labels_are_short_and_do_not_touch():
    axis = lay_out("rank", bins([0.000743 + 0.000161 * k for k in range(20)]))
    labels = [*axis.tick_labels.values()]
    assert len(labels) >= 4
    assert max(map(len, labels)) <= len("0.00074")
    places = np.array([float(place) for place in axis.tick_labels])
    half_row, digit = 300, 6.2  # pixels of a chart at 1280 pixels beside the files, of a character
    widths = np.array([len(label) * digit for label in labels])
    assert (np.diff(places) * half_row > (widths[1:] + widths[:-1]) / 2).all()
    close = lay_out("rank", bins([0.976, 0.9991, 0.9993, 0.9995, 0.9997, 0.9999]))
    assert "0.999" in close.tick_labels.values()  # two digits would hide it


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
    one = np.array([value])
    single = Bins(one, one, np.vstack([one, one]), np.array([5.0]))
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


@pytest.mark.parametrize("scale", SCALES)
@given(table=tables(), ends=st.tuples(st.floats(0, 1), st.floats(0, 1)), data=st.data())
def test_a_brush_over_a_point_takes_its_medians_and_is_drawn_over_it(scale, table, ends, data):
    axis = lay_out(scale, table)
    low, high = (axis.low + (axis.high - axis.low) * end for end in sorted(ends))
    point = data.draw(st.integers(0, len(axis.centers) - 1))
    low, high = min(low, axis.centers[point]), max(high, axis.centers[point])
    least, most = axis.values_between(low, high)
    assert least <= table.medians[0, point] <= table.medians[1, point] <= most
    assert table.low[0] <= least or scale != "rank"
    first, last = axis.places_between(least, most)
    assert first <= axis.centers[point] <= last


@pytest.mark.parametrize("scale", ["rank", "linear"])
@given(table=tables(), shares=st.lists(st.floats(0, 1), min_size=2, max_size=9))
def test_places_and_values_are_each_others_inverse(scale, table, shares):
    axis = lay_out(scale, table)
    assert (np.diff(axis.knots_place) > 0).all()
    if table.low[0] == table.high[-1] and scale == "rank":
        assert set(axis.values(np.array(shares))) == {table.low[0]}
        return
    assert (np.diff(axis.knots_value) > 0).all()
    first, last = axis.knots_place[[0, -1]]
    places = first + (last - first) * np.array(shares)
    back = axis.places(axis.values(places))
    np.testing.assert_allclose(back, places, atol=1e-6 * (last - first))


def test_ties_on_an_edge_are_brushed_at_their_point():
    # Three tenths of the objects have the value 0: their point stands at 0.15.
    table = Bins(
        *np.array([[0.0, 0.04], [0.04, 1.0]]), np.array([[0.0, 0.5]] * 2), np.array([3, 7])
    )
    axis = lay_out("rank", table)
    np.testing.assert_allclose(axis.centers, [0.15, 0.65])
    assert axis.values_between(0.08, 0.22)[0] == 0
    assert axis.values_between(0.16, 0.22)[0] > 0
    # Short of the point, but over objects of the same value: they are taken, and shown to be.
    assert axis.values_between(0.08, 0.12) == (0.0, 0.0)
    assert axis.places_between(0.0, 0.0) == (0.0, 0.15)
    np.testing.assert_allclose(axis.values(np.array([0.65, 0.475])), [0.5, 0.27])


def test_a_constant_is_brushed_and_drawn_where_its_point_stands():
    one = np.array([7.0])
    axis = lay_out("rank", Bins(one, one, np.vstack([one, one]), np.array([5.0])))
    assert axis.values_between(0.4, 0.6) == (7.0, 7.0)
    assert axis.places_between(7.0, 7.0) == (0.0, 1.0)


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


@pytest.mark.parametrize("scale", SCALES)
@given(table=tables())
def test_the_whole_axis_is_the_whole_data(scale, table):
    axis = lay_out(scale, table)
    whole = axis.values_between(axis.low, axis.high)
    least, most = table.low.min(), table.high.max()
    if least < most:
        assert whole == (least, most)
    else:
        assert whole[0] <= least <= whole[1]


def test_zeros_are_in_the_whole_of_a_log_axis():
    axis = lay_out("log", bins([0, 1, 100]))
    assert axis.values_between(axis.low, axis.high) == (0, 100)
    assert (np.diff(axis.knots_value) > 0).all()
