"""The whole page: what a choice in one part turns the others to."""

from __future__ import annotations

import asyncio
import sys
from html import escape
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.reporting.report import report_html
from ea_widgets.testing import front_end
from ea_widgets.testing.controls import buttons as buttons_of
from ea_widgets.widgets.base import SHARED, FoldedWidget
from ea_widgets.widgets.explore import explore
from tests.unit.widgets.conftest import frames, make_evaluation


@pytest.fixture
def page():
    return explore(make_evaluation(n_images=120))


@pytest.mark.parametrize(
    ("outcome", "kind"), [("missed", "missed"), ("true_positive", "false_positive")]
)
def test_a_click_on_a_worst_range_shows_its_errors(page, draws, outcome, kind):
    page.outcome = outcome
    page.examples.kind, page.examples.reason, page.metric = "all", "duplicate", None
    draws.update(dict.fromkeys(draws, 0))
    front_end(page).click_range(0)
    row = page.worst.ranges.iloc[0]
    assert page.panel.metric == page.examples.metric == row["metric"]
    assert page.examples.metric_range == (row["low"], row["high"])
    assert (page.examples.kind, page.examples.reason) == (kind, "")
    assert page.examples.found.total == row["errors"] > 0
    assert set(draws.values()) == {1}


def test_one_switch_turns_the_whole_page(page):
    person = front_end(page)
    page.metric, page.metric_range = "Size (P)", (0.0, 3000.0)
    person.press("Missed objects")
    parts = (page, page.panel, page.worst, page.sweep)
    assert {part.outcome for part in parts} == {"missed"}
    assert {part.metric for part in everything(page)} == {"Size (O)"}
    assert page.metric_range == page.detail.metric_range == (0.0, 3000.0)
    assert page.examples.kind == "missed"
    assert page.worst.ranges.equals(page.answers.worst_ranges(6, "missed", settled=True, gain=True))
    assert [*page.panel.importance.index] == [*page.answers.importance(outcome="missed").index]
    assert "not detected" in page.panel._errors.value
    buttons = [part for part in buttons_of(page) if "False positives" in part.names]
    assert len([part for part in buttons if part.seen]) == 0  # no second switch to disagree
    person.press("False positives")
    assert (page.metric, page.examples.kind) == ("Size (P)", "false_positive")
    page.metric = "Sureness (P)"
    page.worst.outcome = "missed"  # whichever part turns, and where there is no counterpart
    row = page.answers.worst_ranges(6, "missed").iloc[0]
    assert (page.panel.metric, page.detail.metric_range) == (
        row["metric"],
        (row["low"], row["high"]),
    )
    assert page.panel.outcome == page.outcome == "missed"


def test_what_the_page_opened_with_is_chosen_anew_for_other_errors(page):
    front_end(page).press("Missed objects")
    row = page.answers.worst_ranges(6, "missed").iloc[0]
    assert (page.metric, page.metric_range) == (row["metric"], (row["low"], row["high"]))


def test_another_range_of_the_same_metric_reaches_all_parts(page):
    """The panel, which is told first, has a metric and no range of it."""
    front_end(page).press("Missed objects")
    front_end(page).press("False positives")
    parts = (page, page.detail, page.worst, page.examples, page.what_if)
    assert len({part.metric_range for part in parts}) == 1
    page.metric, page.metric_range = "Size (P)", (1.0, 2.0)
    page._opened = ("Size", (1.0, 2.0))  # as if the page had chosen it
    front_end(page).press("Missed objects")
    assert page.metric == "Size (O)"
    assert page.metric_range != (1.0, 2.0)
    assert len({part.metric_range for part in parts}) == 1


