"""Boxes of masks and keypoints, for entries that have no box of their own."""

from __future__ import annotations

import contextlib
import operator
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.checks.raw_frames import Fault
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

    Box = Sequence[Any]

LONGEST_SIDE = 1 << 16
"""No image has a longer side; pycocotools counts pixels in 32 bits."""

_ORIENTED = (
    "Give every entry a bbox, [x, y, width, height] in pixels; of oriented boxes (rbox, poly, obb) "
    "that is the upright box around them."
)
_BROKEN = (
    "Give polygons as [[x, y, x, y, x, y, ...], ...], run lengths as size and counts, or a bbox."
)


def find_boxes(
    boxes: Sequence[Any],
    masks: Sequence[Any],
    points: Sequence[Any],
    name: str,
    faults: list[Fault],
) -> tuple[list[Box | None], list[bool]]:
    """Give the box of every entry, taken from the mask or keypoints where there is none.

    Parameters
    ----------
    boxes, masks, points : sequence
        ``bbox``, ``segmentation`` and ``keypoints`` of each entry, as they are in the file.
    name : str
        "labels" or "predictions".
    faults : list of Fault
        Entries without a box are added.

    Returns
    -------
    boxes : list of four values or None
        x, y, width and height in pixels. For run lengths as ``pycocotools.mask.toBbox`` gives it,
        for polygons their extent, for keypoints that of the labelled ones (of predictions: of all,
        as pycocotools).
    of_mask : list of bool
        Whether the box was taken from run lengths.

    Raises
    ------
    InvalidInputError
        If run lengths are met without pycocotools.
    """
    found: list[Box | None] = [_four(box) for box in boxes]
    bare = [row for row, box in enumerate(boxes) if _is_empty(box)]
    odd = [row for row, box in enumerate(found) if box is None and not _is_empty(boxes[row])]
    _add_fault(
        faults,
        name,
        "bbox",
        odd,
        boxes,
        what="is not four numbers",
        remedy="Boxes are [x, y, width, height] in pixels.",
    )
    of_mask = [False] * len(found)
    masked = [row for row in bare if has_mask(masks[row])]
    runs = [row for row in masked if isinstance(masks[row], dict)]
    extents = _extents_of_runs(name, runs, [masks[row] for row in runs])
    for row in masked:
        if isinstance(masks[row], dict):
            found[row], of_mask[row] = extents[row], True
        else:
            found[row] = _extent(masks[row])
    _add_fault(
        faults,
        name,
        "segmentation",
        [row for row in masked if found[row] is None],
        masks,
        what="is neither polygons nor run lengths, and there is no bbox,",
        remedy=_BROKEN,
    )
    known = set(masked)
    maskless = [row for row in bare if row not in known]
    for row in maskless:
        found[row] = _extent_of_points(points[row], every=name == "predictions")
    _add_fault(
        faults,
        name,
        "bbox",
        [row for row in maskless if found[row] is None],
        boxes,
        what="is missing, and there is no segmentation to take it from,",
        remedy=_ORIENTED,
    )
    return found, of_mask


def _add_fault(
    faults: list[Fault],
    name: str,
    column: str,
    rows: Sequence[int],
    values: Sequence[Any],
    *,
    what: str,
    remedy: str,
) -> None:
    if rows:
        faults.append(Fault(name, column, rows, [values[row] for row in rows], what, remedy))


def _is_empty(box: Any) -> bool:
    return box is None or (isinstance(box, list | tuple | np.ndarray) and len(box) == 0)


_NAMED_SIDES = (("x", "y", "width", "height"), ("x", "y", "w", "h"))
_BETWEEN = re.compile(r"[\s,;\[\]()]+")


def _four(box: Any) -> Box | None:
    """Give the four values of a box: a list of them, a text of them, or an object by side."""
    if isinstance(box, np.ndarray):
        box = box.tolist()
    elif isinstance(box, str):
        box = _BETWEEN.split(box.strip(" []()"))
    elif isinstance(box, dict):
        sides = next((names for names in _NAMED_SIDES if all(one in box for one in names)), ())
        box = [box[name] for name in sides]
    return box if isinstance(box, list | tuple) and len(box) == 4 else None


def _extent(segmentation: Any) -> Box | None:
    """Box of polygons, or of a mask pixel by pixel; None if they are broken."""
    try:
        if isinstance(segmentation, np.ndarray) and segmentation.ndim == 2:
            return _extent_of_pixels(segmentation)
        flat = np.isscalar(segmentation[0])
        polygons = [segmentation] if flat else segmentation
        points = np.concatenate([np.reshape(polygon, (-1, 2)) for polygon in polygons])
        points = points.astype(np.float64)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError):
        return None
    return _around(points)


def _extent_of_pixels(pixels: Any) -> Box:
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    if not len(rows):
        return 0.0, 0.0, 0.0, 0.0
    x, y = float(columns[0]), float(rows[0])
    return x, y, float(columns[-1]) + 1 - x, float(rows[-1]) + 1 - y


def _extent_of_points(keypoints: Any, *, every: bool) -> Box | None:
    """Box of keypoints, flat as x, y, visibility; None without any."""
    try:
        points = np.reshape(np.array(keypoints, dtype=np.float64), (-1, 3))
    except (TypeError, ValueError, OverflowError):
        return None
    return _around(points[:, :2] if every else points[points[:, 2] > 0, :2])


def _around(points: Any) -> Box | None:
    if not len(points):
        return None
    (x, y), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return x, y, right - x, bottom - y


def _extents_of_runs(
    name: str, rows: Sequence[int], masks: Sequence[dict[str, Any]]
) -> dict[int, Box | None]:
    """Boxes of run lengths by row; None for those that are broken."""
    found: dict[int, Box | None] = dict.fromkeys(rows)
    if not rows:
        return found
    try:
        library = import_mask_library()
    except ImportError:
        raise InvalidInputError(
            f"{name}[{rows[0]}].bbox",
            "is missing, and taking it from run lengths needs pycocotools",
            "Install it with `pip install 'ea_widgets[masks]'`, or give every entry a bbox.",
        ) from None
    encoded = {}
    for row, mask in zip(rows, masks, strict=True):
        with contextlib.suppress(BrokenMaskError, KeyError, TypeError, ValueError, OverflowError):
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
