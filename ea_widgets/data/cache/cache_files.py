"""The parquet files of a cache: written with checks, read with suspicion.

Whatever bits have flipped on the disk, an entry is given as it was written or not at all: pages
bear check sums, and each entry one of its own, which covers what those of pages leave out.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

KEY_LENGTH = 16

Entries = dict[tuple[bytes, str], bytes]


class BrokenFileError(Exception):
    """Raised for a file that is none of a cache's, or is broken."""


@dataclass(frozen=True)
class Block:
    """Some entries of a file, in arrays: Arrow's own pool keeps half as much again.

    Parameters
    ----------
    keys : ndarray of uint64, shape (n, 2)
        The two halves of each key.
    labels : tuple of str
        The labels that occur.
    codes : ndarray of int32, shape (n,)
        Places in `labels`.
    values : ndarray of uint8, shape (m,)
        The bytes of all entries, one after the other; cannot be written to.
    ends : ndarray of int32, shape (n + 1,)
        Where the bytes of each entry start, and those of the last end.
    checks : ndarray of uint32, shape (n,)
        Their check sums.
    """

    keys: NDArray[np.uint64]
    labels: tuple[str, ...]
    codes: NDArray[np.int32]
    values: NDArray[np.uint8]
    ends: NDArray[np.int32]
    checks: NDArray[np.uint32]

    def value(self, row: int) -> NDArray[np.uint8] | None:
        """Give the bytes of an entry, without a copy; None if they are not what was written."""
        found = self.values[self.ends[row] : self.ends[row + 1]]
        label = self.labels[self.codes[row]]
        right = check_sum(self.keys[row].tobytes(), label, found) == self.checks[row]
        return found if right else None


def check_sum(key: bytes, label: str, value: Any) -> int:
    """Sum up an entry, its name included, in 32 bits."""
    return crc32(value, crc32(label.encode(), crc32(key)))


class ParquetFiles:
    """What is wanted of pyarrow.

    Raises
    ------
    InvalidInputError
        If it is not installed.
    """

    def __init__(self) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415  # optional
            from pyarrow import parquet  # noqa: PLC0415  # likewise
        except ImportError as error:
            raise InvalidInputError(
                "cache",
                "needs pyarrow, which is not installed",
                "Install it with `pip install ea_widgets[cache]`, or leave `cache` out.",
            ) from error
        self._arrow = pa
        self._parquet = parquet
        self._schema = pa.schema(
            {
                "key": pa.binary(KEY_LENGTH),
                "label": pa.dictionary(pa.int32(), pa.string()),
                "values": pa.binary(),
                "check": pa.uint32(),
            }
        )

    def write(self, path: Path, entries: Mapping[tuple[bytes, str], bytes]) -> None:
        """Write entries to a file, and have them on the disk."""
        checks = [check_sum(key, label, value) for (key, label), value in entries.items()]
        keys, labels = zip(*entries, strict=True)
        table = self._arrow.table(
            {
                "key": self._arrow.array(keys, self._arrow.binary(KEY_LENGTH)),
                "label": self._arrow.array(labels, self._arrow.string()).dictionary_encode(),
                "values": self._arrow.array(entries.values(), self._arrow.binary()),
                "check": self._arrow.array(checks, self._arrow.uint32()),
            }
        )
        self._save(path, iter([table]))

    def join(self, path: Path, parts: list[Path]) -> list[Path]:
        """Write what several files hold into one, one after the other, so that memory stays small.

        Parameters
        ----------
        path : Path
            The new file.
        parts : list of Path
            Files that are broken or gone are passed over.

        Returns
        -------
        list of Path
            Those that are in it.
        """
        joined: list[Path] = []
        self._save(path, self._new_entries(parts, joined))
        return joined

    def read(self, path: Path) -> list[Block]:
        """Read a file.

        Raises
        ------
        BrokenFileError
            If it is broken, or not of a cache.
        FileNotFoundError
            If it is gone.
        """
        found = [self._block(batch) for batch in self._batches(path)]
        self._arrow.default_memory_pool().release_unused()
        return found

    def _save(self, path: Path, tables: Iterator[Any]) -> None:
        with path.open("wb") as file:
            with self._parquet.ParquetWriter(
                file,
                self._schema,
                use_dictionary=["label"],
                compression="snappy",
                write_page_checksum=True,
            ) as writer:
                for table in tables:
                    writer.write_table(table)
            file.flush()
            os.fsync(file.fileno())
        self._arrow.default_memory_pool().release_unused()

    def _new_entries(self, parts: list[Path], joined: list[Path]) -> Iterator[Any]:
        """Yield the tables of files, without what was in one before."""
        seen = np.empty(0, dtype=np.uint64)
        for part in parts:
            try:
                batches = list(self._batches(part))
            except (BrokenFileError, OSError):
                continue
            joined.append(part)
            for batch in batches:
                block = self._block(batch)
                # Should two entries meet here by chance, one is computed again: no harm is done.
                marks = block.keys[:, 0] ^ (block.checks.astype(np.uint64) << np.uint64(16))
                fresh = np.zeros(len(marks), dtype=bool)
                fresh[np.unique(marks, return_index=True)[1]] = True
                fresh &= ~np.isin(marks, seen)
                seen = np.concatenate([seen, marks[fresh]])
                yield self._arrow.Table.from_batches([batch.filter(self._arrow.array(fresh))])

    def _batches(self, path: Path) -> Iterator[Any]:
        """Yield the entries of a file, one group of rows at a time: memory stays small."""
        with path.open("rb") as file:
            try:
                whole = self._parquet.ParquetFile(file, page_checksum_verification=True)
                right = whole.schema_arrow.remove_metadata().equals(self._schema)
                for group in range(whole.num_row_groups if right else 0):
                    table = whole.read_row_group(group)
                    table.validate(full=True)
                    right = right and not any(column.null_count for column in table.columns)
                    yield from (batch for batch in table.to_batches() if batch.num_rows)
            except Exception as error:  # pyarrow raises one thing or another, as the bits fall
                raise BrokenFileError(path.name) from error
        if not right:
            raise BrokenFileError(path.name)

    def _block(self, batch: Any) -> Block:
        keys, labels, values, checks = batch.columns
        rows = batch.num_rows
        first = keys.offset * KEY_LENGTH
        halves = np.frombuffer(keys.buffers()[1], np.uint64, rows * KEY_LENGTH // 8, first)
        ends = np.frombuffer(values.buffers()[1], np.int32, rows + 1, 4 * values.offset)
        size = int(ends[-1] - ends[0])
        numbers = np.empty(size, dtype=np.uint8)
        if size:
            numbers[:] = np.frombuffer(values.buffers()[2], np.uint8, size, int(ends[0]))
        numbers.flags.writeable = False
        return Block(
            halves.reshape(-1, 2).copy(),
            tuple(labels.dictionary.to_pylist()),
            labels.indices.to_numpy().copy(),
            numbers,
            ends - ends[0],
            checks.to_numpy().copy(),
        )
