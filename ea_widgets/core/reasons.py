"""Why a prediction is wrong, after TIDE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

REASONS = (
    "badly_located",
    "wrong_class",
    "duplicate",
    "background",
    "wrong_class_and_badly_located",
)
"""Reasons of false positives; their codes are their places."""

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
    """
    background = min(BACKGROUND_IOU, iou_threshold)
    near = np.maximum(same_class, other_class) <= background
    reason = np.full(len(same_class), REASONS.index("wrong_class_and_badly_located"), np.int8)
    reason[near] = REASONS.index("background")
    reason[same_class >= iou_threshold] = REASONS.index("duplicate")
    reason[other_class >= iou_threshold] = REASONS.index("wrong_class")
    reason[(same_class >= background) & (same_class < iou_threshold)] = REASONS.index(
        "badly_located"
    )
    return reason
