"""Boxes of masks, for entries that have a mask only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.validation import Source, refuse
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ea_widgets.data.coco_entries import Annotation, Box, Prediction


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
    filled: list[Box] = []
    empty, broken = [], []
    for row, (entry, box) in enumerate(zip(entries, boxes, strict=True)):
        if box is None and not entry.segmentation:
            empty.append(row)
        elif box is None:
            box = _extent(source, row, entry.segmentation)  # noqa: PLW2901  # the loop fills it
            if box is None:
                broken.append(row)
        filled.append(box or (0.0, 0.0, 0.0, 0.0))
    refuse(
        source,
        "bbox",
        empty,
        boxes,
        what="is missing, and there is no segmentation to take it from,",
        remedy="Give every entry a bbox, [x, y, width, height] in pixels.",
    )
    refuse(
        source,
        "segmentation",
        broken,
        [entry.segmentation for entry in entries] if broken else [],
        what="is neither polygons nor run lengths, and there is no bbox,",
        remedy="Give polygons as [[x, y, x, y, x, y, ...], ...], run lengths as size and counts, "
        "or a bbox.",
    )
    return filled


def _extent(source: Source, row: int, segmentation: Any) -> Box | None:
    """Box of one mask; None if it is broken."""
    try:
        if isinstance(segmentation, dict):
            return _extent_of_runs(source, row, segmentation)
        flat = np.isscalar(segmentation[0])
        polygons = [segmentation] if flat else segmentation
        points = np.concatenate([np.reshape(polygon, (-1, 2)) for polygon in polygons])
        points = points.astype(np.float64)
    except InvalidInputError:
        raise  # pycocotools is missing
    except (TypeError, ValueError, KeyError, IndexError):
        return None
    if not len(points):
        return None
    (x, y), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return x, y, right - x, bottom - y


def _extent_of_runs(source: Source, row: int, segmentation: dict[str, Any]) -> Box | None:
    try:
        from pycocotools import mask as coco_mask  # noqa: PLC0415  # optional
    except ImportError:
        raise InvalidInputError(
            source.field("bbox", row),
            "is missing, and taking it from run lengths needs pycocotools",
            "Install it with `pip install ea_widgets[masks]`, or give every entry a bbox.",
        ) from None
    height, width = (int(side) for side in segmentation["size"])
    counts = segmentation["counts"]
    if isinstance(counts, list | tuple):
        if sum(counts) != height * width or min(counts) < 0:
            return None
        segmentation = coco_mask.frPyObjects(
            {"size": [height, width], "counts": list(counts)}, height, width
        )
    x, y, box_width, box_height = coco_mask.toBbox(segmentation).tolist()
    return x, y, box_width, box_height
