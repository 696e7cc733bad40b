"""Areas of masks, and of their union in each frame, in whole pixels."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

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
    with_mask = np.zeros(n_images, dtype=bool)
    with_mask[geometry.image[has]] = True
    rows_of: dict[int, list[int]] = {}
    for row in np.flatnonzero(with_mask[geometry.image]).tolist():
        rows_of.setdefault(int(geometry.image[row]), []).append(row)
    for image, rows in rows_of.items():
        width, height = geometry.image_size[image].astype(int).tolist()
        covers = [
            masks[row]
            if row in masks
            else _encode_box(library, geometry.corners[row], height, width)
            for row in rows
        ]
        unions[image] = library.area(library.merge(covers))
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
    sizes = geometry.image_size[geometry.image].astype(int).tolist()
    masks = {}
    for row in rows.tolist():
        width, height = sizes[row]
        with contextlib.suppress(BrokenMaskError):
            masks[row] = encode_mask(library, segmentations[row], height, width)
    encoded = [*masks.values()]
    broken = check_counts(library, encoded).tolist()
    return {row: mask for row, mask, bad in zip(masks, encoded, broken, strict=True) if not bad}


def _encode_box(
    library: Any, corners: NDArray[np.float64], height: int, width: int
) -> dict[str, Any]:
    x_low, y_low, x_high, y_high = np.rint(corners).astype(int).tolist()
    pixels = np.zeros((height, width), dtype=np.uint8, order="F")
    pixels[y_low:y_high, x_low:x_high] = 1
    return dict(library.encode(pixels))
