"""Clusters by hash: which random group each is in, and how many there are."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.summary.counts.hashes import image_hashes
from ea_widgets.summary.settings import N_GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData

SKETCH = 64
"""Hashes kept of the clusters of a class: up to so many are counted exactly, more to 12 %."""


def cluster_hashes(data: MatchedData) -> NDArray[np.uint64]:
    """Hash the cluster of each image code.

    Returns
    -------
    ndarray of uint64, shape (n_images,)
    """
    images, order = data.dataset.images, data.engine.image_order
    if data.dataset.cluster is None:
        return image_hashes(images["image_id"].iloc[order])
    named = images[data.dataset.cluster].iloc[order]
    if named.dtype.kind == "f" and (named % 1 == 0).all():
        named = named.astype(np.int64)  # as they are in another part
    return image_hashes(named)


def groups_of(hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Give each cluster its group, from 0 to 99."""
    return (hashes % np.uint64(N_GROUPS)).astype(np.intp)


def sketch(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Keep the smallest of the different hashes, ascending; at most 64."""
    return np.unique(hashes)[:SKETCH]


def sketches(
    side: str,
    cluster: NDArray[np.uint64],
    confidence_level: NDArray[np.intp],
    code: NDArray[np.intp],
    n_classes: int,
    n_levels: int,
) -> dict[str, list[NDArray[np.uint64]]]:
    """Sketch the clusters of the rows of each class, from each level of confidence up.

    Parameters
    ----------
    side : {"P", "O"}
        Begins the names.
    cluster : ndarray of uint64, shape (n,)
        Hash of each row's cluster.
    confidence_level, code : ndarray of intp, shape (n,)
        Highest level at which the row is still there, and its class; these ascend.
    n_classes, n_levels : int

    Returns
    -------
    dict of str to list of ndarray
        "P0", "P1", ...: a sketch for each class.
    """
    found: dict[str, list[NDArray[np.uint64]]] = {}
    ends = np.searchsorted(code, np.arange(n_classes + 1))
    for level in range(n_levels):
        there = confidence_level >= level
        found[f"{side}{level}"] = [
            sketch(cluster[start:stop][there[start:stop]]) for start, stop in pairwise(ends)
        ]
    return found


def count_clusters(sketches: Iterable[NDArray[np.uint64]]) -> int:
    """Tell how many clusters there are in all sketches together.

    Examples
    --------
    >>> one = np.array([3, 9], np.uint64)
    >>> count_clusters([one, one + np.uint64(6)])
    3
    """
    kept = [*sketches]
    if not kept:
        return 0
    all_ = sketch(np.concatenate(kept))
    if len(all_) < SKETCH:
        return len(all_)
    return round((SKETCH - 1) / (float(all_[-1]) / 2.0**64))
