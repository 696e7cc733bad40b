"""The whole page: what a choice in one part turns the others to."""

from __future__ import annotations

import pytest

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
