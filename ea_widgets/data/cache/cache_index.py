"""Finds the entries of a cache: a few bytes for each, whatever their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ea_widgets.data.cache.cache_files import Block


class CacheIndex:
    """Where the entries of some blocks are, by key and label.

    Parameters
    ----------
    blocks : list of Block
        Kept as they are. Beside them the index takes 12 bytes for an entry: the first half of
        its key, in order, and its place. The rest of the key is looked up where it lies.
    """

    def __init__(self, blocks: list[Block]) -> None:
        self._blocks = blocks
        self._starts = np.cumsum([0, *(len(block.codes) for block in blocks)])
        heads = np.concatenate([np.empty(0, np.uint64), *(block.keys[:, 0] for block in blocks)])
        order = np.argsort(heads, kind="stable")
        self._heads = heads[order]
        small = len(heads) <= np.iinfo(np.uint32).max
        self._order = order.astype(np.uint32) if small else order
        self._last: tuple[bytes, dict[str, list[tuple[Block, int]]]] = (b"", {})

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._heads)

    def find(self, key: bytes, label: str) -> Iterator[NDArray[np.uint8]]:
        """Yield the values that were kept under a key and label.

        Parameters
        ----------
        key : bytes
            Sixteen of them.
        label : str
            The label.

        Yields
        ------
        ndarray of uint8
            Most often one or none; several if processes kept the same at once. Those that are
            not what was written are left out.
        """
        known, places = self._last
        if known != key:  # all labels of a key are asked for in turn
            places = self._places(key)
            self._last = (key, places)
        for block, row in places.get(label, ()):
            value = block.value(row)
            if value is not None:
                yield value

    def _places(self, key: bytes) -> dict[str, list[tuple[Block, int]]]:
        head, tail = np.frombuffer(key, dtype=np.uint64)
        low, high = np.searchsorted(self._heads, head), np.searchsorted(self._heads, head, "right")
        found: dict[str, list[tuple[Block, int]]] = {}
        for place in self._order[low:high].tolist():
            number = int(np.searchsorted(self._starts, place, "right")) - 1
            block, row = self._blocks[number], place - int(self._starts[number])
            if block.keys[row, 1] == tail:
                found.setdefault(block.labels[block.codes[row]], []).append((block, row))
        return found
