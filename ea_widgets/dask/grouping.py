"""Which partitions belong together, so that no image is split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def group_partitions(hashes: Sequence[NDArray[np.uint64]]) -> NDArray[np.intp]:
    """Put partitions that share an image into one group.

    Parameters
    ----------
    hashes : sequence of ndarray of uint64
        Images of each partition, each once.

    Returns
    -------
    ndarray of intp, shape (n_partitions,)
        Group of each, from 0, in the order of their first partition.
    """
    from scipy.sparse import coo_array  # noqa: PLC0415  # takes long to load
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    n = len(hashes)
    if not n:
        return np.zeros(0, np.intp)
    partition = np.repeat(np.arange(n), [len(own) for own in hashes])
    _, image = np.unique(np.concatenate(hashes), return_inverse=True)
    n_images = int(image.max(initial=-1)) + 1
    ones = np.ones(len(image), np.int8)
    size = n + n_images
    graph = coo_array((ones, (partition, image + n)), (size, size))
    _, label = connected_components(graph, directed=False)
    _, first, group = np.unique(label[:n], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    found: NDArray[np.intp] = rank[group]
    return found
