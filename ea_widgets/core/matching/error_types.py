"""Why a prediction is wrong, after TIDE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.greedy import LARGEST_THRESHOLD

if TYPE_CHECKING:
    from numpy.typing import NDArray

REASONS = (
    "badly_located",
    "wrong_class",
    "duplicate",
    "background",
    "wrong_class_and_badly_located",
)
"""Reasons of false positives; their codes are their positions."""

BACKGROUND_IOU = 0.1
"""Up to this overlap a prediction shows background (TIDE's t_b)."""


def false_positive_reason(
    same_class: NDArray[np.float64], other_class: NDArray[np.float64], iou_threshold: float
) -> NDArray[np.int8]:
    """Reason of each false positive.

    Parameters
    ----------
    same_class, other_class : ndarray of float64, shape (n,)
        Highest IoU with a label of its own class in the image, taken or not, and with one of
        another class; 0 where there is none. Ignored labels do not count.
    iou_threshold : float
        The foreground threshold (TIDE's t_f).

    Returns
    -------
    ndarray of int8, shape (n,)
        Places in ``REASONS``.

    Notes
    -----
    Bolya et al. (2020), in the order of the `tidecv` package: located badly, wrong class,
    duplicate, background, both. That a label of the own class is already taken need not be
    looked up: if one with enough overlap were free, the prediction would have taken it.
    `tests/parity/QUIRKS.md` lists where the package differs (ids TIDE-...).

    Examples
    --------
    >>> codes = false_positive_reason(np.array([0.3, 0.9, 0.0]), np.array([0.9, 0.0, 0.2]), 0.5)
    >>> [REASONS[code] for code in codes]
    ['badly_located', 'duplicate', 'wrong_class_and_badly_located']
    """
    reason = np.full(len(same_class), REASONS.index("wrong_class_and_badly_located"), np.int8)
    reason[np.maximum(same_class, other_class) <= BACKGROUND_IOU] = REASONS.index("background")
    reason[reaches(same_class, iou_threshold)] = REASONS.index("duplicate")
    reason[reaches(other_class, iou_threshold)] = REASONS.index("wrong_class")
    reason[is_badly_located(same_class, iou_threshold)] = REASONS.index("badly_located")
    return reason


def reaches(iou: NDArray[np.float64], iou_threshold: float) -> NDArray[np.bool_]:
    """Mark overlaps that are enough for a match; none at all never is."""
    return (iou >= min(iou_threshold, LARGEST_THRESHOLD)) & (iou > 0)


def is_badly_located(same_class: NDArray[np.float64], iou_threshold: float) -> NDArray[np.bool_]:
    """Mark overlaps with the own class that are more than background and not enough."""
    return (same_class >= BACKGROUND_IOU) & (same_class < min(iou_threshold, LARGEST_THRESHOLD))


@dataclass(frozen=True, eq=False)
class SortedOverlaps:
    """Overlaps of some predictions, sorted, so that counts take no look at each of them.

    Attributes
    ----------
    n : int
        Predictions, those without any overlap too.
    same_class, other_class : ndarray of float64
        See :func:`false_positive_reason`; ascending, without zeros.
    lesser : ndarray of float64
        The smaller of the two; likewise.
    other_class_alone : ndarray of float64
        `other_class` of predictions whose `same_class` is under ``BACKGROUND_IOU``; likewise.
    """

    n: int
    same_class: NDArray[np.float64]
    other_class: NDArray[np.float64]
    lesser: NDArray[np.float64]
    other_class_alone: NDArray[np.float64]

    def count(self, iou_threshold: float) -> NDArray[np.int64]:
        """Count the reasons that all predictions would have as false positives.

        Parameters
        ----------
        iou_threshold : float

        Returns
        -------
        ndarray of int64, shape (len(REASONS),)
            Equal to counting :func:`false_positive_reason`.
        """
        foreground = min(iou_threshold, LARGEST_THRESHOLD)
        reached = at_least(self.same_class, foreground)
        both_reached = at_least(self.lesser, foreground)
        duplicate = reached - both_reached
        if foreground <= BACKGROUND_IOU:  # what is not background is enough
            wrong_class = at_least(self.other_class, foreground)
            rest = self.n - wrong_class - duplicate
            return np.array([0, wrong_class, duplicate, rest, 0], np.int64)
        near = at_least(self.same_class, BACKGROUND_IOU)
        alone = at_least(self.other_class_alone, foreground)
        visible = at_least(self.other_class_alone, BACKGROUND_IOU, strictly=True)
        return np.array(
            [
                near - reached,
                both_reached + alone,
                duplicate,
                self.n - near - visible,
                visible - alone,
            ],
            np.int64,
        )


def at_least(ascending: NDArray[np.float64], bound: float, *, strictly: bool = False) -> int:
    """Count the values from a bound up; those above it if `strictly`."""
    return len(ascending) - int(ascending.searchsorted(bound, "right" if strictly else "left"))
