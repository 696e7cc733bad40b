"""The page of a comparison, by its traits and events."""

from __future__ import annotations

import asyncio
import gc

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.comparison.page import ComparisonPage
from tests.unit.widgets.comparison.conftest import models
from tests.unit.widgets.conftest import SCRIPT, every_html, instances, until


@pytest.fixture
def page(comparison):
    return ea.explore(comparison)


def test_explore_gives_a_comparison_its_page(page):
    assert isinstance(page, ComparisonPage)
    assert page._message.value == ""


def test_it_opens_at_the_best_f1_of_each_model(page, comparison):
    assert page.confidence_threshold is None
    best = {
        name: comparison[name].at().operating_points(by_class=False).threshold
        for name in comparison.names
    }
    assert page.thresholds == best
    assert best["old"] != best["new"]
    for name, threshold in best.items():
        assert f"{name} <b>{threshold:.2f}</b>" in page._own_words.value
    expected = comparison.at(0.5, best).scores().table
    pd.testing.assert_series_equal(page.scores.table["f1"], expected["f1"])


def test_map_is_over_all_predictions_whatever_the_threshold(page, comparison):
    page.confidence_threshold = 0.4
    expected, under = comparison.scores(0.5), comparison.scores(0.5, 0.4)
    for name in ("mean_average_precision", "mean_average_recall_difference"):
        pd.testing.assert_series_equal(page.scores.table[name], expected.table[name])
    pd.testing.assert_series_equal(page.scores.table["recall"], under.table["recall"])


def test_sliders_change_scores_of_both_models(page, comparison):
    page._iou.set_state({"value": 0.75})
    assert page.iou_threshold == 0.75
    page._confidence.set_state({"value": 0.3})
    assert page.confidence_threshold == 0.3
    assert not page._own.value
    expected = comparison.at(0.75, 0.3).scores().table
    pd.testing.assert_series_equal(page.scores.table["f1"], expected["f1"])
    for value in expected["f1"]:
        assert f"{value:.3f}" in page._readouts.value
    page._own.set_state({"value": True})
    assert page.confidence_threshold is None
    assert page.thresholds == comparison.best_thresholds(0.75)


def test_own_best_follows_the_iou_and_the_classes(page, comparison):
    page.iou_threshold, page.classes = 0.8, ("cat",)
    assert page.thresholds == comparison.best_thresholds(0.8, ("cat",))


def test_thresholds_by_model_are_what_is_used(page, comparison):
    page.confidence_threshold = {"old": 0.1, "new": 0.5}
    assert page.thresholds == {"old": 0.1, "new": 0.5}
    expected = comparison.scores(0.5, {"old": 0.1, "new": 0.5}).table
    pd.testing.assert_series_equal(page.scores.table["precision"], expected["precision"])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "`confidence_threshold` is 1.5. Give a number from 0 to 1."),
        ({}, "`confidence_threshold` is {}. Give a number for each model, or None."),
        (
            {"ole": 0.5},
            (
                "`confidence_threshold` has no option 'ole'. Did you mean 'old'? "
                "Options: 'old', 'new'."
            ),
        ),
    ],
)
def test_a_threshold_that_cannot_be_is_refused(page, value, message):
    with pytest.raises(InvalidInputError) as refused:
        page.confidence_threshold = value
    assert str(refused.value) == message
    assert page.confidence_threshold is None


def test_what_settles_is_what_the_comparison_says(page, comparison):
    assert page.settled is None
    assert "interval" not in page._readouts.value
    page.settle()
    view = comparison.at(0.5, page.thresholds)
    pd.testing.assert_frame_equal(page.changes, view.changes())
    row = view.scores(settled=True).table.loc["new"]
    assert page.settled.table.loc["new", "recall_difference_low"] == row["recall_difference_low"]
    assert "paired 95 % interval" in page._readouts.value
    assert len(page.changes) > 1
    told = [
        part.description if hasattr(part, "description") and part.description else part.value
        for part in page._changes._list.children
    ]
    for sentence, shown in zip(page.changes["sentence"], told, strict=True):
        assert sentence.replace("&", "&amp;") in shown


def test_the_opening_metric_is_where_it_changed_most(page):
    page.settle()
    named = [name for name in page.changes["metric"] if name in page.comparison.metrics.index]
    assert page.metric == named[0]
    assert page.curve is not None
    page.metric = None
    page.iou_threshold = 0.6
    page.settle()
    assert page.metric is None  # what the person chose stays


def test_a_click_on_a_change_chooses_its_metric(page):
    page.settle()
    page.metric = "Random (P)"
    button = next(part for part in page._changes._list.children if hasattr(part, "click"))
    assert button.icon == ""
    button.click()
    assert page.metric in page.changes["metric"].tolist()
    assert button.icon == "caret-right"


def test_a_move_takes_back_what_had_settled(page):
    page.settle()
    page.iou_threshold = 0.7
    assert page.settled is None
    assert page.changes is None


