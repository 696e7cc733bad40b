"""Masks of objects: one way to encode them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.core.geometry.run_lengths import read_runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Rle = dict[str, Any]

CHUNK = 255
"""Masks measured together: ``area`` of pycocotools 2.0.11 fails on longer lists with numpy 2."""


FARTHEST = 16
"""A polygon may reach so many times the longer side of its image away: pycocotools takes memory for
each pixel of an outline, and ends the process where a coordinate leaves its whole numbers."""


class BrokenMaskError(ValueError):
    """Raised when a segmentation is no mask of its image; the text completes "the mask"."""


def import_mask_library() -> Any:
    """Give pycocotools' mask functions.

    Raises
    ------
    ImportError
        If pycocotools, an extra, is not installed.
    """
    from pycocotools import mask  # noqa: PLC0415  # an extra

    return mask


def has_mask(segmentation: object) -> bool:
    """Tell whether an entry holds something that is meant as a mask."""
    if isinstance(segmentation, np.ndarray):
        return segmentation.size > 0  # a single number has no length
    if isinstance(segmentation, list | tuple | dict | str):
        return len(segmentation) > 0
    return not (segmentation is None or segmentation is pd.NA or is_nan(segmentation))


def is_nan(value: object) -> bool:
    """Tell whether something is the number that stands for nothing."""
    return isinstance(value, float) and value != value  # noqa: PLR0124  # NaN alone differs


def encode_mask(library: Any, segmentation: Any, height: int, width: int) -> Rle:
    """Turn polygons or either form of run lengths into compressed run lengths.

    Compressed run lengths come back as they are; see :func:`check_counts`, which checks many of
    them at once.

    Parameters
    ----------
    library : module
        See :func:`import_mask_library`.
    segmentation : list, dict or ndarray
        Polygons ``[[x, y, x, y, ...], ...]`` or one of them, in pixels, as lists or arrays; run
        lengths ``{"size": [height, width], "counts": ...}``; or a mask pixel by pixel, of shape
        (height, width), with 0 or False outside and one other value inside.
    height, width : int
        Size of the image in pixels.

    Returns
    -------
    dict
        ``size`` and ``counts`` (str or bytes), column after column.

    Raises
    ------
    BrokenMaskError
        If it is none of these, or not of the image's size.
    """
    try:
        if isinstance(segmentation, dict):
            return _encode_runs(library, segmentation, height, width)
        if is_bitmap(segmentation, height, width):
            return _encode_bitmap(library, np.asarray(segmentation), height, width)
        return _encode_polygons(library, segmentation, height, width)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        if isinstance(error, BrokenMaskError):
            raise
        raise BrokenMaskError("is neither a list of polygons nor run lengths") from error


def is_bitmap(segmentation: Any, height: int, width: int) -> bool:
    """Tell whether something is a mask pixel by pixel, and not polygons."""
    if isinstance(segmentation, np.ndarray) and segmentation.dtype == np.bool_:
        return True
    # Rows as many and as long as those of the image: nobody has such polygons.
    if len(segmentation) != height or np.isscalar(segmentation[0]):
        return False
    return all(len(row) == width for row in segmentation)


def _encode_bitmap(library: Any, pixels: NDArray[Any], height: int, width: int) -> Rle:
    _check_size(pixels.shape, height, width)
    inside = pixels.astype(bool)
    if not (pixels == inside * (pixels.max(initial=0) or 1)).all():
        raise BrokenMaskError("is given pixel by pixel, with other values than 0 and one more")
    return dict(library.encode(np.asfortranarray(inside, np.uint8)))


def _encode_polygons(library: Any, segmentation: Any, height: int, width: int) -> Rle:
    if isinstance(segmentation, str):
        raise BrokenMaskError("is text, neither a list of polygons nor run lengths")
    polygons = [segmentation] if np.isscalar(segmentation[0]) else segmentation
    if any(len(polygon) and not np.isscalar(polygon[0]) for polygon in polygons):
        raise BrokenMaskError("has points as pairs, where polygons are flat: [x, y, x, y, ...]")
    if any(len(polygon) and isinstance(polygon[0], str) for polygon in polygons):
        raise BrokenMaskError("has coordinates that are text")
    # Two points enclose nothing, and pycocotools takes four numbers for a box.
    kept = [list(map(float, polygon)) for polygon in polygons if len(polygon) >= 6]
    if not kept:
        raise BrokenMaskError("has no polygon of at least three points")
    if any(len(polygon) % 2 for polygon in kept):
        raise BrokenMaskError("has a polygon with an odd number of coordinates")
    farthest = float(FARTHEST * max(height, width))
    # NaN fails every comparison.
    if not all(-farthest <= x <= farthest for polygon in kept for x in polygon):
        raise BrokenMaskError("has a coordinate that is not finite or far outside of its image")
    return dict(library.merge(library.frPyObjects(kept, height, width)))


def _encode_runs(library: Any, segmentation: Rle, height: int, width: int) -> Rle:
    size, counts = segmentation["size"], segmentation["counts"]
    _check_size(size, height, width)
    if isinstance(counts, str | bytes):
        # From a parquet file the size is an array, which the library does not take, nor does it
        # take text of numpy's.
        as_it_is = isinstance(size, list | tuple) and type(counts) in {str, bytes}
        counts = str(counts) if isinstance(counts, str) else bytes(counts)
        return segmentation if as_it_is else {"size": [height, width], "counts": counts}
    runs = np.asarray(counts)
    if runs.ndim != 1 or not len(runs) or runs.min() < 0 or (runs != np.floor(runs)).any():
        raise BrokenMaskError("has run lengths that are no whole numbers from 0 up")
    if runs.sum() != height * width:
        raise BrokenMaskError("has run lengths that do not add up to its image")
    plain = {"size": [height, width], "counts": runs.astype(int).tolist()}
    return dict(library.frPyObjects(plain, height, width))


def _check_size(size: Any, height: int, width: int) -> None:
    """Refuse the size of a mask that is not its image's."""
    if len(size) != 2 or any(isinstance(side, str) for side in size):
        raise BrokenMaskError(f"has the size {size!r}, which is not [height, width]")
    if size[0] != height or size[1] != width:
        raise BrokenMaskError(
            f"is {size[1]} x {size[0]} pixels and its image {width} x {height} pixels"
        )


