"""The page on a laptop: what a click changes is on the screen that is clicked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.explorer import Explorer

CELLS = ["import ea_widgets as ea", "page = ea.explore(ea.load_demo())\npage"]
IN_WINDOW = """
([charts, top, bottom]) => charts.map(chart => chart.querySelector(".eaw-figure"))
    .every(drawn => {
        const box = drawn.getBoundingClientRect();
        return box.height > 100 && box.top >= top && box.bottom <= bottom;
    })
"""

COUNTED = r"""
root => {
    const seen = node => node.checkVisibility({visibilityProperty: true, opacityProperty: true});
    const rows = ".axis, .eaw-tile, .eaw-tabs, .eaw-subtabs, style, script";
    const alike = ".eaw-worst button";  // a row each, as the bars are
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let words = [];
    while (texts.nextNode()) {
        const node = texts.currentNode, parent = node.parentElement;
        const folded = parent.closest("details:not([open])") && !parent.closest("summary");
        if (!parent.closest(rows) && !folded && seen(parent))
            words.push(...(node.textContent.match(/\p{L}{2,}/gu) || []));
    }
    const kinds = ".widget-toggle-buttons, button, input, select, textarea, summary, [role=slider]";
    const controls = [...root.querySelectorAll(kinds)].filter(node =>
        seen(node) && !node.disabled && !node.closest(rows) && !node.matches(alike)
        && !node.parentElement.closest(".widget-toggle-buttons"));
    return [words.length, controls.length];
}
"""
"""Words and controls that a person sees, besides rows of bars and ranges, pictures and tabs; the
buttons of one choice are one control, as a menu is."""


def test_few_words_and_controls_before_the_first_click(lab):
    lab.open(CELLS).run_all()
    shown = Explorer(lab)
    for settled in ("page.panel.settled is not None", "page.worst.ranges is not None"):
        lab.expect_kernel(settled, value=True, timeout=60_000)
    lab.expect_kernel("len(page.detail.sentences) > 0", value=True)
    lab.settle()
    words, controls = shown.root.evaluate(COUNTED)
    assert 50 < words < 250
    assert 10 < controls < 25


@pytest.mark.parametrize("size", [(1440, 900), (1280, 800)])
def test_a_click_on_a_bar_changes_the_curves_without_scrolling(lab_factory, size):
    width, height = size
    lab = lab_factory(width=width, height=height).open(CELLS, simple=False).run_all()
    files = lab.page.locator(".jp-FileBrowser:visible")
    expect(files).to_be_visible()  # the side bar takes its part of the width
    shown = Explorer(lab)
    lab.kernel.run("fresh = ea.Evaluation(page.panel.evaluation.dataset)")
    lab.expect_kernel("page.panel.settled is not None", value=True)
    shown.root.evaluate("page => page.scrollIntoView({block: 'start'})")
    page = shown.root.locator(".eaw-dense").first
    start = page.bounding_box()["y"]
    window = lab.page.locator(".jp-NotebookPanel .jp-WindowedPanel-outer").bounding_box()
    ends = [window["y"], window["y"] + window["height"]]
    assert start >= ends[0] - 1

    drawn = []
    for row in (1, 2):
        bars, count = shown.chart("importance").locator(".bar"), 8
        expect(bars).to_have_count(2 * count)
        box = bars.nth(count + row).bounding_box()
        lab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        lab.page.mouse.move(0, 0)
        name = lab.kernel_eval(f"page.panel._ranking.table.index[{row}]")
        lab.expect_kernel("page.detail.metric", name)
        for chart in ("true-positive", "false-negative"):
            title = shown.chart(chart).locator(".eaw-title")
            expect(title).to_contain_text(re.compile(rf"by {re.escape(name[:-4])}"))
        shown.curve_matches(f"{name!r}, confidence_threshold=page.confidence_threshold")
        charts = [shown.chart(c).element_handle() for c in ("true-positive", "false-negative")]
        lab.page.wait_for_function(IN_WINDOW, arg=[charts, *ends])
        assert abs(page.bounding_box()["y"] - start) < 1, "nothing has scrolled"
        drawn.append(shown.line("true-positive"))
    assert drawn[0] != drawn[1]
    # Further down the choices are still in sight.
    shown.root.locator(".eaw-tabs").evaluate("tabs => tabs.scrollIntoView({block: 'start'})")
    assert page.bounding_box()["y"] < start - 300
    head = shown.root.locator(".eaw-head").bounding_box()
    assert ends[0] - 1 <= head["y"] <= ends[0] + 20
    expect(shown.root.get_by_role("slider", name="IoU")).to_be_in_viewport()
    lab.assert_clean()
    lab.close()
