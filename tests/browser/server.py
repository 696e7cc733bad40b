"""A real JupyterLab server: free port, folders of its own, no network, its log kept."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Self
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from types import TracebackType

START_SECONDS = 120
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


class JupyterServer:
    """JupyterLab of the running environment, serving `folder`'s ``notebooks``.

    Use as a context manager. Configuration, data and home are below `folder`, so nothing of the
    person who runs the tests reaches the server, nor the other way round.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "notebooks"
        self.runtime = folder / "runtime"
        self.settings = folder / "settings"
        self.log_file = folder / "server.log"
        self.token = token_hex(16)
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        for path in (self.root, self.runtime, self.settings, self.folder / "home"):
            path.mkdir(parents=True, exist_ok=True)
        self._write_config()
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.root,
                env=self._environment(),
                start_new_session=True,  # so that the kernels end with it
            )
        try:
            self.url = self._wait_for_address()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def _command(self) -> list[str]:
        return [
            "jupyterlab",
            "--no-browser",
            "--ServerApp.ip=127.0.0.1",
            "--ServerApp.port=0",
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.root}",
            f"--LabApp.user_settings_dir={self.settings}",
            f"--LabApp.workspaces_dir={self.folder / 'workspaces'}",
            "--LabApp.extension_manager=readonly",
            "--ServerApp.terminals_enabled=False",
            "--LanguageServerManager.autodetect=False",
            *(["--allow-root"] if os.geteuid() == 0 else []),
        ]

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON"))}
        return kept | {
            "HOME": str(self.folder / "home"),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
            "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel named python3 is this environment's
            "IPYTHONDIR": str(self.folder / "ipython"),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        }

    def _write_config(self) -> None:
        # The announcements extension asks for news at the first start, from the network.
        page = self.folder / "config" / "labconfig" / "page_config.json"
        page.parent.mkdir(parents=True)
        page.write_text(
            json.dumps(
                {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
            )
        )
        self.set_theme("light")

    def set_theme(self, theme: str) -> None:
        """Let pages opened from now on be ``"light"`` or ``"dark"``."""
        target = self.settings / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps({"theme": THEMES[theme], "adaptive-theme": False}))

    def _wait_for_address(self) -> str:
        """Return the address once the server listens."""
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            address = self._address()
            if address:
                return address.rstrip("/")
            time.sleep(0.05)
        raise RuntimeError(f"{self._command()[0]} did not start:\n{self.log()}")

    def _address(self) -> str:
        """Read the address from the file that the server writes; empty until then."""
        for found in self.runtime.glob("jpserver-*.json"):
            with contextlib.suppress(ValueError):  # still being written
                return str(json.loads(found.read_text())["url"])
        return ""

    def _stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def log(self) -> str:
        """Everything that the server and its kernels have printed."""
        return self.log_file.read_text(errors="replace")

    def request(self, path: str, method: str = "GET") -> Any:
        """Ask the server's REST interface; the decoded JSON, or None for an empty answer."""
        call = Request(  # noqa: S310  # the address is our own server's
            f"{self.url}/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urlopen(call, timeout=60) as answer:  # noqa: S310  # likewise
            body = answer.read()
        return json.loads(body) if body else None

    def session(self, notebook: str) -> dict[str, Any] | None:
        """Return the session of a notebook (its path below the root), or None without a kernel."""
        sessions = self.request("api/sessions")
        return next((s for s in sessions if s["path"] == notebook and s.get("kernel")), None)

    def connection_file(self, notebook: str) -> Path:
        """Return the file that tells how to reach the kernel of a notebook."""
        session = self.session(notebook)
        if session is None:
            raise LookupError(f"{notebook!r} has no kernel on the server")
        return self.runtime / f"kernel-{session['kernel']['id']}.json"


class VoilaServer(JupyterServer):
    """Voilà, which runs a notebook of `folder` anew for each page that is opened."""

    def _command(self) -> list[str]:
        with socket.socket() as free:  # Voilà takes no port 0
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return [
            "voila",
            "--no-browser",
            "--Voila.ip=127.0.0.1",
            f"--port={port}",
            # A busy machine may be slower than it waits for by default: 4 seconds for an output.
            f"--VoilaExecutor.iopub_timeout={START_SECONDS}",
            f"--VoilaExecutor.startup_timeout={START_SECONDS}",
            str(self.root),
        ]

    def _address(self) -> str:
        """Read the address from the log."""
        found = re.search(r"is running at:\s+(http\S+)", self.log())
        return "" if found is None else found[1]
