"""Photograph the notebooks in a real JupyterLab: ``make screenshots``.

Every notebook is run in both themes and at three widths; the pictures are for looking at, and go
to ``test-results/screenshots/``. The README's picture is made from the quickstart as well.
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
README_PICTURE = NOTEBOOKS / "screenshot.png"
README_CHOICE = ("light", 1280)
WIDTHS = (900, 1280, 1920)
HEIGHT = 1700  # holds the whole widget: what an inner scroll bar hides is not on a picture
SECOND_ROW = 1


def click_second_row(page: Locator) -> None:
    """Choose a metric as a person would, by its bar: those on top, over the whole row, react."""
    bars = page.locator(".eaw-figure").first.locator(".bar")
    rows = bars.count() // 2
    bars.nth(rows + SECOND_ROW).click()


def photograph(lab: Lab, notebook: Path, folder: Path, name: str) -> Path | None:
    """Run a notebook, choose a metric in its first widget and keep a picture of each output."""
    lab.open(notebook).run_all()
    lab.settle()
    widgets = lab.page.locator(".jp-OutputArea-child:has(.eaw)")
    if widgets.first.locator(".eaw-figure").count():
        click_second_row(widgets.first)
    lab.page.mouse.move(0, 0)
    first = None
    for number in range(widgets.count()):
        lab.settle()
        picture = folder / f"{name}-{number}.png"
        widgets.nth(number).screenshot(path=picture)
        first = first or picture
    lab.screenshot(folder / f"{name}-page.png")
    lab.assert_clean()
    return first


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
            picture = photograph(lab, notebook, choices.into, name)
            lab.close()
            print(picture or f"{name}: no widget")
            if picture and notebook.stem == "quickstart" and (theme, width) == README_CHOICE:
                README_PICTURE.write_bytes(picture.read_bytes())
                print(README_PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
