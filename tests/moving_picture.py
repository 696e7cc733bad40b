"""The README's moving picture, from a real JupyterLab: ``make picture``.

The page of the demo is opened, a bar is clicked and the IoU slider moved, by mouse and keyboard as
a person would; what the page shows is the picture. Its frames become one small file.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from tests.browser import chromium
from tests.browser.explorer import Explorer
from tests.browser.lab import Lab
from tests.browser.server import JupyterServer

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "click.webp"
CELLS = ["import ea_widgets as ea\n\npage = ea.explore(ea.load_demo())\npage"]
WIDTH, HEIGHT = 1280, 800
SHOWN = 960
"""Pixels across in the README."""

METRIC = "Object Area - Relative"
"""Whose bar is clicked; if it is not among those shown, the second."""

STILL_MS, STEP_MS = 1600, 90
PATIENCE_MS = 120_000
CURSOR = """
() => {
    const arrow = document.createElement("div");
    arrow.id = "cursor";
    arrow.style = "position: fixed; z-index: 99999; pointer-events: none; left: 0; top: 0";
    arrow.innerHTML = '<svg width="30" height="30" viewBox="0 0 20 20"><path d="M1 1 L1 15 L5 11.5'
        + ' L8 18 L11 16.7 L8 10.5 L13.5 10.5 Z" fill="black" stroke="white"/></svg>';
    document.body.append(arrow);
}
"""
MOVE_CURSOR = """
([x, y]) => { document.getElementById("cursor").style.transform = `translate(${x}px, ${y}px)`; }
"""


class Film:
    """Frames of a page, with how long each is shown."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.frames: list[Image.Image] = []
        self.milliseconds: list[int] = []
        self.at = (WIDTH * 0.6, HEIGHT * 0.8)
        lab.page.evaluate(CURSOR)
        lab.page.evaluate(MOVE_CURSOR, self.at)

    def shoot(self, milliseconds: int) -> None:
        """Add what the page shows now."""
        picture = Image.open(io.BytesIO(self.lab.page.screenshot())).convert("RGB")
        size = (SHOWN, round(SHOWN * picture.height / picture.width))
        self.frames.append(picture.resize(size, Image.Resampling.LANCZOS))
        self.milliseconds.append(milliseconds)

    def go_to(self, x: float, y: float, steps: int = 8) -> None:
        """Move the mouse, and the cursor that a screenshot would not show."""
        (x0, y0), self.at = self.at, (x, y)
        for step in range(1, steps + 1):
            share = step / steps
            here = [x0 + (x - x0) * share, y0 + (y - y0) * share]
            self.lab.page.mouse.move(*here)
            self.lab.page.evaluate(MOVE_CURSOR, here)
            self.shoot(STEP_MS)

    def save(self, path: Path) -> None:
        """Write all frames as one file that plays for ever."""
        whole = io.BytesIO()  # what ends in mid-work leaves the old file
        self.frames[0].save(
            whole,
            format="webp",
            save_all=True,
            append_images=self.frames[1:],
            duration=self.milliseconds,
            loop=0,
            quality=70,
            method=4,
        )
        path.write_bytes(whole.getvalue())


def act(lab: Lab) -> Film:
    """Click the bar of a metric, then raise the IoU that a match needs."""
    expect.set_options(timeout=PATIENCE_MS)
    explorer = Explorer(lab)
    lab.expect_kernel("page.panel.settled is not None", value=True, timeout=PATIENCE_MS)
    explorer.root.evaluate("page => page.scrollIntoView({block: 'start'})")
    explorer.at_rest("importance")
    names = lab.kernel_eval("list(page.panel._importance_chart.rows.names)")
    row = next((at for at, name in enumerate(names) if name.startswith(METRIC)), 1)
    film = Film(lab)
    film.shoot(STILL_MS)
    bar = explorer.rows("importance")[0].nth(len(names) + row).bounding_box()
    film.go_to(bar["x"] + min(60, bar["width"] / 2), bar["y"] + bar["height"] / 2)
    lab.page.mouse.click(*film.at)
    lab.expect_kernel("page.detail.metric", names[row], timeout=PATIENCE_MS)
    expect(explorer.chart("true-positive").locator(".eaw-title")).to_contain_text(names[row][:-4])
    lab.settle()
    film.shoot(STILL_MS)
    film.go_to(WIDTH * 0.35, HEIGHT * 0.72, steps=4)  # away from what explains the bar
    lab.settle()
    film.shoot(2 * STILL_MS)
    handle = explorer.root.get_by_role("slider").first
    box = handle.bounding_box()
    film.go_to(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    handle.focus()
    for _ in range(10):
        for _ in range(3):
            lab.page.keyboard.press("ArrowRight")
        lab.settle(100)
        box = handle.bounding_box()
        film.go_to(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=1)
    lab.settle()
    film.shoot(2 * STILL_MS)
    lab.assert_clean()
    return film


def main() -> None:
    """Make the picture."""
    browser_path = chromium.find()
    if browser_path is None:
        sys.exit("No Chromium: `make chromium` installs one.")
    with (
        TemporaryDirectory() as folder,
        JupyterServer(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path, args=chromium.flags())
        lab = Lab(server, browser, width=WIDTH, height=HEIGHT)
        act(lab.open(CELLS).run_all()).save(PICTURE)
        lab.close()
        browser.close()
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
