"""Clusters drawn again, and work in blocks that can be stopped."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Block = TypeVar("Block")

SEED = 20_240_229
"""Fixed, so that the same question gets the same answer."""

MOST_DRAWN = 8_192
"""More clusters than this are drawn in groups, which bounds the memory and keeps them whole."""


class ComputationStoppedError(Exception):
    """Raised out of a long computation that was asked to stop; not a failure."""


def default_workers() -> int:
    """Threads that a long computation uses: those there are, at most four."""
    return min(os.cpu_count() or 1, 4)


def stop_if(should_stop: Callable[[], bool] | None) -> None:
    """Raise `ComputationStoppedError` if the question is there and says so."""
    if should_stop is not None and should_stop():
        raise ComputationStoppedError


def run_blocks(
    compute: Callable[[int], Block],
    n_blocks: int,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> list[Block]:
    """Compute numbered blocks in threads, asking before each whether to stop.

    Parameters
    ----------
    compute : callable
        Takes the number of the block; must depend on nothing else that changes, so that the
        result is the same for any number of threads.
    n_blocks : int
    should_stop : callable, optional
        Called from any of the threads before each block.
    workers : int, optional
        Threads; :func:`default_workers` if not given.

    Returns
    -------
    list
        The results in the order of the blocks.

    Raises
    ------
    ComputationStoppedError
        If `should_stop` said so.
    """

    def work(number: int) -> Block:
        stop_if(should_stop)
        return compute(number)

    workers = min(default_workers() if workers is None else workers, n_blocks)
    if workers <= 1:
        return [work(number) for number in range(n_blocks)]
    pool = ThreadPoolExecutor(workers)
    try:
        return list(pool.map(work, range(n_blocks)))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@lru_cache(maxsize=2)
def draw_clusters(n_clusters: int, n_resamples: int) -> NDArray[np.float32]:
    """How often each cluster is drawn in each resample: multinomial weights.

    Parameters
    ----------
    n_clusters, n_resamples : int

    Returns
    -------
    ndarray of float32, shape (n_resamples, n_clusters)
        Whole numbers; each row adds up to `n_clusters`. Not to be written to.
    """
    generator = np.random.default_rng([SEED, n_clusters])
    weights = np.empty((n_resamples, n_clusters), np.float32)
    for row in weights:
        row[:] = np.bincount(
            generator.integers(0, max(n_clusters, 1), n_clusters), minlength=n_clusters
        )
    weights.flags.writeable = False
    return weights


def data_and_resamples(n_clusters: int, n_resamples: int) -> NDArray[np.float32]:
    """Weigh the clusters: once as they are, then as :func:`draw_clusters` does.

    Returns
    -------
    ndarray of float32, shape (1 + n_resamples, n_clusters)
        The resamples of a cluster stand side by side in memory: it is what is taken at once.
    """
    once = np.ones((1, n_clusters), np.float32)
    return np.asfortranarray(np.concatenate([once, draw_clusters(n_clusters, n_resamples)]))


def count_drawn(
    weights: NDArray[np.float32],
    cluster: NDArray[np.intp],
    group: NDArray[np.intp],
    n_groups: int,
) -> NDArray[np.float64]:
    """Count rows by group where their clusters are drawn so often.

    Parameters
    ----------
    weights : ndarray of float32, shape (n_draws, n_clusters)
    cluster, group : ndarray of intp, shape (n_rows,)
    n_groups : int

    Returns
    -------
    ndarray of float64, shape (n_draws, n_groups)
        Whole numbers.
    """
    n_clusters = weights.shape[1]
    cells = np.bincount(cluster * n_groups + group, minlength=n_clusters * n_groups)
    counts: NDArray[np.float64] = weights.astype(np.float64) @ cells.reshape(n_clusters, n_groups)
    return counts