def test_curves_are_those_of_the_comparison(page, comparison):
    page.metric = "Size (O)"
    expected = comparison.at(0.5, page.thresholds).curve("Size (O)")
    chart = page._curves.missed
    for number, name in enumerate(("old", "new")):
        own = expected.labels[expected.labels["model"] == name]
        np.testing.assert_array_equal(chart.lines[number].y, own["rate"])
        np.testing.assert_array_equal(chart.lines[number].x, chart.lines[0].x)
        assert chart.lines[number].visible
    own = expected.labels[expected.labels["model"] == "new"]
    np.testing.assert_array_equal(chart.differences[1].y, own["difference"])
    np.testing.assert_array_equal(chart.bands[1].y, [own["difference_low"], own["difference_high"]])
    assert not chart.differences[0].visible
    assert not chart.lines[2].visible
    assert chart.lines[0].line_style != chart.lines[1].line_style
    assert chart.lines[0].colors != chart.lines[1].colors


def test_the_tooltip_tells_both_rates_and_their_difference(page):
    page.metric = "Size (O)"
    chart = page._curves.missed
    chart._hovered(chart.hits, {"data": {"index": 0}})
    for words in ("old", "new", "labels", "("):
        assert words in chart._tip.value


def test_a_metric_of_labels_only_leaves_the_other_chart_empty_in_words(page):
    page.metric = "Age (O)"
    assert "No predictions have a value" in page._curves.right._legend.value
    page.metric = "Size (O)"
    assert page._curves.right.lines[0].visible


def test_labels_are_counted_as_the_comparison_counts_them(page, comparison):
    table = comparison.at(0.5, page.thresholds).labels()
    found = page._found_labels.found
    for change in ("gained", "lost", "missed"):
        assert found.counts[change] == (table["change_new"] == change).sum()
    confidence = [example.confidence for example in found.examples]
    gained = table.loc[table["change_new"] == "gained", "confidence_new"]
    assert confidence == gained.sort_values(ascending=False).head(12).tolist()
    for example in found.examples:
        assert iou_of(example.box, example.other_box) == pytest.approx(example.iou)


def test_new_false_positives_are_those_at_which_the_baseline_has_none(page, comparison):
    view = comparison.at(0.5, page.thresholds)
    wrong = []
    for name in ("old", "new"):
        found = view[name].matches().predictions
        rows = found.index[found["outcome"] == "false_positive"]
        wrong.append(view[name].dataset.predictions.loc[rows])
    sides = ["x", "y", "width", "height"]
    new = [
        row
        for row in wrong[1].to_dict("records")
        if not any(
            iou_of([row[side] for side in sides], [other[side] for side in sides]) >= 0.5
            for other in wrong[0].to_dict("records")
            if (other["image_id"], other["class_name"]) == (row["image_id"], row["class_name"])
        )
    ]
    assert 0 < len(new) < len(wrong[1])
    found_labels = page._found_labels
    found_labels._kind.set_state({"index": 3})
    found = found_labels.found
    assert found.change == "new_false_positive"
    assert found.counts["new_false_positive"] == len(new)
    expected = sorted((row["confidence"] for row in new), reverse=True)[:12]
    assert [example.confidence for example in found.examples] == expected
    assert {example.kind for example in found.examples} == {"false_positive"}
    assert "old has none there" in found.captions[0]
    table = view.new_false_positives()
    assert table["confidence"].head(12).tolist() == expected
    with pytest.raises(InvalidInputError, match="has no option 'old'"):
        view.new_false_positives("old")


def test_a_crop_shows_what_the_other_model_predicts_there():
    comparison = ea.compare({"half": ea.load_demo(), "full": ea.load_demo(model="full")})
    page = ea.explore(comparison)
    page._found_labels._kind.set_state({"index": 1})  # found by the baseline only
    found = page._found_labels.found
    matches = comparison.at(0.5, page.thresholds)["full"].matches().predictions
    counted = matches["outcome"].isin(["true_positive", "false_positive"])
    predictions = comparison["full"].dataset.predictions.loc[matches.index[counted]]
    ids = comparison["half"].dataset.images["image_id"]
    there_are = []
    for example, below in zip(found.examples, found.below, strict=True):
        there = predictions[predictions["image_id"] == ids.iloc[example.image_row]]
        boxes = there[["x", "y", "width", "height"]].to_numpy().tolist()
        best = max((iou_of(example.box, box) for box in boxes), default=0.0)
        assert len(below) == (best >= 0.1)
        for one in below:
            assert iou_of(example.box, one.box) == pytest.approx(best)
        there_are.append(len(below))
    assert max(there_are) == 1  # of the model that missed it
    page.close()


def iou_of(one, other):
    """IoU of two boxes x, y, width, height."""
    sides = [
        max(0.0, min(one[i] + one[i + 2], other[i] + other[i + 2]) - max(one[i], other[i]))
        for i in (0, 1)
    ]
    shared = sides[0] * sides[1]
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def test_kinds_of_labels_can_be_turned_to(page):
    page._found_labels._kind.set_state({"index": 2})
    assert page._found_labels.found.change == "missed"
    assert {example.kind for example in page._found_labels.found.examples} == {"missed"}
    page._found_labels._next.click()
    assert page._found_labels.found.page == 1
    assert "13 to 24 of" in page._found_labels._pager.value


