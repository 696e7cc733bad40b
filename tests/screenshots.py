"""Photograph the notebooks in a real JupyterLab: ``make screenshots``.

Every notebook is run in both themes and at three widths; the pictures are for looking at, and go
to ``test-results/screenshots/``. ``docs/before_and_after.png`` is made from the
quickstart as well; ``python -m tests.screenshots --picture`` makes only that.
"""

from __future__ import annotations

import argparse
import io
import itertools
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.browser.lab import Lab
from tests.browser.server import THEMES, JupyterServer

if TYPE_CHECKING:
    from playwright.sync_api import Locator

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
BEFORE_AND_AFTER = ROOT / "docs" / "before_and_after.png"
LIGHT_1280 = ("light", 1280)
WIDTHS = (900, 1280, 1920)
GAP = 14
HEIGHT = 2600  # holds the whole widget: what an inner scroll bar hides is not on a picture
LOWEST_CURVE = 900
"""Below this the figures of a page are no longer those of the curves."""


def part_of(output: Locator, bottom_of: Locator) -> Image.Image:
    """Photograph an output from its top to the bottom of the lowest curve."""
    picture = Image.open(io.BytesIO(output.screenshot()))
    top = box_of(output)["y"]
    ends = [box["y"] + box["height"] - top for box in map(box_of, bottom_of.all())]
    return picture.crop((0, 0, picture.width, round(max(e for e in ends if e < LOWEST_CURVE)) + 4))


def box_of(element: Locator) -> dict[str, float]:
    """Where an element is on the page; nowhere where it is not seen."""
    return element.bounding_box() or {"x": 0.0, "y": 0.0, "width": 0.0, "height": 0.0}


def before_and_after(lab: Lab) -> Image.Image:
    """Put the page of the first model above the curves of both."""
    outputs = lab.page.locator(".jp-OutputArea-output:has(.eaw)")
    of_both = outputs.filter(has=lab.page.locator(".eaw-models")).first
    curves = of_both.locator(".eaw-part").filter(has=lab.page.locator(".eaw-missed")).first
    before = part_of(outputs.first, outputs.first.locator(".eaw-figure"))
    after = Image.open(io.BytesIO(curves.screenshot()))
    joined = Image.new("RGB", (before.width, before.height + GAP + after.height), "white")
    joined.paste(before, (0, 0))
    joined.paste(after, (0, before.height + GAP))
    return joined


def photograph(lab: Lab, notebook: Path, folder: Path, name: str) -> list[Path]:
    """Run a notebook and keep a picture of each widget."""
    lab.open(notebook).run_all()
    lab.settle()
    outputs = lab.page.locator(".jp-OutputArea-output:has(.eaw)")
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
    parser.add_argument("--picture", action="store_true", help="only docs/before_and_after.png")
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
            is_picture = notebook.stem == "quickstart" and (theme, width) == LIGHT_1280
            if choices.picture and not is_picture:
                continue
            name = f"{notebook.stem}-{theme}-{width}"
            lab = Lab(server, browser, theme=theme, width=width, height=HEIGHT)
            pictures = photograph(lab, notebook, choices.into, name)
            if is_picture:
                before_and_after(lab).save(BEFORE_AND_AFTER, optimize=True)
                pictures.append(BEFORE_AND_AFTER)
            lab.close()
            print(*pictures, sep="\n")
        browser.close()


if __name__ == "__main__":
    main()
