"""``make soak``: a long life of the page, at the end of which nothing has grown and all is right.

Without a browser: moves of every control, pages that are made and closed, two pages on one
evaluation, interrupts at random moments. In a browser: random acting in JupyterLab, with a restart
of the kernel. ``python -m tests.soak --moves 200 --pages 5 --minutes 0`` is short.
"""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from ipywidgets.widgets.widget import _instances
from playwright.sync_api import Error, sync_playwright

import ea_widgets as ea
from tests.browser import chromium
from tests.browser.lab import Lab
from tests.browser.server import JupyterServer
from tests.fuzz.ask import WrongError, act, look

MEMORY_MB = 60
"""What a soak may leave in memory: caches fill in the first moves, and stay of one size."""

CELL = """import ea_widgets as ea
evaluation = ea.Evaluation(ea.load_demo())
page = ea.explore(evaluation)
page"""

RIGHT = """(lambda e, p: p.scores.to_dict() == e.at(
    p.iou_threshold, p.confidence_threshold, p.classes, p.where
).scores().with_averages_of(
    e.at(p.iou_threshold, None, p.classes, p.where).scores()
).to_dict())(ea.Evaluation(evaluation.dataset), page.panel)"""
"""What the browser's kernel is asked: the same as :func:`check`."""


def check(page: ea.Explorer) -> None:
    """Compare what is on screen with what a new evaluation answers."""
    panel = page.panel
    fresh = ea.Evaluation(page.evaluation.dataset)
    choice = (panel.iou_threshold, panel.confidence_threshold, panel.classes, panel.where)
    # mAP and mAR on the page are of all predictions.
    whole = fresh.at(panel.iou_threshold, None, panel.classes, panel.where).scores()
    wanted = fresh.at(*choice).scores().with_averages_of(whole)
    if panel.scores.to_dict() != wanted.to_dict():
        raise WrongError(f"{choice}: on screen {panel.scores!r}, right is {wanted!r}")
    for part in (page, page.detail, page.worst, page.examples):
        if (part.iou_threshold, part.classes, part.metric) != (
            panel.iou_threshold, panel.classes, panel.metric,
        ):  # fmt: skip
            raise WrongError(f"{type(part).__name__} is apart from the panel")


def state() -> tuple[float, int, int]:
    """Memory in MB, widgets and threads."""
    gc.collect()
    memory = psutil.Process().memory_info().rss / 1e6
    return memory, len(_instances), threading.active_count()


def say(what: str, before: tuple[float, int, int]) -> list[str]:
    """Print what has grown; give what is too much."""
    memory, widgets, threads = (new - old for new, old in zip(state(), before, strict=True))
    print(f"{what}: {memory:+.1f} MB, {widgets:+d} widgets, {threads:+d} threads", flush=True)
    wrong = [f"{what}: {memory:.0f} MB more"] if memory > MEMORY_MB else []
    return wrong + ([f"{what}: {widgets} more widgets, {threads} threads"] if threads > 0 else [])


def moves(count: int, seed: int) -> list[str]:
    """Act on two pages of one evaluation."""
    rng = np.random.default_rng(seed)
    evaluation = ea.Evaluation(ea.load_demo())
    pages = [ea.explore(evaluation, keep=True) for _ in range(2)]
    before = state()
    for number in range(count):
        page = pages[int(rng.integers(2))]
        said = act(rng, page)
        if number == min(count // 10, 500):
            before = state()  # the caches are full
        if number % 100 == 0:
            look(page, said)
            for one in pages:
                check(one)
    wrong = say(f"{count:,} moves on two pages", before)
    for page in pages:
        page.close()
    return wrong


def recreations(count: int) -> list[str]:
    """Make pages and close them."""
    evaluation = ea.Evaluation(ea.load_demo())
    ea.explore(evaluation).close()
    before = state()
    for _ in range(count):
        ea.explore(evaluation).close()
    wrong = say(f"{count:,} pages made and closed", before)
    left = len(_instances) - before[1]
    return [*wrong, f"{left} widgets of closed pages are left"] if left > 5 else wrong


def interrupts(count: int, seed: int) -> list[str]:
    """Interrupt moves at random moments: the screen is right, or says that it is not."""
    chance = np.random.default_rng(seed)
    page = ea.explore(ea.Evaluation(ea.load_demo()))
    wrong = []
    for _ in range(count):
        share = round(chance.random(), 2)
        timer = threading.Timer(chance.random() * 0.05, signal.raise_signal, args=(signal.SIGINT,))
        timer.start()
        try:
            page.panel.iou_threshold = share
            timer.join()
            time.sleep(0.001)
        except KeyboardInterrupt:
            pass
        timer.join()
        shown = page.panel._message.layout.display != "none"
        if not shown:
            try:
                check(page)
            except WrongError as error:
                wrong.append(str(error))
    page.panel.iou_threshold = 0.123
    page.panel.iou_threshold = 0.5
    check(page)
    page.close()
    print(f"{count:,} interrupts: {len(wrong)} wrong screens", flush=True)
    return wrong[:3]


def in_browser(minutes: float, seed: int) -> list[str]:
    """Act at random in JupyterLab, restart the kernel, and act again."""
    chance = np.random.default_rng(seed)
    acts = 0
    with (
        TemporaryDirectory() as folder,
        JupyterServer(Path(folder)) as server,
        sync_playwright() as p,
    ):
        browser = p.chromium.launch(executable_path=chromium.find(), args=chromium.flags())
        lab = Lab(server, browser)
        lab.open([CELL, CELL.replace("page", "other").replace("import ea_widgets as ea\n", "")])
        for _ in range(2):
            lab.run_all()
            end = time.monotonic() + minutes * 30
            while time.monotonic() < end:
                shown = lab.page.locator(".eaw button:visible, .eaw input:visible, .eaw .bar")
                one = shown.nth(int(chance.integers(max(shown.count(), 1))))
                try:
                    one.click(timeout=2_000)
                    one.press(str(chance.choice(["ArrowRight", "ArrowLeft", "Tab", "Space"])))
                except Error:
                    continue  # it went away or is covered: nobody could have clicked it
                acts += 1
            lab.settle()
            if "could not be shown" in lab.page.inner_text("body"):
                return ["an error is on the page"]
            lab.expect_kernel(RIGHT, value=True)
        complaints = lab.complaints()
        lab.close()
        browser.close()
    print(f"{minutes:g} minutes in a browser: {acts:,} acts, {len(complaints)} complaints")
    return complaints


def main() -> int:
    """Run all parts; 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--interrupts", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    wrong = moves(options.moves, options.seed) + recreations(options.pages)
    wrong += interrupts(options.interrupts, options.seed)
    if options.minutes:
        wrong += in_browser(options.minutes, options.seed)
    print("\n".join(wrong) or "nothing is wrong")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
