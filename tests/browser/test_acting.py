"""From seeing to acting in a real JupyterLab: a range, its objects, a rule, and taking it away."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

from ea_widgets.widgets.panels.performance_by_metric import SCALE_WORDS
from tests.browser.explorer import Explorer

METRIC = "Object Area - Relative (P)"
OPEN = """
import json
import ea_widgets as ea
page = ea.explore(ea.load_demo(), confidence_threshold=0, metric=None)
"""
CELLS = [OPEN, "page"]


class Page:
    """The explorer on a page, as a person sees it."""

    def __init__(self, lab):
        self.lab = lab
        self.page = lab.page
        self.root = lab.page.locator(".jp-OutputArea-output:has(.eaw-importance)").first
        self.gallery = self.root.locator(".eaw-gallery")
        self.tiles = self.root.locator(".eaw-tile")
        self.whole = self.root.locator(".eaw-whole")
        self.effect = self.root.locator("table.eaw-effect:not(.eaw-advice)")
        self.worst = self.root.locator(".eaw-worst button")

    def kernel(self, expression):
        return self.lab.kernel_eval(expression)

    def button(self, name, exact=True):
        return self.root.get_by_role("button", name=name, exact=exact)

    def export(self, entry):
        """Choose what to save, and save it."""
        menu = self.root.locator(".eaw-export")
        menu.locator("select").select_option(entry)
        menu.get_by_role("button", name="Save").click()

    def chart(self, name):
        return self.root.locator(f".eaw-{name}")

    def choose(self, metric=METRIC, ends=None):
        ends = () if ends is None else ends
        self.lab.kernel.run(
            f"page.detail.metric = {metric!r}\npage.detail.metric_range = {tuple(ends)!r}\n"
        )
        heading = self.root.locator(".eaw-heading", has_text=metric[:-4]).first
        expect(heading).to_be_visible()

    def shows_the_range(self):
        """Wait until the gallery shows what a fresh evaluation says of the kernel's range."""
        expect(self.gallery).to_be_visible()
        total = self.kernel(
            "ea.Evaluation(page.panel.evaluation.dataset).objects_in_range("
            "page.detail.metric, *page.detail.metric_range,"
            " **({} if page.examples.kind == 'all' else {'kind': page.examples.kind})).total"
        )
        expect(self.root).to_contain_text(f"of {total:,} objects")
        ranges = "[list(w.metric_range) for w in (page.detail, page.examples, page.what_if)]"
        ends = self.kernel("list(page.detail.metric_range)")
        assert self.kernel(ranges) == [ends] * 3
        return total

    def effect_matches(self, rules="page.what_if._in_force()"):
        """Assert that the numbers on screen are those of a fresh evaluation of what is left."""
        expected = self.kernel(
            "(lambda e: [[e.before.mean_average_precision, e.after.mean_average_precision],"
            " [e.before.precision, e.after.precision], [e.before.recall, e.after.recall],"
            " [e.f1_before, e.f1_after]])"
            f"(ea.Evaluation(page.panel.evaluation.dataset).what_if(list({rules})))"
        )
        for name, (before, after) in zip(
            ("mAP", "precision", "recall", "F1"), expected, strict=True
        ):
            row = self.effect.locator("tr", has=self.page.get_by_role("rowheader", name=name))
            written = "{:.1f} %{:.1f} %" if name in {"precision", "recall"} else "{:.3f}{:.3f}"
            scale = 100 if "%" in written else 1
            expect(row).to_contain_text(written.format(scale * before, scale * after))
        return expected


@pytest.fixture(scope="module")
def opened(lab_factory):
    lab = lab_factory(height=3200).open(CELLS).run_all()
    yield lab
    lab.close()


@pytest.fixture
def page(opened):
    """The explorer, put back to where a reader finds it."""
    opened.kernel.run(
        "page.what_if.rules, page.what_if.min_confidence = (), 0.0\n"
        "page.panel.classes, page.panel.metric, page.panel.where = (), None, None\n"
        "page.examples.reason, page.examples.view = '', 'pictures'\n"
        "page.detail.scale = 'rank'\n"
        "page.outcome, page.examples.kind, page.tab = 'true_positive', 'all', 'Examples'\n"
        "page.detail._below.children[1].toggle.value = True\n"
        "page.examples._choices.children[1].toggle.value = True\n"
        "page.detail._ranges._drag.value = page.detail._zoom._mouse.value = False\n"
    )
    found = Page(opened)
    expect(found.tiles).to_have_count(0)
    yield found
    opened.assert_clean()


