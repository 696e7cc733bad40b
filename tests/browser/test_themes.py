"""One page in the light theme and one in the dark, at two widths each."""

from __future__ import annotations

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.axe import PAGE, violations
from tests.browser.explorer import Explorer

CELLS = [
    "import ea_widgets as ea",
    "page = ea.explore(ea.load_demo())\npage",
    "import ipywidgets\nbox = ipywidgets.VBox()\nbox",
]
OPENED_AT = {"light": 1280, "dark": 700}
PAPER = (255, 255, 255)


@pytest.fixture(scope="module", params=OPENED_AT)
def theme(request):
    return request.param


@pytest.fixture(scope="module")
def lab(lab_factory, theme):
    """The page in a theme, opened at one width and then made as wide as a test wants it."""
    lab = lab_factory(width=OPENED_AT[theme], height=1600, theme=theme).open(CELLS).run_all()
    yield lab
    lab.close()


def test_theme_and_width_are_what_was_asked_for(lab, theme):
    colour = "getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim()"
    assert lab.page.evaluate(colour) == {"light": "white", "dark": "#111"}[theme]
    assert lab.page.evaluate("window.innerWidth") == OPENED_AT[theme]
    lab.assert_clean()


@pytest.mark.parametrize("width", [700, 1280])
def test_the_halves_go_under_each_other_where_room_is_short(lab, width):
    lab.page.set_viewport_size({"width": width, "height": 1600})
    lab.kernel.run("page.panel.metric = None")
    shown = Explorer(lab)
    expect(shown.root.locator(".eaw-hint").first).to_be_visible()
    shown.click_row(0)
    expect(shown.chart("true-positive").locator(".eaw-title")).to_be_visible()
    lab.settle()
    output = lab.output(1).bounding_box()
    names = ("importance", "correlation", "true-positive", "false-negative")
    bars, directions, upper, lower = boxes = [shown.chart(n).bounding_box() for n in names]
    assert bars["x"] + bars["width"] <= directions["x"] + 1
    assert abs(bars["y"] - directions["y"]) < 2
    assert lower["y"] >= upper["y"] + upper["height"] - 1
    if width == 1280:
        assert directions["x"] + directions["width"] <= upper["x"] + 1
        assert upper["y"] < bars["y"] + bars["height"] / 2
    else:
        assert upper["y"] >= bars["y"] + bars["height"]
    for box in boxes:
        assert box["x"] >= output["x"] - 1
        assert box["x"] + box["width"] <= output["x"] + output["width"] + 1
    # Every name of a metric is on the page in full: none reaches over the chart's left edge.
    edge = shown.chart("importance").bounding_box()["x"]
    for name in shown.chart("importance").locator(".tick text").all()[:5]:
        assert name.bounding_box()["x"] >= edge - 1
    lab.assert_clean()


def named(file):
    """Choose one download of several: the button saves every chart beside it."""
    return lambda download: download.suggested_filename == file


def test_charts_are_saved_for_paper_from_either_theme(lab, tmp_path):
    page = Explorer(lab)
    lab.kernel.run("page.per_class.opened = True\npage.per_class.classes = ('one', 'two')\n")
    chart = page.chart("precision-recall")
    expect(chart.locator(".eaw-legend > div")).to_have_count(2)
    # The page has its legend below the chart.
    expect(chart.locator(".legendtext")).to_have_count(2)
    expect(chart.locator(".legendtext").first).not_to_be_visible()
    row = page.root.locator(".eaw-take-away:has(button)").last
    with page.page.expect_download(named("precision-recall.png")) as picture:
        row.get_by_role("button", name="PNG", exact=True).click()
    pixels = Image.open(picture.value.path()).convert("RGB")
    assert pixels.getpixel((2, 2)) == PAPER
    colours = sorted(pixels.getcolors(1 << 20), reverse=True)
    assert colours[0][1] == PAPER
    with page.page.expect_download(named("precision-recall.svg")) as drawing:
        row.get_by_role("button", name="SVG", exact=True).click()
    drawing.value.save_as(tmp_path / "drawing.svg")
    lab.assert_clean()
    drawn = lab.page.context.new_page()
    drawn.goto((tmp_path / "drawing.svg").as_uri())
    legend = drawn.locator(".legendtext")
    expect(legend).to_have_text(["one", "two"])
    expect(legend.first).to_be_visible()
    expect(drawn.locator("text.axislabel").first).to_have_css("fill", "rgb(86, 93, 102)")
    expect(drawn.locator("text.axislabel").first).to_have_css("font-size", "12px")
    drawn.close()


PARTS = """
page.classes, page.tab = (), "Examples"
page.metric, page.examples.kind = "Object Area - Relative (P)", "false_positive"
page.metric_range, page.panel.all_metrics = (0.0, 0.3), True
from ea_widgets.widgets.explorer import FURTHER
kinds = [type(part) for part in (page.sweep, page.per_class)] + [kind for *_, kind in FURTHER]
folds = [kind(page.evaluation, opened=True, keep=True) for kind in kinds]
box.children = [*folds, ea.WhatIf(page.evaluation, metric=page.metric, metric_range=(0.0, 0.3))]
"""


def test_axe_finds_nothing_whatever_is_open(lab):
    """In both themes, wide and narrow: all parts, hints, lists, a picture; then folds, a table."""
    page = lab.page.locator(PAGE).first
    lab.kernel.run(PARTS)
    found = "page.answers.objects_in_range(page.metric, 0, 0.3, kind='false_positive').total"
    expect(page).to_contain_text(f"of {lab.kernel_eval(found):,} objects")
    lab.page.evaluate("document.querySelectorAll('.eaw details').forEach(d => d.open = true)")
    for name in ("choose", "chart settings"):
        page.get_by_role("button", name=name).first.press("Enter")
    page.locator(".eaw-open").first.press("Enter")
    expect(page.locator(".eaw-whole img").first).to_be_visible()
    expect(lab.output(2).locator(".eaw-heat-map .heatmapcell").last).to_be_attached()
    assert violations(lab) == []
    lab.kernel.run("for part in folds:\n    part.opened = False\npage.examples.view = 'table'")
    expect(page.locator("table.eaw-objects tbody tr").first).to_be_visible()
    expect(lab.page.locator(".eaw-heat-map")).to_have_count(0)
    assert violations(lab) == []
    lab.assert_clean()
