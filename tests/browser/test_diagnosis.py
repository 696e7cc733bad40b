"""The parts that take errors apart, in a real JupyterLab; one page for all of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

CELLS = [
    "import ea_widgets as ea\nevaluation = ea.Evaluation(ea.load_demo())",
    "errors = ea.LabelErrors(evaluation, kind='wrong class', opened=True)\nerrors",
    "confusion = ea.Confusion(evaluation, opened=True)\nconfusion",
    "pairs = ea.Pairs(evaluation, opened=True)\npairs",
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


def test_a_click_on_a_cell_shows_its_objects_and_a_hover_says_how_many(lab):
    root = lab.output(2)
    cells = root.locator(".eaw-heat-map .heatmapcell")
    columns = lab.kernel_eval("confusion.matrix.shape[1]")
    expect(cells).to_have_count(lab.kernel_eval("confusion.matrix.size"))
    cells.nth(2 * columns + 3).hover()
    expect(lab.page.locator(".eaw-tip:visible")).to_contain_text("predicted")
    cells.nth(2 * columns + 3).click()
    names = "[confusion.matrix.index[2], confusion.matrix.columns[3]]"
    lab.expect_kernel("list(confusion.cell or ())", lab.kernel_eval(names))
    expect(root).to_contain_text("labelled {}, predicted {}".format(*lab.kernel_eval(names)))
    lab.page.mouse.move(0, 0)
    lab.assert_clean()


def test_a_click_on_a_cell_of_two_metrics_narrows_all_numbers(lab):
    root = lab.output(3)
    lab.expect_kernel("pairs._drawn is not None", value=True)  # counted beside the kernel
    cells = root.locator(".eaw-heat-map .heatmapcell")
    expect(cells).to_have_count(lab.kernel_eval("pairs._drawn.row.size"))
    (row, column) = lab.kernel_eval("[int(i[0]) for i in (pairs._drawn.row >= 0).nonzero()]")
    wanted = lab.kernel_eval(f"str(pairs._drawn.condition({row}, {column}))")
    across = lab.kernel_eval("pairs._drawn.row.shape[1]")
    cells.nth(row * across + column).hover()
    expect(lab.page.locator(".eaw-tip:visible")).to_contain_text("95 % interval")
    cells.nth(row * across + column).click()
    lab.expect_kernel("str(pairs.where)", wanted)
    expect(root.locator(".eaw-chip")).to_have_count(2)
    root.locator(".eaw-chip").first.click()
    expect(root.locator(".eaw-chip")).to_have_count(1)
    lab.page.mouse.move(0, 0)
    lab.assert_clean()