def test_nothing_is_shown_before_it_means_something(page):
    expect(page.root.locator(".eaw-hint:visible")).to_have_count(2)
    expect(page.gallery).to_be_hidden()
    expect(page.tiles).to_have_count(0)
    expect(page.effect).to_have_count(0)
    page.choose()
    expect(page.root.locator(".eaw-hint:visible")).to_contain_text("Choose a range of")
    expect(page.effect).to_have_count(0)
    page.choose(ends=(0, 0.5))
    expect(page.root.locator(".eaw-hint:visible")).to_have_count(0)
    page.shows_the_range()
    page.button("What to do").click()
    expect(page.root.locator(".eaw-advice")).to_be_visible()
    expect(page.effect).to_have_count(0)  # nothing is dropped yet
    expect(page.gallery).to_have_count(0)


def test_a_click_on_a_point_shows_the_objects_of_its_bin(page):
    page.choose()
    points = page.chart("false-negative").locator(".object_grp")
    expect(points.first).to_be_visible()
    points.nth(points.count() - 1).click()
    page.page.mouse.move(0, 0)
    last = "page.detail.curve.labels.iloc[-1][['bin_low', 'bin_high']].tolist()"
    page.lab.expect_kernel("list(page.detail.metric_range)", page.kernel(last))
    page.shows_the_range()
    expect(page.tiles).to_have_count(12)


@pytest.mark.parametrize("scale", ["rank", "linear", "log"])
def test_a_drag_over_a_chart_shows_the_objects_of_the_range(page, scale):
    page.choose()
    page.button(SCALE_WORDS.get(scale, scale)).click()
    page.lab.expect_kernel("page.detail.scale", scale)
    page.button("select range", exact=False).click()
    chart = page.chart("true-positive").locator(".bqplot").first
    expect(chart.locator(".overlay")).to_have_count(1)
    plot = chart.locator(".overlay").bounding_box()
    y = plot["y"] + plot["height"] / 2
    page.page.mouse.move(plot["x"] + 0.25 * plot["width"], y)
    page.page.mouse.down()
    page.page.mouse.move(plot["x"] + 0.4 * plot["width"], y, steps=4)
    page.page.mouse.move(plot["x"] + 0.5 * plot["width"], y, steps=4)
    page.page.mouse.up()
    page.lab.expect_kernel("len(page.detail.metric_range)", 2)
    axis = "page.detail._true_positive._axis"
    expected = page.kernel(
        f"{axis}.values_between(*({axis}.low + p * ({axis}.high - {axis}.low)"
        " for p in (0.25, 0.5)))"
    )
    assert page.kernel("list(page.detail.metric_range)") == pytest.approx(expected, rel=0.05)
    page.shows_the_range()
    # The range stays on both charts, and can be dragged anew.
    expect(chart.locator(".selection")).not_to_be_visible()
    assert page.kernel(
        "[c.chosen.visible for c in (page.detail._true_positive, page.detail._false_negative)]"
    ) == [True, True]


def test_a_range_can_be_typed_and_cleared(page):
    page.choose()
    boxes = page.root.locator("input[type=number]")
    boxes.nth(1).fill("0.4")
    boxes.nth(1).press("Enter")
    page.lab.expect_kernel("list(page.detail.metric_range)[1:]", [0.4])
    page.shows_the_range()
    boxes.nth(0).fill("9")
    boxes.nth(0).press("Enter")
    alert = page.root.get_by_role("alert")
    expect(alert).to_contain_text("whose low end is above the high one. Swap the two.")
    boxes.nth(0).fill("0.2")
    boxes.nth(0).press("Enter")
    expect(alert).to_have_count(0)
    page.lab.expect_kernel("list(page.detail.metric_range)", [0.2, 0.4])
    page.shows_the_range()
    page.button("clear").click()
    expect(page.effect).to_have_count(0)
    page.lab.expect_kernel("list(page.examples.metric_range)", [])


