"""What Python sets is what is used, to the last digit, also while the page shows it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

CELL = (
    "import ea_widgets as ea\n"
    "evaluation = ea.Evaluation(ea.load_demo())\n"
    "page = ea.explore(evaluation, iou_threshold=2 / 3, confidence_threshold=1 / 7)\n"
    "seen = []\n"
    "for name in ('iou_threshold', 'confidence_threshold'):\n"
    "    page.panel.observe(lambda change: seen.append(change['new']), name)\n"
    "page"
)
EXACT = "[page.panel.iou_threshold, page.panel.confidence_threshold]"


@pytest.fixture
def shown(lab):
    lab.open([CELL]).run_all()
    expect(lab.output(0).locator(".eaw-readouts")).to_be_visible()
    return lab


def test_the_page_sends_no_rounded_value_back(shown):
    readouts = shown.output(0).locator(".widget-readout")
    expect(readouts.first).to_have_text("0.67")
    shown.settle()  # an echo would have come by now
    assert shown.kernel_eval(EXACT) == [2 / 3, 1 / 7]
    shown.kernel_eval("setattr(page, 'iou_threshold', 1 / 3)")
    shown.kernel_eval("setattr(page, 'confidence_threshold', 0.755)")
    expect(readouts.first).to_have_text("0.33")
    shown.settle()
    assert shown.kernel_eval(EXACT) == [1 / 3, 0.755]
    assert shown.kernel_eval("seen") == [1 / 3, 0.755]
    assert shown.kernel_eval("page.panel.scores.true_positives") == shown.kernel_eval(
        "evaluation.scores(1 / 3, 0.755).true_positives"
    )
    # A person's move is one all the same.
    handle = shown.output(0).locator(".noUi-handle").first
    handle.focus()
    shown.page.keyboard.press("ArrowRight")
    shown.expect_kernel("round(page.panel.iou_threshold, 9)", 0.34)
    shown.assert_clean()
