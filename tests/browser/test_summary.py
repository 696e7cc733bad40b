"""The page on a summary beside the same page on the evaluation: the same numbers, in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

COUNTED = (
    "import ea_widgets as ea\n"
    "dataset = ea.load_demo()\n"
    "evaluation = ea.Evaluation(dataset)\n"
    "summary = ea.summarize(evaluation)\n"
    "counted = ea.explore(summary, pixels=dataset.pixels)\n"
    "counted"
)
WHOLE = "whole = ea.explore(evaluation, confidence_threshold=counted.confidence_threshold)\nwhole"
NUMBERS = ("mAP", "mAR", "precision", "recall", "TP", "FP", "FN")


@pytest.fixture(scope="module")
def shown(lab_factory):
    lab = lab_factory(width=1440)
    lab.open((COUNTED, WHOLE)).run_all()
    yield lab
    lab.close()


def readouts(lab, cell):
    cells = lab.output(cell).locator(".eaw-readouts > div:has(b)").all_text_contents()
    told = dict(re.match(r"([A-Za-z]+)(.*)", words).groups() for words in cells)
    return {name: told[name] for name in NUMBERS}


def slid_to(lab, slider, key, times=1):
    """Move a slider of the summary's page by keys, one tick each."""
    lab.output(0).locator(".noUi-handle").nth(slider).focus()
    for _ in range(times):
        lab.page.keyboard.press(key)


def same_numbers(lab, iou, confidence):
    """Wait until the summary's page has these thresholds, and compare it with the other page."""
    lab.expect_kernel("[counted.iou_threshold, counted.confidence_threshold]", [iou, confidence])
    lab.kernel_eval(f"setattr(whole, 'iou_threshold', {iou})")
    lab.kernel_eval(f"setattr(whole, 'confidence_threshold', {confidence})")
    for name in ("true_positives", "false_negatives"):
        count = lab.kernel_eval(f"f'{{evaluation.scores({iou}, {confidence}).{name}:,}}'")
        for cell in (0, 1):
            expect(lab.output(cell).locator(".eaw-readouts")).to_contain_text(count)
    assert readouts(lab, 0) == readouts(lab, 1)


def test_both_pages_show_the_same_numbers_at_every_stop_of_the_sliders(shown):
    start = shown.kernel_eval("[counted.iou_threshold, counted.confidence_threshold]")
    same_numbers(shown, *start)
    slid_to(shown, 0, "ArrowRight", 5)
    same_numbers(shown, 0.75, start[1])
    slid_to(shown, 1, "Home")
    same_numbers(shown, 0.75, 0.0)
    slid_to(shown, 1, "ArrowRight", 2)
    same_numbers(shown, 0.75, 0.3)
    slid_to(shown, 0, "ArrowLeft", 6)
    same_numbers(shown, 0.45, 0.3)
    expect(shown.output(0).locator(".widget-readout").first).to_have_text("0.45")
    shown.assert_clean()


def test_a_click_on_a_bar_draws_the_curve_of_the_counts(shown):
    rows = shown.output(0).locator(".eaw-importance .bar")
    shown.output(0).locator(".eaw-importance").scroll_into_view_if_needed()
    expect(rows).not_to_have_count(0)
    shown.settle()
    rows.nth(rows.count() // 2 + 1).click()
    shown.page.mouse.move(0, 0)
    shown.expect_kernel("counted.metric == counted.panel._ranking.table.index[1]", value=True)
    points = shown.kernel_eval("counted.detail.curve.predictions['rate'].tolist()")
    exact = shown.kernel_eval(
        "evaluation.at(counted.iou_threshold, counted.confidence_threshold).curve("
        "counted.metric, ea.Binning({f'{counted.detail.curve.metric} ({level})':"
        " (*t['bin_low'], t['bin_high'].iloc[-1]) for level, t in (('P',"
        " counted.detail.curve.predictions), ('O', counted.detail.curve.labels)) if len(t)}"
        ")).predictions['rate'].tolist()"
    )
    assert points == pytest.approx(exact, abs=1e-12)
    groups = shown.output(0).locator(".eaw-true-positive .object_grp")
    expect(groups).not_to_have_count(0)
    shown.assert_clean()


def test_examples_are_pictures_and_what_is_missing_is_folded_with_its_reason(shown):
    page = shown.output(0)
    shown.kernel_eval("setattr(counted, 'metric_range', (-1e9, 1e9))")
    pictures = page.locator(".eaw-tile img")
    expect(pictures).to_have_count(12)
    expect(page.get_by_text("Examples that the summary keeps")).to_be_visible()
    expect(page.get_by_text("Operating points")).to_be_hidden()
    page.get_by_text("What only the data themselves can answer").click()
    expect(page.get_by_text("Operating points")).to_be_visible()
    expect(
        page.get_by_text("Ask an ea.Evaluation of those parts that matter.").first
    ).to_be_visible()
    shown.assert_clean()
