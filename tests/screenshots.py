"""Photograph the notebooks in a real JupyterLab: ``make screenshots``.

Every notebook is run in both themes and at three widths; the pictures are for looking at, and go
to ``test-results/screenshots/``.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.browser.lab import Lab
from tests.browser.server import THEMES, JupyterServer

if TYPE_CHECKING:
    from playwright.sync_api import Locator

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
WIDTHS = (900, 1280, 1920)
HEIGHT = 2600  # holds the whole widget: what an inner scroll bar hides is not on a picture
SECOND_ROW = 1


def click_second_row(output: Locator) -> None:
    """Choose a metric as a person would, by its bar: those on top, over the whole row, react."""
    bars = output.locator(".eaw-figure").first.locator(".bar")
    rows = bars.count() // 2
    bars.nth(rows + SECOND_ROW).click()


def photograph(lab: Lab, notebook: Path, folder: Path, name: str) -> list[Path]:
    """Run a notebook, choose a metric in its first widget and keep a picture of each widget."""
    lab.open(notebook).run_all()
    lab.settle()
    outputs = lab.page.locator(".jp-OutputArea-output:has(.eaw)")
    charts = outputs.filter(has=lab.page.locator(".eaw-figure .bar"))
    if charts.count():
        click_second_row(charts.first)
    lab.page.mouse.move(0, 0)
    pictures = []
    for number in range(outputs.count()):
        lab.settle()
        pictures.append(folder / f"{name}-{number}.png")
        outputs.nth(number).screenshot(path=pictures[-1])
    pictures.append(folder / f"{name}-page.png")
    lab.screenshot(pictures[-1])
    lab.assert_clean()
    return pictures


def main() -> None:
    """Photograph the notebooks that were named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument(
        "notebooks", nargs="*", type=Path, default=sorted(NOTEBOOKS.glob("*.ipynb"))
    )
    parser.add_argument("--into", type=Path, default=ROOT / "test-results" / "screenshots")
    choices = parser.parse_args()
    browser_path = chromium.find()
    if browser_path is None:
        sys.exit("No Chromium: `make chromium` installs one.")
    with (
        TemporaryDirectory() as folder,
        JupyterServer(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path, args=chromium.flags())
        for notebook, theme, width in itertools.product(choices.notebooks, THEMES, WIDTHS):
            name = f"{notebook.stem}-{theme}-{width}"
            lab = Lab(server, browser, theme=theme, width=width, height=HEIGHT)
            pictures = photograph(lab, notebook, choices.into, name)
            lab.close()
            print(*pictures, sep="\n")
        browser.close()


if __name__ == "__main__":
    main()
