"""The rows of one object table under one query, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.clustered_selection import ClusteredSelection
    from ea_widgets.analysis.sample.selection import Selection
    from ea_widgets.core.importance.importance import BinCounts
    from ea_widgets.core.importance.moments import MomentSums
    from ea_widgets.core.statistics.clusters import ClusteredRows

Number = TypeVar("Number", np.int64, np.float64)


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows of one object table under one query, with their outcome, image and cluster.

    Rows *count* unless they are excluded. A cluster is what is resampled and kept together in null
    data sets: the image, or a set of images such as a video.

    Attributes
    ----------
    selection : Selection
        The chosen rows, whatever their outcome.
    successes, excluded : ndarray of intp
        Chosen rows with the outcome, and chosen rows that count nowhere.
    iou : ndarray of float64, shape (n_successes,)
        With the label that a true positive took; 1 for missed labels.
    missed : bool
        Whether the rows are labels and the outcome is an error, or else predictions that are right.
    source_row : ndarray of intp, shape (n,)
        Row of the dataset's frame that each row of the table is.
    """

    selection: Selection
    successes: NDArray[np.intp]
    excluded: NDArray[np.intp]
    iou: NDArray[np.float64]
    missed: bool
    source_row: NDArray[np.intp]

    @property
    def names(self) -> tuple[str, ...]:
        """Displayed names of the metrics."""
        return self.selection.side.names

    @cached_property
    def folded(self) -> tuple[BinCounts, MomentSums]:
        """Counts and sums of all metrics; see :meth:`Selection.fold`."""
        return self.selection.fold(self.successes, self.excluded)

    @property
    def counts(self) -> BinCounts:
        """Outcomes per metric and fine bin."""
        return self.folded[0]

    # Row by row, in the order of the selection.

    @cached_property
    def counted(self) -> NDArray[np.intp]:
        """Positions in the selection of the rows that count, ascending; shape (n_counted,)."""
        counted = np.ones(len(self.selection.rows), bool)
        counted[self.selection.positions(self.excluded)] = False
        return np.flatnonzero(counted)

    @property
    def rows(self) -> NDArray[np.intp]:
        """Rows of the table that count, shape (n_counted,)."""
        return self.selection.rows[self.counted]

    def outcome(self, value: NDArray[np.float64] | float = 1.0) -> NDArray[np.float64]:
        """Outcome of each row that counts: a value where it succeeded, 0 elsewhere."""
        result = np.zeros(len(self.selection.rows))
        result[self.selection.positions(self.successes)] = value
        return result[self.counted]

    @cached_property
    def hit(self) -> NDArray[np.bool_]:
        """Whether each row that counts has the outcome, shape (n_counted,)."""
        return self.outcome() > 0

    @cached_property
    def error(self) -> NDArray[np.bool_]:
        """Whether each row that counts is a false positive or a missed label."""
        return self.hit if self.missed else ~self.hit

    @cached_property
    def n_errors(self) -> int:
        """False positives, or missed labels."""
        n_hits = len(self.successes)
        return n_hits if self.missed else len(self.counted) - n_hits

    @cached_property
    def cluster(self) -> NDArray[np.intp]:
        """Cluster code of each row that counts, shape (n_counted,)."""
        return self.selection.side.cluster_code[self.rows]

    # Image by image; the images of a cluster stand together.

    @property
    def clustered(self) -> ClusteredSelection:
        """All chosen rows, in the order of clusters and images."""
        return self.selection.clustered

    @cached_property
    def hit_positions(self) -> NDArray[np.intp]:
        """Positions in ``clustered.rows.order`` that have the outcome, ascending."""
        return self.clustered.rows.find(self.selection.positions(self.successes))

    @cached_property
    def excluded_positions(self) -> NDArray[np.intp]:
        """Positions in ``clustered.rows.order`` that count nowhere, ascending."""
        return self.clustered.rows.find(self.selection.positions(self.excluded))

    @cached_property
    def _counting(self) -> tuple[ClusteredRows, NDArray[np.intp] | None]:
        rows = self.clustered.rows
        if not len(self.excluded_positions):
            return rows, None
        return rows.without(self.excluded_positions)

    @property
    def by_image(self) -> ClusteredRows:
        """Rows that count, by image."""
        return self._counting[0]

    @property
    def kept_positions(self) -> NDArray[np.intp] | None:
        """Where the rows of `by_image` stand in ``clustered.rows.order``; None for all of it."""
        return self._counting[1]

    @cached_property
    def images(self) -> NDArray[np.intp]:
        """Which images of `clustered` have rows that count, ascending; shape (n_images,)."""
        rows = self.clustered.rows
        lost = np.bincount(rows.cell[self.excluded_positions], minlength=len(rows.sizes))
        return np.flatnonzero(rows.sizes > lost)

    @cached_property
    def hits_per_image(self) -> NDArray[np.int64]:
        """Rows with the outcome, shape (n_images,)."""
        rows = self.clustered.rows
        return np.bincount(rows.cell[self.hit_positions], minlength=len(rows.sizes))[self.images]

    @cached_property
    def cluster_start(self) -> NDArray[np.intp]:
        """First image of each cluster, shape (n_clusters,)."""
        cluster = self.clustered.cluster[self.images]
        return np.flatnonzero(np.concatenate([[True], cluster[1:] != cluster[:-1]])[: len(cluster)])

    @property
    def n_clusters(self) -> int:
        """Clusters with rows that count."""
        return len(self.cluster_start)

    @property
    def clusters_are_images(self) -> bool:
        """Whether no cluster has several images."""
        return self.n_clusters == len(self.images)

    def per_cluster(self, per_image: NDArray[Number]) -> NDArray[Number]:
        """Add up what is given per image, the first axis, to clusters."""
        if self.clusters_are_images:
            return per_image
        summed: NDArray[Number] = np.add.reduceat(per_image, self.cluster_start)
        return summed
