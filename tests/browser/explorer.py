"""The explorer on a page, as a person sees it; `page` is its name in the kernel."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import expect

from ea_widgets.widgets.charts.bars import ROW_HEIGHT

SCORES = {
    "mAP": "{:.3f}",
    "mAR": "{:.3f}",
    "precision": "{:.1%}",
    "recall": "{:.1%}",
    "F1": "{:.3f}",
}
COUNTS = ("TP", "FP", "FN")
FIELDS = (
    "mean_average_precision",
    "mean_average_recall",
    "precision",
    "recall",
    "f1",
    "true_positives",
    "false_positives",
    "false_negatives",
)


class Explorer:
    """The explorer on a page, as a person sees it."""

    def __init__(self, lab):
        self.lab = lab
        self.page = lab.page
        self.root = lab.page.locator(".jp-OutputArea-output:has(.eaw-importance)").first

    def chart(self, name):
        return self.root.locator(f".eaw-{name}")

    def rows(self, name):
        """The rows of a bar chart: bars first, then the rectangles that take the mouse."""
        bars = self.chart(name).locator(".bar")
        # A cell is done in the kernel before the page has drawn what it shows; and bqplot draws
        # nothing that is out of sight, where JupyterLab may have scrolled to.
        self.chart(name).scroll_into_view_if_needed()
        expect(bars).not_to_have_count(0)
        return bars, bars.count() // 2

    def widths(self, name):
        bars, count = self.rows(name)
        return [float(bars.nth(i).get_attribute("width")) for i in range(count)]

    def click_row(self, index):
        # What appears once the choices rest moves the page under the mouse of a fast clicker.
        self.lab.expect_kernel("page.panel.settled is not None", value=True)
        self.at_rest("importance")
        bars, count = self.rows("importance")
        bars.nth(count + index).click()
        self.page.mouse.move(0, 0)

    def at_rest(self, name):
        """Wait until the rows are as many and as high as the kernel says."""
        self.chart(name).scroll_into_view_if_needed()
        chart = f"page.panel._{name}_chart"
        rows = self.kernel(f"len({chart}.rows.names)")
        expect(self.chart(name).locator(".bar")).to_have_count(2 * rows)
        self.page.wait_for_function(
            "([chart, rows, height]) => {"
            " const bar = [...chart.querySelectorAll('.bar')][rows];"
            " return Math.abs(bar.getBoundingClientRect().height - height) < 2; }",
            arg=[self.chart(name).element_handle(), rows, ROW_HEIGHT],
        )

    def choose_metric(self, name):
        """Type the name of a metric into the field, by keyboard."""
        field = self.root.locator(".eaw-name input:visible").last
        field.fill(name)
        field.press("Enter")

    def open_classes(self):
        """Unfold the list of classes, where it is folded, by keyboard."""
        if self.root.get_by_placeholder("search classes").is_hidden():
            self.root.get_by_role("button", name="choose").first.press("Enter")

    def line(self, name):
        """The path of the line of all classes together."""
        return self.chart(name).evaluate(
            "chart => [...chart.querySelectorAll('path.line')].map(p => p.getAttribute('d'))"
        )

    def readouts(self):
        cells = self.root.locator(".eaw-readouts > div:has(b)")
        words = cells.all_text_contents()
        return dict(re.match(r"(F1|[A-Za-z]+)(.*)", word).groups() for word in words)

    def kernel(self, expression):
        return self.lab.kernel_eval(expression)

    def settled_on(self, arguments):
        """Wait until the page shows the scores of a choice, asked of the evaluation afresh."""
        found = self.kernel(
            f"(lambda s: [getattr(s, f) for f in {FIELDS!r}])(fresh.scores({arguments}))"
        )
        expected = {
            name: form.format(value).replace("%", " %")
            for (name, form), value in zip(SCORES.items(), found, strict=False)
        }
        expected |= {n: f"{v:,}" for n, v in zip(COUNTS, found[len(SCORES) :], strict=True)}
        shown = self.root.locator(".eaw-readouts")
        for name, value in expected.items():
            expect(shown).to_contain_text(f"{name}{value}")
        assert self.readouts() == expected

    def bars_match(self, arguments):
        """Assert that the bars are as long as a fresh evaluation says."""
        self.rows("importance")
        rows = f"fresh.importance({arguments}).loc[page.panel._ranking.table.index]"
        shares = self.kernel(f"{rows}['importance'].tolist()")
        self.page.wait_for_function(
            "([chart, shares]) => {"
            " const bars = [...chart.querySelectorAll('.bar')].slice(0, shares.length);"
            " const widths = bars.map(bar => +bar.getAttribute('width'));"
            " const most = Math.max(...shares);"
            " const unit = widths[shares.indexOf(most)] / most;"
            " return shares.every((s, i) => Math.abs(widths[i] - s * unit) < 1.5); }",
            arg=[self.chart("importance").element_handle(), shares],
        )

    def curve_matches(self, arguments, side="predictions", name="true-positive"):
        """Assert that the points stand as high as a fresh evaluation says."""
        rates = self.kernel(f"fresh.curve({arguments}).{side}['rate'].tolist()")
        n = self.kernel(f"fresh.curve({arguments}).{side}['n'].tolist()")
        solid = [r for r, c in zip(rates, n, strict=True) if c >= 20]
        hollow = [r for r, c in zip(rates, n, strict=True) if c < 20]
        expected = np.array([*solid, *hollow, *rates])  # the points, the hollow ones, the mouse's
        # y axis from 1.02 at the top to -0.02 at the bottom: a straight line from rate to pixel.
        self.page.wait_for_function(
            "([chart, rates]) => {"
            " const y = [...chart.querySelectorAll('.object_grp')].map("
            "  g => new DOMMatrix(getComputedStyle(g).transform).m42);"
            " if (y.length !== rates.length) return false;"
            " const hi = rates.indexOf(Math.max(...rates)), lo = rates.indexOf(Math.min(...rates));"
            " const unit = (y[lo] - y[hi]) / (rates[hi] - rates[lo]);"
            " return unit > 0 && rates.every("
            "  (r, i) => Math.abs(y[hi] + (rates[hi] - r) * unit - y[i]) < 1); }",
            arg=[self.chart(name).element_handle(), expected.tolist()],
        )
