"""One text file, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from ea_widgets.errors import InvalidInputError


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a file; one of this name is replaced.

    Raises
    ------
    InvalidInputError
        If it cannot be written to.
    """
    target = Path(os.path.expanduser(path))  # noqa: PTH111  # Path's raises for unknown users
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InvalidInputError(
            "path",
            f"is {str(target)[:300]!r}, which cannot be written to ({error.strerror})",
            "Give a file that you may write to.",
        ) from error
