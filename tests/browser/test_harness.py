"""The harness itself, on plain ipywidgets and bqplot: it acts, it waits, it sees every error."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

SLIDER_AND_BARS = """
import ipywidgets as w
import bqplot as bq
slider = w.IntSlider(3, 0, 10, description="size")
bars = bq.Bars(
    x=["a", "b", "c"],
    y=[1.0, 2.0, 3.0],
    scales={"x": bq.OrdinalScale(), "y": bq.LinearScale(min=0)},
)
shown = w.Label("nothing clicked")
def on_click(_, event):
    shown.value = f"clicked bar {event['data']['index']}"
def on_size(change):
    bars.y = [1.0, 2.0, float(change["new"])]
bars.on_element_click(on_click)
slider.observe(on_size, "value")
w.VBox([slider, shown, bq.Figure(marks=[bars])])
"""


BROKEN = """
import ipywidgets as w
breaks = w.IntSlider(3, 0, 10)
button = w.Button(description="break")
seen = []
def fail(_):
    seen.append(1)
    raise RuntimeError("lost in a callback")
breaks.observe(fail, "value")
button.on_click(fail)
alert = w.HTML()
w.VBox([breaks, button, alert])
"""


@pytest.fixture(scope="module")
def page(lab_factory):
    lab = lab_factory(width=900).open(["x = 20", SLIDER_AND_BARS, BROKEN]).run_all()
    yield lab
    lab.close()


def test_arrow_key_reaches_the_kernel_and_the_drawing(page):
    before = page.page.locator(".bqplot .bar").nth(2).bounding_box()["height"]
    page.output(1).locator(".noUi-handle").press("ArrowRight")
    expect(page.output(1).locator(".widget-readout")).to_have_text("4")
    page.expect_kernel("slider.value", 4)
    assert page.kernel_eval("bars.y") == [1.0, 2.0, 4.0]
    # The scale ends at the longest bar: the third keeps its height, the second shrinks to half.
    page.page.wait_for_function(
        "before => Math.abs(document.querySelectorAll('.bqplot .bar')[1]"
        ".getBoundingClientRect().height - before / 2) < 2",
        arg=before,
    )
    page.assert_clean()


def test_click_on_a_bar_comes_back_to_the_page(page):
    page.page.locator(".bqplot .bar").nth(1).click()
    expect(page.page.get_by_text("clicked bar 1")).to_be_visible()
    assert page.kernel_eval("shown.value") == "clicked bar 1"
    page.assert_clean()


def test_kernel_values_arrive_as_plain_types(page):
    assert page.kernel_eval("{'x': x, 'y': (bars.y > 1), 'none': None, 'text': 'é\\'\"'}") == {
        "x": 20,
        "y": [False, True, True],
        "none": None,
        "text": "é'\"",
    }


def test_page_leaves_no_trace_of_other_notebooks_and_stays_on_the_machine(page):
    expect(page.page.locator(".jp-Notebook")).to_have_count(1)
    assert [problem for problem in page.problems if problem.startswith("left")] == []


def test_the_width_is_what_was_asked_for(page):
    assert page.page.evaluate("window.innerWidth") == 900


def test_an_error_that_a_widget_shows_is_seen(page):
    page.assert_clean()
    page.kernel.run("alert.value = '<div role=\"alert\">This could not be shown.</div>'")
    expect(page.page.get_by_role("alert")).to_have_count(1)
    with pytest.raises(AssertionError, match=r"^shown: This could not be shown\.$"):
        page.assert_clean()
    page.kernel.run("alert.value = ''")
    expect(page.page.get_by_role("alert")).to_have_count(0)
    page.assert_clean()


def test_errors_in_callbacks_and_in_the_browser_are_seen_and_kept(page):
    page.assert_clean()
    page.output(2).locator(".noUi-handle").press("ArrowRight")
    page.expect_kernel("len(seen)", 1)
    with pytest.raises(AssertionError, match="lost in a callback"):
        page.assert_clean()
    assert page.problems == []
    page.page.evaluate("console.error('drawn wrongly')")
    page.page.evaluate("fetch('/api/contents/missing')")
    with pytest.raises(AssertionError, match=r"(?s)drawn wrongly.*lost in a callback"):
        page.assert_clean()
    assert any(problem.startswith("404: GET") for problem in page.problems)