def ticks(page, name):
    return page.chart(name).locator(".bqplot").first.locator(".axis").first.locator(".tick text")


@pytest.mark.parametrize("scale", ["rank", "linear", "log"])
def test_buttons_and_keys_zoom_both_charts_and_reset(page, scale):
    page.choose("Brightness (P)")  # predictions and labels have much the same span
    page.button(SCALE_WORDS.get(scale, scale)).click()
    page.lab.expect_kernel("page.detail.scale", scale)
    names = ("true-positive", "false-negative")
    page.lab.settle()
    before = [ticks(page, name).all_text_contents() for name in names]
    expect(page.button("reset zoom")).to_be_disabled()
    page.root.get_by_title("Zoom in").focus()
    ends = []
    for act in (
        lambda: page.page.keyboard.press("Enter"),
        lambda: page.page.keyboard.press("Enter"),
        lambda: page.root.get_by_title("Look further left").click(),
    ):
        act()
        page.lab.expect_kernel(f"list(page.detail.zoom) != {ends}", value=True)
        ends = page.kernel("list(page.detail.zoom)")
    expect(page.root.locator(".eaw-muted", has_text="In sight: from")).to_be_visible()
    # The chosen part stays while a slider moves.
    page.root.locator(".noUi-handle").first.press("ArrowRight")
    page.lab.expect_kernel("page.panel.iou_threshold > 0.5", value=True)
    page.root.locator(".noUi-handle").first.press("ArrowLeft")
    page.lab.expect_kernel("page.panel.iou_threshold", 0.5)
    assert page.kernel("list(page.detail.zoom)") == ends
    for name, old in zip(names, before, strict=True):
        chart = f"page.detail._{name.replace('-', '_')}"
        labels = page.kernel(f"list({chart}._x_axis.tick_labels.values())")
        expect(ticks(page, name)).to_have_text(labels)
        assert labels != old
    page.button("reset zoom").click()
    page.lab.expect_kernel("len(page.detail.zoom)", 0)
    for name, old in zip(names, before, strict=True):
        expect(ticks(page, name)).to_have_text(old)


def test_the_mouse_moves_and_zooms_the_charts(page):
    page.choose()
    page.button("pan and zoom", exact=False).click()
    page.lab.expect_kernel("page.detail._zoom.moving", value=True)
    chart = page.chart("true-positive").locator(".bqplot").first
    plot = chart.bounding_box()
    middle = (plot["x"] + 0.5 * plot["width"], plot["y"] + 0.4 * plot["height"])
    page.page.mouse.move(*middle)
    page.page.mouse.wheel(0, -500)
    page.lab.expect_kernel("len(page.detail.zoom)", 2)
    page.lab.settle()
    first = page.kernel("list(page.detail.zoom)")
    page.page.mouse.down()
    page.page.mouse.move(middle[0] - 0.1 * plot["width"], middle[1], steps=5)
    page.page.mouse.up()
    page.lab.expect_kernel(f"page.detail.zoom[0] > {first[0]}", value=True)
    page.lab.settle()
    ends = page.kernel("list(page.detail.zoom)")
    assert ends[1] > first[1]
    # Both charts end where the mouse has left the one.
    assert page.kernel(
        "[list(c._axis.values(__import__('numpy').array([c._x.min, c._x.max])))"
        " for c in (page.detail._true_positive, page.detail._false_negative)]"
    ) == [pytest.approx(ends), pytest.approx(ends)]
    page.button("reset zoom").click()
    page.lab.expect_kernel("len(page.detail.zoom)", 0)
    # The mouse drags a range again, and no longer moves the chart.
    page.button("select range", exact=False).click()
    page.lab.expect_kernel("page.detail._zoom.moving", value=False)
    expect(chart.locator(".overlay")).to_have_count(1)


def test_a_range_is_one_click_from_filling_the_charts(page):
    page.choose(ends=(0.2, 0.6))
    page.root.get_by_title("Zoom to the chosen range").click()
    page.lab.expect_kernel("list(page.detail.zoom)", [0.2, 0.6])
    page.shows_the_range()
    page.button("reset zoom").click()
    page.lab.expect_kernel("len(page.detail.zoom)", 0)


