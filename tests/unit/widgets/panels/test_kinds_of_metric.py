"""Categories and dates on the curves: bars to click, sets to pick, dates on axes and in fields."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.testing import front_end
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric

DAY = 86400.0
START = datetime(2023, 3, 1, 12, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def evaluation():
    """Thirty images, a day apart, of three kinds of weather, with ten predictions each."""
    rng = np.random.default_rng(0)
    image, place = np.divmod(np.arange(300), 10)
    images = pd.DataFrame({"image_id": np.arange(30), "width": 1_000, "height": 90})
    images["weather"] = np.repeat(["sun", "rain", "night"], [15, 10, 5])
    images["taken"] = pd.to_datetime(START + DAY * np.arange(30), unit="s")
    labels = pd.DataFrame({"image_id": image, "class_name": "a", "x": place * 100.0, "y": 0.0})
    labels = labels.assign(width=50.0, height=50.0, class_name=np.array(["a", "b"])[place % 2])
    found = labels.assign(x=labels["x"] + 50 * (rng.random(300) < 0.4), confidence=rng.random(300))
    found["number"] = rng.random(300)
    letters = np.array([f"letter {code:02d}" for code in range(25)])
    found["letter"] = letters[np.sort(rng.integers(0, 25, 300))]
    found["kept"] = rng.random(300) < 0.5
    return ea.Evaluation(ea.Dataset.from_frames(images, labels, found))


@pytest.fixture
def detail(evaluation):
    detail = PerformanceByMetric(evaluation, metric="weather (F)")
    yield detail
    detail.close()


def shaded(chart):
    """Middles of the columns that are shaded."""
    return np.asarray(chart.chosen.x).reshape(-1, 4).mean(axis=1).round(9).tolist()


def test_each_category_has_a_bar_with_its_interval_and_count(detail, caplog):
    chart, table = detail._true_positive, detail.curve.predictions
    labels = ["sun (150)", "rain (100)", "night (50)"]
    assert list(chart._x_axis.tick_labels.values()) == labels
    assert chart._x_axis.tick_rotate == 0
    heights = np.asarray(chart.lines[0].y).reshape(3, 4)
    np.testing.assert_allclose(heights[:, 1], table["rate"])
    assert (heights[:, [0, 3]] == 0).all()
    np.testing.assert_allclose(chart.categories.whiskers.y, table[["rate_low", "rate_high"]])
    assert not len(chart.support.x)
    detail.intervals = False
    assert not chart.categories.whiskers.visible
    detail.metric = "number (P)"  # a line again
    assert chart.lines[0].fill == "none"
    assert len(chart.support.x)
    assert not len(chart.categories.columns.x)
    assert not caplog.records


def test_what_means_nothing_to_categories_is_not_offered(detail):
    tools = (detail._bins, detail._axis_choice, detail._zoom, detail._ranges._drag)
    assert {tool.layout.display for tool in tools} == {"none"}
    detail.metric = "number (P)"
    assert "none" not in {tool.layout.display for tool in tools}
    assert detail._ranges._picker.layout.display == "none"


def test_a_click_anywhere_on_a_bar_adds_its_category_or_takes_it_out(detail, caplog):
    person = front_end(detail)
    person.click_point(2)
    assert detail.metric_range == frozenset({"night"})
    assert detail.in_words == "weather = night"
    person.click_point(0, chart=1)
    assert detail.metric_range == frozenset({"night", "sun"})
    assert shaded(detail._true_positive) == shaded(detail._false_negative) == [0, 2]
    person.click_point(2)
    person.click_point(0)
    assert detail.metric_range == ()
    assert not detail._true_positive.chosen.visible
    assert not caplog.records


def test_the_bar_of_the_rest_stands_for_all_that_have_none(detail):
    detail.metric = "letter (P)"
    names = detail.curve.predictions["category"].tolist()
    assert len(names) == 21
    assert names[-1] == "other"
    front_end(detail).click_point(20)
    assert len(detail.metric_range) == 5
    assert not detail.metric_range & {*names}
    assert shaded(detail._true_positive) == [20]
    front_end(detail).click_point(20)
    assert detail.metric_range == ()


def test_long_names_are_turned_and_none_is_cut_to_the_name_of_another(detail):
    detail.metric = "letter (P)"
    chart = detail._true_positive
    assert chart._x_axis.tick_rotate < 0
    assert chart.figure.fig_margin["bottom"] > detail._false_negative.figure.fig_margin["bottom"]
    labels = [*chart._x_axis.tick_labels.values()]
    assert len({*labels}) == 21
    assert not any("…" in label for label in labels)
    assert chart._x_axis.tick_style["text-anchor"] == "end"
    detail.metric = "number (P)"
    assert chart._x_axis.tick_rotate == 0


def test_a_set_is_picked_in_the_field_and_taken_out_by_its_chips(detail, caplog):
    person, field = front_end(detail), detail._ranges._picker._field
    assert field.options == ("sun", "rain", "night")
    person.type("add a category", "rain")
    assert (detail.metric_range, field.value) == (frozenset({"rain"}), "")
    person.type("add a category", " night ")
    assert detail.metric_range == frozenset({"rain", "night"})
    person.press("Take out rain")
    assert detail.metric_range == frozenset({"night"})
    person.press("clear")
    assert detail.metric_range == ()
    assert not caplog.records


def test_what_is_no_category_is_refused_with_the_nearest(detail):
    front_end(detail).type("add a category", "nigth")
    assert "Did you mean 'night'?" in front_end(detail).shown().message
    assert detail.metric_range == ()


def test_truth_values_are_picked_as_such(detail):
    detail.metric = "kept (P)"
    front_end(detail).type("add a category", "True")
    assert detail.metric_range == frozenset({True})


def test_by_class_a_column_tells_of_all_classes(detail):
    detail.by_class = True
    person = front_end(detail)
    person.hover_point(1)
    told = detail._true_positive._tip.value
    rows = detail.curve.predictions.query("category == 'rain'")
    for name, rate, n in zip(rows["class_name"], rows["rate"], rows["n"], strict=True):
        assert f"<td>{name}</td><td>{rate:.3f} (" in told
        assert f"of {n}<" in told
    person.click_point(1)
    assert detail.metric_range == frozenset({"rain"})


@pytest.mark.parametrize("scale", ["rank", "linear", "log"])
def test_an_axis_of_dates_has_dates(detail, scale):
    detail.metric = "taken (F)"
    detail.scale = scale
    labels = [*detail._true_positive._x_axis.tick_labels.values()]
    assert 2 <= len(labels) <= 6
    assert all(datetime.fromisoformat(label).year == 2023 for label in labels)
    detail.zoom = (START, START + 3 * DAY)
    labels = [*detail._true_positive._x_axis.tick_labels.values()]
    assert len({*labels}) == len(labels) >= 2
    assert all(label.startswith(("03-", "2023-03-")) for label in labels)
    said = "no log axis" in detail._foot.value
    assert said == (scale == "log")


def test_dates_are_typed_as_dates_and_what_is_not_touched_stays_exact(detail):
    detail.metric = "taken (F)"
    person = front_end(detail)
    person.type("from", "2023-03-05")
    low, high = detail.metric_range
    assert low == datetime(2023, 3, 5, tzinfo=UTC).timestamp()
    assert high == START + 29 * DAY
    assert detail._ranges._dates[1].value == "2023-03-30 12:00:00"
    person.type("to", "2023-03-07 06:30")
    assert detail.metric_range == (low, datetime(2023, 3, 7, 6, 30, tzinfo=UTC).timestamp())
    person.type("to", "soon")
    assert "Write 2024-05-31" in person.shown().message
    assert detail._ranges._dates[1].value == "2023-03-07 06:30:00"


def test_a_drag_over_dates_takes_whole_minutes(detail):
    detail.metric = "taken (F)"
    detail.scale = "linear"
    front_end(detail).select_range(START + 5 * DAY + 7, START + 9 * DAY + 7)
    low, high = detail.metric_range
    assert low % 60 == high % 60 == 0
    assert abs(low - START - 5 * DAY) <= 60
    assert abs(high - START - 9 * DAY) <= 60


def test_what_if_and_examples_take_the_categories_chosen(evaluation, caplog):
    tried = ea.WhatIf(evaluation, metric="weather (F)", metric_range={"night"})
    assert tried.rule == ea.Rule("weather (F)", min_confidence=0.0, isin=("night",))
    shown = ea.Examples(evaluation, metric="weather (F)", metric_range={"night"})
    assert set(shown.table()["weather"]) == {"night"}
    assert not caplog.records
