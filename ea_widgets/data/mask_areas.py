"""Areas of masks, and of their union in each frame, in whole pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.data.box_metrics import Geometry


@dataclass(frozen=True)
class MaskAreas:
    """What the masks of one source cover.

    Parameters
    ----------
    areas : ndarray of float64, shape (n,)
        Pixels of each object's mask; NaN where it has none.
    unions : ndarray of float64, shape (n_images,)
        Pixels that the objects of a frame cover together: masks, and boxes, cut to pixels, of
        objects without. NaN for a frame without masks.
    notes : tuple of str
        What could not be read.
    """

    areas: NDArray[np.float64]
    unions: NDArray[np.float64]
    notes: tuple[str, ...] = ()


def read_mask_areas(objects: pd.DataFrame, geometry: Geometry, source: str) -> MaskAreas | None:
    """Measure the masks of labels or predictions.

    Parameters
    ----------
    objects : DataFrame
        ``dataset.labels`` or ``dataset.predictions``.
    geometry : Geometry
        Of the same rows.
    source : str
        What to call them in a note.

    Returns
    -------
    MaskAreas or None
        None if no object has a mask.
    """
    if "segmentation" not in objects.columns:
        return None
    segmentations = objects["segmentation"].to_list()
    has = np.array([_is_mask(segmentation) for segmentation in segmentations], dtype=bool)
    if not has.any():
        return None
    n_images = len(geometry.image_size)
    areas = np.full(len(objects), np.nan)
    unions = np.full(n_images, np.nan)
    try:
        from pycocotools import mask as coco_mask  # noqa: PLC0415  # optional
    except ImportError:
        note = (
            f"Masks of {source} are left aside in areas, boxes are used: "
            "install pycocotools (`pip install ea_widgets[masks]`) to use them."
        )
        return MaskAreas(areas, unions, (note,))

    broken = 0
    rows_of: dict[int, list[int]] = {}
    with_mask = np.zeros(n_images, dtype=bool)
    with_mask[geometry.image[has]] = True
    for row in np.flatnonzero(with_mask[geometry.image]).tolist():
        rows_of.setdefault(int(geometry.image[row]), []).append(row)
    for image, rows in rows_of.items():
        width, height = geometry.image_size[image].astype(int).tolist()
        masks = []
        for row in rows:
            encoded = None
            if has[row]:
                encoded = _encode(coco_mask, segmentations[row], height, width)
                broken += encoded is None
            if encoded is not None:
                areas[row] = coco_mask.area(encoded)
            masks.append(encoded or _encode_box(coco_mask, geometry.corners[row], height, width))
        unions[image] = coco_mask.area(coco_mask.merge(masks))
    notes: tuple[str, ...] = ()
    if broken:
        one = "1 mask" if broken == 1 else f"{broken:,} masks"
        why = "cannot be read or differ in size from the image: the box is used for the area."
        notes = (f"{one} of {source} {why}",)
    return MaskAreas(areas, unions, notes)


def _is_mask(segmentation: object) -> bool:
    return isinstance(segmentation, list | tuple | dict) and len(segmentation) > 0


def _encode(coco_mask: Any, segmentation: Any, height: int, width: int) -> dict[str, Any] | None:
    """Turn polygons or either form of run lengths into a compressed one; None if it is broken."""
    try:
        if isinstance(segmentation, dict):
            return _encode_runs(coco_mask, segmentation, height, width)
        polygons = [segmentation] if np.isscalar(segmentation[0]) else segmentation
        kept = [list(map(float, polygon)) for polygon in polygons if len(polygon) >= 6]
        if kept and all(np.isfinite(polygon).all() for polygon in kept):
            return dict(coco_mask.merge(coco_mask.frPyObjects(kept, height, width)))
    except (KeyError, TypeError, ValueError, IndexError):
        pass
    return None


def _encode_runs(
    coco_mask: Any, segmentation: dict[str, Any], height: int, width: int
) -> dict[str, Any] | None:
    size = [int(side) for side in segmentation["size"]]
    counts = segmentation["counts"]
    if size != [height, width]:
        return None
    if not isinstance(counts, list | tuple):
        return {"size": size, "counts": counts}
    if sum(counts) != height * width or min(counts) < 0:
        return None
    return dict(coco_mask.frPyObjects({"size": size, "counts": list(counts)}, height, width))


def _encode_box(
    coco_mask: Any, corners: NDArray[np.float64], height: int, width: int
) -> dict[str, Any]:
    x_low, y_low, x_high, y_high = np.rint(corners).astype(int).tolist()
    pixels = np.zeros((height, width), dtype=np.uint8, order="F")
    pixels[y_low:y_high, x_low:x_high] = 1
    return dict(coco_mask.encode(pixels))
