"""Vectors of all rows from a function that does not say how long they are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray


class VectorRows:
    """Takes the vectors of images in any order, and keeps the commonest length.

    Parameters
    ----------
    rows : sequence of ndarray of intp
        Rows of each image; together all.
    n_rows : int
        How many there are.

    Notes
    -----
    Vectors of the length that comes first lie in one array at once, others wait in pieces: as
    long as all are of one length, memory holds each once.
    """

    def __init__(self, rows: Sequence[NDArray[np.intp]], n_rows: int) -> None:
        self.values: NDArray[Any] = np.empty((n_rows, 0), np.float32)
        """One row each, NaN where there is no vector; no columns as long as there is none."""
        self._rows, self._n_rows = rows, n_rows
        self._others: dict[int, NDArray[Any]] = {}

    def add(self, image: int, found: NDArray[Any]) -> None:
        """Take the vectors of an image, one per row of it; no columns if all are missing."""
        length = found.shape[1]
        if length and not self.values.shape[1]:
            self._start(length, found.dtype)
        if length == self.values.shape[1]:
            self.values[self._rows[image]] = found
        elif length:
            self._others[image] = found

    def settle(self) -> Iterator[tuple[int, int, str]]:
        """Leave the length that most rows have in `values`; of two, that of the first image.

        Yields
        ------
        image, number, problem : int, int, str
            How many vectors of an image are left out, and why.
        """
        if not self._others:
            return
        pieces = self._others
        for image, rows in enumerate(self._rows):
            if np.isfinite(self.values[rows]).any():
                pieces[image] = self.values[rows]
        numbers = {
            image: int(np.isfinite(pieces[image]).all(axis=1).sum()) for image in sorted(pieces)
        }
        counts: Counter[int] = Counter()
        for image, number in numbers.items():
            counts[pieces[image].shape[1]] += number
        ((length, _),) = counts.most_common(1)  # of equals the one that was counted first
        self._start(length, self.values.dtype)
        for image, number in numbers.items():
            found = pieces.pop(image)
            if found.shape[1] == length:
                self.values[self._rows[image]] = found
            else:
                yield image, number, f"it gave vectors of {found.shape[1]} numbers, others {length}"

    def _start(self, length: int, dtype: np.dtype[Any]) -> None:
        missing = np.nan if dtype.kind == "f" else 0
        del self.values  # before the next takes as much
        self.values = np.full((self._n_rows, length), missing, dtype)
