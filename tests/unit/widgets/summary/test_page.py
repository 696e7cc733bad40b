"""The page on a summary: exact at the thresholds counted, and honest about the rest."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

import ea_widgets as ea
from ea_widgets.testing import front_end
from ea_widgets.testing.controls import parts_of
from tests.unit.summary.conftest import many_classes
from tests.unit.widgets.conftest import SCRIPT, every_html, frames, make_evaluation, with_metrics

MOVES = [("iou_threshold", 0.75), ("confidence_threshold", 0.3), ("classes", ("cat", SCRIPT)),
         ("confidence_threshold", 0.0), ("iou_threshold", 0.3)]  # fmt: skip
SCORES = ("mean_average_precision", "mean_average_recall", "precision", "recall", "f1",
          "true_positives", "false_positives", "false_negatives")  # fmt: skip
IN_BINS = ["bin_low", "bin_high", "n", "rate"]


@pytest.fixture(scope="module")
def evaluation():
    return make_evaluation(n_images=80)


@pytest.fixture(scope="module")
def summary(evaluation):
    return ea.summarize(evaluation)


@pytest.fixture
def page(summary):
    return ea.explore(summary)


def test_every_move_shows_the_numbers_of_an_evaluation(page, summary, evaluation):
    person = front_end(page)
    for trait, value in MOVES:
        person.move(trait, value)
        shown = getattr(page, trait)
        assert {*shown} == {*value} if trait == "classes" else shown == value
        confidence = page.confidence_threshold or None
        view = evaluation.at(page.iou_threshold, confidence, page.classes)
        everything = evaluation.at(page.iou_threshold, None, page.classes).scores()
        expected = view.scores().with_averages_of(everything)
        for name in SCORES:
            shown = getattr(page.panel.scores, name)
            assert shown == pytest.approx(getattr(expected, name), abs=1e-12)
        ranking = view.importance()["importance"]
        shown = page.panel.importance["importance"]
        np.testing.assert_allclose(shown, ranking.loc[shown.index], atol=1e-12)
        curve = page.detail.curve
        edges = ea.Binning(
            {
                f"{curve.metric} ({level})": (*table["bin_low"], table["bin_high"].iloc[-1])
                for level, table in (("P", curve.predictions), ("O", curve.labels))
                if len(table)
            }
        )
        there = view.curve(page.metric, edges)
        for side in ("predictions", "labels"):
            own, other = (getattr(one, side)[IN_BINS] for one in (curve, there))
            assert own["n"].tolist() == other["n"].tolist()
            assert own["rate"].tolist() == other["rate"].tolist()


def test_sliders_stop_where_was_counted_and_say_so(page, summary):
    person = front_end(page)
    person.move("IoU", 0.52)
    assert page.iou_threshold == page.panel.iou_threshold == 0.5
    person.move("Confidence", 0.62)
    assert page.confidence_threshold == 0.7
    assert [value for _, value in page.panel._confidence.options] == [0.0, 0.1, 0.3, 0.5, 0.7]
    words = page.panel._counts.value
    assert "Counted at IoU 0.05 to 0.95 by 0.05; at confidence 0, 0.1, 0.3, 0.5, 0.7" in words
    assert f"{summary.n_predictions:,} predictions" in words


def test_what_python_sets_becomes_the_nearest_threshold(page, summary):
    seen = []
    page.observe(lambda change: seen.append(change["new"]), "iou_threshold")
    page.iou_threshold = 0.62
    assert (page.iou_threshold, seen) == (0.6, [0.6])
    assert page.panel._iou.value == 0.6
    other = ea.explore(summary, iou_threshold=0.333, confidence_threshold=0.45)
    assert (other.iou_threshold, other.confidence_threshold) == (0.35, 0.5)
    with pytest.raises(ea.InvalidInputError, match="Give a number from 0 to 1"):
        page.iou_threshold = 1.5


def test_another_summary_moves_the_sliders_to_its_thresholds(page, evaluation):
    page.iou_threshold, page.confidence_threshold = 0.9, 0.7
    page.evaluation = ea.summarize(
        evaluation, iou_thresholds=(0.5, 0.75), confidence_thresholds=(0.25,)
    )
    assert (page.iou_threshold, page.confidence_threshold) == (0.75, 0.25)
    assert [value for _, value in page.panel._iou.options] == [0.5, 0.75]
    assert page.panel._iou.value == 0.75
    front_end(page).move("iou_threshold", 0.5)
    expected = evaluation.at(0.5, 0.25).scores()
    assert page.panel.scores.true_positives == expected.true_positives
    assert page.panel._readouts.value.count("mAP 50-95") == 0


def test_an_evaluation_gets_a_page_of_its_own(page, evaluation):
    with pytest.raises(ea.InvalidInputError, match="Make another page of it"):
        page.evaluation = evaluation
    with pytest.raises(ea.InvalidInputError, match="this is no summary"):
        ea.explore(evaluation, pixels="photos")


def test_it_opens_at_the_highest_f1_with_curves_and_examples(page, summary):
    f1 = {tick: summary.at(0.5, tick).scores().f1 for tick in summary.ticks["confidence_threshold"]}
    assert f1[page.confidence_threshold] == max(f1.values())
    assert page.metric == page.panel.importance.index[0]
    table = page.detail.curve.predictions
    excess = table["n"] * (page.detail.curve.average_true_positive_rate - table["rate"])
    worst = table.loc[excess.idxmax()]
    assert page.metric_range == (worst["bin_low"], worst["bin_high"])
    assert page.examples.found.total > 0
    assert {*page.examples.found.rows["kind"]} == {"false_positive"}


def test_examples_have_pictures_where_the_images_are_given(summary):
    drawn = np.zeros((48, 64, 3), np.uint8)
    page = ea.explore(summary, pixels=lambda _id: drawn)
    assert len(page.examples._gallery.children) > 0
    assert page.examples._gallery.children[0].picture.value[:2] == b"\xff\xd8"
    assert "Examples that the summary keeps" in page.examples._note.value
    front_end(page).open(0)
    assert page.examples.opened == 0


def test_without_images_examples_are_a_table_and_it_says_how_to_get_pictures(page):
    assert "ea.explore(summary, pixels=...)" in page.examples._note.value
    assert page.examples._table.value.count("<tr>") == 1 + len(page.examples.found.rows)
    assert len(page.examples.table()) == page.examples.found.total


def test_what_cannot_be_answered_is_folded_with_its_reason(page, summary):
    assert not page.unanswered.opened
    page.unanswered.opened = True
    words = page.unanswered._lines.value
    for part in ("Operating points", "Each image alone", "Likely label errors", "Filters"):
        assert part in words
    assert "Ask an ea.Evaluation of those parts that matter." in words
    seen = {name for part in parts_of(page) if part.seen for name in part.names}
    assert {"clear", "IoU", "Sort"} <= seen
    assert not seen & {"use as filter", "class too", "any reason", "Importance"}


def test_text_from_data_is_never_html(page):
    page.per_class.opened = page.unanswered.opened = True
    page.classes = (SCRIPT,)
    assert SCRIPT not in "".join(every_html(page))


def test_the_error_of_average_precision_is_stated(monkeypatch, evaluation):
    monkeypatch.setattr("ea_widgets.summary.counts.counting.KEPT", 0)
    page = ea.explore(ea.summarize(evaluation))
    words = page._error.value
    bounds = page.evaluation.at(0.5).average_precision_bounds().mean()
    assert f"between {bounds['low']:.4f} and {bounds['high']:.4f}" in words
    named = make_evaluation(classes=(SCRIPT, "cat"), n_images=80)
    words = ea.explore(ea.summarize(named))._error.value
    assert SCRIPT not in words
    assert "&lt;script&gt;" in words


def test_parts_follow_each_other(page):
    page.sweep.opened = True
    assert page.sweep.sweep["iou_threshold"].nunique() == 19
    page.panel.outcome = "missed"
    assert (page.sweep.outcome, page.examples.kind) == ("missed", "missed")
    assert page.sweep.sweep["metric"].iloc[0].endswith(("(O)", "(F)"))
    page.panel.on_class()
    assert page.per_class.opened
    before = page.panel.importance.index[2]
    front_end(page).click_bar(2)
    assert page.metric == page.detail.metric == page.examples.metric == before


@pytest.mark.parametrize("what", ["predictions", "labels", "metrics"])
def test_parts_that_are_not_there_leave_a_page(what):
    tables = frames(n_images=6)
    images, labels, predictions = tables if what == "metrics" else with_metrics(*tables)
    if what == "predictions":
        predictions = predictions.iloc[:0]
    if what == "labels":
        labels = labels.iloc[:0]
    page = ea.explore(ea.summarize(ea.Dataset.from_frames(images, labels, predictions)))
    for part in (page, *page._parts):
        assert part._message.layout.display == "none", part._message.value


def test_a_move_takes_no_longer_than_the_page_can_be_drawn(summary):
    """What the sliders can ask for next is counted while nobody moves them."""

    async def live():
        page = ea.explore(summary)
        done = len(summary.iou_thresholds) * len(summary.ticks["confidence_threshold"])
        while len(summary.recent.totals._answers) < 2 * done:  # noqa: ASYNC110  # sets no event
            await asyncio.sleep(0.01)
        before = time.process_time()
        for iou in (0.4, 0.6, 0.7, 0.8):
            front_end(page).move("iou_threshold", iou)
        taken = time.process_time() - before
        page.close()
        return taken / 4

    assert asyncio.run(live()) < 0.2


def test_closing_leaves_nothing(summary):
    page = ea.explore(summary)
    page.close()
    assert page.comm is None


def test_rare_classes_have_scores_and_say_what_they_lack():
    summary = ea.summarize(many_classes(), iou_thresholds=(0.5,), confidence_thresholds=(0.3,))
    page = ea.explore(summary)
    page.unanswered.opened = True
    assert any("The 20 classes with the fewest objects" in html for html in every_html(page))
    rare = summary.rare_classes
    front_end(page).move("classes", rare[:1])
    assert any("one of 20 rare classes" in html for html in every_html(page.panel))
    page.classes = rare
    assert not any("one of 20 rare classes" in html for html in every_html(page.panel))
    assert page.panel.scores.true_positives == (
        summary.at(0.5, page.confidence_threshold, rare).scores().true_positives
    )
