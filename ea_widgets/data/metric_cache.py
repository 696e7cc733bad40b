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

from ea_widgets.data.metric_warnings import NAMES_SHOWN, MetricWarning
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FOLDER_NAME = ".ea_widgets_cache"
"""Where results are kept beside the images, with ``cache=True``."""

SECONDS_BETWEEN_WRITES = 1.0
"""What a kill can lose at the start; later a fiftieth of the time since then."""

_COLUMNS = ("key", "label", "values")


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
    """Arrays by key and label, in memory and in a folder.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.

    Raises
    ------
    InvalidInputError
        If pyarrow is not installed, or the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._parquet = _import_parquet()
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInputError(
                "cache",
                f"is {str(folder)!r}, which cannot be made ({error.strerror})",
                "Give a folder that can be written, as `cache='folder'`.",
            ) from error
        self._values: dict[tuple[bytes, str], bytes] = {}
        self._new: dict[tuple[bytes, str], bytes] = {}
        self._own_files: list[Path] = []
        self._broken_disk = False
        self._started = self._written = time.monotonic()
        self._read()

    def get(self, key: bytes, label: str, dtype: Any, number: int) -> NDArray[Any] | None:
        """Give an array, with `number` entries or rows; None if it is not there."""
        found = self._values.get((key, label))
        if found is None:
            return None
        values = np.frombuffer(found, dtype=dtype)
        if number == 0 or len(values) % number or not len(values):
            return None
        return values if len(values) == number else values.reshape(number, -1)

    def put(self, key: bytes, label: str, values: NDArray[Any]) -> None:
        """Keep an array; it is written within a second or so, or at the next `flush`."""
        self._new[key, label] = values.tobytes()
        now = time.monotonic()
        waited = now - self._written
        if waited > max(SECONDS_BETWEEN_WRITES, (now - self._started) / 50):
            self.flush()

    def flush(self) -> None:
        """Write what is new. A full disk ends the writing with a warning, not the run."""
        self._written = time.monotonic()
        if not self._new or self._broken_disk:
            return
        try:
            self._own_files.append(self._write(self._new))
        except OSError as error:
            self._broken_disk = True
            warnings.warn(
                f"The cache {str(self.folder)!r} cannot be written ({error.strerror}); "
                "the run goes on without it.",
                MetricWarning,
                stacklevel=2,
            )
        self._values.update(self._new)
        self._new = {}

    def finish(self) -> None:
        """Write what is new, and join the files of this run into one."""
        self.flush()
        if len(self._own_files) < 2 or self._broken_disk:
            return
        with contextlib.suppress(OSError, self._parquet.error):
            entries: dict[tuple[bytes, str], bytes] = {}
            for path in self._own_files:
                entries.update(self._parquet.read(path))
            whole = self._write(entries)
            for path in self._own_files:
                path.unlink(missing_ok=True)
            self._own_files = [whole]

    def _write(self, entries: dict[tuple[bytes, str], bytes]) -> Path:
        name = f"{os.getpid()}-{uuid.uuid4().hex}"
        whole = self.folder / f"{name}.parquet"
        part = self.folder / f"{name}.part"
        try:
            self._parquet.write(part, entries)
            part.replace(whole)
        finally:
            part.unlink(missing_ok=True)
        return whole

    def _read(self) -> None:
        broken = []
        for path in sorted(self.folder.glob("*.parquet")):
            try:
                self._values.update(self._parquet.read(path))
            except FileNotFoundError:
                continue  # another process has just joined its files
            except (OSError, self._parquet.error):
                broken.append(path.name)
        if broken:
            more = f" and {len(broken) - NAMES_SHOWN:,} more" if len(broken) > NAMES_SHOWN else ""
            files, are = ("1 file", "is") if len(broken) == 1 else (f"{len(broken):,} files", "are")
            warnings.warn(
                f"{files} of the cache {str(self.folder)!r} cannot be read and {are} left aside: "
                f"{', '.join(broken[:NAMES_SHOWN])}{more}.",
                MetricWarning,
                stacklevel=2,
            )


class _Parquet:
    """The three things that are wanted of pyarrow."""

    def __init__(self, pyarrow: Any, parquet: Any) -> None:
        self._pyarrow = pyarrow
        self._parquet = parquet
        self.error: type[Exception] = pyarrow.ArrowException

    def write(self, path: Path, entries: dict[tuple[bytes, str], bytes]) -> None:
        arrow = self._pyarrow
        table = arrow.table(
            {
                "key": arrow.array([key for key, _ in entries], arrow.binary()),
                "label": arrow.array([label for _, label in entries]).dictionary_encode(),
                "values": arrow.array(list(entries.values()), arrow.binary()),
            }
        )
        with path.open("wb") as file:
            self._parquet.write_table(table, file, use_dictionary=["label"], compression="snappy")
            file.flush()
            os.fsync(file.fileno())

    def read(self, path: Path) -> dict[tuple[bytes, str], bytes]:
        with path.open("rb") as file:
            table = self._parquet.read_table(file)
        if tuple(table.column_names) != _COLUMNS:
            raise self._pyarrow.ArrowInvalid("not a cache of ea_widgets")
        keys, labels, values = (table.column(name).to_pylist() for name in _COLUMNS)
        return dict(zip(zip(keys, labels, strict=True), values, strict=True))


def _import_parquet() -> _Parquet:
    try:
        import pyarrow as pa  # noqa: PLC0415  # optional
        from pyarrow import parquet  # noqa: PLC0415  # likewise
    except ImportError as error:
        raise InvalidInputError(
            "cache",
            "needs pyarrow, which is not installed",
            "Install it with `pip install ea_widgets[cache]`, or leave `cache` out.",
        ) from error
    return _Parquet(pa, parquet)
