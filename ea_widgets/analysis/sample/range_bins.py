"""Rows in few bins of each metric, by cluster: what ranges with many errors are found among."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.sample.all_cores import on_all_cores
from ea_widgets.core.counting.binning import bin_of_ranks
from ea_widgets.core.statistics.resampling import MOST_DRAWN
from ea_widgets.core.statistics.scan import RunRows

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
    code : ndarray of uint8, shape (n_metrics, n)
        Of all rows that there were. Ascending with the metric; `BINS` where it is missing.
    cluster : ndarray of intp, shape (n,)
        Numbered without gaps; where there are very many, several have one number.
    n_clusters : int
    rows : ndarray of int32, shape (n_metrics, n_clusters, BINS)
        How many there were.
    sets : dict of int to ndarray of intp
        Bin of each fine bin of the categorical metrics: their bins are sets, in no order.
    runs : RunRows, shape (n_metrics,)
        What scores of ranges need of the rows that are left.
    kept : ndarray of intp, shape (n_rows,), or None
        Which of the rows are left; None for all.
    """

    code: NDArray[np.uint8]
    cluster: NDArray[np.intp]
    n_clusters: int
    rows: NDArray[np.int32]
    sets: dict[int, NDArray[np.intp]]
    runs: RunRows
    kept: NDArray[np.intp] | None = None

    @cached_property
    def cluster_of_kept(self) -> NDArray[np.intp]:
        """Cluster of each row that is left, shape (n_rows,)."""
        return self.cluster if self.kept is None else self.cluster[self.kept]

    def code_of(self, metric: int) -> NDArray[np.uint8]:
        """Bins of the rows that are left, by one metric; shape (n_rows,)."""
        code: NDArray[np.uint8] = self.code[metric]
        return code if self.kept is None else code[self.kept]

    def at(self, positions: NDArray[np.intp]) -> NDArray[np.intp]:
        """Where rows that are left stand among all."""
        return positions if self.kept is None else self.kept[positions]

    def without(self, positions: NDArray[np.intp]) -> RangeBins:
        """Leave rows of all out; the bins and clusters stay."""
        stays = np.ones(len(self.cluster), bool)
        stays[positions] = False
        at, local = np.unique(self.cluster[positions], return_inverse=True)
        lost = np.array(
            [by_cluster(local * (BINS + 1) + code[positions], len(at)) for code in self.code]
        )
        lost = lost.reshape(len(self.code), len(at), self.rows.shape[-1])  # also without metrics
        runs = self.runs.without(at, lost.astype(np.int32), self.rows)
        return replace(self, runs=runs, kept=np.flatnonzero(stays))


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

    def bin_metric(metric: int) -> RunRows:
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
        return RunRows.of(rows[metric])

    parts = on_all_cores(bin_metric, range(n_metrics))
    runs = RunRows.stack(parts) if parts else RunRows.of(rows)
    return RangeBins(code, cluster, n_clusters, rows, sets, runs)
