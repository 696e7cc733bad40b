"""`python -m tests.benchmarks.browser`: from key press to changed page, in a real JupyterLab.

Our explorer on 500,000 predictions beside a panel with the same charts that computes nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.benchmarks.generate import SIZES
from tests.browser import chromium
from tests.browser.lab import Lab
from tests.browser.server import JupyterServer
from tests.conftest import ROOT

PRESSES = 40

# A do-nothing panel with what ours shows: two charts of 30 bars, two curves, a line of numbers.
FLOOR = """
import bqplot as bq, ipywidgets as w, numpy as np
names = [f"metric {n}" for n in range(30)]
lengths = np.linspace(1, 0, 30)
def chart():
    scales = {"x": bq.OrdinalScale(domain=names, reverse=True), "y": bq.LinearScale(min=0, max=1)}
    bars = bq.Bars(x=names, y=lengths, scales=scales, orientation="horizontal")
    axes = [bq.Axis(scale=scales["x"], side="left"), bq.Axis(scale=scales["y"], side="bottom")]
    return bars, bq.Figure(marks=[bars], axes=axes)
def curve():
    scales = {"x": bq.LinearScale(), "y": bq.LinearScale(min=0, max=1)}
    line = bq.Lines(x=np.arange(20.), y=np.linspace(0, 1, 20), scales=scales, marker="circle")
    axes = [bq.Axis(scale=scales["x"]), bq.Axis(scale=scales["y"], side="left")]
    return line, bq.Figure(marks=[line], axes=axes)
(bars, one), (more, two), (line, three), (other, four) = chart(), chart(), curve(), curve()
slider = w.FloatSlider(0.5, min=0, max=1, step=0.01, description="IoU")
scores = w.HTML("mAP 0.500")
def on_move(change):
    scores.value = f"mAP {change['new']:.3f}"
    bars.y = lengths * change["new"]
    more.y = lengths * change["new"]
    line.y = np.linspace(0, change["new"], 20)
    other.y = np.linspace(0, change["new"], 20)
slider.observe(on_move, "value")
view = w.VBox([slider, scores, w.HBox([one, two]), w.HBox([three, four])])
view
"""

OURS = """
import sys
sys.path.insert(0, {root!r})
from tests.benchmarks.generate import SIZES, generate
import ea_widgets as ea
evaluation = ea.Evaluation(ea.Dataset.from_frames(*generate(SIZES[{size!r}])))
view = ea.explore(evaluation)
view.panel.metric = "object metric 0 (P)"
view
"""

# Time from the key's own event to the last change of the page that its answer makes: changes
# that follow each other within `quiet` belong together. The settled phase comes later.
WATCH = """
([quiet, most]) => {
    window.answers = [];
    const root = document.querySelector(".jp-OutputArea-output .widget-subarea")
        || document.querySelector(".jp-OutputArea-output");
    document.addEventListener("keydown", event => {
        const start = event.timeStamp;
        let last = null, timer = null;
        const done = () => { observer.disconnect(); clearTimeout(limit); answers.push(last); };
        const observer = new MutationObserver(records => {
            const outside = records.filter(record => {
                const element = record.target.parentElement || record.target;
                return !element.closest?.(".noUi-base, .widget-readout");
            });
            if (!outside.length) return;
            last = performance.now() - start;
            clearTimeout(timer);
            timer = setTimeout(done, quiet);
        });
        const limit = setTimeout(done, most);
        observer.observe(root, {subtree: true, childList: true, attributes: true,
            characterData: true});
    }, {capture: true});
}
"""


def answer_times(lab, presses):
    """Milliseconds of each answer, on a page whose first slider is the IoU threshold."""
    page = lab.page
    handle = page.locator(".noUi-handle").first
    handle.focus()
    page.evaluate(WATCH, [90, 5000])
    for number in range(presses):
        handle.press("ArrowRight" if number % 20 < 10 else "ArrowLeft")
        page.wait_for_function("count => window.answers.length > count", arg=number, timeout=10_000)
    times = page.evaluate("window.answers")
    return [value for value in times if value is not None]


def drag_lag(lab, presses=25):
    """Milliseconds from the last of many fast key presses to the page that shows its value."""
    page = lab.page
    handle = page.locator(".noUi-handle").first
    handle.press("Home")
    lab.wait_idle()
    handle.focus()
    for _ in range(presses - 1):
        page.keyboard.press("ArrowRight")
    start = page.evaluate("performance.now()")
    page.keyboard.press("ArrowRight")
    wanted = presses / 100
    lab.expect_kernel(f"abs(view.panel.iou_threshold - {wanted}) < 1e-9", value=True)
    score = lab.kernel_eval("f'{view.panel.scores.mean_average_precision:.3f}'")
    expect(page.locator(".jp-OutputArea").first).to_contain_text(score)
    return page.evaluate("performance.now()") - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.benchmarks.browser")
    parser.add_argument("--size", default="500k", choices=list(SIZES))
    size = parser.parse_args().size
    path = chromium.find()
    if path is None:
        sys.exit("no Chromium: `make chromium` installs one")
    with (
        tempfile.TemporaryDirectory() as folder,
        JupyterServer(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=chromium.flags())
        medians = {}
        for name, source in (
            ("a panel that does nothing", FLOOR),
            (f"ea.explore on {size}", OURS.format(root=str(ROOT), size=size)),
        ):
            lab = Lab(server, browser, height=1400).open([source]).run_all()
            lab.settle()
            answer_times(lab, 5)
            times = answer_times(lab, PRESSES)
            medians[name] = statistics.median(times)
            slowest = statistics.quantiles(times, n=20)[-1]
            print(f"{name}: {medians[name]:.0f} ms median, {slowest:.0f} ms at 95 %")
            if source != FLOOR:
                print(f"after a fast drag the last value shows within {drag_lag(lab):.0f} ms")
            lab.close()
        floor, ours = medians.values()
        print(f"ratio: {ours / floor:.2f}")
        browser.close()


if __name__ == "__main__":
    main()
