"""By keyboard alone: the whole job; and no letter typed in a control is a notebook's shortcut."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.browser.test_environments import CELLS, METRICS, RANGE, expected

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


class Keyboard:
    """A person without a mouse, somewhere on the page."""

    def __init__(self, lab):
        self.page = lab.page
        self.root = lab.page.locator(".eaw:has(.eaw-importance)").first
        # JupyterLab leads into an output.
        self.root.evaluate("page => page.querySelector('button').focus()")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, role, name, most=150):
        """Press Tab until a control of this role and name has the focus, for all to see."""
        target = self.root.get_by_role(role, name=name)
        for _ in range(most):
            self.press("Tab")
            if target.evaluate_all("all => all.includes(document.activeElement)"):
                seen = "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
                assert self.page.evaluate(seen), f"the focus on {name} is not seen"
                return
        raise AssertionError(f"Tab does not lead to a {role} named {name}")


def test_the_whole_job_by_keyboard_alone(lab, tmp_path):
    lab.kernel.run("page.outcome, page.tab = 'true_positive', 'Examples'")  # others went before
    person, evaluation = Keyboard(lab), expected()
    root = person.root
    scores = root.locator(".eaw-readouts")
    threshold = lab.kernel_eval("page.confidence_threshold")
    # A class.
    person.tab_to("button", re.compile("choose"))
    person.press("Enter")
    person.tab_to("checkbox", re.compile("^b$"))
    person.press("Space")
    asked = {"confidence_threshold": threshold, "classes": ("b",)}
    expect(scores).to_contain_text(f"TP{evaluation.scores(**asked).true_positives}")
    # How much overlap is a match.
    person.tab_to("slider", "IoU")
    person.press("ArrowRight", "ArrowRight")
    lab.expect_kernel("page.iou_threshold", 0.52)
    # A metric, and what its curves say.
    for metric in METRICS:
        person.tab_to("combobox", "Metric")
        person.page.keyboard.type(metric)
        person.press("Enter")
        expect(root.locator(".eaw-true-positive .eaw-title")).to_contain_text(metric[:-4])
    curve = root.get_by_role("img", name=re.compile("True positive rate.* from 0 % to 100 %"))
    expect(curve).to_have_count(1)
    ranking = root.get_by_role("img", name=re.compile(rf"{re.escape(METRICS[1])} 0\.\d{{3}}"))
    expect(ranking).to_have_count(1)
    # A range, its pictures, the next ones, and one of them whole.
    for name, end in zip(("from", "to"), RANGE, strict=True):
        person.tab_to("spinbutton", name)
        person.press("Control+a")
        person.page.keyboard.type(str(end))
        person.press("Enter")
    lab.expect_kernel("list(page.metric_range)", [*RANGE])
    found = evaluation.at(0.52, **asked).objects_in_range(METRICS[1], *RANGE, kind="false_positive")
    expect(root).to_contain_text(f"1 to 12 of {found.total} objects")
    person.tab_to("button", re.compile("^next"))
    person.press("Enter")
    expect(root).to_contain_text(f"13 to 24 of {found.total} objects")
    person.tab_to("button", re.compile("^Show the whole image: b, "))
    person.press("Enter")
    expect(root.locator(".eaw-whole img").first).to_be_visible()
    # A file.
    person.tab_to("combobox", "Export")
    menu = root.locator(".eaw-export select")
    for _ in range(menu.locator("option").count()):
        if menu.input_value() == "ranking (CSV)":
            break
        person.press("ArrowDown")
    person.tab_to("button", "Save")
    person.press("Enter")
    person.tab_to("link", re.compile("importance.csv"))
    with person.page.expect_download() as waiting:
        person.press("Enter")
    waiting.value.save_as(tmp_path / "importance.csv")
    assert {*METRICS} <= {*pd.read_csv(tmp_path / "importance.csv")["metric"]}
    lab.assert_clean()
