"""Letters typed in a control stay there: the notebook has shortcuts for m, x, a and b."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_environments import CELLS

CONTROLS = {
    "slider": ".noUi-handle",
    "menu": "select",
    "field": ".eaw-name input:visible",
    "switch": ".widget-toggle-buttons button",
    "button": "button.eaw-plain:visible",
    "box": "input[type=checkbox]:visible",
    "tab": ".eaw-tabs button",
}


@pytest.fixture(scope="module")
def lab(lab_factory):
    lab = lab_factory().open(CELLS).run_all()
    yield lab
    lab.close()


@pytest.mark.parametrize("kind", CONTROLS)
def test_letters_are_no_shortcuts(lab, kind):
    root = lab.page.locator("[data-lm-suppress-shortcuts]:has(.eaw-importance)")
    expect(root).to_be_attached()
    control = root.locator(CONTROLS[kind]).first
    control.focus()
    expect(control).to_be_focused()
    for letter in "xmab":
        lab.page.keyboard.press(letter)
    expect(lab.page.locator(".jp-CodeCell")).to_have_count(2)
    expect(lab.page.locator(".jp-MarkdownCell")).to_have_count(0)
    expect(root.locator(".eaw-importance")).to_be_visible()


def test_controls_charts_and_tabs_have_names_and_states(lab):
    root = lab.page.locator("[data-lm-suppress-shortcuts]:has(.eaw-importance)")
    expect(root.get_by_role("slider", name="IoU")).to_be_visible()
    missed = root.get_by_role("button", name="Missed objects")
    expect(missed).to_have_attribute("aria-pressed", "false")
    missed.press("Enter")
    expect(missed).to_have_attribute("aria-pressed", "true")
    expect(root.get_by_role("heading", name="Where errors concentrate")).to_be_visible()
    expect(root.get_by_role("img", name="Metric importance").first).to_be_visible()
    tab = root.get_by_role("button", name="Classes", exact=True)
    expect(tab).to_have_attribute("aria-pressed", "false")
    tab.press("Enter")
    lab.expect_kernel("page.per_class.opened", value=True)
    expect(tab).to_have_attribute("aria-pressed", "true")