def check_counts(library: Any, masks: list[Rle]) -> NDArray[np.bool_]:
    """Mark compressed run lengths that cannot be read or do not add up to their image.

    Those that can, but with empty runs in between, are encoded anew in place: pycocotools does
    not merge them.

    Parameters
    ----------
    library : module
        See :func:`import_mask_library`.
    masks : list of dict, length n
        As :func:`encode_mask` returns them; changed.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    counts = []
    for mask in masks:
        text = mask["counts"]
        counts.append(text.encode("ascii", "replace") if isinstance(text, str) else text)
    pixels = np.array([mask["size"][0] * mask["size"][1] for mask in masks], np.int64)
    covered, interrupted = read_runs(counts)
    broken: NDArray[np.bool_] = covered != pixels
    for row in np.flatnonzero(interrupted & ~broken).tolist():
        masks[row] = dict(library.encode(library.decode(masks[row])))
    return broken


def in_chunks(
    measure: Callable[[list[Rle]], NDArray[Any]], masks: list[Rle]
) -> NDArray[np.float64]:
    """Measure many masks, a chunk at a time.

    Parameters
    ----------
    measure : callable
        ``area`` or ``toBbox`` of the library.
    masks : list of dict, length n

    Returns
    -------
    ndarray of float64
        One entry or row per mask; shape (0,) without masks.
    """
    parts = [measure(masks[low : low + CHUNK]) for low in range(0, len(masks), CHUNK)]
    return np.concatenate(parts, dtype=np.float64) if parts else np.zeros(0)
