"""Limits of one input: CPU time, memory, and which files may be touched."""

from __future__ import annotations

import logging
import resource
import signal
import sys
import sysconfig
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 5.0
MEMORY = 1 << 30
_STARTS = {"os.system", "subprocess.Popen", "socket.connect", "os.exec", "os.posix_spawn"}
_WRITES = ("w", "a", "x", "+")


class OverLimitError(BaseException):
    """An input took more than it may."""


class LoggedError(Exception):
    """Something was logged as an error, which nobody would see."""


def limit_memory() -> None:
    """Allow 1 GB of address space above what there is now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OverLimitError after so much CPU time."""

    def over(_signal: int, _frame: object) -> None:
        raise OverLimitError(f"more than {seconds} s of CPU time")

    old = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)


class FileWatch:
    """Notes which files are opened; only those below some folders may be."""

    def __init__(self) -> None:
        root = Path(__file__).resolve().parents[2]
        paths = sysconfig.get_paths()
        known = {paths["stdlib"], paths["purelib"], paths["platlib"], sys.prefix, sys.base_prefix}
        known |= {str(root / "ea_widgets"), str(root / "tests"), "/proc/", "/sys/", "/dev/null"}
        known |= {"/dev/urandom", "/usr/share/", "/usr/lib", "/lib", "/etc/localtime"}
        self._read = (*known, "/etc/mime.types")
        self.folder = ""
        self.found: list[str] = []
        self.on = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            path, mode, flags = arguments
            if not isinstance(path, (str, bytes)):
                return
            name = path.decode(errors="replace") if isinstance(path, bytes) else path
            self.on = False  # what is asked below is not watched
            try:
                real = str(Path(name).resolve())
            except (OSError, ValueError, RuntimeError):
                return
            finally:
                self.on = True
            writes = any(letter in str(mode or "") for letter in _WRITES) or (
                isinstance(flags, int) and flags & 0o3
            )
            if writes and name.endswith("/outside/secret.png"):
                return  # by the test itself
            allowed = (self.folder,) if writes else (self.folder, *self._read)
            if "/outside/" in real or not real.startswith(allowed):
                self.found.append(f"{'wrote' if writes else 'read'} {real}")
        elif event in _STARTS and arguments[0] != "lscpu":  # joblib asks for the number of cores
            self.found.append(f"{event} {arguments!r:.200}")


@contextmanager
def errors_seen() -> Iterator[None]:
    """Raise what is logged as an error."""
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler = Keep(logging.ERROR)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
    if records:
        raise LoggedError(records[0].getMessage()[:2000])
