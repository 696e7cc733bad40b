"""The main job in a real JupyterLab: choose, click, and everything on screen follows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from ea_widgets.widgets import wording
from tests.browser.explorer import Explorer
from tests.conftest import ROOT

QUICKSTART = ROOT / "notebooks" / "quickstart.ipynb"


@pytest.fixture(scope="module")
def notebook(lab_factory):
    lab = lab_factory(height=1600).open(QUICKSTART).run_all()
    lab.kernel.run("fresh = ea.Evaluation(dataset)")  # knows nothing of what the page was asked
    yield lab
    lab.close()


@pytest.fixture
def explorer(notebook):
    """The first explorer of the quickstart, put back to where a reader finds it."""
    notebook.kernel.run(
        "with page.panel.hold_trait_notifications():\n"
        "    page.panel.classes, page.panel.iou_threshold = (), 0.5\n"
        "    page.panel.confidence_threshold, page.panel.metric = 0.0, None\n"
        "    page.panel.outcome, page.panel.all_metrics = 'true_positive', False\n"
        "page.detail.by_class, page.detail.scale = False, 'rank'\n"
    )
    found = Explorer(notebook)
    found.root.scroll_into_view_if_needed()
    found.settled_on("")
    expect(found.root.locator(".eaw-hint").first).to_be_visible()
    yield found
    notebook.assert_clean()


def test_the_notebook_runs_and_shows_the_scores(explorer):
    outputs = explorer.lab.page.locator(".jp-OutputArea-output")
    expect(outputs.filter(has=explorer.lab.page.locator(".eaw-importance"))).to_have_count(1)
    # The page of both models is there too.
    expect(outputs.filter(has_text="What changed").last).to_contain_text("full resolution")
    explorer.bars_match("")
    counts = explorer.kernel("[len(dataset.images), len(dataset.labels), len(dataset.predictions)]")
    words = "{:,} images · {:,} labels · {:,} predictions".format(*counts)
    expect(explorer.root.locator(".eaw-counts")).to_contain_text(words)


def test_a_click_on_the_second_bar_draws_its_curves(explorer):
    explorer.click_row(0)
    first, second = explorer.kernel("page.panel._ranking.table.index[:2].tolist()")
    expect(explorer.root.locator(".eaw-curves .eaw-heading")).to_contain_text(first[:-4])
    explorer.curve_matches(repr(first))
    before = explorer.line("true-positive")
    explorer.click_row(1)
    name = second[:-4]
    for chart in ("true-positive", "false-negative"):
        expect(explorer.chart(chart).locator(".eaw-title")).to_contain_text(f"by {name}")
    expect(explorer.chart("true-positive").locator(".eaw-title")).to_contain_text(
        "True positive rate (precision)"
    )
    assert explorer.kernel("[page.panel.metric, page.detail.metric]") == [second, second]
    assert explorer.kernel("page.detail.curve.metric") == name
    explorer.curve_matches(repr(second))
    assert explorer.line("true-positive") != before
    marked = explorer.chart("importance").locator("text", has_text=f"▸ {second}")
    expect(marked).to_have_count(1)


def test_arrow_keys_on_the_iou_slider_move_everything(explorer):
    explorer.click_row(1)
    metric = explorer.kernel("page.panel._ranking.table.index[1]")
    explorer.curve_matches(repr(metric))
    before = explorer.readouts(), explorer.widths("importance"), explorer.line("true-positive")
    handle = explorer.root.locator(".noUi-handle").first
    for _ in range(25):
        handle.press("ArrowRight")
    expect(explorer.root.locator(".widget-readout").first).to_have_text("0.75")
    explorer.lab.expect_kernel("page.panel.iou_threshold", 0.75)
    explorer.settled_on("iou_threshold=0.75")
    explorer.bars_match("iou_threshold=0.75")
    explorer.curve_matches(f"{metric!r}, iou_threshold=0.75")
    after = explorer.readouts(), explorer.widths("importance"), explorer.line("true-positive")
    assert after[0]["mAP"] != before[0]["mAP"]
    assert after[1] != before[1]
    assert after[2] != before[2]
    assert explorer.kernel("page.detail.iou_threshold") == 0.75


def test_ticking_one_class_changes_every_number(explorer):
    before = explorer.readouts()
    widths = explorer.widths("importance")
    chosen = explorer.kernel("dataset.class_names[3]")
    explorer.open_classes()
    explorer.root.get_by_role("checkbox", name=chosen, exact=True).check()
    explorer.settled_on(f"classes=({chosen!r},)")
    explorer.bars_match(f"classes=({chosen!r},)")
    after = explorer.readouts()
    assert [name for name in before if before[name] == after[name]] == []
    assert explorer.widths("importance") != widths
    both = "[list(page.panel.classes), list(page.detail.classes)]"
    assert explorer.kernel(both) == [[chosen], [chosen]]
    expect(explorer.root).to_contain_text("1 of 10 classes")
    explorer.root.get_by_role("button", name="none", exact=True).click()
    explorer.settled_on("")


def test_by_class_and_each_axis(explorer):
    explorer.click_row(1)
    expect(explorer.chart("true-positive").locator(".eaw-legend")).to_contain_text("average")
    explorer.root.get_by_label("by class").check()
    explorer.root.get_by_role("button", name="chart settings").first.click()
    names = explorer.kernel("page.detail.curve.predictions['class_name'].unique().tolist()")
    explorer.lab.expect_kernel("page.detail.by_class", value=True)
    shown = []
    for chart in ("true-positive", "false-negative"):
        small = explorer.chart(chart).locator(".eaw-multiples > div")
        expect(small).to_have_count(6)
        expect(explorer.chart(chart).locator(".eaw-figure")).to_have_count(0)
        assert small.first.locator("svg").bounding_box()["height"] > 50
        shown.append(small.locator("span").all_inner_texts())
    assert set(shown[0]) <= set(names)
    assert shown[0] == shown[1]
    explorer.root.get_by_label("by class").uncheck()
    before = explorer.line("true-positive")
    for scale in ("linear", "log"):
        explorer.root.get_by_role("button", name=scale, exact=True).click()
        explorer.lab.expect_kernel("page.detail.scale", scale)
        labels = explorer.kernel("list(page.detail._true_positive._x_axis.tick_labels.values())")
        for label in labels:
            ticks = explorer.chart("true-positive").locator(".tick text")
            expect(ticks.get_by_text(label, exact=True).first).to_be_visible()
    assert explorer.line("true-positive") != before
    explorer.root.get_by_role("button", name="chart settings").first.click()


def test_every_metric_has_a_bar_when_asked_for(explorer):
    assert explorer.rows("importance")[1] == 8
    explorer.root.get_by_label(re.compile(r"all \d+ metrics")).check()
    count = explorer.kernel("len(page.panel.importance)")
    expect(explorer.chart("importance").locator(".bar")).to_have_count(2 * count)
    explorer.bars_match("")
    labels = explorer.chart("importance").locator(".tick text").all_text_contents()
    assert set(explorer.kernel("page.panel.importance.index.tolist()")) <= set(labels)


def test_whiskers_stay_on_their_bars_where_rows_come_and_go_fast(explorer):
    explorer.lab.kernel.run("page.panel.settle()")
    explorer.lab.kernel.run("page.panel.all_metrics = True")
    explorer.lab.kernel.run("page.panel.all_metrics = False")
    for name in ("importance", "correlation"):
        explorer.at_rest(name)
        rows = explorer.rows(name)[1]
        explorer.page.wait_for_function(
            "([chart, rows]) => {"
            " const middle = e => {"
            "  const r = e.getBoundingClientRect(); return r.y + r.height/2; };"
            " const bars = [...chart.querySelectorAll('.bar')].slice(rows).map(middle);"
            " const lines = [...chart.querySelectorAll('path.line')].map(middle).slice(0, rows);"
            " return lines.length === rows &&"
            "  lines.every(y => Math.min(...bars.map(b => Math.abs(b - y))) < 1.5); }",
            arg=[explorer.chart(name).element_handle(), rows],
        )


def test_the_fields_say_so_where_nothing_is_chosen(explorer):
    fields = explorer.root.locator(".eaw-name input:visible")

    def expect_shown(*names):
        expect(fields).to_have_count(len(names))  # once the kernel has unfolded the options
        for field, name in zip(fields.all(), names, strict=True):
            expect(field).to_have_attribute("placeholder", name)

    # In the order on the page: what importance is beyond, and the metric of the curves.
    explorer.root.get_by_role("button", name="options").click()
    expect_shown(wording.ON_ITS_OWN, wording.CHOOSE_A_METRIC)
    explorer.click_row(1)
    name = explorer.kernel("page.panel._ranking.table.index[1]")
    expect(explorer.chart("true-positive").locator(".eaw-title")).to_contain_text(name[:-4])
    expect_shown(wording.ON_ITS_OWN, name)
    explorer.lab.kernel.run("page.panel.metric = None")
    expect(explorer.root.locator(".eaw-hint").first).to_be_visible()
    expect_shown(wording.ON_ITS_OWN, wording.CHOOSE_A_METRIC)
    explorer.root.get_by_role("button", name="options").click()
    expect(fields).to_have_count(1)


def test_hover_tells_the_exact_numbers(explorer):
    # The rows may still be moving from the test before: the mouse would rest on another one.
    explorer.at_rest("importance")
    bars, count = explorer.rows("importance")
    bars.nth(count).hover()
    tip = explorer.page.locator(".eaw-tip:visible")
    value = explorer.kernel("f\"{page.panel._ranking.table['importance'].iloc[0]:.3f}\"")
    expect(tip).to_contain_text(value)
    expect(tip).to_contain_text(explorer.kernel("page.panel._ranking.table.index[0]"))
    expect(tip).to_contain_text(explorer.kernel("page.panel._ranking.table['description'].iloc[0]"))
    explorer.page.mouse.move(0, 0)
    expect(tip).to_have_count(0)


def test_an_error_in_a_callback_is_seen_in_the_widget(explorer):
    explorer.lab.kernel.run(
        "from ea_widgets.analysis.view import View\n"
        "kept = View.importance\n"
        "View.importance = lambda *_, **__: 1 / 0\n"
    )
    explorer.root.locator(".noUi-handle").first.press("ArrowRight")
    alert = explorer.root.get_by_role("alert").first
    expect(alert).to_contain_text("ZeroDivisionError: division by zero")
    explorer.lab.kernel.run("View.importance = kept\n")
    explorer.root.locator(".noUi-handle").first.press("ArrowRight")
    expect(explorer.root.get_by_role("alert")).to_have_count(0)
    explorer.settled_on("iou_threshold=0.52")


def test_another_evaluation_redraws_in_place(explorer):
    explorer.lab.kernel.run("after = ea.Evaluation(full)\npage.panel.evaluation = after\n")
    expected = explorer.kernel("f'{after.scores().false_positives:,}'")
    expect(explorer.root.locator(".eaw-readouts")).to_contain_text(f"FP{expected}")
    assert explorer.kernel("page.detail.evaluation is after")
    explorer.lab.kernel.run("page.panel.evaluation = evaluation\n")
    explorer.settled_on("")
