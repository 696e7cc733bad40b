"""Scores of ranges in data sets where no metric has anything to do with the errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.sample import BINS
from ea_widgets.core.statistics.clusters import order_by_cluster
from ea_widgets.core.statistics.resampling import SEED, run_blocks
from ea_widgets.core.statistics.scan import run_scores

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.ranges.groups import Group
    from ea_widgets.core.statistics.clusters import ClusteredRows

DRAWS = 199
"""Null data sets: the smallest p is 1/200."""

MOST_ROWS, MOST_ROWS_OF_CLASS = 6_000, 1_000
"""Rows that are moved about; of more, some: the score is a ratio, so that its distribution
hardly depends on how many rows there are."""

MOST_CLUSTERS = 150
"""Clusters that are moved about; of more, some of every size."""

CELLS = 1 << 18
"""Values moved between two questions whether to stop."""


def null_scores(
    group: Group,
    most_rows: int = MOST_ROWS,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Move the metrics of whole clusters to other clusters, all together, and score again.

    Parameters
    ----------
    group : Group
    most_rows : int
        Rows that are moved about.
    should_stop : callable, optional
        Asked between blocks of data sets, from other threads too.

    Returns
    -------
    highest, furthest : ndarray of float64, shape (DRAWS, n_metrics)
        Highest score of a range of each metric, and highest absolute score.
    """
    cluster = group.bins.cluster_of_kept
    rows = some_of(order_by_cluster(cluster, np.arange(len(cluster))), most_rows)
    n_clusters, n_metrics, width = rows.n_clusters, len(group.bins.code), BINS + 1
    # Cell of each row by (metric, cluster, bin, whether an error); the bin is what moves.
    table = n_metrics * n_clusters * width * 2
    of_metric = np.arange(n_metrics) * (n_clusters * width * 2)
    moved = group.bins.code[:, group.bins.at(rows.order)].T.astype(np.int32) * 2 + of_metric.astype(
        np.int32
    )
    stays = (rows.cell * (width * 2) + group.error[rows.order]).astype(np.int32)
    per_block = max(CELLS // max(moved.size, 1), 1)

    def score(block: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        numbers = range(block * per_block, min((block + 1) * per_block, DRAWS))
        cell = np.empty((len(numbers), *moved.shape), np.intp)
        for index, number in enumerate(numbers):
            np.add(moved[rows_of_others(rows, number)], stays[:, None], out=cell[index])
            cell[index] += index * table
        found = np.bincount(cell.ravel(), minlength=len(numbers) * table)
        found = found.reshape(len(numbers), n_metrics, n_clusters, width, 2)[..., :-1, :]
        z, _ = run_scores(found.sum(axis=-1), found[..., 1])
        for metric in group.bins.sets:
            of_sets = np.abs(np.diagonal(z[:, metric], 1, -2, -1))  # each, and all but each
            z[:, metric] = 0.0
            z[:, metric, 0, :-1] = of_sets
        return z.max(axis=(-2, -1)), np.abs(z).max(axis=(-2, -1))

    if not n_metrics or n_clusters < 2:
        return np.zeros((DRAWS, n_metrics)), np.zeros((DRAWS, n_metrics))
    blocks = run_blocks(score, -(-DRAWS // per_block), should_stop)
    highest, furthest = zip(*blocks, strict=True)
    return np.concatenate(highest), np.concatenate(furthest)


def rows_of_others(rows: ClusteredRows, number: int) -> NDArray[np.intp]:
    """Choose rows whose metrics each row is given: those of another cluster, for all of its rows.

    Parameters
    ----------
    rows : ClusteredRows
        In one stratum.
    number : int
        Of the null data set.

    Returns
    -------
    ndarray of intp, shape (n_rows,)
        Positions in ``rows.order``; a smaller cluster's are repeated.
    """
    circle = np.random.default_rng([SEED, number]).permutation(rows.n_clusters)
    donor = np.empty(rows.n_clusters, np.intp)
    donor[circle] = np.roll(circle, 1)
    source = donor[rows.cell]
    among = np.arange(len(rows.order)) - rows.start[rows.cell]
    found: NDArray[np.intp] = rows.start[source] + among % rows.sizes[source]
    return found


def some_of(rows: ClusteredRows, most_rows: int) -> ClusteredRows:
    """Leave whole clusters out, of every size, and then rows of each, until few enough are left."""
    rank = np.argsort(np.argsort(rows.sizes, kind="stable"), kind="stable")
    step = -(-rows.n_clusters // MOST_CLUSTERS)
    chosen = (rows.n_clusters - 1 - rank) % max(step, 1) == 0  # the largest is one of them
    keep = np.where(chosen, rows.sizes, 0)
    if keep.sum() > most_rows:
        keep = np.ceil(keep * (most_rows / keep.sum())).astype(np.intp)
    among = np.arange(len(rows.order)) - rows.start[rows.cell]
    return rows.without(np.flatnonzero(among >= keep[rows.cell]))[0]  # shuffled within