def test_the_gallery_narrows_sorts_turns_and_opens(page):
    page.choose(ends=(0, 0.5))
    page.shows_the_range()
    page.root.get_by_role("button", name=re.compile(r"^missed \d")).click()
    page.lab.expect_kernel("page.examples.kind", "missed")
    expect(page.tiles.first).to_contain_text("missed")
    page.root.get_by_role("button", name=re.compile(r"^wrong \d")).click()
    page.lab.expect_kernel("page.examples.found.counts['missed']", 0)
    for tile in page.tiles.all():
        expect(tile).to_contain_text(re.compile("wrong class|badly located|duplicate|background"))
    first = page.tiles.first.inner_text()
    page.button("next ▸").last.click()
    page.lab.expect_kernel("page.examples.page", 1)
    expect(page.tiles.first).not_to_have_text(first)
    loaded = "e => e.querySelector('img').complete && e.querySelector('img').naturalWidth"
    assert [tile.evaluate(loaded) for tile in page.tiles.all()] == [288] * 12
    page.tiles.nth(3).get_by_role("button").click()
    expect(page.whole.locator("img")).to_be_visible()
    expect(page.gallery).not_to_be_visible()
    page.lab.expect_kernel("page.examples.opened", 15)
    name = page.kernel(
        "page.examples.evaluation.dataset.images.set_index('image_id').loc["
        "page.examples.found.rows['image_id'].iloc[3], 'file_name']"
    )
    expect(page.whole).to_contain_text(f"16 of {page.kernel('page.examples.found.total'):,}")
    expect(page.whole).to_contain_text(name)
    # From here by keyboard: the focus is on the way back.
    expect(page.whole.get_by_role("button", name="back to all")).to_be_focused()
    page.whole.get_by_role("button", name="next ▸").press("Enter")
    page.lab.expect_kernel("page.examples.opened", 16)
    page.whole.get_by_role("button", name="back to all").press("Enter")
    expect(page.gallery).to_be_visible()
    page.tiles.nth(0).get_by_role("button").press("Enter")
    expect(page.whole.locator("img")).to_be_visible()
    page.whole.get_by_role("button", name="back to all").click()


def test_the_table_and_its_file(page):
    page.choose(ends=(0, 0.5))
    total = page.shows_the_range()
    page.button("table").click()
    rows = page.root.locator("table.eaw-objects tbody tr")
    expect(rows).to_have_count(12)
    expect(page.tiles).to_have_count(0)
    page.export("selected objects (CSV)")
    link = page.root.locator("a.eaw-download[download='objects.csv']")
    with page.page.expect_download() as waiting:
        link.click()
    saved = pd.read_csv(waiting.value.path())
    assert len(saved) == total
    assert saved["id"].tolist() == page.kernel("page.examples.table()['id'].tolist()")


def test_a_worst_range_is_one_click_from_its_objects(page):
    page.button("Missed objects").click()
    page.lab.expect_kernel("page.worst.outcome", "missed")
    sentences = page.kernel(
        "ea.Evaluation(page.panel.evaluation.dataset)"
        ".worst_ranges(6, outcome='missed', settled=True)['sentence'].tolist()"
    )
    worth = r" Mended: at most \+0\.\d{3} mAP\."
    expect(page.worst).to_have_text([re.compile(re.escape(told) + worth) for told in sentences])
    page.worst.first.click()
    row = page.kernel("page.worst.ranges.iloc[0][['metric', 'low', 'high']].tolist()")
    page.lab.expect_kernel("[page.panel.metric, *page.detail.metric_range]", row)
    page.shows_the_range()
    expect(page.chart("false-negative").locator(".eaw-title")).to_contain_text(row[0][:-4])
    expect(page.worst.first).to_have_class(re.compile("eaw-chosen"))
    # The rest of the page turns to missed objects too.
    page.lab.expect_kernel("[page.panel.outcome, page.examples.kind]", ["missed", "missed"])
    bars = page.root.locator(".eaw-importance .eaw-title")
    expect(bars).to_contain_text("what separates missed from found objects")
    errors = page.kernel("int(page.worst.ranges['errors'].iloc[0])")
    expect(page.root).to_contain_text(f"of {errors:,} objects")


