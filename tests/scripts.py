"""Scripts beside the checkout, each in a process of its own, forked from one with all imported.

Importing the package and what the scripts need takes more than most of them do. Nothing but the
standard library is imported here: each process imports this module too.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["ea_widgets.widgets.explore", "ea_widgets.cli.main", "pycocotools.cocoeval", __name__]
)


class Ended(NamedTuple):
    """How a script ended; None as its exit code where it did not."""

    exit_code: int | None
    output: str


def run(
    script: Path, folder: Path, seconds: float, moved: Mapping[str, str] | None = None
) -> Ended:
    """Run a script as ``python script`` does.

    Parameters
    ----------
    script : Path
        Its folder is the first that it imports from.
    folder : Path
        Working folder, and where temporary files go.
    seconds : float
        After this time it is killed.
    moved : mapping of str to str, optional
        Names of modules that the script looks for, and the modules that it is given.

    Returns
    -------
    Ended
        The exit code, negative after a signal, and what was printed.
    """
    printed = folder / f"{script.stem}.printed"
    process = PROCESSES.Process(target=_become, args=(script, folder, printed, moved or {}))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        return Ended(None, f"{script.name} did not end within {seconds} s")
    return Ended(process.exitcode, printed.read_text(errors="replace"))


def _become(script: Path, folder: Path, printed: Path, moved: Mapping[str, str]) -> None:
    with printed.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(folder)
    os.environ |= {"TMPDIR": str(folder), "PYTHONPATH": str(Path(__file__).parents[1])}
    tempfile.tempdir = None
    sys.dont_write_bytecode = True
    sys.argv = [str(script)]
    sys.path.insert(0, str(script.parent))
    for old, new in moved.items():
        sys.modules[old] = __import__(new, fromlist=["_"])
    runpy.run_path(str(script), run_name="__main__")
