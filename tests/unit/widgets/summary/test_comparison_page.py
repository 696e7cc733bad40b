"""The page of two summaries: one choice for both, and the numbers of a comparison."""

from __future__ import annotations

import pytest

import ea_widgets as ea
from ea_widgets.testing import front_end
from tests.unit.widgets.conftest import SCRIPT, every_html, frames, make_evaluation, with_metrics


@pytest.fixture(scope="module")
def compared():
    old = make_evaluation()
    images, labels, predictions = with_metrics(*frames())
    new = ea.Dataset.from_frames(images, labels, predictions.iloc[::2])
    first = ea.summarize(old)
    return ea.compare({"old": first, SCRIPT: ea.summarize(new, first.binning)})


def test_moves_show_the_scores_and_curves_of_the_comparison(compared):
    page = ea.explore(compared)
    assert isinstance(page, ea.SummaryComparisonPage)
    person = front_end(page)
    person.move("iou_threshold", 0.62)
    person.move("confidence_threshold", 0.3)
    page.classes = ("cat", "dog")
    assert (page.iou_threshold, page.confidence_threshold) == (0.6, 0.3)
    view = compared.at(0.6, 0.3, ("cat", "dog"))
    whole = compared.at(0.6, None, ("cat", "dog")).scores().table
    expected = view.scores().table
    assert page.scores.table["precision"].tolist() == expected["precision"].tolist()
    means = page.scores.table["mean_average_precision"]
    assert means.tolist() == whole["mean_average_precision"].tolist()
    assert page.curve.predictions.equals(view.curve(page.metric).predictions)
    person.move("metric", "Brightness (F)")
    assert page.curve.metric == "Brightness"
    assert page._message.layout.display == "none", page._message.value


def test_text_from_data_is_never_html_and_what_is_missing_is_said(compared):
    page = ea.explore(compared)
    page.unanswered.opened = True
    shown = "".join(every_html(page))
    assert SCRIPT not in shown
    assert "Likely label errors" in shown


def test_another_comparison_takes_its_place(compared):
    page = ea.explore(compared, confidence_threshold=0.7)
    first = ea.summarize(make_evaluation(), confidence_thresholds=(0.25,))
    page.comparison = ea.compare({"a": first, "b": first})
    assert page.confidence_threshold == 0.25
    assert page.scores.table.index.tolist() == ["a", "b"]
    with pytest.raises(ea.InvalidInputError, match="gives"):
        page.comparison = first


def test_intervals_follow_and_are_paired(compared):
    page = ea.explore(compared, confidence_threshold=0.3)
    assert page.settled is None
    page.settle()
    table = page.settled.table
    expected = compared.at(page.iou_threshold, 0.3).scores(settled=True).table
    for end in ("low", "high"):
        name = f"precision_difference_{end}"
        assert table[name].equals(expected[name])
    assert "paired 95 % interval" in page._readouts.value
    page.classes = ("cat",)
    assert page.settled is None
