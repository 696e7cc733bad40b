"""Rows ordered by cluster: what is resampled, and kept together in null data sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.resampling import SEED

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ClusteredRows:
    """Rows ordered by cell, shuffled within. A cell is a cluster, or its part in a stratum.

    Attributes
    ----------
    order : ndarray of intp, shape (n_rows,)
        Rows, cell after cell.
    start : ndarray of intp, shape (n_cells + 1,)
        Where each cell begins in `order`; no cell is empty.
    stratum, cluster : ndarray of intp, shape (n_cells,)
        Of each cell; cells ascend by both. Clusters are numbered without gaps.
    n_clusters : int
    """

    order: NDArray[np.intp]
    start: NDArray[np.intp]
    stratum: NDArray[np.intp]
    cluster: NDArray[np.intp]
    n_clusters: int

    @cached_property
    def sizes(self) -> NDArray[np.intp]:
        """Rows of each cell, shape (n_cells,)."""
        return np.diff(self.start)

    @cached_property
    def cell(self) -> NDArray[np.intp]:
        """Cell of each position in `order`, shape (n_rows,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @cached_property
    def _position(self) -> NDArray[np.intp]:
        position = np.full(int(self.order.max(initial=-1)) + 1, -1, np.intp)
        position[self.order] = np.arange(len(self.order))
        return position

    def find(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Positions in `order` of those rows that take part, ascending."""
        found = self._position[rows[rows < len(self._position)]]
        return np.sort(found[found >= 0])

    def without(self, positions: NDArray[np.intp]) -> tuple[ClusteredRows, NDArray[np.intp]]:
        """Leave rows out, where there are no strata.

        Parameters
        ----------
        positions : ndarray of intp, shape (n,)
            In `order`, ascending.

        Returns
        -------
        ClusteredRows
        kept : ndarray of intp, shape (n_rows - n,)
            Positions that are left.
        """
        stays = np.ones(len(self.order), bool)
        stays[positions] = False
        kept = np.flatnonzero(stays)
        sizes = self.sizes - np.bincount(self.cell[positions], minlength=self.n_clusters)
        sizes = sizes[sizes > 0]
        number = np.arange(len(sizes))
        start = np.append(0, np.cumsum(sizes))
        return ClusteredRows(self.order[kept], start, 0 * number, number, len(number)), kept

    @cached_property
    def _strata(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """Cells of each stratum; of each cell, the first cell of its stratum and its offset."""
        n_cells = np.bincount(self.stratum)
        first = (np.cumsum(n_cells) - n_cells)[self.stratum]
        return n_cells, first, np.arange(len(self.stratum)) - first

    @cached_property
    def _twice(self) -> NDArray[np.intp]:
        """All cells in order, two times: a circular shift is a part of it."""
        return np.arange(2 * len(self.stratum)) % max(len(self.stratum), 1)

    def circular_shift(self, generator: np.random.Generator) -> NDArray[np.intp]:
        """Pair each cell with another of its stratum, all at the same random distance.

        Parameters
        ----------
        generator : numpy.random.Generator

        Returns
        -------
        ndarray of intp, shape (n_cells,)
            A permutation of the cells, not to be written to. Where all clusters have a cell in
            every stratum, the cells of a cluster are all paired with those of one other cluster,
            so that what they have in common stays together. Where no cluster has two cells, each
            stratum is shifted by itself: that gives more permutations.
        """
        n_cells, first, offset = self._strata
        if len(n_cells) == 1:
            u, n = generator.random(), int(n_cells[0])
            distance = 1 + int(u * (n - 1)) if n > 1 else 0
            return self._twice[distance : distance + n]
        if len(self.stratum) == self.n_clusters:
            shift = (generator.random(len(n_cells)) * n_cells).astype(np.intp)
        else:
            u = generator.random()
            shift = np.where(n_cells > 1, 1 + (u * (n_cells - 1)).astype(np.intp), 0)
        shifted = offset + shift[self.stratum]
        length = n_cells[self.stratum]
        donor: NDArray[np.intp] = first + shifted - length * (shifted >= length)
        return donor


def order_by_cluster(
    cluster: NDArray[np.intp], rows: NDArray[np.intp], stratum: NDArray[np.intp] | None = None
) -> ClusteredRows:
    """Order rows by stratum and cluster, and shuffle them within.

    An order within a cluster that tells about the outcome (confidence!) would survive a circular
    shift and be taken for noise.

    Parameters
    ----------
    cluster : ndarray of intp, shape (n,)
        Cluster of each row.
    rows : ndarray of intp, shape (n_rows,)
        The rows that take part.
    stratum : ndarray of intp, shape (n,), optional
        Stratum of each row; all in one by default.

    Returns
    -------
    ClusteredRows
    """
    rows = np.random.default_rng(SEED).permutation(rows)
    code = cluster[rows]
    present = np.flatnonzero(np.bincount(code)) if len(rows) else np.zeros(0, np.intp)
    number = np.zeros(int(present.max(initial=-1)) + 1, np.intp)
    number[present] = np.arange(len(present))
    n_clusters = len(present)
    key = number[code]
    if stratum is not None:
        key = key + stratum[rows] * n_clusters
    # Keys of 16 bits are sorted by digits, in a fraction of the time.
    narrow = key.astype(np.uint16) if key.max(initial=0) < 1 << 16 else key
    order = np.argsort(narrow, kind="stable")
    key = key[order]
    new = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])[: len(key)])
    cells = key[new]
    return ClusteredRows(
        order=rows[order],
        start=np.append(new, len(key)),
        stratum=cells // max(n_clusters, 1),
        cluster=cells % max(n_clusters, 1),
        n_clusters=n_clusters,
    )
