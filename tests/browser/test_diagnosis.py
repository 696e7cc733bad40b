"""The parts that take errors apart, in a real JupyterLab; one page for all of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

LINKED = """\
from ipywidgets import VBox
panel, operating = ea.ImportancePanel(evaluation), ea.OperatingPoint(evaluation, opened=True)
ea.link(panel, operating)
VBox([panel, operating])"""

BEGIN = """\
import ea_widgets as ea
evaluation = ea.Evaluation(ea.load_demo())
FILTER = ea.where("Object Area - Relative", high=1.0) & ea.where("Brightness", low=0.4)"""

CELLS = [
    BEGIN,
    "errors = ea.LabelErrors(evaluation, kind='wrong class', opened=True)\nerrors",
    "confusion = ea.Confusion(evaluation, opened=True)\nconfusion",
    "pairs = ea.Pairs(evaluation, opened=True)\npairs",
    "slices = ea.Slices(evaluation, opened=True, where=FILTER)\nslices",
    "table = ea.CocoTable(evaluation, opened=True)\ntable",
    "kinds = ea.ErrorKinds(evaluation, opened=True)\nkinds",
    "reliability = ea.Reliability(evaluation, opened=True)\nreliability",
    LINKED,
    "classes = ea.PerClass(evaluation, opened=True)\nclasses",
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


def test_a_filter_is_kept_as_a_slice_and_a_chip_removes_one_condition(lab):
    root = lab.output(4)
    expect(root.locator(".eaw-chip")).to_have_count(2)
    root.get_by_placeholder("name of this filter").fill("small and bright")
    root.get_by_role("button", name="keep").click()
    lab.expect_kernel("list(slices.slices)", ["small and bright"])
    expect(root.locator("table.eaw-objects tbody tr")).to_have_count(1)
    labels = lab.kernel_eval("int(slices.table['labels'].iloc[0])")
    assert 0 < labels < lab.kernel_eval("len(evaluation.dataset.labels)")
    expect(root.locator("table.eaw-objects tbody")).to_contain_text(f"{labels:,}")
    root.locator(".eaw-chip").last.click()
    expect(root.locator(".eaw-chip")).to_have_count(1)
    lab.expect_kernel("slices.where == ea.where('Object Area - Relative', high=1.0)", value=True)
    root.get_by_role("button", name="small and bright", exact=True).click()
    expect(root.locator(".eaw-chip")).to_have_count(2)
    lab.expect_kernel("slices.where == slices.slices['small and bright']", value=True)
    lab.assert_clean()


def test_ranges_of_area_that_are_typed_are_rows_of_the_table(lab):
    root = lab.output(5)
    field = root.get_by_placeholder("tiny 0-256, small 256-1024")
    field.fill("tiny 0-256, rest 256-")
    field.press("Enter")
    wanted = "evaluation.coco_summary(area_ranges={'tiny': (0, 256), 'rest': (256, None)})"
    lab.expect_kernel(f"table.numbers == {wanted}", value=True)
    expect(root.locator("table.eaw-objects")).to_contain_text("tiny: 0 to 256 px²")
    field.fill("tiny")
    field.press("Enter")
    expect(root.get_by_role("alert")).to_contain_text("Write a name and a range")
    field.fill("")
    field.press("Enter")
    expect(root.locator("table.eaw-objects")).not_to_contain_text("tiny")
    lab.assert_clean()


def test_a_kind_of_error_opens_its_objects_with_what_it_is_worth(lab):
    root = lab.output(6)
    lab.expect_kernel("kinds.kinds['gain'].notna().all()", value=True)
    most = lab.kernel_eval("float(kinds.kinds['gain'].max())")
    expect(root).to_contain_text(f"+{most:.3f}")
    root.get_by_role("button", name="missed: not detected").click()
    missed = "kinds.kinds.set_index('reason').loc['missed', 'count']"
    lab.expect_kernel(f"int(kinds.found.total) == int({missed})", value=True)
    expect(root.locator(".eaw-tile").first).to_be_visible()
    lab.assert_clean()


def test_precision_stands_over_confidence_beside_the_diagonal(lab):
    root = lab.output(7)
    lab.expect_kernel("reliability.calibration is not None", value=True)
    error = lab.kernel_eval("float(evaluation.calibration().error)")
    expect(root).to_contain_text(f"Calibration error {error:.3f}")
    root.locator(".eaw-figure").scroll_into_view_if_needed()
    bins = lab.kernel_eval("len(reliability.calibration.bins)")
    expect(root.locator(".dot")).to_have_count(bins)
    expect(root.locator("path.line").first).to_have_css("stroke-dasharray", "10px, 10px")
    classes = lab.kernel_eval("len(evaluation.class_names)")
    expect(root.locator("table.eaw-objects tbody tr")).to_have_count(classes)
    lab.assert_clean()


def test_each_class_gets_its_own_threshold_and_one_slider_moves_all(lab):
    root = lab.output(8)
    root.get_by_role("button", name="use one by class").click()
    own = "evaluation.operating_points().thresholds()"
    lab.expect_kernel(f"dict(panel.confidence_threshold) == {own}", value=True)
    chip = root.locator(".eaw-chip:visible")
    expect(chip).to_contain_text("by class")
    handle = root.get_by_role("slider").nth(1)
    handle.focus()
    for _ in range(3):
        lab.page.keyboard.press("ArrowRight")
    expect(chip).to_contain_text("by class, moved by +0.03")
    moved = f"{{name: round(one + 0.03, 9) for name, one in {own}.items()}}"
    got = "{name: round(one, 9) for name, one in panel.confidence_threshold.items()}"
    lab.expect_kernel(f"{got} == {moved}", value=True)
    fresh = "ea.Evaluation(ea.load_demo()).scores(0.5, dict(panel.confidence_threshold))"
    found = lab.kernel_eval(f"{fresh}.true_positives")
    expect(root.locator(".eaw-readouts")).to_contain_text(f"TP{found:,}")
    chip.click()
    expect(chip).to_have_count(0)
    lab.expect_kernel("isinstance(panel.confidence_threshold, float)", value=True)
    lab.assert_clean()


def test_recall_over_false_positives_per_image_stands_beside_precision_over_recall(lab):
    root = lab.output(9)
    expect(root).to_contain_text("FROC; mean: of the recall at the seven marks")
    figures = root.locator(".eaw-figure")
    expect(figures).to_have_count(4)
    lines = lab.kernel_eval("sum(len(line.x) > 0 for line in classes._free_response.lines)")
    figures.last.scroll_into_view_if_needed()
    expect(figures.last.locator("path.line:visible")).to_have_count(lines)
    lab.assert_clean()
