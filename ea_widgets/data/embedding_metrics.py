"""Metrics from embeddings, one vector for each image or object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ea_widgets.core.similarity import (
    principal_components,
    singularity,
    take_turns,
    unit_vectors,
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

NEIGHBOURS = 9
"""How many labels an object is compared with."""

THUMBNAIL = 8
"""Side of the fallback's thumbnail, in pixels."""

COMPONENTS = 32
"""Numbers that the fallback keeps of a thumbnail."""

SEED = 1902


def thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Shrink a crop: the built-in embedding that needs no model.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        An image or a crop, not empty.

    Returns
    -------
    ndarray of uint8, shape (192,)
        Eight by eight pixels, each the mean of the part of the crop that it stands for.
    """
    small = Image.fromarray(pixels).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    return np.asarray(small).ravel()


def image_singularity(vectors: NDArray[Any]) -> NDArray[np.float64]:
    """Cosine distance of every image to the nearest other.

    Parameters
    ----------
    vectors : ndarray of float, shape (n, d)
        One vector per image; NaN where there is none.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [0, 1]; 0 for all but the first of exact duplicates; NaN where there is no vector, or
        no other.
    """
    here = _whole_rows(vectors)
    distances = np.full(len(vectors), np.nan)
    distances[here] = singularity(unit_vectors(vectors[here]))
    return distances


def image_diversity(vectors: NDArray[Any], n_clusters: int) -> NDArray[np.float64]:
    """Rank of every image when images are taken in turn from clusters.

    Parameters
    ----------
    vectors : ndarray of float, shape (n, d)
        One vector per image; NaN where there is none.
    n_clusters : int
        Number of classes.

    Returns
    -------
    ndarray of float64, shape (n,)
        0 (typical) to n - 1; NaN where there is no vector.
    """
    from sklearn.cluster import KMeans  # noqa: PLC0415  # takes a second to load

    here = _whole_rows(vectors)
    ranks = np.full(len(vectors), np.nan)
    points = unit_vectors(vectors[here])
    if not len(points):
        return ranks
    # More clusters than different points would be refused with a warning.
    number = min(max(n_clusters, 1), len(np.unique(points, axis=0)))
    means = KMeans(number, n_init=3, random_state=SEED).fit(points)
    distances = np.linalg.norm(points - means.cluster_centers_[means.labels_], axis=1)
    ranks[here] = take_turns(means.labels_, np.round(distances, 6))
    return ranks


def annotation_quality(
    vectors: NDArray[Any],
    classes: NDArray[np.integer],
    label_vectors: NDArray[Any],
    label_classes: NDArray[np.integer],
    *,
    are_labels: bool,
    n_threads: int,
) -> NDArray[np.float64]:
    """Share of the nearest labels that bear the same class.

    Parameters
    ----------
    vectors : ndarray of float, shape (n, d)
        One vector per object; NaN where there is none.
    classes : ndarray of int, shape (n,)
        Their classes.
    label_vectors : ndarray of float, shape (n_labels, d)
        One vector per label; NaN where there is none.
    label_classes : ndarray of int, shape (n_labels,)
        Their classes.
    are_labels : bool
        Whether the objects are these labels, so that none is compared with itself.
    n_threads : int
        Threads to use.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [0, 1]; NaN where there is no vector, or no other label.

    Notes
    -----
    The nine nearest by cosine distance, fewer when there are fewer labels. Chunked by
    scikit-learn: no matrix of all pairs.
    """
    from sklearn.neighbors import NearestNeighbors  # noqa: PLC0415  # takes a second to load

    shares = np.full(len(vectors), np.nan)
    known = np.flatnonzero(_whole_rows(label_vectors))
    asked = np.flatnonzero(_whole_rows(vectors))
    spare = int(are_labels)
    number = min(NEIGHBOURS + spare, len(known))
    if number <= spare or not len(asked):
        return shares
    # For directions, the order by Euclidean distance is the order by cosine distance.
    finder = NearestNeighbors(n_neighbors=number, algorithm="brute", n_jobs=n_threads)
    finder.fit(unit_vectors(label_vectors[known]))
    near = known[finder.kneighbors(unit_vectors(vectors[asked]), return_distance=False)]
    same = label_classes[near] == classes[asked, None]
    if are_labels:
        itself = near == asked[:, None]
        itself[~itself.any(axis=1), -1] = True  # among more copies than neighbours
        same = same[~itself].reshape(len(asked), number - 1)
    shares[asked] = same.mean(axis=1)
    return shares


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
        return (Quantity(VECTOR, "thumbnail@1", thumbnail, is_vector=True),)
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


def _whole_rows(vectors: NDArray[Any]) -> NDArray[np.bool_]:
    whole: NDArray[np.bool_] = ~np.isnan(vectors).any(axis=1)
    return whole
