"""One real JupyterLab server and one real Chromium for all browser tests.

They end with this folder's last test: Playwright keeps an event loop running in its thread, in
which no later test could start one of its own.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, expect, sync_playwright

from tests.browser import chromium
from tests.browser.lab import STEP_MS, Lab
from tests.browser.server import JupyterServer
from tests.conftest import IN_CI, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

RESULTS = ROOT / "test-results"
HERE = ROOT / "tests" / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as a browser test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def jupyter_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Run one JupyterLab server for all tests."""
    with JupyterServer(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Run one headless Chromium for all tests; its absence is a failure in CI only."""
    path = chromium.find()
    if path is None:
        missing = "no Chromium: `make chromium` installs one"
        if IN_CI:
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=STEP_MS)  # five seconds are too few where two cores are busy
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=chromium.flags())
        yield running
        running.close()


@pytest.fixture(scope="package")
def lab_factory(jupyter_server: JupyterServer, browser: Browser) -> Iterator[Callable[..., Lab]]:
    """Make pages: ``lab_factory(width=900, theme="dark").open(cells).run_all()``.

    Close each by its ``close()`` before the next. Share one over a file's tests by a
    module-scoped fixture: opening JupyterLab and starting a kernel takes seconds.
    """
    made: list[Lab] = []

    def make(**options: object) -> Lab:
        made.append(Lab(jupyter_server, browser, **options))
        return made[-1]

    yield make
    for lab in made:
        lab.close()


@pytest.fixture
def lab(lab_factory: Callable[..., Lab]) -> Iterator[Lab]:
    """A page of 1280 by 1000 pixels in the light theme, for one test."""
    page = lab_factory()
    yield page
    page.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep a picture and the server's log of each page that a failing test used."""
    report = yield
    if report.failed and report.when in {"setup", "call"}:
        pages = [v for v in getattr(item, "funcargs", {}).values() if isinstance(v, Lab)]
        for number, page in enumerate(pages):
            stem = re.sub(r"[^\w.-]+", "_", f"{item.nodeid}-{number}")
            RESULTS.mkdir(exist_ok=True)
            with contextlib.suppress(Error):  # the page may be what failed
                page.screenshot(RESULTS / f"{stem}.png")
            (RESULTS / f"{stem}.log").write_text("\n".join([*page.problems, page.log()]))
    return report
