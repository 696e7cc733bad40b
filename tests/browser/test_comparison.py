"""Models side by side and checkpoint by checkpoint, in a real JupyterLab."""

from __future__ import annotations

import re

from playwright.sync_api import expect

MODELS = """
import ea_widgets as ea
page = ea.explore(ea.compare({"before": ea.load_demo(), "after": ea.load_demo(model="full")}))
"""

TRAINING = """
from threading import Thread
import ea_widgets as ea
checkpoints = [ea.Evaluation(ea.load_demo(model)) for model in ("half", "full", "half")]
history = ea.EvaluationHistory()

def train():
    for checkpoint in checkpoints:
        history.add(checkpoint)
"""


def test_both_models_are_shown_and_a_slider_moves_their_scores(lab):
    lab.open([MODELS, "page"]).run_all()
    root = lab.page.locator(".jp-OutputArea-output:has(.eaw-models)").first
    table = root.locator("table.eaw-models")
    for name in ("before", "after"):
        row = table.locator("tr", has=lab.page.get_by_role("rowheader", name=name))
        f1 = lab.kernel_eval(f"float(page.scores.table.loc[{name!r}, 'f1'])")
        expect(row).to_contain_text(f"{f1:.3f}")
    expect(root).to_contain_text("paired 95 % interval")
    expect(root.locator(".eaw-change, .eaw-range").first).to_be_visible()
    expect(root.locator(".eaw-missed .bqplot").first).to_be_visible()
    first = lab.kernel_eval("float(page.scores.table.loc['after', 'f1'])")
    root.get_by_role("slider").first.press("ArrowRight")
    lab.expect_kernel("page.iou_threshold", 0.51)
    for _ in range(20):
        root.get_by_role("slider").first.press("ArrowRight")
    lab.expect_kernel("page.iou_threshold", 0.71)
    moved = lab.kernel_eval("float(page.scores.table.loc['after', 'f1'])")
    assert moved < first
    row = table.locator("tr", has=lab.page.get_by_role("rowheader", name="after"))
    expect(row).to_contain_text(f"{moved:.3f}")
    lab.assert_clean()


def test_each_part_of_the_page_answers_to_the_mouse(lab):
    lab.open([MODELS, "page"]).run_all()
    root = lab.page.locator(".jp-OutputArea-output:has(.eaw-models)").first
    ranking = root.locator(".eaw-compared-ranking")
    names = ranking.locator(".eaw-figure").first.locator("g.axis text")
    by_importance = lab.kernel_eval("list(page._ranking.table.index)")
    expect(names.filter(has_text=by_importance[0]).first).to_be_visible()
    ranking.get_by_role("button", name="what changed").click()
    lab.expect_kernel("page._ranking.table.index[0]", "Object Area - Absolute (O)")
    expect(names.filter(has_text="Object Area - Absolute").first).to_be_visible()

    # A row of the ranking, then a sentence, choose the metric of the curves.
    bars = ranking.locator(".eaw-figure").first.locator(".bar")
    expect(bars).to_have_count(16)  # eight rows, and what takes the mouse in front of each
    bars.nth(8 + 2).click()
    lab.expect_kernel("page.metric == page._ranking.table.index[2]", value=True)
    curves = root.locator(".eaw-part").filter(has=lab.page.locator(".eaw-missed")).first
    expect(curves.locator(".eaw-missed .eaw-figure")).to_have_count(2)  # rates; differences below
    expect(curves.locator(".eaw-missed .eaw-figure").last).to_contain_text("difference")
    sentence = root.locator("button.eaw-range").last
    expect(sentence).to_be_visible()
    sentence.click()
    lab.expect_kernel("page.metric", lab.kernel_eval("page.changes['metric'].iloc[-1]"))

    # Labels found by one of them only, by neither, and new false positives: pictures of each.
    found = root.locator(".eaw-found-labels")
    kinds = ("gained", "lost", "missed", "new_false_positive")
    for number, kind in reversed([*enumerate(kinds)]):
        found.locator("button").nth(number).click()
        lab.expect_kernel("page._found_labels.found.change", kind)
        shown = lab.kernel_eval("len(page._found_labels.found.examples)")
        assert shown > 0
        expect(found.locator(".eaw-tile:visible")).to_have_count(shown)
        words = {"gained": "missed by before", "lost": "missed by after", "missed": "by both"}
        said = words.get(kind, "before has none there")
        expect(found.locator(".eaw-caption").first).to_contain_text(said)

    lab.kernel_eval("page.add(page.comparison['after'], 'third')")
    table = root.locator("table.eaw-models")
    expect(table.get_by_role("rowheader", name="third")).to_be_visible()
    lab.assert_clean()


def test_a_training_in_a_thread_adds_a_point_for_each_checkpoint(lab):
    lab.open([TRAINING, "history", "Thread(target=train).start()"]).run_all()
    root = lab.page.locator(".jp-OutputArea-output:has(.eaw-words)").first
    best = lab.kernel_eval("checkpoints[1].scores().mean_average_precision")
    expect(root.locator(".eaw-words")).to_contain_text(f"highest {best:.3f} at epoch 2")
    lines = root.locator(".eaw-figure").first.locator("path.line")
    expect(lines.first).to_have_attribute("d", re.compile(r"^M[^ML]+L[^ML]+L[^ML]+$"))
    assert lab.kernel_eval("history.table.index.tolist()") == [1, 2, 3]
    worst = lab.kernel_eval("history.ranges[0].words")
    expect(root.locator(".eaw-legend").nth(1)).to_contain_text(worst)
    lab.assert_clean()
