"""The rows of each class, where whole clusters are drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.resampling import MOST_DRAWN, count_drawn, data_and_resamples

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.matching import Engine, Outcome
    from ea_widgets.analysis.sample import Query

CELLS_PER_BLOCK = 1 << 20
"""Resamples times true positives that are worked on at once."""


@dataclass(frozen=True, eq=False)
class DrawnClasses:
    """What counts of each chosen class, and how often its clusters are drawn.

    Attributes
    ----------
    weights : ndarray of float32, shape (1 + n_resamples, n_clusters)
        How often each cluster is in the data, which is once, and in each resample.
    true : ndarray of bool, shape (n_predictions,)
        Whether each prediction is a true positive.
    cluster : ndarray of intp, shape (n_predictions,)
    rows : list of ndarray of intp
        Predictions that count, by class.
    labels : ndarray of float64, shape (1 + n_resamples, n_chosen)
        Labels that are not ignored.
    clusters_of_labels : list of ndarray of intp
        Clusters with labels, by class.
    """

    weights: NDArray[np.float32]
    true: NDArray[np.bool_]
    cluster: NDArray[np.intp]
    rows: list[NDArray[np.intp]]
    labels: NDArray[np.float64]
    clusters_of_labels: list[NDArray[np.intp]]

    @classmethod
    def of(
        cls,
        engine: Engine,
        outcome: Outcome,
        query: Query,
        cluster_of_image: NDArray[np.intp],
        n_resamples: Callable[[int], int],
    ) -> DrawnClasses:
        """Draw the clusters; `n_resamples` says how often, by their number."""
        predictions, labels, classes = engine.predictions, engine.labels, query.classes
        n_clusters = min(int(cluster_of_image.max(initial=-1)) + 1, MOST_DRAWN)
        of_image = cluster_of_image % max(n_clusters, 1)
        weights = data_and_resamples(n_clusters, n_resamples(n_clusters))
        counts, true = engine.judged_predictions(query, outcome)
        kept = np.flatnonzero(engine.judged_labels(query))
        cluster, code = of_image[labels.image_code], labels.class_code
        n_labels = count_drawn(weights, cluster[kept], code[kept], engine.n_classes)
        return cls(
            weights,
            true,
            of_image[predictions.image_code],
            by_class(np.flatnonzero(counts), predictions.class_code, classes),
            n_labels[:, list(classes)],
            [np.unique(cluster[mine]) for mine in by_class(kept, code, classes)],
        )

    @property
    def labelled_clusters(self) -> NDArray[np.int64]:
        """Clusters with labels, by class; shape (n_chosen,)."""
        return np.array([len(clusters) for clusters in self.clusters_of_labels], np.int64)

    @property
    def n_clusters(self) -> int:
        """Clusters with labels of any chosen class."""
        return len(set().union(*(clusters.tolist() for clusters in self.clusters_of_labels)))

    def count(self, *, found: bool) -> NDArray[np.float64]:
        """Count the true positives, or all predictions; shape (1 + n_resamples, n_chosen)."""
        rows = [mine[self.true[mine]] if found else mine for mine in self.rows]
        column = np.repeat(np.arange(len(rows)), [len(mine) for mine in rows])
        together = np.concatenate([*rows, np.zeros(0, np.intp)])
        return count_drawn(self.weights, self.cluster[together], column, len(rows))

    def blocks(self) -> list[tuple[int, slice]]:
        """Split the work: a class, and some of the resamples."""
        blocks = []
        for column, rows in enumerate(self.rows):
            step = max(CELLS_PER_BLOCK // max(int(self.true[rows].sum()), 1), 1)
            blocks += [(column, slice(at, at + step)) for at in range(0, len(self.weights), step)]
        return blocks

    def of_class(
        self, column: int, part: slice
    ) -> tuple[NDArray[np.bool_], NDArray[np.intp], NDArray[np.int64], NDArray[np.float32]]:
        """Give what :func:`resampled_precision` takes, of a class in some resamples."""
        rows, n_labels = self.rows[column], self.labels[part, column].astype(np.int64)
        return self.true[rows], self.cluster[rows], n_labels, self.weights[part]


def by_class(
    rows: NDArray[np.intp], code: NDArray[np.intp], classes: tuple[int, ...]
) -> list[NDArray[np.intp]]:
    """Split rows, which stand by class."""
    own = code[rows]
    ends = (np.searchsorted(own, classes, side=side).tolist() for side in ("left", "right"))
    return [rows[start:end] for start, end in zip(*ends, strict=True)]
