"""See to a Chromium for the browser tests: on the PATH, else from apt as root, else Playwright's.

Run as ``python -m tests.browser.chromium`` by ``make test``; prints where it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)


def flags() -> list[str]:
    """Switches for a quiet, offline Chromium; root may not use its sandbox."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _starts(path: Path) -> bool:
    """Tell a browser from a stub, such as Ubuntu's that only points at a snap."""
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, timeout=60, check=False, text=True
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout


def _from_path() -> Path | None:
    candidates = [os.environ.get("EA_CHROMIUM", ""), *(shutil.which(name) or "" for name in NAMES)]
    return next((Path(path) for path in candidates if path and _starts(Path(path))), None)


def _from_playwright() -> Path | None:
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() and _starts(path) else None


def find() -> Path | None:
    """Return a Chromium that starts, or None where there is none."""
    return _from_path() or _from_playwright()


def _run(*command: str) -> bool:
    print("+", *command, flush=True)
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0


def install() -> Path | None:
    """Install a Chromium: by apt as root, else by Playwright. None if neither works."""
    root = os.geteuid() == 0
    if root and shutil.which("apt-get"):
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        _run("apt-get", "update", "-q")
        if _run("apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"):
            found = _from_path()
            if found:
                return found
    libraries = ["--with-deps"] if root and shutil.which("apt-get") else []
    _run(sys.executable, "-m", "playwright", "install", *libraries, "chromium")
    return _from_playwright()


def main() -> None:
    """Find a Chromium or install one; fail in words if neither works."""
    found = find() or install()
    if found is None:
        sys.exit(
            "No Chromium for the browser tests. Install one (chromium or google-chrome), "
            "or name it: EA_CHROMIUM=/path/to/chromium make test"
        )
    print(f"Chromium: {found}")


if __name__ == "__main__":
    main()
