"""Which of many pairs of boxes could overlap: told from their edges, before any arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 1 << 16
"""Pairs looked at together, so that they stay in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges of boxes, each a contiguous array of shape (n,).

    Attributes
    ----------
    left, top, right, bottom : ndarray of float64, shape (n,)
    """

    left: NDArray[np.float64]
    top: NDArray[np.float64]
    right: NDArray[np.float64]
    bottom: NDArray[np.float64]

    @classmethod
    def of(cls, boxes: NDArray[np.float64]) -> Edges:
        """Edges of boxes ``[x, y, width, height]``, shape (n, 4)."""
        x, y, width, height = np.ascontiguousarray(boxes.T)
        # Added in the order of `paired_iou`, so that rounding agrees.
        return cls(left=x, top=y, right=width + x, bottom=height + y)


def touching(
    detections: Edges, truths: Edges, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Find the pairs whose boxes lie over each other.

    Parameters
    ----------
    detections, truths : Edges
    rows, columns : ndarray of intp, shape (n,)
        Detection and truth of each pair.

    Returns
    -------
    ndarray of intp, shape (m,)
        Places of the pairs, ascending; every pair that shares an area is among them.
    """
    found = [np.zeros(0, np.intp)]
    for start in range(0, len(rows), BLOCK):
        row, column = rows[start : start + BLOCK], columns[start : start + BLOCK]
        index = np.flatnonzero(
            (detections.left[row] < truths.right[column])
            & (truths.left[column] < detections.right[row])
        )
        row, column = row[index], column[index]
        kept = (detections.top[row] < truths.bottom[column]) & (
            truths.top[column] < detections.bottom[row]
        )
        found.append(start + index[kept])
    return np.concatenate(found)
