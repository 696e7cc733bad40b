"""`python -m tests.benchmarks.browser`: from key press to changed page, in a real JupyterLab.

Our explorer on 500,000 predictions, or on the demo (``--size demo``), beside the same page that is
sent the same messages without anything being computed, and beside a bare panel.
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
START = 0.3

# A do-nothing panel with what ours shows: two charts of 8 bars, two curves, a line of numbers.
FLOOR = """
import bqplot as bq, ipywidgets as w, numpy as np
names = [f"metric {n}" for n in range(8)]
lengths = np.linspace(1, 0, 8)
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
import ea_widgets as ea, ipywidgets as w
data = ea.load_demo() if {size!r} == "demo" else ea.Dataset.from_frames(*generate(SIZES[{size!r}]))
evaluation = ea.Evaluation(data)
view = ea.explore(evaluation)
view.panel.iou_threshold = {start}
view.panel.metric = {metric!r}
sent = dict()
def keep(widget, msg, buffers=None, _send=w.Widget._send):
    sent.setdefault(round(view.panel.iou_threshold, 2), []).append((widget.comm, msg, buffers))
    _send(widget, msg, buffers)
w.Widget._send = keep
view
"""

# The same page, the same charts, the same messages; nothing is computed.
REPLAY = """
slider = view.panel._iou
slider.unobserve_all()
slider.value = {start}
asked = []
def replay(change):
    asked.append(change["new"])
    for comm, msg, buffers in sent.get(round(change["new"], 2), ()):
        comm.send(data=msg, buffers=buffers)
slider.observe(replay, "value")
"""

# Time from the key's own event to the last change of the page that its answer makes: changes
# that follow each other within `quiet` belong together. The settled phase comes later.
WATCH = """
([quiet, most]) => {
    window.answers = [];
    window.watching?.abort();  // the watch before, which would count every key a second time
    window.watching = new AbortController();
    window.answered = () => {};
    // A promise: asking again and again would keep the browser busy with frames.
    window.answer = number => new Promise(resolve => {
        window.answered = () => answers.length > number && resolve();
        window.answered();
    });
    const root = document.querySelector(".jp-OutputArea-output .widget-subarea")
        || document.querySelector(".jp-OutputArea-output");
    document.addEventListener("keydown", event => {
        const start = event.timeStamp;
        let last = null, timer = null;
        const done = () => { observer.disconnect(); clearTimeout(limit);
            answers.push(last); answered(); };
        const observer = new MutationObserver(records => {
            const outside = records.filter(record => {
                const element = record.target.parentElement || record.target;
                return !element.closest?.(".widget-slider");
            });
            if (!outside.length) return;
            last = performance.now() - start;
            clearTimeout(timer);
            timer = setTimeout(done, quiet);
        });
        const limit = setTimeout(done, most);
        observer.observe(root, {subtree: true, childList: true, attributes: true,
            characterData: true});
    }, {capture: true, signal: watching.signal});
}
"""


# What the line of scores said, and when; and when the last key was pressed.
SAID = """
() => {
    const line = document.querySelector(".eaw-readouts").closest(".widget-html-content");
    window.said = [];
    window.pressed = null;
    document.addEventListener("keydown", e => window.pressed = e.timeStamp, {capture: true});
    new MutationObserver(() => said.push([performance.now(), line.textContent]))
        .observe(line, {subtree: true, childList: true, characterData: true});
}
"""


def answer_times(lab, presses):
    """Milliseconds of each answer, on a page whose first slider is the IoU threshold."""
    page = lab.page
    handle = page.locator(".noUi-handle").first
    handle.focus()
    page.evaluate(WATCH, [90, 5000])
    for number in range(presses):
        # Always on: a threshold seen before would be answered from what is kept.
        handle.press("ArrowRight")
        page.evaluate("number => window.answer(number)", number)
    times = page.evaluate("window.answers")
    return [value for value in times if value is not None]


def drag_lag(lab, presses=25):
    """Milliseconds from the last of many fast key presses to the scores of its threshold."""
    page = lab.page
    handle = page.locator(".noUi-handle").first
    handle.press("Home")
    lab.wait_idle()
    handle.focus()
    page.evaluate(SAID)
    for _ in range(presses):
        page.keyboard.press("ArrowRight")
    lab.expect_kernel(f"abs(view.panel.iou_threshold - {presses / 100}) < 1e-9", value=True)
    score = lab.kernel_eval("f'{view.panel.scores.mean_average_precision:.3f}'")
    expect(page.locator(".eaw-readouts").first).to_contain_text(score)
    lab.settle()  # another threshold can have the same score: what is said last must be there
    said, pressed = page.evaluate("[window.said, window.pressed]")
    final = said[-1][1]
    return min(at for at, words in said if words == final) - pressed


def main():
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.benchmarks.browser")
    parser.add_argument("--size", default="500k", choices=["demo", *SIZES])
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

        def median(name, lab):
            answer_times(lab, 5)
            times = answer_times(lab, PRESSES)
            slowest = statistics.quantiles(times, n=20)[-1]
            print(f"{name}: {statistics.median(times):.0f} ms median, {slowest:.0f} ms at 95 %")
            return statistics.median(times)

        bare = Lab(server, browser, height=1400).open([FLOOR]).run_all()
        bare.settle()
        floor = median("a bare panel of 16 bars and two curves", bare)
        bare.close()
        metric = "Object Area - Relative (P)" if size == "demo" else "object metric 0 (P)"
        ours = OURS.format(root=str(ROOT), size=size, start=START, metric=metric)
        lab = Lab(server, browser, height=1400).open([ours]).run_all()
        lab.settle()
        moved = median(f"ea.explore on {size}", lab)
        lag = drag_lag(lab)
        lab.kernel.run(REPLAY.format(start=START))
        lab.settle()
        replayed = median("the same page, which computes nothing", lab)
        if lab.kernel_eval("len(asked)") < PRESSES:
            sys.exit("the page that computes nothing was not asked")
        print(f"ratio to the same page: {moved / replayed:.2f}, to the bare panel: ", end="")
        print(f"{moved / floor:.2f}")
        print(f"after a fast drag the scores are the last ones within {lag:.0f} ms")
        lab.close()
        browser.close()


if __name__ == "__main__":
    main()
