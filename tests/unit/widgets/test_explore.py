"""The whole page: what a choice in one part turns the others to."""

from __future__ import annotations

import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.testing import front_end
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


def everything(page):
    return (page, page.panel, page.detail, page.worst, page.examples, page.what_if, page.sweep,
            page.per_class)  # fmt: skip


def test_assigning_an_evaluation_to_the_page_shows_it_in_all_parts(
    evaluation, next_evaluation, draws
):
    page = ea.explore(evaluation)
    assert isinstance(page, ea.Explorer)
    page.metric = "Size (P)"
    draws.update(dict.fromkeys(draws, 0))
    seen = []
    page.observe(lambda change: seen.append(change["new"]), "evaluation")
    page.evaluation = next_evaluation
    assert {id(part.evaluation) for part in everything(page)} == {id(next_evaluation)}
    assert seen == [next_evaluation]
    assert set(draws.values()) == {1}
    assert page.panel.importance.equals(next_evaluation.importance())
    assert page.detail.curve.labels.equals(next_evaluation.curve("Size (P)").labels)
    assert page.worst.ranges.equals(next_evaluation.worst_ranges(6, settled=True, gain=True))


def test_the_page_has_the_shared_choices(evaluation):
    page = ea.explore(evaluation, iou_threshold=0.7, classes=("dog",))
    page.confidence_threshold = 0.2
    page.metric = "Size (P)"
    page.metric_range = (0.0, 900.0)
    for part in everything(page):
        assert (part.iou_threshold, part.confidence_threshold) == (0.7, 0.2)
        assert (part.classes, part.metric) == (("dog",), "Size (P)")
    assert page.what_if in page._page.children
    page.panel.metric = None
    assert page.metric is None
    assert page.metric_range == page.detail.metric_range == ()
    assert page.examples not in page._page.children


def test_pages_can_be_linked(evaluation):
    one, other = ea.explore(evaluation), ea.explore(evaluation)
    ea.link(one, other)
    one.panel._iou.set_state({"value": 0.8})
    assert other.panel.iou_threshold == 0.8


def test_what_the_page_cannot_show_is_refused(evaluation):
    page = ea.explore(evaluation)
    for name, value in (("evaluation", "next"), ("classes", ("unicorn",)), ("metric", "Sise (P)")):
        with pytest.raises(ea.InvalidInputError):
            setattr(page, name, value)
    assert page.panel.evaluation is evaluation
    with pytest.raises(ea.InvalidInputError, match="`Explorer` has no option 'iou_treshold'"):
        ea.explore(evaluation, iou_treshold=0.5)


def test_a_click_on_the_class_in_the_ranking_opens_the_part_about_classes(page):
    page.panel.include_class = True
    assert not page.per_class.opened
    front_end(page).click_bar("Class (P)")
    assert page.per_class.opened
    assert page.metric is None


def test_of_many_metrics_the_class_has_its_bar_all_the_same():
    frames = make_evaluation(n_images=30).dataset.frames
    noise = pd.DataFrame({f"m{k}": frames.predictions["x"] % (k + 2) for k in range(20)})
    predictions = pd.concat([frames.predictions, noise], axis=1)
    dataset = ea.Dataset.from_frames(frames.images, frames.labels, predictions)
    panel = ea.ImportancePanel(ea.Evaluation(dataset), include_class=True)
    rows = list(front_end(panel).shown().bars["Metric importance"])
    assert "Class (P)" in rows
    assert len(rows) <= 13
    panel.metric = panel.importance.index[-2]
    shown = front_end(panel).shown()
    assert {"Class (P)", panel.metric} <= {*shown.bars["Metric importance"]}
    assert shown.marked == (panel.metric,)
