"""Sizes of images that nothing states: what the user says, the pixels, else the boxes' extent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.readers.opening import Given
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.data.checks.raw_frames import RawFrames
    from ea_widgets.data.readers.base import Reader

    PixelBoxes = Callable[[Given], tuple[list[Any], list[NDArray[np.float64]]]]


def add_sizes(raw: RawFrames, given: Given, reader: Reader, boxes: PixelBoxes) -> None:
    """Add width and height to the images.

    Parameters
    ----------
    raw : RawFrames
        Its ``images`` are changed.
    given : Given
        Its option "sizes": a mapping from image id to (width, height), or one pair for all.
    reader : Reader
        Of these labels; asked whether it knows the predictions too.
    boxes : callable
        Gives ids of images and, of each, boxes of shape (4, n) as x, y, width and height in
        pixels; asked only where there are neither sizes nor pixels.

    Raises
    ------
    InvalidInputError
        If the sizes are of another form, or lack an image.
    """
    images = raw.images
    assert images is not None  # noqa: S101  # the caller made them
    sizes = (given.options or {}).get("sizes")
    if sizes is not None:
        stated = [_stated(sizes, key) for key in images["image_id"]]
        _add(images, stated)
    elif given.images is None and raw.pixels is None:
        both = (given, Given("predictions", given.partner, given.options, None, given.source))
        ends = [_extents(*boxes(one)) for one in both if reader.recognises(one)]
        nowhere = [1.0, 1.0]
        far = [
            np.max([nowhere, *(one.get(key, nowhere) for one in ends)], axis=0)
            for key in images["image_id"]
        ]
        _add(images, far)
        if len(images):
            raw.notes.append(
                "Nothing states the sizes of the images; each is taken to end where its boxes do, "
                "so that metrics relative to the image are too large. Give `images=` or `sizes=`."
            )


def _add(images: pd.DataFrame, sizes: Any) -> None:
    pairs = np.asarray(sizes, dtype=np.float64).reshape(-1, 2)
    images["width"], images["height"] = pairs[:, 0], pairs[:, 1]


def _stated(sizes: Any, key: Any) -> tuple[float, float]:
    pair: Any = sizes.get(key) if isinstance(sizes, Mapping) else sizes
    try:
        width, height = map(float, pair)
    except (TypeError, ValueError):
        raise InvalidInputError(
            "sizes",
            f"has {str(pair)[:80]} for the image {key!r}",
            "Give (width, height) in pixels, one for all images or a dict from image id.",
        ) from None
    return width, height


def _extents(keys: list[Any], boxes: list[NDArray[np.float64]]) -> dict[Any, list[float]]:
    """Give the right and the lower end of each image's boxes, rounded up."""
    ends = {}
    for key, numbers in zip(keys, boxes, strict=True):
        far = numbers[:2] + numbers[2:]
        usable = far[:, np.isfinite(far).all(axis=0)]
        ends[key] = np.ceil(usable).max(axis=1, initial=1).tolist()
    return ends