def test_the_page_opens_at_the_highest_f1_with_the_strongest_range():
    images, labels, predictions = frames(n_images=120)
    wrong = (predictions["y"] == 400) | (predictions["width"] < 20)
    sure = predictions["confidence"].where(~wrong, predictions["confidence"] / 2)
    predictions = predictions.assign(confidence=sure, Size=predictions["width"])
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    page = ea.explore(evaluation)
    assert page.confidence_threshold == evaluation.operating_points().threshold > 0
    shown = front_end(page).shown()
    assert page.panel._cut.value == "highest F1"
    whole, here = evaluation.scores(), page.answers.scores()
    assert shown.scores["mAP"] == f"{whole.mean_average_precision:.3f}"
    assert shown.scores["mAR"] == f"{whole.mean_average_recall:.3f}"
    assert shown.scores["recall"] == f"{100 * here.recall:.1f} %"
    assert here.mean_average_recall < whole.mean_average_recall
    assert page.panel.scores.per_class["average_precision"].equals(
        whole.per_class["average_precision"]
    )
    row = page.answers.worst_ranges().iloc[0]
    assert (page.metric, page.metric_range) == (row["metric"], (row["low"], row["high"]))
    assert page.examples.found.total > 0
    person = front_end(page)
    person.press("all predictions")
    assert page.confidence_threshold == page.panel.confidence_threshold == 0
    assert front_end(page).shown().scores["recall"] == f"{100 * whole.recall:.1f} %"
    page.iou_threshold = 0.75
    person.press("highest F1")
    assert page.confidence_threshold == evaluation.at(0.75).operating_points().threshold


def test_what_is_given_is_not_chosen(evaluation):
    page = ea.explore(evaluation, confidence_threshold=0, metric=None)
    assert (page.confidence_threshold, page.metric, page.metric_range) == (0, None, ())
    page = ea.explore(evaluation, outcome="missed", confidence_threshold=0.25)
    assert page.confidence_threshold == 0.25
    assert page.metric == evaluation.at(0.5, 0.25).worst_ranges(1, "missed")["metric"].iloc[0]
    assert page.examples.kind == "missed"


@pytest.mark.parametrize("lacking", ["labels", "predictions", "metrics"])
def test_the_page_opens_where_there_is_next_to_nothing(lacking):
    tables = dict(zip(("images", "labels", "predictions"), frames(n_images=4), strict=True))
    if lacking in tables:
        tables["images"]["Brightness"] = 0.5
        tables[lacking] = tables[lacking].iloc[:0]
    page = ea.explore(ea.Evaluation(ea.Dataset.from_frames(**tables)))
    assert front_end(page).shown().message == ""
    assert (page.confidence_threshold == 0) == (lacking in tables)
    assert page.metric == (None if lacking == "metrics" else "Brightness (F)")


def test_a_page_for_a_file_is_settled_before_it_is_shown(evaluation):
    async def make():
        pages = ea.explore(evaluation, settle=True), ea.explore(evaluation)
        settled = [(p.panel.settled is not None, p.worst.ranges is not None) for p in pages]
        return pages, settled  # as they are shown: the loop goes on behind

    (settled, waiting), there = asyncio.run(make())
    assert there == [(True, True), (False, False)]
    assert settled.detail.sentences != ()
    still = settled._still()
    assert all(escape(words) in still for words in settled.worst.ranges["sentence"])
    assert repr(waiting) == f"Explorer of {evaluation!r}: run the cell to make it live"


