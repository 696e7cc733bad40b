"""The page of a comparison in a real JupyterLab: it shows both models, and a slider moves them."""

from __future__ import annotations

from playwright.sync_api import expect

MODELS = """
import ea_widgets as ea
better = ea.load_demo()
confident = better.predictions["confidence"] > 0.4
worse = ea.Dataset.from_frames(
    better.images, better.labels, better.predictions[confident & (better.predictions.index % 3 > 0)]
)
page = ea.explore(ea.compare({"before": worse, "after": better}))
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
