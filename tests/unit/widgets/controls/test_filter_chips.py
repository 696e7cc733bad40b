"""A slice as chips: every number follows, and a click on a chip takes its condition away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.testing import front_end
from ea_widgets.widgets.controls import FilterChips, in_words
from ea_widgets.widgets.controls.filter_chips import CROSS
from tests.unit.widgets.conftest import frames, make_evaluation, with_metrics

SMALL = ea.where("Size", 0.0, 900.0)
DARK = ea.where("Brightness (F)", 0.0, 0.5)


def chips(widget):
    return [chip.description.removesuffix(CROSS).strip() for chip in widget._chips.children[1:]]


def assert_shows(page, where):
    """Assert that what every part shows is what a fresh evaluation says of the slice."""
    fresh = ea.Evaluation(page.evaluation.dataset).at(where=where)
    parts = (page, page.panel, page.detail, page.worst, page.examples, page.what_if, page.sweep,
             page.per_class)  # fmt: skip
    assert [part.where for part in parts] == [where] * len(parts)
    shown = front_end(page).shown()
    assert shown.message == ""
    assert shown.scores["TP"] == f"{fresh.scores().true_positives:,}"
    assert shown.scores["mAP"] == f"{fresh.scores().mean_average_precision:.3f}"
    pd.testing.assert_frame_equal(page.panel.importance, fresh.importance())
    pd.testing.assert_frame_equal(
        page.detail.curve.predictions, fresh.curve(page.metric).predictions
    )
    pd.testing.assert_frame_equal(page.worst.ranges, fresh.worst_ranges(6, settled=True, gain=True))
    page.sweep.opened = True
    pd.testing.assert_frame_equal(page.sweep.sweep, fresh.importance_sweep(top=6))
    recall = fresh.scores().per_class["average_recall"].sort_index()
    page.per_class.opened = True
    table = page.per_class._table["average_recall"].sort_index()
    pd.testing.assert_series_equal(table, recall)


@pytest.fixture
def page():
    page = ea.explore(make_evaluation(n_images=60), confidence_threshold=0, metric="Size (P)")
    page.examples.kind = "all"
    return page


def test_a_range_becomes_a_chip_that_every_number_follows(page):
    person = front_end(page)
    page.metric_range = (0.0, 900.0)
    person.press("use as filter")
    assert_shows(page, SMALL)
    assert page.metric_range == ()
    assert chips(page.panel) == ["Size from 0 to 900"]
    page.metric, page.metric_range = "Brightness (F)", (0.0, 0.5)
    person.press("use as filter")
    assert_shows(page, SMALL & DARK)
    page.metric_range = (0.0, 0.5)
    person.press("use as filter")  # the same again says nothing more
    assert page.where == SMALL & DARK
    person.press("Remove the filter Size from 0 to 900")
    assert_shows(page, DARK)
    person.press("Remove the filter Brightness (F) from 0 to 0.5")
    assert_shows(page, None)
    assert page.panel._chips.layout.display == "none"


def test_the_objects_of_a_range_are_those_of_the_slice(page):
    page.where, page.metric_range, page.tab = DARK, (0.0, 900.0), "Examples"
    want = page.evaluation.at(where=DARK).objects_in_range("Size (P)", 0.0, 900.0)
    assert page.examples.found.total == want.total > 0
    assert want.total < page.evaluation.objects_in_range("Size (P)", 0.0, 900.0).total


def test_what_python_sets_has_chips(page):
    page.where = ~DARK & SMALL
    assert chips(page.panel) == ["not (Brightness (F) 0 to 0.5)", "Size from 0 to 900"]
    assert_shows(page, ~DARK & SMALL)


def test_without_a_range_the_button_cannot_be_pressed(page):
    with pytest.raises(ea.InvalidInputError, match="is disabled"):
        front_end(page).press("use as filter")


def test_categories_become_a_chip_whose_text_is_no_html():
    images, labels, predictions = with_metrics(*frames())
    images["weather"] = np.where(np.arange(len(images)) % 2, "<i>night</i>", "day")
    page = ea.explore(ea.Evaluation(ea.Dataset(images, labels, predictions)))
    page.metric, page.metric_range = "weather (F)", {"<i>night</i>"}
    front_end(page).press("use as filter")
    assert page.where == ea.where("weather (F)", isin=("<i>night</i>",))
    assert chips(page.panel) == ["weather (F) = <i>night</i>"]  # a button's text is no HTML
    assert "<i>night" not in page.detail._foot.value


def test_dates_are_said_as_dates():
    images, labels, predictions = with_metrics(*frames())
    images["taken"] = pd.date_range("2024-01-01", periods=len(images), freq="D")
    evaluation = ea.Evaluation(ea.Dataset(images, labels, predictions))
    low, high = pd.Timestamp("2024-01-05").timestamp(), pd.Timestamp("2024-01-09").timestamp()
    words = in_words(ea.where("taken (F)", low, high), evaluation)
    assert "2024-01-05" in words
    assert "2024-01-09" in words
    assert in_words(ea.where("taken (F)", low), evaluation) == "taken (F) ≥ 2024-01-05"
    assert in_words(ea.where("taken (F)", high=high), evaluation) == "taken (F) ≤ 2024-01-09"
    page = ea.explore(evaluation)
    page.where = ea.where("taken (F)", low, high)
    assert page.panel.scores.true_positives + page.panel.scores.false_negatives == 5 * 8


def test_a_curve_alone_has_its_own_chips(evaluation):
    detail = ea.PerformanceByMetric(evaluation, metric="Size (P)", metric_range=(0.0, 900.0))
    front_end(detail).press("use as filter")
    assert chips(detail) == ["Size from 0 to 900"]
    assert "where Size from 0 to 900" in detail._foot.value
    front_end(detail).press("Remove the filter Size from 0 to 900")
    assert detail.where is None


def test_another_evaluation_keeps_the_conditions_that_it_knows(evaluation, next_evaluation):
    panel = ea.ImportancePanel(evaluation, where=DARK & ea.where("Age", 1.0) & SMALL)
    panel.evaluation = next_evaluation
    assert panel.where == DARK & SMALL
    assert chips(panel) == ["Brightness (F) from 0 to 0.5", "Size from 0 to 900"]


@pytest.mark.parametrize(
    ("value", "says"),
    [("Size < 4", "Give a condition from ea.where"), (ea.where("Sise", 1), "Did you mean 'Size'"),
     (ea.where("Age", 1) & ea.where("Sureness", 0.1), "only labels have"), (0, "is 0")],
)  # fmt: skip
def test_what_is_no_slice_of_the_data_is_refused(evaluation, value, says):
    panel = ea.ImportancePanel(evaluation, where=SMALL)
    before = panel.scores
    with pytest.raises(ea.InvalidInputError, match=says):
        panel.where = value
    assert (panel.where, panel.scores) == (SMALL, before)


def test_chips_that_are_gone_are_closed(evaluation):
    row = FilterChips(lambda _where: None, lambda handler: handler)
    row.show(SMALL & DARK, evaluation)
    old = row.children[1:]
    row.show(DARK, evaluation)
    assert [chip.comm for chip in old] == [None, None]
    row.close()
