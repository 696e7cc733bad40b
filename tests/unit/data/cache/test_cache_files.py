"""Entries come back as they were written, or not at all."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from ea_widgets.data.cache.cache_files import BrokenFileError, ParquetFiles
from ea_widgets.data.cache.cache_index import CacheIndex

KEYS = [bytes(range(row, row + 16)) for row in range(4)]
ENTRIES = {
    (key, label): np.random.default_rng(row).bytes(8 * row)
    for row, key in enumerate(KEYS)
    for label in ("a@1", "b@1", "\xe4@2")
}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.parquet"
    ParquetFiles().write(path, ENTRIES)
    return path


def entries(path):
    """All that a cache would give of a file."""
    index = CacheIndex(ParquetFiles().read(path))
    return {
        name: [value.tobytes() for value in index.find(*name)]
        for name in ENTRIES
        if list(index.find(*name))
    }


def test_entries_come_back(path):
    assert entries(path) == {name: [value] for name, value in ENTRIES.items()}


def test_a_bit_that_flips_changes_no_entry(path):
    content = path.read_bytes()
    broken = 0
    for place in range(0, 8 * len(content), 13):
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << (place % 8)
        path.write_bytes(damaged)
        try:
            found = entries(path)
        except BrokenFileError:
            broken += 1
            continue
        assert all(given == [ENTRIES[name]] for name, given in found.items())
    assert broken > 100


def test_pages_bear_check_sums(path):
    content = bytearray(path.read_bytes())
    place = bytes(content).index(ENTRIES[KEYS[3], "a@1"][-8:])
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(BrokenFileError):
        ParquetFiles().read(path)


@pytest.mark.parametrize(
    ("column", "given"),
    [
        (0, pa.array([b"k" * 16] * len(ENTRIES), pa.binary(16))),
        (1, pa.array(["c@1"] * len(ENTRIES)).dictionary_encode()),
        (2, pa.array([b"abc"] * len(ENTRIES), pa.binary())),
        (3, pa.array([7] * len(ENTRIES), pa.uint32())),
    ],
)
def test_an_entry_that_is_not_what_was_written_is_not_given(path, column, given):
    table = parquet.read_table(path)
    parquet.write_table(table.set_column(column, table.field(column).name, given), path)
    assert entries(path) == {}
    index = CacheIndex(ParquetFiles().read(path))
    assert not list(index.find(b"k" * 16, "a@1"))
    assert not list(index.find(KEYS[1], "c@1"))


@pytest.mark.parametrize(
    ("column", "given"),
    [
        (0, pa.array([b"short"] * len(ENTRIES), pa.binary())),
        (1, pa.array([7] * len(ENTRIES))),
        (1, pa.array([b"\xff"] * len(ENTRIES)).cast(pa.string(), safe=False).dictionary_encode()),
        (2, pa.array(["x"] * len(ENTRIES))),
        (2, pa.array([None] * len(ENTRIES), pa.binary())),
        (3, pa.array([0.5] * len(ENTRIES))),
    ],
)
def test_what_is_not_of_a_cache_is_broken(path, column, given):
    table = parquet.read_table(path)
    parquet.write_table(table.set_column(column, table.field(column).name, given), path)
    with pytest.raises(BrokenFileError) as caught:
        ParquetFiles().read(path)
    assert str(caught.value) == "a.parquet"


def test_files_are_joined_without_what_is_in_them_twice(path, tmp_path):
    files = ParquetFiles()
    files.write(tmp_path / "b.parquet", {**ENTRIES, (b"n" * 16, "a@1"): b"new"})
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    gone = tmp_path / "gone.parquet"
    parts = [path, gone, tmp_path / "broken.parquet", tmp_path / "b.parquet"]
    joined = files.join(tmp_path / "whole.parquet", parts)
    assert joined == [path, tmp_path / "b.parquet"]
    assert entries(tmp_path / "whole.parquet") == {name: [value] for name, value in ENTRIES.items()}
    assert len(CacheIndex(files.read(tmp_path / "whole.parquet"))) == len(ENTRIES) + 1