def test_the_what_if_slider_changes_the_numbers(page):
    page.choose(ends=(0, 0.5))
    page.button("What to do").click()
    expect(page.root).to_contain_text("none is dropped yet")
    slider = page.root.locator(".noUi-handle").last
    for _ in range(30):
        slider.press("ArrowRight")
    page.lab.expect_kernel("round(page.what_if.min_confidence, 2)", 0.3)
    after = page.effect_matches("[ea.Rule(page.what_if.metric, 0, 0.5, 0.3)]")
    assert after[1][1] > after[1][0]  # precision
    counts = page.kernel(
        "[page.what_if.effect.removed, page.what_if.effect.false_positives_removed,"
        " page.what_if.effect.true_positives_lost]"
    )
    words = r"Removes {1:,} false positives, loses {2:,} true positives: {0:,} of .* dropped"
    expect(page.root).to_contain_text(re.compile(words.format(*counts)))
    page.button("maximize F1").click()
    best = page.kernel(
        "page.panel.evaluation.best_min_confidence(page.what_if.metric, 0, 0.5).f1_after"
    )
    page.lab.expect_kernel("page.what_if.effect.f1_after", best)
    f1 = page.effect.locator("tr", has=page.page.get_by_role("rowheader", name="F1"))
    expect(f1).to_contain_text(f"{best:.3f}")
    assert best > after[3][1] - 1e-12
    exact = "page.panel.evaluation.best_min_confidence(page.what_if.metric, 0, 0.5).rule"
    page.lab.settle()  # the slider may send its own rounding back, which must change nothing
    assert page.kernel(f"page.what_if.rule == {exact}")


def test_rules_are_kept_and_their_exports_load(page):
    page.choose(ends=(0, 0.5))
    page.button("What to do").click()
    page.button("maximize F1").click()
    page.button("add rule").click()
    page.lab.expect_kernel("len(page.what_if.rules)", 1)
    page.choose("Sharpness (P)", ends=(0, 0.01))
    page.root.get_by_label("drop the whole range").check()
    page.lab.expect_kernel("page.what_if.min_confidence", None)
    page.button("add rule").click()
    page.lab.expect_kernel("len(page.what_if.rules)", 2)
    page.effect_matches("page.what_if.rules")
    areas = page.root.locator(".eaw-code textarea")
    expect(areas.first).to_have_value(re.compile("Sharpness"))
    text = areas.nth(0).input_value()
    assert page.kernel(f"ea.Rule.list_from_json({text!r}) == list(page.what_if.rules)")
    with page.page.expect_download() as waiting:
        page.root.locator("a.eaw-download[download='rules.json']").click()
    assert json.loads(waiting.value.path().read_text()) == json.loads(text)
    code = areas.nth(1).input_value()
    page.lab.kernel.run(f"predictions = page.panel.evaluation.dataset.predictions\n{code}")
    left = page.kernel("len(predictions)")
    total = page.kernel("len(page.panel.evaluation.dataset.predictions)")
    assert total - left == page.kernel("page.what_if.effect.removed") > 0
    fresh = page.kernel(
        "(lambda d: ea.Evaluation(ea.Dataset.from_frames(d.images, d.labels, predictions))"
        ".scores().mean_average_precision)(page.panel.evaluation.dataset)"
    )
    assert page.kernel("page.what_if.effect.after.mean_average_precision") == pytest.approx(fresh)
    page.button("remove").first.click()
    page.lab.expect_kernel("len(page.what_if.rules)", 1)


SAVED = [
    ("importance", ("importance",), ("importance (0 to 1)",)),
    ("curves", ("true-positive-rate", "false-negative-rate"), ("precision", "missed rate")),
]


