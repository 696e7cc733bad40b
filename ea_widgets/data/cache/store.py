"""Results kept on disk, so that a second run computes only what is missing.

A cache is a folder with an SQLite file: several processes may use it at once, and whatever ends
one of them, the file holds whole entries.
"""

from __future__ import annotations

import os
import sqlite3
import time
import warnings
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ea_widgets.data.cache.database import (
    FAILURES,
    DamagedFileError,
    is_busy,
    is_damage,
    open_database,
)
from ea_widgets.errors import InvalidInputError, MetricWarning

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDER_NAME = ".ea_widgets_cache"
"""Where results are kept beside the images, with ``cache=True``."""

SECONDS_BETWEEN_WRITES = 1.0
"""What a kill can lose."""

BYTES_BETWEEN_WRITES = 16 << 20
"""As much waits in memory; four times as much while another process writes without end."""

_FIND = "SELECT label, value, digest FROM entries WHERE key = ?"
_KEEP = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)"


def region_key(fingerprint: str, source: str, regions: NDArray[np.int64] | None = None) -> bytes:
    """Give the key of what is measured on an image.

    Parameters
    ----------
    fingerprint : str
        Of the image.
    source : str
        "images", "labels" or "predictions".
    regions : ndarray of int64, shape (n, 4), optional
        The crops, in whole pixels.

    Returns
    -------
    bytes
        Sixteen of them; the same for the same pixels and crops, whatever their ids. Labels and
        predictions share what is the same.
    """
    kind = b"image" if source == "images" else b"object"
    digest = blake2b(fingerprint.encode(errors="surrogatepass"), digest_size=16, person=kind)
    if regions is not None:
        digest.update(np.ascontiguousarray(regions).tobytes())
    return digest.digest()


def open_cache(
    cache: bool | str | os.PathLike[str] | None, beside: Path | None
) -> MetricCache | None:
    """Open the cache that was asked for; True means a folder beside the image files, if any."""
    if cache is None or cache is False:
        return None
    if cache is not True and not (isinstance(cache, str | os.PathLike) and str(cache)):
        raise InvalidInputError("cache", f"is {cache!r}", "Give a folder, or True or False.")
    if cache is not True:
        return MetricCache(Path(os.path.expanduser(cache)))  # noqa: PTH111  # keeps "~nobody"
    if beside is not None:
        return MetricCache(beside / FOLDER_NAME)
    raise InvalidInputError(
        "cache", "is True, but the images are not files", "Give a folder, as `cache='folder'`."
    )


class MetricCache:
    """Arrays by key and label, in a folder; to be closed.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.

    Raises
    ------
    InvalidInputError
        If the folder cannot be made.

    Warns
    -----
    MetricWarning
        Once if the file is damaged, which is then left aside and another begun; once if nothing
        can be written, as on a full disk. The run goes on either way.

    Notes
    -----
    Each entry has a digest: it is given as it was written, or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInputError(
                "cache",
                f"is {str(folder)!r}, which cannot be made ({error.strerror})",
                "Give a folder that can be written, as `cache='folder'`.",
            ) from error
        self._new: dict[tuple[bytes, str], bytes] = {}
        self._waiting = 0
        self._last: tuple[bytes, dict[str, bytes]] = (b"", {})
        self._database: sqlite3.Connection | None = None
        self._problem = ""
        self._written = time.monotonic()
        self._opening_error: Exception | None = None
        self._open(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def get(
        self, key: bytes, label: str, dtype: Any, number: int, *, is_vector: bool = False
    ) -> NDArray[Any] | None:
        """Give an array of `number` entries, or rows if they are vectors; None if there is none.

        It cannot be written to. Vectors may have no numbers at all.
        """
        if self._last[0] != key:  # all labels of a key are asked for in turn
            self._last = (key, self._read(key))
        found = self._last[1].get(label)
        kind: np.dtype[Any] = np.dtype(dtype)
        size = kind.itemsize * number
        if found is None or not size or len(found) % size:
            return None
        if is_vector:
            return np.ndarray((number, len(found) // size), kind, found)
        return np.ndarray(number, kind, found) if len(found) == size else None

    def put(self, key: bytes, label: str, values: NDArray[Any]) -> None:
        """Keep an array; it is written within a second or so, or at the next `flush`."""
        self._new[key, label] = values.tobytes()
        self._waiting += values.nbytes
        late = time.monotonic() - self._written > SECONDS_BETWEEN_WRITES
        if late or self._waiting > BYTES_BETWEEN_WRITES:
            self.flush()

    def flush(self, *, is_last: bool = False) -> None:
        """Write what is new. A full disk ends the writing with a warning, not the run."""
        self._written = time.monotonic()
        if self._new and not self._problem:
            error = self._write()
            if error is not None and is_damage(error):
                self._begin_anew()
                error = self._write()
            if error is not None:
                few = self._waiting < 4 * BYTES_BETWEEN_WRITES
                if is_busy(error) and few and not is_last:
                    return  # the next time, then
                self._problem = str(error)
                warnings.warn(
                    f"The cache {str(self.folder)!r} cannot be written ({error}); the run goes on "
                    "without it.",
                    MetricWarning,
                    stacklevel=2,
                )
        self._new = {}
        self._waiting = 0
        self._last = (b"", {})

    def close(self) -> None:
        """Write what is new, and leave the file to others."""
        try:
            self.flush(is_last=True)
        finally:
            if self._database is not None:
                with suppress(sqlite3.Error):  # the log is merged by whoever comes next
                    self._database.close()
                self._database = None

    def _read(self, key: bytes) -> dict[str, bytes]:
        if self._database is None:
            return {}
        try:
            rows = self._database.execute(_FIND, (key,)).fetchall()
        except FAILURES as error:
            if is_damage(error):
                self._begin_anew()
            return {}  # what cannot be read is computed
        return {
            label: value
            for label, value, digest in rows
            if isinstance(label, str)
            and isinstance(value, bytes)
            and digest == _digest(key, label, value)
        }

    def _write(self) -> Exception | None:
        """Write what is new, all or nothing; return what prevents it."""
        if self._database is None:
            return self._opening_error
        rows = [(*name, value, _digest(*name, value)) for name, value in self._new.items()]
        try:
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany(_KEEP, rows)
        except FAILURES as error:
            return error
        return None

    def _begin_anew(self) -> None:
        """Leave a damaged file aside. It is not moved: other processes may have it open."""
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
        self._say_damaged()
        self._open(self._number + 1)

    def _open(self, first: int) -> None:
        """Open the newest file, or one after it if that is damaged."""
        self._database = None
        taken = [path.stem.partition("-")[2] for path in self.folder.glob("metrics-*.sqlite")]
        newest = max([first, *(int(number) for number in taken if number.isdecimal())])
        for self._number in (newest, newest + 1):
            try:
                self._database = open_database(self._path)
            except DamagedFileError as error:
                self._opening_error = error
                self._say_damaged()
            except (*FAILURES, OSError) as error:
                self._opening_error = error
                return
            else:
                return

    @property
    def _path(self) -> Path:
        return self.folder / f"metrics-{self._number}.sqlite"

    def _say_damaged(self) -> None:
        warnings.warn(
            f"The file {str(self._path)!r} of the cache is damaged and left aside; a new one is "
            "begun. It can be deleted.",
            MetricWarning,
            stacklevel=4,
        )


def _digest(key: bytes, label: str, value: bytes) -> bytes:
    """Sum up an entry, its name included."""
    digest = blake2b(label.encode(), digest_size=8, key=key, person=b"entry")
    digest.update(b"\0")
    digest.update(value)
    return digest.digest()
