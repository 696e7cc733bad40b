"""The parts that take errors apart, in a real JupyterLab; one page for all of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

CELLS = [
    "import ea_widgets as ea\nevaluation = ea.Evaluation(ea.load_demo())",
    "errors = ea.LabelErrors(evaluation, kind='wrong class', opened=True)\nerrors",
]


@pytest.fixture(scope="module")
def lab(lab_factory):
    page = lab_factory(height=2000).open(CELLS).run_all()
    yield page
    page.close()


def test_letters_judge_label_errors_and_never_reach_the_notebook(lab):
    root = lab.output(1)
    tiles = root.locator(".eaw-tile")
    expect(tiles).to_have_count(12)
    tiles.nth(2).get_by_role("button").click()  # puts the keyboard where letters are verdicts
    lab.expect_kernel("errors.position", 2)
    cells = lab.page.locator(".jp-CodeCell").count()
    lab.page.keyboard.type("wmwbrds", delay=30)  # m, b and dd would change the notebook's cells
    lab.expect_kernel("[errors.position, *errors.verdicts.counts.values()]", [6, 1, 2, 1])
    expect(tiles.nth(2)).to_contain_text("✗ wrong")
    expect(tiles.nth(4)).to_contain_text("✓ right")
    lab.page.keyboard.press("Backspace")
    lab.expect_kernel("errors.position", 5)
    root.get_by_role("button", name="right (r)").press("Enter")
    lab.expect_kernel("[errors.position, *errors.verdicts.counts.values()]", [6, 2, 2, 0])
    root.get_by_role("button", name="scores with these mended").click()
    expect(root.locator("table.eaw-effect")).to_contain_text("2 errors mended")
    expect(lab.page.locator(".jp-CodeCell")).to_have_count(cells)
    expect(lab.page.locator(".jp-MarkdownCell")).to_have_count(0)
    lab.assert_clean()