@pytest.mark.parametrize(("numbers", "charts", "phrases"), SAVED)
def test_charts_and_numbers_are_saved_as_files_that_open(page, numbers, charts, phrases):
    page.choose(ends=(0, 0.5))
    part = {"importance": "ranking"}.get(numbers, numbers)
    saved = {}
    files = [f"{chart}.{kind}" for kind in ("png", "svg") for chart in charts]
    page.page.on("download", lambda file: saved.update({file.suggested_filename: file}))
    for kind in ("PNG", "SVG"):
        page.export(f"{part} ({kind})")
    for _ in files:
        if len(saved) < len(files):
            page.page.wait_for_event("download")
    assert sorted(saved) == sorted(files)
    for name, file in saved.items():
        if name.endswith("png"):
            picture = Image.open(file.path())
            assert picture.width > 500
            assert len(picture.convert("RGB").getcolors(1 << 20)) > 50
        else:
            drawing = ET.parse(file.path())  # noqa: S314  # our own
            words = [element.text or "" for element in drawing.iter() if "text" in element.tag]
            assert any(phrase in told for phrase in phrases for told in words)
            assert any(METRIC[:-4] in told for told in words)
            # Else every text would be drawn with no colour at all.
            assert "--jp-ui-font-color2:" in file.path().read_text()
    page.export(f"{part} (CSV)")
    with page.page.expect_download() as waiting:
        page.root.locator(f"a.eaw-download[download='{numbers}.csv']").click()
    table = pd.read_csv(waiting.value.path())
    if numbers == "curves":
        shown = page.kernel("page.detail.curve.labels['rate'].tolist()")
        assert table.loc[table["of"] == "labels", "rate"].tolist() == pytest.approx(shown)
    else:
        shown = page.kernel("page.panel.importance['importance'].tolist()")
        assert table["importance"].tolist() == pytest.approx(shown)


CUT = """root => [
    ...[...root.querySelectorAll('.bqplot text')].filter(text => {
        const figure = text.closest('.bqplot').getBoundingClientRect();
        const box = text.getBoundingClientRect();
        return box.width && (box.left < figure.left - 1 || box.right > figure.right + 1
            || box.top < figure.top - 1 || box.bottom > figure.bottom + 1);
    }).map(text => text.textContent),
    ...[...root.querySelectorAll('button, textarea')].filter(element =>
        element.scrollWidth > element.clientWidth + 1
        || element.scrollHeight > element.clientHeight + 2
    ).map(element => element.value || element.textContent),
]"""
"""What does not fit where it stands."""


@pytest.mark.parametrize("width", [700, 1280, 1920])
def test_nothing_is_cut(page, width):
    page.lab.kernel.run(
        "import pandas as pd\n"
        "before = page.panel.evaluation\n"
        "d = before.dataset\n"
        "named = {'A very long name of a metric ' * 4: d.predictions['Sharpness']}\n"
        "page.panel.evaluation = ea.Evaluation(\n"
        "    ea.Dataset.from_frames(d.images, d.labels, d.predictions.assign(**named)))\n"
    )
    try:
        page.page.set_viewport_size({"width": width, "height": 3200})
        long = page.kernel("next(m for m in page.panel.importance.index if 'very long' in m)")
        page.choose(long, (0, 1000))
        page.lab.kernel.run(
            "page.panel.all_metrics = True\n"
            "page.what_if.rules = tuple(ea.Rule(page.detail.metric, 0, n, 0.1) for n in (1, 2))\n"
        )
        for tab, shown in (
            ("What to do", page.button("remove").nth(1)),
            ("By IoU", page.chart("sweep").locator(".eaw-legend", has_text="(P)")),
            ("Classes", page.chart("class-precision")),
        ):
            page.button(tab).click()
            expect(shown).to_be_visible()
            page.lab.settle()
            assert page.root.evaluate(CUT) == []
    finally:
        page.lab.kernel.run("page.panel.evaluation = before\npage.panel.all_metrics = False\n")
        page.page.set_viewport_size({"width": 1280, "height": 3200})


def test_each_class_has_a_tab_and_a_click_picks_one(page):
    page.button("Classes").click()
    page.lab.expect_kernel("page.per_class.opened", value=True)
    chart = page.chart("class-precision")
    names = page.kernel("page.per_class._rows")
    expect(chart.locator(".bar")).to_have_count(2 * len(names))
    chart.locator(".bar").nth(len(names)).click()
    page.page.mouse.move(0, 0)
    page.lab.expect_kernel("list(page.panel.classes)", [names[0]])
    expect(page.root).to_contain_text("1 of 10 classes")
    expect(page.chart("precision-recall").locator(".eaw-legend")).to_contain_text(names[0])
    expect(page.chart("precision-recall").locator(".eaw-legend > div")).to_have_count(1)
    chart.locator(".bar").nth(len(names)).click()
    page.page.mouse.move(0, 0)
    page.lab.expect_kernel("list(page.panel.classes)", [])
    page.button("Examples").click()
    page.lab.expect_kernel("page.per_class.opened", value=False)


