"""Predictions or labels of a class with few, one by one with all metrics."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.matching.arrays import place_in_group
from ea_widgets.summary.counts.rows import Rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.summary.counts.sides import Side

MISSING = np.iinfo(np.int32).min
"""Stands for no value."""


@dataclass(frozen=True, eq=False)
class KeptRows(Rows):
    """Rows of one side of a class: 64 bins are too coarse for the importance of so few.

    Attributes
    ----------
    image : ndarray of uint64, shape (n,)
        In the order of the image ids.
    place : ndarray of uint32, shape (n,)
        Number among those of the image and class.
    level : ndarray of int8, shape (n,)
        Highest confidence level at which each is still there.
    found, excluded : ndarray of int8, shape (n, n_ticks)
        Highest level at which it took a label or was taken, or counts nowhere; -1 for none. Labels
        have no column in `excluded`.
    values : ndarray of int32, shape (n, n_metrics)
        In steps; see :class:`Scale`.
    """

    image: NDArray[np.uint64]
    place: NDArray[np.uint32]
    level: NDArray[np.int8]
    found: NDArray[np.int8]
    excluded: NDArray[np.int8]
    values: NDArray[np.int32]

    def __add__(self, other: KeptRows) -> KeptRows:
        """Join the rows of other images, in any order."""
        return self.joined(other)

    def ordered(self) -> KeptRows:
        """Put them in an order that does not depend on the split."""
        return self[np.lexsort((self.place, self.image))]


def rows_by_class(
    side: Side,
    steps: NDArray[np.int32],
    keys: NDArray[np.uint64],
    code: NDArray[np.intp],
    n_classes: int,
    few: int,
) -> list[KeptRows | None]:
    """Keep the rows of each class that has fewer than `few`; None of others."""
    ends = np.searchsorted(code, np.arange(n_classes + 1))
    place = place_in_group(side.image_code * n_classes + code).astype(np.uint32)
    nowhere = np.zeros((len(code), 0), np.int8)
    rows = KeptRows(
        keys[side.image_code],
        place,
        side.confidence_level.astype(np.int8),
        side.found.level,
        nowhere if side.excluded is None else side.excluded.level,
        steps.T,
    )
    return [rows[start:end] if end - start < few else None for start, end in pairwise(ends)]
