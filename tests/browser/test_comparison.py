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
