"""What a command says, and how it ends: standard streams may be closed, a pipe's reader gone."""

from __future__ import annotations

import math
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

OK, UNDER_THRESHOLD, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def say(words: str) -> None:
    """Write one line on standard output, if there is one."""
    _write("stdout", words)


def complain(words: str) -> None:
    """Write one line on standard error, if there is one."""
    _write("stderr", f"ea-widgets: {words}")


def known(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Make what is undefined null, which JSON can hold."""
    return {
        str(name): None if isinstance(value, float) and math.isnan(value) else value
        for name, value in row.items()
    }


def finish_output() -> None:
    """Empty the buffers now: what fails at the end of the process changes its exit code."""
    for name in ("stdout", "stderr"):
        _write(name, None)


def is_terminal() -> bool:
    """Tell whether somebody watches standard error."""
    return sys.stderr is not None and not sys.stderr.closed and sys.stderr.isatty()


def _write(name: str, words: str | None) -> None:
    stream = getattr(sys, name)
    if stream is None or stream.closed:
        return
    try:
        if words is not None:
            line = f"{words}\n"
            encoding = getattr(stream, "encoding", None) or "utf-8"
            # Text from data may hold what the terminal cannot show.
            stream.write(line.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except (OSError, ValueError):
        setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115  # till the end
