"""A notebook in a real JupyterLab page: what a person can do there, and what must not go wrong."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import nbformat
from playwright.sync_api import expect

from tests.browser.kernel import Kernel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response

    from tests.browser.server import JupyterServer

OPEN_MS = 120_000
RUN_MS = 300_000
STEP_MS = 15_000
POLL_MS = 50

QUIET = """
quiet => new Promise(resolve => {
    const done = () => { observer.disconnect(); resolve(); };
    let timer = setTimeout(done, quiet);
    const observer = new MutationObserver(() => {
        clearTimeout(timer);
        timer = setTimeout(done, quiet);
    });
    observer.observe(document.querySelector(".jp-Notebook"),
        {subtree: true, childList: true, attributes: true, characterData: true});
})
"""

LOG_ERROR = re.compile(r"^(\[E |.*\bERROR\b|Traceback|\w*(Error|Exception)\b)", re.MULTILINE)


def choose_in_menu(page: Page, menu: str, entry: str) -> None:
    """Choose an entry of the menu of JupyterLab or Notebook 7 whose name begins so."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=re.compile(f"^{re.escape(entry)}")).first.click()


class Lab:
    """One browser page on one notebook, in JupyterLab's single-document mode.

    Attributes
    ----------
    page : Page
        Playwright's page, for locators and `expect`.
    problems : list of str
        Console errors, uncaught exceptions, failed and foreign requests, in order.
    """

    def __init__(
        self,
        server: JupyterServer,
        browser: Browser,
        *,
        width: int = 1280,
        height: int = 1000,
        theme: str = "light",
    ) -> None:
        self.server = server
        self.problems: list[str] = []
        self.path = ""
        self._theme = theme
        self._log_start = len(server.log())
        self._kernel: Kernel | None = None
        self._closed = False
        self._context = browser.new_context(viewport={"width": width, "height": height})
        self._context.set_default_timeout(STEP_MS)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("requestfailed", self._on_request_failed)
        self.page.on("response", self._on_response)

    # What happens in the page ---------------------------------------------------------------

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname != "127.0.0.1":
            self.problems.append(f"left the machine: {request.url}")

    def _on_request_failed(self, request: Request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # the page itself changed its mind
            self.problems.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.request.method} {response.url}")

    # Opening and running --------------------------------------------------------------------

    def open(self, notebook: Path | Sequence[str], *, simple: bool = True) -> Lab:
        """Open a notebook and wait for its kernel.

        Parameters
        ----------
        notebook : Path or sequence of str
            An existing notebook, of which a copy is opened, or the source of one code cell each.
        simple : bool
            Whether to open it in single-document mode.
        """
        self.path = f"{uuid4().hex[:8]}.ipynb"
        target = self.server.root / self.path
        if isinstance(notebook, Path):
            shutil.copyfile(notebook, target)
        else:
            cells = [nbformat.v4.new_code_cell(source) for source in notebook]
            kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(
                nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), target
            )
        self.server.set_theme(self._theme)
        mode = "doc" if simple else "lab"
        # A workspace of its own: no other notebook is restored beside this one.
        self.page.goto(
            f"{self.server.url}/{mode}/workspaces/{target.stem}/tree/{self.path}"
            f"?token={self.server.token}",
            timeout=OPEN_MS,
        )
        expect(self.page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=OPEN_MS)
        # JupyterLab adds the cells of a long notebook bit by bit.
        cells = nbformat.read(target, as_version=4).cells
        expect(self.page.locator(".jp-CodeCell")).to_have_count(
            sum(cell.cell_type == "code" for cell in cells), timeout=OPEN_MS
        )
        expect(self.page.locator("body")).to_have_attribute(
            "data-jp-theme-light", "true" if self._theme == "light" else "false"
        )
        self.wait_idle(OPEN_MS)
        self._kernel = Kernel(self.server.connection_file(self.path))
        return self

    def wait_idle(self, timeout: float = RUN_MS) -> None:
        """Wait until the page shows an idle kernel."""
        # The indicator in the toolbar says "idle" already while the kernel starts.
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=timeout)

    def run_all(self, timeout: float = RUN_MS) -> Lab:
        """Run every cell through JupyterLab's menu and wait for the last of them."""
        prompts = self.page.locator(".jp-CodeCell .jp-InputPrompt")
        before = [text.strip(" []:*") or "none" for text in prompts.all_inner_texts()]
        self.menu("Run", "Run All Cells")
        # A cell that ran before keeps its number until the kernel takes it up again.
        done = [re.compile(rf"^\[(?!{number}\])\d+\]:$") for number in before]
        expect(prompts).to_have_text(done, timeout=timeout)
        self.wait_idle(timeout)
        expect(
            self.page.locator("[data-mime-type='application/vnd.jupyter.stderr']")
        ).to_have_count(0)
        return self

    def menu(self, menu: str, entry: str) -> None:
        """Choose an entry of JupyterLab's menu."""
        choose_in_menu(self.page, menu, entry)

    def settle(self, quiet_ms: int = 500) -> None:
        """Wait until nothing in the notebook has changed for a while: for pictures, not tests."""
        self.wait_idle()
        self.page.evaluate(QUIET, quiet_ms)

    def output(self, cell: int) -> Locator:
        """Return the output area of the n-th code cell, from 0."""
        return self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-Cell-outputArea")

    @property
    def _alerts(self) -> Locator:
        """What a widget shows of an error in its own callbacks."""
        return self.page.locator(".jp-OutputArea [role='alert']").locator("visible=true")

    # The kernel's side ----------------------------------------------------------------------

    @property
    def kernel(self) -> Kernel:
        """The kernel that this page uses."""
        assert self._kernel is not None, "open a notebook first"
        return self._kernel

    def kernel_eval(self, expression: str) -> Any:
        """Return the value of an expression in the page's kernel, as plain JSON types.

        Waits for the page's messages that the kernel has received; after an action in the page,
        first `expect` what it shows, or use `expect_kernel`.
        """
        return self.kernel.evaluate(expression)

    def expect_kernel(self, expression: str, value: Any, timeout: float = STEP_MS) -> None:
        """Wait until an expression in the kernel has this value; fail with the last one."""
        clock = self.page.evaluate("performance.now()")
        while True:
            found = self.kernel_eval(expression)
            if found == value:
                return
            if self.page.evaluate("performance.now()") - clock > timeout:
                raise AssertionError(f"{expression} is {found!r}, not {value!r}")
            # Questions without a rest would take the kernel's time from what is waited for.
            self.page.wait_for_timeout(POLL_MS)

    # The end --------------------------------------------------------------------------------

    def log(self) -> str:
        """What server and kernel have printed since this page was made."""
        return self.server.log()[self._log_start :]

    def complaints(self) -> list[str]:
        """List every error that page, kernel and server have met so far."""
        self.kernel.catch_up()
        self.page.evaluate("null")  # lets pending events of the page arrive
        log = self.log()
        return [
            *self.problems,
            *(f"shown: {text}" for text in self._alerts.all_inner_texts()),
            *(f"kernel: {error}" for error in self.kernel.errors),
            *(f"stderr: {text}" for text in self.kernel.stderr),
            *([f"log: {log}"] if LOG_ERROR.search(log) else []),
        ]

    def assert_clean(self) -> None:
        """Assert that neither the page, the kernel nor the server has met an error so far."""
        complaints = self.complaints()
        if complaints:
            raise AssertionError("\n".join(complaints))

    def screenshot(self, path: Path) -> None:
        """Write what the page shows to a PNG file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)

    def close(self) -> None:
        """Close the page and end its kernel; closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._kernel is not None:
            self._kernel.close()
        self._context.close()
        session = self.server.session(self.path)
        if session is not None:
            self.server.request(f"api/sessions/{session['id']}", method="DELETE")
