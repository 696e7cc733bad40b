"""Masks that contradict their box or their image, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.checks.refuse import BOX

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_LOOKED_AT = 2_000
_OFF = 0.2
"""From this share on of an object's size, a polygon's edge is not that of its box."""

_MANY = 0.2


def describe_masks(
    images: pd.DataFrame, labels: pd.DataFrame, predictions: pd.DataFrame
) -> list[str]:
    """Say where polygons are outside of their image, and where they contradict their boxes.

    Parameters
    ----------
    images, labels, predictions : DataFrame
        Checked frames of a Dataset. Of many masks 2,000 are looked at, evenly spread.

    Returns
    -------
    list of str
        Empty if all is usual.
    """
    notes: list[str] = []
    sizes = images.set_index("image_id")[["width", "height"]]
    for word, frame in (("label", labels), ("prediction", predictions)):
        if "segmentation" not in frame:
            continue
        rows = np.arange(len(frame))
        if len(rows) > _LOOKED_AT:
            rows = np.linspace(0, len(frame) - 1, _LOOKED_AT).astype(int)
        masks = frame["segmentation"].to_numpy()[rows]
        extents = np.array([_extent(mask) for mask in masks], dtype=np.float64).reshape(-1, 4)
        known = np.isfinite(extents).all(axis=1)
        if not known.any():
            continue
        of = f"{np.count_nonzero(known):,} polygons of {word}s looked at"
        width, height = sizes.loc[frame["image_id"].iloc[rows]].to_numpy(np.float64).T
        left, top, right, bottom = extents.T
        outside = known & ((right <= 0) | (bottom <= 0) | (left >= width) | (top >= height))
        if outside.any():
            notes.append(
                f"{np.count_nonzero(outside):,} of the {of} are wholly outside of their image: "
                "such a mask is empty, and nothing can match it."
            )
        box = frame[list(BOX)].iloc[rows].to_numpy(np.float64)
        off = known & _differs(extents, box)
        if np.count_nonzero(off) > _MANY * np.count_nonzero(known):
            notes.append(
                f"{np.count_nonzero(off):,} of the {of} do not lie in their bbox: boxes are taken "
                "from `bbox`, masks from `segmentation`; was one of them converted wrongly?"
            )
    return notes


def _differs(extents: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.bool_]:
    corners = np.column_stack([box[:, :2], box[:, :2] + box[:, 2:]])
    size = np.maximum(np.abs(box[:, 2:]), 1.0)
    difference = np.abs(extents - corners) / np.column_stack([size, size])
    off: NDArray[np.bool_] = (difference > _OFF).any(axis=1)
    return off


def _extent(mask: Any) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of polygons; NaN for other masks."""
    nothing = (np.nan, np.nan, np.nan, np.nan)
    if not isinstance(mask, list | tuple) or not mask:
        return nothing
    try:
        polygons = [mask] if np.isscalar(mask[0]) else mask
        points = np.concatenate([np.reshape(polygon, (-1, 2)) for polygon in polygons])
        points = points.astype(np.float64)
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    except (TypeError, ValueError, OverflowError):
        return nothing
    return float(left), float(top), float(right), float(bottom)
