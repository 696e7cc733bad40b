"""Areas of masks, and of their union in each frame, in whole pixels."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.core.geometry.run_lengths import pixels_outside
from ea_widgets.core.geometry.union_area import union_areas
from ea_widgets.data.masks.encoding import (
    BrokenMaskError,
    check_counts,
    encode_mask,
    has_mask,
    import_mask_library,
    in_chunks,
)

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.data.geometry import Geometry


MOST_PIXELS = 2.0**32
"""pycocotools counts pixels in 32 bits: masks of larger images cannot be read."""


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
    has = np.array([has_mask(segmentation) for segmentation in segmentations], dtype=bool)
    if not has.any():
        return None
    n_images = len(geometry.image_size)
    areas = np.full(len(objects), np.nan)
    unions = np.full(n_images, np.nan)
    try:
        library = import_mask_library()
    except ImportError:
        note = (
            f"Masks of {source} are left aside in areas, boxes are used: "
            "install pycocotools (`pip install 'ea_widgets[masks]'`) to use them."
        )
        return MaskAreas(areas, unions, (note,))

    masks = _read_masks(library, segmentations, np.flatnonzero(has), geometry)
    broken = int(has.sum()) - len(masks)
    areas[list(masks)] = in_chunks(library.area, list(masks.values()))
    boxed = np.ones(len(objects), dtype=bool)
    boxed[list(masks)] = False
    with_mask = np.unique(geometry.image[has])
    unions[with_mask] = 0
    boxed &= ~np.isnan(unions[geometry.image])
    corners, image = np.rint(geometry.corners[boxed]), geometry.image[boxed]
    unions[with_mask] = union_areas(corners, image, n_images)[with_mask]
    masks_of: dict[int, list[dict[str, Any]]] = {}
    for row, mask in masks.items():
        masks_of.setdefault(int(geometry.image[row]), []).append(mask)
    order = np.argsort(image, kind="stable")
    begin, end = (
        np.searchsorted(image[order], [*masks_of], side=side) for side in ("left", "right")
    )
    for number, (frame, own) in enumerate(masks_of.items()):
        boxes = corners[order[begin[number] : end[number]]].astype(np.int64)
        merged = library.merge(own)
        unions[frame] += pixels_outside(merged["counts"], int(merged["size"][0]), boxes)
    notes: tuple[str, ...] = ()
    if broken:
        one = "1 mask" if broken == 1 else f"{broken:,} masks"
        why = "cannot be read or differ in size from the image: the box is used for the area."
        notes = (f"{one} of {source} {why}",)
    return MaskAreas(areas, unions, notes)


def _read_masks(
    library: Any, segmentations: list[Any], rows: NDArray[np.intp], geometry: Geometry
) -> dict[int, dict[str, Any]]:
    """Encode the masks of some rows; those that are broken are not among them."""
    sizes = geometry.own_size[rows]
    readable = sizes.prod(axis=1) < MOST_PIXELS
    masks = {}
    for row, (width, height) in zip(
        rows[readable].tolist(), sizes[readable].astype(int).tolist(), strict=True
    ):
        with contextlib.suppress(BrokenMaskError):
            masks[row] = encode_mask(library, segmentations[row], height, width)
    encoded = [*masks.values()]
    broken = check_counts(library, encoded).tolist()
    return {row: mask for row, mask, bad in zip(masks, encoded, broken, strict=True) if not bad}
