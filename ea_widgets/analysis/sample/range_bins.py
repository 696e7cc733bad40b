"""Rows in few bins of each metric, by cluster: what ranges with many errors are found among."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.sample.all_cores import on_all_cores
from ea_widgets.core.statistics.binning import bin_of_ranks
from ea_widgets.core.statistics.resampling import MOST_DRAWN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from numpy.typing import NDArray

BINS = 20
"""Bins of each metric, of about equal count; `BINS` stands for no value."""


@dataclass(frozen=True, eq=False)
class RangeBins:
    """Bins of some rows by all metrics, and their clusters.

    Attributes
    ----------
    code : ndarray of uint8, shape (n_metrics, n_rows)
        Ascending with the metric; `BINS` where it is missing.
    cluster : ndarray of intp, shape (n_rows,)
        Numbered without gaps; where there are very many, several have one number.
    n_clusters : int
    rows : ndarray of int32, shape (n_metrics, n_clusters, BINS)
        How many there are.
    sets : dict of int to ndarray of intp
        Bin of each fine bin of the categorical metrics: their bins are sets, in no order.
    """

    code: NDArray[np.uint8]
    cluster: NDArray[np.intp]
    n_clusters: int
    rows: NDArray[np.int32]
    sets: dict[int, NDArray[np.intp]] = field(default_factory=dict)

    @cached_property
    def _first_cell(self) -> NDArray[np.intp]:
        return self.cluster * (BINS + 1)

    def prepare(self) -> None:
        """Make what several threads are going to look at."""
        _ = self._first_cell

    def count(self, metric: int, positions: NDArray[np.intp]) -> NDArray[np.int64]:
        """Count some of the rows by cluster and bin of a metric, shape (n_clusters, BINS)."""
        cell = self._first_cell[positions] + self.code[metric][positions]
        return by_cluster(cell, self.n_clusters)

    def without(self, positions: NDArray[np.intp]) -> RangeBins:
        """Leave rows out; the bins and clusters stay."""
        stays = np.ones(len(self.cluster), bool)
        stays[positions] = False
        lost = [self.count(metric, positions) for metric in range(len(self.code))]
        rows = self.rows - np.array(lost, np.int32).reshape(self.rows.shape)
        return RangeBins(self.code[:, stays], self.cluster[stays], self.n_clusters, rows, self.sets)


def by_cluster(cell: NDArray[np.intp], n_clusters: int) -> NDArray[np.int64]:
    """Count cells, and leave out rows without a value."""
    found = np.bincount(cell, minlength=n_clusters * (BINS + 1))
    return found.reshape(n_clusters, BINS + 1)[:, :-1]


def bin_for_ranges(
    fine_bins_of: Callable[[int], NDArray[np.uint16]],
    n_metrics: int,
    n_fine: int,
    cluster_code: NDArray[np.intp],
    categorical: Collection[int] = (),
) -> RangeBins:
    """Group the fine bins of some rows into few, of about equally many of these rows.

    Parameters
    ----------
    fine_bins_of : callable
        Gives the fine bin of each row by one metric, `n_fine` where it is missing.
    n_metrics, n_fine : int
    cluster_code : ndarray of intp, shape (n_rows,)
    categorical : collection of int
        Metrics whose fine bins are categories: the most frequent have a bin of their own.

    Returns
    -------
    RangeBins
    """
    number = np.cumsum(np.bincount(cluster_code) > 0) - 1
    cluster = number[cluster_code]
    n_clusters = min(int(number[-1]) + 1 if len(number) else 0, MOST_DRAWN)
    cluster %= max(n_clusters, 1)
    code = np.empty((n_metrics, len(cluster)), np.uint8)
    rows = np.empty((n_metrics, n_clusters, BINS), np.int32)
    first = cluster * (BINS + 1)
    sets: dict[int, NDArray[np.intp]] = {}

    def bin_metric(metric: int) -> None:
        fine = fine_bins_of(metric)
        counts = np.bincount(fine, minlength=n_fine + 1)
        if metric in categorical:
            of_fine = sets[metric] = np.full(n_fine + 1, BINS - 1)
            of_fine[np.argsort(-counts[:-1], kind="stable")[: BINS - 1]] = np.arange(
                min(n_fine, BINS - 1)
            )
        else:
            of_fine, _ = bin_of_ranks(counts, BINS)
        of_fine[-1] = BINS
        np.take(of_fine.astype(np.uint8), fine, out=code[metric])
        rows[metric] = by_cluster(first + code[metric], n_clusters)

    on_all_cores(bin_metric, range(n_metrics))
    return RangeBins(code, cluster, n_clusters, rows, sets)
