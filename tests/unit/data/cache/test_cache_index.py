"""What the index finds is what a dict would."""

from __future__ import annotations

import numpy as np
import pytest

from ea_widgets.data.cache.cache_files import ParquetFiles
from ea_widgets.data.cache.cache_index import CacheIndex


@pytest.mark.parametrize("n_files", [1, 3])
def test_it_finds_what_a_dict_would(tmp_path, n_files):
    rng = np.random.default_rng(n_files)
    files = ParquetFiles()
    blocks, known = [], {}
    for number in range(n_files):
        # Few heads: the second half of a key decides, and labels differ from file to file.
        keys = [rng.integers(0, 3, 16, dtype=np.uint8).tobytes()[:2] * 8 for _ in range(40)]
        names = [(key, f"{rng.integers(9)}@{number}") for key in keys]
        written = {name: rng.bytes(8) for name in names}
        files.write(tmp_path / "a.parquet", written)
        blocks += files.read(tmp_path / "a.parquet")
        known.update(written)
    index = CacheIndex(blocks)
    keys = {key for key, _ in known} | {b"?" * 16}
    labels = {label for _, label in known} | {"?"}
    for key in keys:
        for label in labels:
            found = [value.tobytes() for value in index.find(key, label)]
            assert found == ([known[key, label]] if (key, label) in known else [])


def test_keys_that_share_a_half_are_told_apart(tmp_path):
    names = {(b"h" * 8 + bytes([row]) * 8, "a@1"): bytes([row]) for row in range(5)}
    ParquetFiles().write(tmp_path / "a.parquet", names)
    index = CacheIndex(ParquetFiles().read(tmp_path / "a.parquet"))
    for (key, label), value in names.items():
        assert [found.tobytes() for found in index.find(key, label)] == [value]
    assert list(index.find(b"h" * 16, "a@1")) == []


def test_an_empty_cache_has_nothing():
    index = CacheIndex([])
    assert len(index) == 0
    assert list(index.find(b"k" * 16, "a@1")) == []
