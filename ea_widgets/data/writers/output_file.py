"""One file that a user named, written whole or not at all; what is no file is never replaced."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from uuid import uuid4

from ea_widgets.errors import InvalidInputError


def check_file(field: str, path: object) -> Path:
    """Return where a file can be written, as far as that is known before the work.

    Parameters
    ----------
    field : str
        What the argument is called.
    path : str or path

    Returns
    -------
    Path

    Raises
    ------
    InvalidInputError
        If it is no name of a file, a folder, a disk, or in a folder that does not exist.
    """
    name = os.path.expanduser(path) if isinstance(path, (str, os.PathLike)) else None  # noqa: PTH111  # Path's raises for unknown users
    if not isinstance(name, str) or not name or "\0" in name:
        raise InvalidInputError(field, f"is {path!r}", "Give the name of a file: 'report.html'.")
    if os.path.isdir(name):  # noqa: PTH112  # Path.is_dir raises for a name that is too long
        raise InvalidInputError(field, f"is {name!r}, a folder", "Give a file in it.")
    if os.path.exists(name) and stat.S_ISBLK(os.stat(name).st_mode):  # noqa: PTH110, PTH116
        raise InvalidInputError(field, f"is {name!r}, a disk", "Give the name of a file.")
    file = Path(name)
    if not os.path.isdir(file.parent):  # noqa: PTH112  # likewise
        raise InvalidInputError(
            field, f"is {name!r}, whose folder does not exist", "Make it first."
        )
    return file


def save(file: Path, content: bytes) -> None:
    """Write a file whole or not at all; what is no file, as a pipe or ``/dev/null``, is fed.

    A link stays, and the file that it points to is replaced.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    target = Path(os.path.realpath(file))
    if file.exists() and not (target.is_file() and target.samefile(file)):
        file.write_bytes(content)  # replacing it would destroy a device
        return
    part = target.with_name(f".{uuid4().hex}.part")  # a longer name could be too long
    try:
        part.write_bytes(content)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def write(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write text or bytes to a file; one of this name is replaced.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InvalidInputError
        If it cannot be written.
    """
    file = check_file("path", path)
    try:
        # Half of a character, which no file can hold, comes from names in the data.
        save(file, content if isinstance(content, bytes) else content.encode(errors="replace"))
    except OSError as error:
        # The error's own text names the part file, which nobody asked for.
        why = f"is {str(file)!r}, which cannot be written ({error.strerror or error})"
        raise InvalidInputError("path", why, "Give another file.") from error
    return file
