"""From what gives vectors to the metrics that are made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ea_widgets.core.similarity import principal_components
from ea_widgets.data.embedding_metrics import (
    annotation_quality,
    image_diversity,
    image_singularity,
)
from ea_widgets.data.pixel_metrics import Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ea_widgets.data.catalogue import MetricSpec
    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.embeddings import Embeddings
    from ea_widgets.data.pixel_run import PixelColumns

VECTOR = "embedding"
"""What vectors are called among the quantities; no metric can bear the name."""

THUMBNAIL = 8
"""Side of the fallback's thumbnail, in pixels."""

COMPONENTS = 32
"""Numbers that the fallback keeps of a thumbnail."""


def thumbnails(pixels: NDArray[np.uint8], regions: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Shrink crops: the built-in embedding that needs no model.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        An image.
    regions : ndarray of int64, shape (n, 4)
        x_low, y_low, x_high, y_high inside the image, highs excluded.

    Returns
    -------
    ndarray of uint8, shape (n, 192)
        Eight by eight pixels each, the mean of the part of the crop that they stand for; zeros
        for an empty crop.
    """
    image = Image.fromarray(pixels)
    size = (THUMBNAIL, THUMBNAIL)
    found = np.zeros((len(regions), THUMBNAIL * THUMBNAIL * 3), dtype=np.uint8)
    for row, (x_low, y_low, x_high, y_high) in enumerate(regions.tolist()):
        if x_high > x_low and y_high > y_low:
            box = (x_low, y_low, x_high, y_high)
            small = image.resize(size, Image.Resampling.BOX, box)
            found[row] = np.frombuffer(small.tobytes(), dtype=np.uint8)
    return found


def embedding_quantities(
    frame: str, chosen: Mapping[str, tuple[MetricSpec, ...]], vectors: Embeddings
) -> tuple[Quantity, ...]:
    """List the vectors to be made from pixels for a frame.

    Parameters
    ----------
    frame : str
        "images", "labels" or "predictions".
    chosen : mapping of str to tuple of MetricSpec
        What is to be computed.
    vectors : Embeddings
        Where vectors come from.

    Returns
    -------
    tuple of Quantity
        One or none. Those of a user's function are not kept in a cache: nobody can tell whether
        the model behind it is still the same.
    """
    needing = {
        name for name, specs in chosen.items() if any(s.needs == "embeddings" for s in specs)
    }
    # Predictions are compared with labels.
    if frame not in needing and not (frame == "labels" and "predictions" in needing):
        return ()
    if frame in vectors.functions:
        return (Quantity(VECTOR, None, vectors.functions[frame], is_vector=True),)
    if frame in vectors.fallback:
        return (Quantity(VECTOR, "thumbnail@1", thumbnails, is_vector=True, takes_all=True),)
    return ()


def embedding_metrics(
    dataset: Dataset,
    chosen: Mapping[str, tuple[MetricSpec, ...]],
    vectors: Embeddings,
    columns: PixelColumns,
    n_threads: int,
) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Compute the chosen metrics from vectors.

    Parameters
    ----------
    dataset : Dataset
        Its classes are compared.
    chosen : mapping of str to tuple of MetricSpec
        What is to be computed.
    vectors : Embeddings
        Where vectors come from.
    columns : PixelColumns
        Those that were made from pixels.
    n_threads : int
        Threads to use.

    Returns
    -------
    dict
        ``found[frame][name]``: one number per row.
    """
    names = {
        frame: {spec.name for spec in specs if spec.needs == "embeddings"}
        for frame, specs in chosen.items()
    }
    found: dict[str, dict[str, NDArray[np.float64]]] = {frame: {} for frame in names}
    if names["images"]:
        (images,) = _vectors(dataset, vectors, columns, "images")
        if "Image Singularity" in names["images"]:
            found["images"]["Image Singularity"] = image_singularity(images)
        if "Image Diversity" in names["images"]:
            found["images"]["Image Diversity"] = image_diversity(images, len(dataset.class_names))
    if names["labels"] or names["predictions"]:
        sources = ("labels", "predictions") if names["predictions"] else ("labels",)
        given = dict(zip(sources, _vectors(dataset, vectors, columns, *sources), strict=True))
        classes = {
            frame: getattr(dataset, frame)["class_name"].cat.codes.to_numpy() for frame in sources
        }
        for frame in sources:
            if names[frame]:
                found[frame]["Object Annotation Quality"] = annotation_quality(
                    given[frame],
                    classes[frame],
                    given["labels"],
                    classes["labels"],
                    are_labels=frame == "labels",
                    n_threads=n_threads,
                )
    return found


def _vectors(
    dataset: Dataset, vectors: Embeddings, columns: PixelColumns, *frames: str
) -> list[NDArray[np.float32]]:
    """Give one array per frame, NaN where there is no vector."""
    found = []
    for frame in frames:
        array = vectors.arrays.get(frame)
        if array is None:
            rows = len(getattr(dataset, frame))
            array = columns.measured.get(frame, {}).pop(VECTOR, np.empty((rows, 0), np.uint8))
        found.append(array)
    width = max(array.shape[1] for array in found)
    if not width:
        return [np.full((len(array), 1), np.nan, dtype=np.float32) for array in found]
    if frames[0] in vectors.fallback:
        present = [
            columns.present[frame] & (array.shape[1] > 0)
            for frame, array in zip(frames, found, strict=True)
        ]
        thumbnails = [
            array[here].reshape(-1, width) for array, here in zip(found, present, strict=True)
        ]
        reduced = principal_components(thumbnails[0], thumbnails[-1], COMPONENTS)
        return [_spread(parts, here) for parts, here in zip(reduced, present, strict=False)]
    return [
        array if array.shape[1] else np.full((len(array), width), np.nan, dtype=np.float32)
        for array in found
    ]


def _spread(parts: NDArray[np.float32], here: NDArray[np.bool_]) -> NDArray[np.float32]:
    whole = np.full((here.size, parts.shape[1]), np.nan, dtype=np.float32)
    whole[here] = parts
    return whole
