"""Results kept on disk, so that a second run computes only what is missing.

A cache is a folder of parquet files, each written whole under a name of its own and then moved
into place: a reader never sees half a file, and processes never write the same one.
"""

from __future__ import annotations

import contextlib
import os
import time
import uuid
import warnings
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.cache.cache_files import BrokenFileError, ParquetFiles
from ea_widgets.data.cache.cache_index import CacheIndex
from ea_widgets.data.metrics.metric_warnings import NAMES_SHOWN, MetricWarning
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from ea_widgets.data.cache.cache_files import Entries

FOLDER_NAME = ".ea_widgets_cache"
"""Where results are kept beside the images, with ``cache=True``."""

SECONDS_BETWEEN_WRITES = 1.0
"""What a kill can lose at the start; later a fiftieth of the time since then."""

BYTES_BETWEEN_WRITES = 16 << 20
"""As much waits in memory at most."""

FILES_LEFT = 8
"""So many files of other runs may lie in the folder; more are joined, if they are small."""

SMALL = 64 << 20
"""Bytes of the largest file that is joined with those of other runs."""

SECONDS_OF_A_PART = 3600.0
"""A file is written in less; what is older was left by a process that was killed."""


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
    digest = blake2b(fingerprint.encode(), digest_size=16, person=kind)
    if regions is not None:
        digest.update(np.ascontiguousarray(regions).tobytes())
    return digest.digest()


class MetricCache:
    """Arrays by key and label, in a folder.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.

    Raises
    ------
    InvalidInputError
        If pyarrow is not installed, or the folder cannot be written.

    Notes
    -----
    What was in the folder at the start is held in arrays, little larger than the files. What is
    put is written and forgotten, so memory does not grow with it.
    """

    def __init__(self, folder: Path) -> None:
        self._files = ParquetFiles()
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInputError(
                "cache",
                f"is {str(folder)!r}, which cannot be made ({error.strerror})",
                "Give a folder that can be written, as `cache='folder'`.",
            ) from error
        self._new: Entries = {}
        self._waiting = 0
        self._own_files: list[Path] = []
        self._read_files: list[Path] = []
        self._broken_disk = False
        self._started = self._written = time.monotonic()
        self._remove_old_parts()
        self._index = self._read()

    def get(
        self, key: bytes, label: str, dtype: Any, number: int, *, is_vector: bool = False
    ) -> NDArray[Any] | None:
        """Give an array of `number` entries, or rows if they are vectors; None if there is none.

        It cannot be written to. Vectors may have no numbers at all.
        """
        kind: np.dtype[Any] = np.dtype(dtype)
        size = kind.itemsize * number
        for found in self._index.find(key, label):
            if is_vector and size and found.size % size == 0:
                return found.view(kind).reshape(number, found.size // size)
            if not is_vector and size and found.size == size:
                return found.view(kind)
        return None

    def put(self, key: bytes, label: str, values: NDArray[Any]) -> None:
        """Keep an array; it is written within a second or so, or at the next `flush`."""
        self._new[key, label] = values.tobytes()
        self._waiting += values.nbytes
        now = time.monotonic()
        late = now - self._written > max(SECONDS_BETWEEN_WRITES, (now - self._started) / 50)
        if late or self._waiting > BYTES_BETWEEN_WRITES:
            self.flush()

    def flush(self) -> None:
        """Write what is new. A full disk ends the writing with a warning, not the run."""
        self._written = time.monotonic()
        if self._new and not self._broken_disk:
            try:
                with self._new_file() as (part, whole):
                    self._files.write(part, self._new)
                    part.replace(whole)
                self._own_files.append(whole)
            except OSError as error:
                self._broken_disk = True
                warnings.warn(
                    f"The cache {str(self.folder)!r} cannot be written ({error.strerror}); "
                    "the run goes on without it.",
                    MetricWarning,
                    stacklevel=2,
                )
        self._new = {}
        self._waiting = 0

    def finish(self) -> None:
        """Write what is new, and join the files of this run into one.

        Where many small ones of other runs lie, they are joined with them. Whoever joins removes
        only files whose entries are in his own: two at once lose nothing.
        """
        self.flush()
        paths = [*self._own_files]
        small = [path for path in self._read_files if _size(path) < SMALL]
        if len(small) > FILES_LEFT:
            paths += small
        if len(paths) < 2 or self._broken_disk:
            return
        with contextlib.suppress(OSError):  # all is written: it is well without joining
            with self._new_file() as (part, whole):
                joined = self._files.join(part, paths)
                if len(joined) < 2:
                    return  # another process has joined the rest
                part.replace(whole)
            for path in joined:
                path.unlink(missing_ok=True)
            self._own_files = [whole]
            self._read_files = [path for path in self._read_files if path not in joined]

    @contextlib.contextmanager
    def _new_file(self) -> Iterator[tuple[Path, Path]]:
        name = f"{os.getpid()}-{uuid.uuid4().hex}"
        part = self.folder / f"{name}.part"
        try:
            yield part, self.folder / f"{name}.parquet"
        finally:
            part.unlink(missing_ok=True)

    def _remove_old_parts(self) -> None:
        for path in self.folder.glob("*.part"):
            with contextlib.suppress(OSError):  # another process may have done so
                if time.time() - path.stat().st_mtime > SECONDS_OF_A_PART:
                    path.unlink()

    def _read(self) -> CacheIndex:
        blocks = []
        broken = []
        seen: set[Path] = set()
        # Files may vanish while they are read, when another process joins them: look again.
        while fresh := sorted(set(self.folder.glob("*.parquet")) - seen):
            seen.update(fresh)
            for path in fresh:
                try:
                    blocks += self._files.read(path)
                except FileNotFoundError:
                    continue
                except (OSError, BrokenFileError):
                    broken.append(path.name)
                else:
                    self._read_files.append(path)
        if broken:
            more = f" and {len(broken) - NAMES_SHOWN:,} more" if len(broken) > NAMES_SHOWN else ""
            files, are = ("1 file", "is") if len(broken) == 1 else (f"{len(broken):,} files", "are")
            warnings.warn(
                f"{files} of the cache {str(self.folder)!r} cannot be read and {are} left aside: "
                f"{', '.join(broken[:NAMES_SHOWN])}{more}.",
                MetricWarning,
                stacklevel=3,
            )
        return CacheIndex(blocks)


def _size(path: Path) -> float:
    try:
        return path.stat().st_size
    except OSError:  # another process has joined it
        return SMALL
