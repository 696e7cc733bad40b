"""The SQLite file of a cache: opened with care, for it may be damaged, or not be ours to write."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = (
    "CREATE TABLE entries (key BLOB, label TEXT, value BLOB, digest BLOB, "
    "PRIMARY KEY (key, label)) WITHOUT ROWID"
)
SECONDS_OF_WAITING = 5.0
"""For another process to finish a write, which takes milliseconds."""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG)
FAILURES = (sqlite3.Error, UnicodeError, MemoryError)
"""What SQLite raises; its messages quote broken files, whose bytes may be no text."""

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGE_OF_OWN_FILE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY)


_WITH_SHARED_MEMORY = ("journal_mode = WAL", "synchronous = NORMAL")
"""Processes read while one writes; a kill loses nothing, at no cost."""

_BY_TURNS = ("locking_mode = EXCLUSIVE", "journal_mode = DELETE", "locking_mode = NORMAL")
"""On a network disk, where there is no shared memory."""


class DamagedFileError(Exception):
    """Raised for a file that is none of a cache's, or is broken."""


def is_damage(error: Exception) -> bool:
    """Tell whether an error says that the file is broken."""
    return isinstance(error, DamagedFileError | UnicodeError) or _code(error) in _DAMAGE


def is_busy(error: Exception) -> bool:
    """Tell whether an error says that another process writes."""
    return _code(error) in _BUSY


def open_database(path: Path) -> sqlite3.Connection:
    """Open a file of entries, or make it; only for reading where it cannot be written.

    Parameters
    ----------
    path : Path
        In a folder that exists.

    Returns
    -------
    sqlite3.Connection
        With the table ``entries``.

    Raises
    ------
    DamagedFileError
        If it is broken, or not of a cache.
    sqlite3.Error
        If it can be neither written nor read.
    """
    if os.path.lexists(path) and not path.is_file():  # a pipe would be waited for
        raise DamagedFileError(path.name)
    address = path.absolute().as_uri()
    failure: Exception | None = None
    for steps in (_WITH_SHARED_MEMORY, _BY_TURNS):
        try:
            return _connect(path, f"{address}?mode=rwc", steps)
        except sqlite3.Error as error:
            if is_busy(error):
                raise
            failure = failure or error
    if path.exists() and path.stat().st_size:
        # A file that may be written and says that it may not has a broken head.
        if _code(failure) in _DAMAGE_OF_OWN_FILE and _may_write(path):
            raise DamagedFileError(path.name) from failure
        # Nobody else writes here, or so one has to hope; each entry has its own digest.
        return _connect(path, f"{address}?immutable=1", ())
    raise failure or DamagedFileError(path.name)


def _connect(path: Path, address: str, steps: tuple[str, ...]) -> sqlite3.Connection:
    database = sqlite3.connect(
        address, SECONDS_OF_WAITING, uri=True, check_same_thread=False, isolation_level=None
    )
    try:
        for step in ("trusted_schema = OFF", "cell_size_check = ON", *steps):
            try:
                database.execute(f"PRAGMA {step}").fetchone()
            except sqlite3.OperationalError as error:
                if not is_busy(error):  # another process is taking the same step
                    raise
        if steps:
            database.execute("BEGIN IMMEDIATE")
            if not database.execute("SELECT 1 FROM sqlite_master").fetchone():
                database.execute(SCHEMA)
            database.execute("COMMIT")
        if database.execute("SELECT sql FROM sqlite_master").fetchall() != [(SCHEMA,)]:
            raise DamagedFileError(path.name)  # noqa: TRY301  # closed like all that fails here
    except BaseException as error:
        database.close()
        if isinstance(error, FAILURES) and is_damage(error):
            raise DamagedFileError(path.name) from error
        raise
    return database


def _may_write(path: Path) -> bool:
    """Whether nothing but the content of an existing file hinders writing it."""
    return path.exists() and os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK)


def _code(error: Exception | None) -> int:
    """Give the first byte of SQLite's code of an error, the kind; -1 without one."""
    code = getattr(error, "sqlite_errorcode", None)
    return -1 if code is None else code & 0xFF