def test_one_menu_saves_all_there_is(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    person = front_end(page)
    files = {
        "ranking (CSV)": ("importance.csv", page.panel.table),
        "curves (CSV)": ("curves.csv", page.detail._numbers()),
        "concentrations (CSV)": ("worst-ranges.csv", page.worst.ranges),
        "selected objects (CSV)": ("objects.csv", page.examples.table()),
        "what-if (CSV)": ("what-if.csv", page.what_if._numbers()),
    }
    for entry, (name, table) in files.items():
        person.move("Export", entry)
        person.press("Save")
        saved = pd.read_csv(StringIO(person.shown().files[name]))
        assert len(saved) == len(table) > 0
    person.move("Export", "selection (Python)")
    person.press("Save")
    names = {"ea": ea, "dataset": page.evaluation}
    exec(person.shown().files["selection.py"], names)  # noqa: S102  # our own
    again = names["page"]
    for name in (*SHARED[1:], "metric_range", "outcome"):
        assert getattr(again, name) == getattr(page, name)
    person.move("Export", "report (HTML)")
    person.press("Save")
    assert person.shown().message == ""
    written = (tmp_path / "report.html").read_text()
    assert written == report_html(page.answers)
    assert (
        page.report(tmp_path / "other.html", title="Mine").read_text().count("<h1>Mine</h1>") == 1
    )


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
    page = ea.explore(evaluation, confidence_threshold=0)
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
    page.panel.metric = None
    assert page.metric is None
    assert page.metric_range == page.detail.metric_range == ()


def parts_in_tabs(page):
    return (page.examples, page.what_if, page.sweep, page.per_class, *page.further)


def test_only_the_part_on_screen_computes(page, monkeypatch):
    drawn = []
    for part in parts_in_tabs(page):
        kind = type(part)
        name = "_draw_content" if isinstance(part, FoldedWidget) else "_draw"
        before = getattr(kind, name)

        def draw(self, original=before):
            drawn.append(type(self).__name__)
            original(self)

        monkeypatch.setattr(kind, name, draw)
    person = front_end(page)
    person.move("confidence_threshold", 0.3)
    assert drawn == ["Examples"]
    person.press("What to do")
    assert (page.tab, page._tabs.shown, page.what_if.effect is None) == (
        "What to do", page.what_if, False,
    )  # fmt: skip
    assert drawn == ["Examples", "WhatIf"]
    person.move("iou_threshold", 0.6)  # it shows the choice of before, and this one
    assert drawn == ["Examples", "WhatIf", "WhatIf"]
    want = page.answers.what_if(page.what_if._in_force())
    assert page.what_if.effect.after.f1 == want.after.f1
    person.press("Threshold")
    person.press("Examples")
    person.press("What to do")  # the part that was there last
    assert [
        type(p).__name__ for p in parts_in_tabs(page) if getattr(p, "opened", False) is True
    ] == ["OperatingPoint"]
    assert drawn[3:] == ["OperatingPoint", "Examples", "OperatingPoint"]


def test_a_part_out_of_sight_answers_for_what_is_chosen_now(page):
    async def in_a_notebook():
        page.tab = "Confusion"
        totals = []
        for threshold in (0.2, 0.6):
            page.confidence_threshold = threshold
            totals.append(page.examples.found.total)
            assert totals[-1] == len(page.examples.table())
            want = page.answers.what_if(page.what_if._in_force())
            assert page.what_if.effect.after.f1 == want.after.f1
        assert totals[0] > totals[1] > 0
        page.metric_range = ()
        assert page.examples.found is None

    asyncio.run(in_a_notebook())
    assert page.tab == "Confusion"


def test_the_curves_do_not_repeat_what_the_list_says(page):
    row = page.worst.ranges.iloc[0]
    page.metric = row["metric"]
    assert row["sentence"] in [one.text for one in page.detail.sentences]
    assert escape(row["sentence"]) not in page.detail._words.value
    alone = ea.PerformanceByMetric(page.evaluation, metric=row["metric"])
    alone.confidence_threshold = page.confidence_threshold
    assert escape(row["sentence"]) in alone._words.value


FILES_PER_BRUSH = 29


def test_a_brush_passes_few_files(page):
    """What a person waits for, in a notebook: pictures and intervals follow in threads."""
    package, passed = Path(ea.__file__).parent, set()

    def profile(frame, event, _argument):
        path = Path(frame.f_code.co_filename)
        if event == "call" and package in path.parents and path.parent.name != "testing":
            passed.add(path.relative_to(package))

    async def brush():
        page.metric = "Size (P)"
        person = front_end(page)
        person.select_range(100.0, 900.0)
        sys.setprofile(profile)
        try:
            person.select_range(200.0, 1600.0)
        finally:
            sys.setprofile(None)

    asyncio.run(brush())
    assert page.metric_range[0] > 150
    assert 15 < len(passed) <= FILES_PER_BRUSH, sorted(passed)


def test_a_part_that_a_script_opens_comes_on_screen(page):
    page.per_class.opened = True
    assert (page.tab, page._tabs.shown) == ("Classes", page.per_class)
    page.tab = "Data"
    assert not page.per_class.opened
    page.per_class.opened = True
    page.per_class.opened = False
    assert page.tab == "Examples"
    page.what_if.min_confidence = 0.5
    assert page.tab == "What to do"
    assert page.what_if.effect.removed > 0
    page.tab = "Examples"
    page.metric_range = ()  # whatever follows from it, nobody has asked for rules
    assert page.tab == "Examples"
    page.what_if._repr_mimebundle_()  # in a cell of its own it is seen
    page.metric_range = (0.0, 900.0)
    assert (page.tab, page.what_if.effect is None) == ("Examples", False)


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
    page.panel.include_class, page.metric = True, None
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