def test_a_cell_that_runs_again_leaks_nothing(opened):
    lab, count = opened, "len(__import__('ipywidgets').widgets.widget._instances)"
    lab.run_all()
    widgets = lab.kernel_eval(count)
    assert widgets > 100
    lab.run_all()
    lab.run_all()
    # What appears once the choices rest may be there or not; a page that stayed would be hundreds.
    assert abs(lab.kernel_eval(count) - widgets) < widgets / 10
    Explorer(lab).click_row(1)
    lab.expect_kernel("page.detail.metric == page.panel._ranking.table.index[1]", value=True)
    lab.assert_clean()


CATEGORIES = """
import numpy as np
import pandas as pd
import ea_widgets as ea
image, column = np.divmod(np.arange(300), 10)
images = pd.DataFrame({"image_id": np.arange(30), "width": 1_000, "height": 90})
images["weather"] = np.repeat(["clear sky", "rain", "night"], [15, 10, 5])
labels = pd.DataFrame({"image_id": image, "class_name": "a", "x": column * 100.0, "y": 0.0})
labels = labels.assign(width=50.0, height=50.0)
wrong = np.arange(300) % 3 == 0
wrong |= images["weather"].to_numpy()[image] == "night"
found = labels.assign(x=labels["x"] + 50 * wrong, confidence=np.linspace(0, 1, 300))
dataset = ea.Dataset.from_frames(images, labels, found)
page = ea.explore(dataset, metric="weather (F)", confidence_threshold=0)
page.examples.kind = "all"
"""


def test_a_click_above_the_bar_of_a_category_toggles_it_and_a_name_can_be_typed(lab):
    page = Page(lab.open([CATEGORIES, "page"]).run_all())
    chart = page.chart("true-positive")
    chart.scroll_into_view_if_needed()
    columns = chart.locator(".bar")
    expect(columns).to_have_count(3)
    box = columns.nth(2).bounding_box()
    # The precision at night is 0: no bar is drawn, and its column takes the click all the same.
    page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 10)
    lab.expect_kernel("sorted(page.detail.metric_range)", ["night"])
    expect(page.root.locator("button.eaw-chip", has_text="night")).to_be_visible()
    total = page.kernel("page.examples.table().shape[0]")
    assert total == 100
    field = page.root.get_by_placeholder("add a category")
    field.fill("rain")
    field.press("Enter")
    lab.expect_kernel("sorted(page.detail.metric_range)", ["night", "rain"])
    expect(field).to_have_value("")
    page.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 5)
    lab.expect_kernel("sorted(page.detail.metric_range)", ["rain"])
    labels = chart.locator(".axis .tick text", has_text="(").all_text_contents()
    assert labels == ["clear sky (150)", "rain (100)", "night (50)"]
    lab.assert_clean()


def test_a_range_becomes_a_filter_that_a_click_removes(page):
    """The numbers of a fresh evaluation of the slice, and those of everything again."""
    page.choose(ends=(0, 0.5))
    shown = page.root.locator(".eaw-readouts").first
    whole = page.kernel("page.evaluation.at().scores().true_positives")
    expect(shown).to_contain_text(f"TP{whole:,}")
    page.button("use as filter", exact=False).click()
    page.lab.expect_kernel("str(page.where)", "Object Area - Relative 0 to 0.5")
    part = page.kernel(
        "ea.Evaluation(page.evaluation.dataset)"
        ".at(where=ea.where('Object Area - Relative', 0, 0.5)).scores().true_positives"
    )
    assert part < whole
    expect(shown).to_contain_text(f"TP{part:,}")
    expect(page.gallery).to_be_hidden()  # the range is the filter now
    page.root.locator("button.eaw-chip", has_text="Object Area - Relative from 0 to").click()
    page.lab.expect_kernel("page.where is None", value=True)
    expect(shown).to_contain_text(f"TP{whole:,}")