def test_a_third_model_is_added(page, comparison):
    page.iou_threshold = 0.6
    page.add(comparison["old"], "third")
    assert page.comparison.names == ("old", "new", "third")
    assert page.iou_threshold == 0.6
    assert list(page.scores.table.index) == ["old", "new", "third"]
    assert page._found_labels._models.options[-1] == ("third", "third")
    page.metric = "Size (O)"
    assert page._curves.missed.lines[2].visible


def test_a_name_that_is_taken_is_refused(page, comparison):
    with pytest.raises(InvalidInputError) as refused:
        page.add(comparison["old"], "new")
    assert str(refused.value) == "`name` is 'new', which is taken. Give another name."


def test_another_comparison_keeps_the_choices_that_it_knows(page, comparison):
    page.confidence_threshold = {"old": 0.2, "new": 0.3}
    page.metric = "Age (O)"
    other = models()
    page.comparison = ea.compare({"new": other["new"], "next": other["old"]})
    assert page._message.value == ""
    assert page.confidence_threshold == {"new": 0.3}
    assert page.metric == "Age (O)"
    assert page.thresholds == {"new": 0.3, "next": 0.0}


def test_what_is_no_comparison_is_refused(page):
    with pytest.raises(InvalidInputError) as refused:
        page.comparison = 3
    assert str(refused.value) == (
        "`comparison` is of type int. Give an ea.Comparison, such as "
        'ea.compare({"old": a, "new": b}).'
    )


def test_an_unknown_keyword_is_refused_with_the_known(comparison):
    with pytest.raises(InvalidInputError, match="Did you mean 'iou_threshold'"):
        ea.explore(comparison, iou_treshold=0.5)


def test_an_error_is_shown_in_words(page, monkeypatch):
    def fail(*_args, **_options):
        raise RuntimeError("<b>broken</b>")

    monkeypatch.setattr(type(page.view.views[0]), "scores", fail)
    page._iou.set_state({"value": 0.65})
    assert "This could not be shown." in page._message.value
    assert "&lt;b&gt;broken" in page._message.value


def test_text_from_data_is_never_html():
    hostile = {SCRIPT + str(n): one for n, one in enumerate(models().values())}
    page = ea.explore(ea.compare(hostile), metric="Size (O)")
    page.settle()
    assert all("<script" not in html for html in every_html(page))


def test_models_without_metrics_get_those_of_their_boxes():
    plain = {
        name: ea.Dataset.from_frames(
            one.images[["image_id", "width", "height"]],
            one.labels[["image_id", "class_name", "x", "y", "width", "height"]],
            one.predictions[["image_id", "class_name", "x", "y", "width", "height", "confidence"]],
        )
        for name, one in models(20).items()
    }
    page = ea.explore(ea.compare(plain))
    assert "Object Area - Relative (O)" in page.comparison.metrics.index


def test_closing_leaves_nothing(comparison):
    before = set(instances())
    page = ea.explore(comparison, metric="Size (O)")
    page.settle()
    page._found_labels._kind.set_state({"index": 2})
    page.close()
    gc.collect()
    assert set(instances()) == before


def test_in_a_notebook_it_settles_by_itself_and_stops_when_closed(comparison):
    async def live():
        page = ea.explore(comparison)
        assert "its interval follows" in page._readouts.value
        page.iou_threshold = 0.6
        await until(lambda: page.settled is not None)
        page.iou_threshold = 0.7
        assert page.settled is None
        page.close()
        await asyncio.sleep(0.5)
        assert page.settled is None

    asyncio.run(live())


def test_metrics_are_ranked_by_importance_or_by_what_changed():
    comparison = ea.compare({"half": ea.load_demo(), "full": ea.load_demo(model="full")})
    page = ea.explore(comparison)
    view = comparison.at(0.5, page.thresholds)
    found, ranking = view.importance("missed"), page._ranking
    assert list(ranking.table.index) == list(found.index[:8])
    ranking._orders.set_state({"index": 1})
    changed = found["difference_full"].abs().sort_values(ascending=False, kind="stable").index[:8]
    assert list(ranking.table.index) == list(changed) != list(found.index[:8])
    # At full resolution, the size of an object hardly matters any more.
    assert changed[0].startswith("Object Area")
    np.testing.assert_array_equal(ranking.change.bars.y, found.loc[changed, "difference_full"])
    ranking.settle()
    settled = view.importance("missed", settled=True).loc[changed]
    ends = settled[["difference_low_full", "difference_high_full"]]
    np.testing.assert_allclose(ranking.change.whiskers.x, ends, atol=1e-12)
    ranking._outcomes.set_state({"index": 1})
    assert set(ranking.table.index) <= set(view.importance("true_positive").index)
    assert not ranking.change.whiskers.visible
    page.close()


def test_a_click_on_a_bar_of_the_ranking_chooses_its_metric(page):
    wanted = str(page._ranking.table.index[2])
    hits = page._ranking.importance.hits
    hits._handle_custom_msgs(hits, {"event": "element_click", "data": {"index": 2}})
    assert page.metric == wanted
    assert page._ranking.importance.hits.opacities[2] > 0.1
