"""The rows that a question is about, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.selection import Selection


@dataclass(frozen=True, eq=False)
class Subject:
    """Rows of one side under one query, and what became of them.

    Attributes
    ----------
    selection : Selection
    successes, excluded : ndarray of intp
        Chosen rows with the outcome, and chosen rows that count nowhere.
    iou : ndarray of float64, shape (n_successes,)
        With the label that a true positive took; 1 for missed labels.
    source_row : ndarray of intp, shape (n,)
        Row of the dataset's frame that each row of the side is.
    """

    selection: Selection
    successes: NDArray[np.intp]
    excluded: NDArray[np.intp]
    iou: NDArray[np.float64]
    source_row: NDArray[np.intp]

    @property
    def names(self) -> tuple[str, ...]:
        """Displayed names of the metrics of the side."""
        return self.selection.side.names

    @cached_property
    def counted(self) -> NDArray[np.intp]:
        """Positions in the selection of the rows that count, ascending."""
        counted = np.ones(len(self.selection.rows), bool)
        counted[self.selection.positions(self.excluded)] = False
        return np.flatnonzero(counted)

    def outcome(self, value: NDArray[np.float64] | float = 1.0) -> NDArray[np.float64]:
        """Outcome of each row that counts: a value where it succeeded, 0 elsewhere."""
        result = np.zeros(len(self.selection.rows))
        result[self.selection.positions(self.successes)] = value
        return result[self.counted]
