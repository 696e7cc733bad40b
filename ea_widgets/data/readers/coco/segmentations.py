"""Boxes of masks, for entries that have a mask only."""

from __future__ import annotations

import contextlib
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.checks.refuse import Source, refuse
from ea_widgets.data.masks.encoding import (
    BrokenMaskError,
    check_counts,
    encode_mask,
    has_mask,
    import_mask_library,
    in_chunks,
)
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.readers.coco.schema import Annotation, Box, Image, Prediction

LONGEST_SIDE = 1 << 16
"""No image has a longer side; pycocotools counts pixels in 32 bits."""


def fill_boxes(source: Source, entries: Sequence[Annotation | Prediction]) -> list[Box]:
    """Give the box of every entry, taken from the mask where there is none.

    Parameters
    ----------
    source : Source
        Where the entries are from.
    entries : sequence of Annotation or Prediction
        With a box, a mask or both; a box goes before a mask.

    Returns
    -------
    list of (float, float, float, float)
        x, y, width and height in pixels. For run lengths as ``pycocotools.mask.toBbox`` gives
        it, for polygons their extent.

    Raises
    ------
    InvalidInputError
        If an entry has neither, a mask is broken, or run lengths are met without pycocotools.
    """
    boxes = [entry.bbox for entry in entries]
    if None not in boxes:
        return boxes  # type: ignore[return-value]  # mypy does not narrow a list
    bare = [row for row, box in enumerate(boxes) if box is None]
    refuse(
        source,
        "bbox",
        [row for row in bare if not has_mask(entries[row].segmentation)],
        boxes,
        what="is missing, and there is no segmentation to take it from,",
        remedy="Give every entry a bbox, [x, y, width, height] in pixels.",
    )
    runs = [row for row in bare if isinstance(entries[row].segmentation, dict)]
    found = _extents_of_runs(source, runs, [entries[row].segmentation for row in runs])
    for row in bare:
        if not isinstance(entries[row].segmentation, dict):
            found[row] = _extent(entries[row].segmentation)
    broken = [row for row in bare if found[row] is None]
    refuse(
        source,
        "segmentation",
        broken,
        [entry.segmentation for entry in entries] if broken else [],
        what="is neither polygons nor run lengths, and there is no bbox,",
        remedy="Give polygons as [[x, y, x, y, x, y, ...], ...], run lengths as size and counts, "
        "or a bbox.",
    )
    return [box or found[row] or (0.0, 0.0, 0.0, 0.0) for row, box in enumerate(boxes)]


def check_mask_sizes(
    source: Source,
    entries: Sequence[Annotation | Prediction],
    image: NDArray[np.intp],
    images: Sequence[Image],
) -> None:
    """Refuse run lengths that a box was taken from, but that are not of their image's size.

    Parameters
    ----------
    source : Source
        Where the entries are from.
    entries : sequence of Annotation or Prediction, length n
    image : ndarray of intp, shape (n,)
        Row of each entry's image.
    images : sequence of Image

    Raises
    ------
    InvalidInputError
        If a mask has another size.
    """
    other = []
    for row, entry in enumerate(entries):
        if entry.bbox is None and isinstance(entry.segmentation, dict):
            its = images[image[row]]
            if tuple(entry.segmentation["size"]) != (its.height, its.width):
                other.append(row)
    if not other:
        return
    (height, width), its = entries[other[0]].segmentation["size"], images[image[other[0]]]
    raise InvalidInputError(
        source.field("segmentation", other[0]),
        f"is not of the size of its image in {source.count(len(other))}: the first is "
        f"{width} x {height} pixels and its image {its.width:g} x {its.height:g} pixels",
        "Give masks of the whole image, or a bbox.",
    )


def _extent(segmentation: Any) -> Box | None:
    """Box of polygons; None if they are broken."""
    try:
        flat = np.isscalar(segmentation[0])
        polygons = [segmentation] if flat else segmentation
        points = np.concatenate([np.reshape(polygon, (-1, 2)) for polygon in polygons])
        points = points.astype(np.float64)
    except (TypeError, ValueError, KeyError, IndexError):
        return None
    if not len(points):
        return None
    (x, y), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return x, y, right - x, bottom - y


def _extents_of_runs(
    source: Source, rows: Sequence[int], masks: Sequence[dict[str, Any]]
) -> dict[int, Box | None]:
    """Boxes of run lengths by row; None for those that are broken."""
    found: dict[int, Box | None] = dict.fromkeys(rows)
    if not rows:
        return found
    try:
        library = import_mask_library()
    except ImportError:
        raise InvalidInputError(
            source.field("bbox", rows[0]),
            "is missing, and taking it from run lengths needs pycocotools",
            "Install it with `pip install 'ea_widgets[masks]'`, or give every entry a bbox.",
        ) from None
    encoded = {}
    for row, mask in zip(rows, masks, strict=True):
        with contextlib.suppress(BrokenMaskError, KeyError, TypeError, ValueError):
            height, width = (operator.index(side) for side in mask["size"])
            if 0 < height < LONGEST_SIDE and 0 < width < LONGEST_SIDE:
                encoded[row] = encode_mask(library, mask, height, width)
    broken = check_counts(library, [*encoded.values()]).tolist()
    whole = {row: mask for (row, mask), bad in zip(encoded.items(), broken, strict=True) if not bad}
    boxes = in_chunks(library.toBbox, [*whole.values()]).reshape(-1, 4)
    return found | {
        row: (x, y, box_width, box_height)
        for row, (x, y, box_width, box_height) in zip(whole, boxes.tolist(), strict=True)
    }
