"""The whole page: what a choice in one part turns the others to."""

from __future__ import annotations

import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.widgets.explore import explore
from tests.unit.widgets.conftest import make_evaluation


@pytest.fixture
def page():
    return explore(make_evaluation(n_images=120))


@pytest.mark.parametrize(
    ("outcome", "kind"), [("missed", "missed"), ("true_positive", "false_positive")]
)
def test_a_click_on_a_worst_range_turns_the_page_to_its_errors(page, draws, outcome, kind):
    other = "missed" if outcome == "true_positive" else "true_positive"
    page.panel.outcome, page.examples.reason = other, "duplicate"
    page.worst.outcome = outcome
    assert (page.panel.outcome, page.examples.kind) == (other, "all")  # the list alone
    draws.update(dict.fromkeys(draws, 0))
    page.worst._list.children[0].click()
    row = page.worst.ranges.iloc[0]
    assert page.panel.outcome == page.panel._outcome.value == outcome
    assert page.panel.metric == page.examples.metric == row["metric"]
    assert page.examples.metric_range == (row["low"], row["high"])
    assert (page.examples.kind, page.examples.reason) == (kind, "")
    assert page.examples.found.total == row["errors"] > 0
    assert set(draws.values()) == {1}


def test_the_same_outcome_is_turned_to_again(page):
    page.worst.outcome = "missed"
    page.worst._list.children[0].click()
    page.panel.outcome, page.examples.kind = "true_positive", "all"
    page.worst._list.children[0].click()
    assert (page.panel.outcome, page.examples.kind) == ("missed", "missed")


def test_own_columns_stand_beside_the_metrics_of_boxes():
    images = pd.DataFrame({"image_id": [0, 1], "width": 9, "height": 9, "daylight": [0.1, 0.9]})
    box = {"image_id": [0, 1], "class_name": "cat", "x": 1, "y": 1, "width": 4, "height": 4}
    dataset = ea.Dataset(images, pd.DataFrame(box), pd.DataFrame(box | {"confidence": 0.5}))
    shown = explore(dataset).panel.evaluation.metrics.index
    assert {"daylight (F)", "Object Count (F)", "Object Area - Relative (P)"} <= {*shown}
    chosen = ea.compute_metrics(dataset, metrics=["Area"])
    assert [*explore(chosen).panel.evaluation.metrics.index] == ["daylight (F)", "Area (F)"]
