"""Vectors compared in bounded memory: unit length, principal components, nearest others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

PAIRS_AT_ONCE = 1 << 23
"""Pairs of vectors in one step, 32 MiB."""

DUPLICATE = 1e-5
"""Cosine distance below which two images count as the same."""


def unit_vectors(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """Scale vectors to length 1; a vector of zeros stays as it is.

    Parameters
    ----------
    vectors : ndarray of float, shape (n, d)
        Any.

    Returns
    -------
    ndarray of float32, shape (n, d)
        Their directions.
    """
    directions = np.empty(vectors.shape, dtype=np.float32)
    for at, block in _blocks(vectors):
        exact = block.astype(np.float64)
        lengths = np.linalg.norm(exact, axis=1, keepdims=True)
        directions[at] = exact / np.where(lengths > 0, lengths, 1)
    return directions


def principal_components(
    fitted: NDArray[Any], others: NDArray[Any], number: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Project vectors on the directions in which `fitted` varies most.

    Parameters
    ----------
    fitted : ndarray of numbers, shape (n, d)
        Decides mean and directions.
    others : ndarray of numbers, shape (m, d)
        Projected along.
    number : int
        Directions to keep, at most d.

    Returns
    -------
    tuple of ndarray of float32, shapes (n, k) and (m, k)
        k = min(number, d). The same for the same input: signs are fixed.
    """
    n_rows, width = fitted.shape
    mean = fitted.mean(axis=0, dtype=np.float64) if n_rows else np.zeros(width)
    spread = np.zeros((width, width))
    for _, block in _blocks(fitted):
        centred = block - mean
        spread += centred.T @ centred
    _, directions = np.linalg.eigh(spread)
    directions = directions[:, ::-1][:, :number]
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.sign(directions[largest, np.arange(directions.shape[1])])

    def project(vectors: NDArray[Any]) -> NDArray[np.float32]:
        projected = np.empty((len(vectors), directions.shape[1]), dtype=np.float32)
        for at, block in _blocks(vectors):
            projected[at] = (block - mean) @ directions
        return projected

    return project(fitted), project(others)


def _blocks(vectors: NDArray[Any]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """Yield rows by thousands, so that nothing is converted as a whole."""
    for first in range(0, len(vectors), 8192):
        at = slice(first, first + 8192)
        yield at, vectors[at]


def singularity(
    directions: NDArray[np.float32], advance: Callable[[int], object] | None = None
) -> NDArray[np.float64]:
    """Cosine distance to the nearest other vector; copies of an earlier one get 0.

    Parameters
    ----------
    directions : ndarray of float32, shape (n, d)
        Of unit length.
    advance : callable, optional
        Called with the number of vectors done, again and again.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [0, 1]. The first of several copies is compared with those that are no copies of it.
        NaN for a single vector; 0 for the first when all are copies.
    """
    number = len(directions)
    if number < 2:
        return np.full(number, np.nan)
    first = np.ones(number, dtype=bool)
    step = max(1, PAIRS_AT_ONCE // number)
    for at in range(0, number, step):
        block = slice(at, min(at + step, number))
        near = directions[block] @ directions[: block.stop].T > 1 - DUPLICATE
        near &= np.arange(block.stop) < np.arange(number)[block, None]
        first[block] = ~near.any(axis=1)
    leaders = directions[first]
    nearest = np.zeros(len(leaders))
    for at in range(0, len(leaders), step):
        block = slice(at, min(at + step, len(leaders)))
        alike = leaders[block] @ leaders.T
        own = np.arange(alike.shape[0])
        alike[own, own + at] = -np.inf
        # The product rounds by the processor and its threads; that of the pair alone does not.
        pairs = leaders[block].astype(np.float64), leaders[alike.argmax(axis=1)]
        cosine = np.einsum("nd,nd->n", *pairs)
        nearest[block] = np.clip(1 - cosine, 0, 1) if len(leaders) > 1 else 0
        if advance is not None:
            advance(len(own))
    distances = np.zeros(number)
    distances[first] = nearest
    return distances


def take_turns(clusters: NDArray[np.integer], distances: NDArray[np.floating]) -> NDArray[np.intp]:
    """Rank rows by taking one from each cluster in turn, nearest to its centre first.

    Parameters
    ----------
    clusters : ndarray of int, shape (n,)
        Cluster of each row.
    distances : ndarray of float, shape (n,)
        Distance to its centre.

    Returns
    -------
    ndarray of intp, shape (n,)
        Ranks 0 to n - 1. Within a turn the nearest comes first, so the numbering of the
        clusters does not matter.

    Examples
    --------
    >>> import numpy as np
    >>> take_turns(np.array([0, 0, 1]), np.array([0.1, 0.2, 0.5]))
    array([0, 2, 1])
    """
    rows = np.arange(len(clusters))
    order = np.lexsort((rows, distances, clusters))
    starts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    counts = np.diff(starts, append=len(order))
    turn = np.empty(len(order), dtype=np.intp)
    turn[order] = rows - np.repeat(starts, counts)
    ranks = np.empty(len(order), dtype=np.intp)
    ranks[np.lexsort((rows, distances, turn))] = rows
    return ranks
