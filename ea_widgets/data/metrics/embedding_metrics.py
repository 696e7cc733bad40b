"""Metrics from embeddings, one vector for each image or object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.core.embeddings import singularity, take_turns, unit_vectors

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

NEIGHBOURS = 9
"""How many labels an object is compared with."""

PRODUCTS_AT_ONCE = 1 << 33
"""Products of two numbers in one call: about a quarter of a second on two cores."""

LEAST_WIDTH = 128
"""Shorter vectors take as long as these, for sorting the pairs."""

SEED = 1902


def _nobody(number: int) -> None:
    """Take no notice of progress."""


def image_singularity(
    vectors: NDArray[Any], advance: Callable[[int], object] = _nobody
) -> NDArray[np.float64]:
    """Cosine distance of every image to the nearest other.

    Parameters
    ----------
    vectors : ndarray of float, shape (n, d)
        One vector per image; NaN where there is none.
    advance : callable, optional
        Called with the number of vectors done, again and again.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [0, 1]; 0 for all but the first of exact duplicates; NaN where there is no vector, or
        no other.
    """
    here = _whole_rows(vectors)
    distances = np.full(len(vectors), np.nan)
    distances[here] = singularity(unit_vectors(vectors[here]), advance)
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
    # Of more clusters than different points k-means warns; their last bits are no difference.
    number = min(max(n_clusters, 1), len(np.unique(np.round(points, 5), axis=0)))
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
    advance: Callable[[int], object] = _nobody,
) -> NDArray[np.float64]:
    """Share of the nearest labels that have the same class.

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
    advance : callable, optional
        Called with the number of vectors done, again and again.

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
    directions = unit_vectors(vectors[asked])
    # In parts: scikit-learn hears nothing, Ctrl-C neither, before a call is through.
    width = max(directions.shape[1], LEAST_WIDTH)
    step = max(1, PRODUCTS_AT_ONCE // (len(known) * width))
    near = np.empty((len(asked), number), dtype=np.intp)
    for at in range(0, len(asked), step):
        part = directions[at : at + step]
        near[at : at + step] = known[finder.kneighbors(part, return_distance=False)]
        advance(len(part))
    same = label_classes[near] == classes[asked, None]
    if are_labels:
        itself = near == asked[:, None]
        itself[~itself.any(axis=1), -1] = True  # among more copies than neighbours
        same = same[~itself].reshape(len(asked), number - 1)
    shares[asked] = same.mean(axis=1)
    return shares


def _whole_rows(vectors: NDArray[Any]) -> NDArray[np.bool_]:
    whole: NDArray[np.bool_] = ~np.isnan(vectors).any(axis=1)
    return whole
