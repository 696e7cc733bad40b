"""What each cluster adds to counts and sums: resamples of clusters are weighted sums of these."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ea_widgets.core.importance.moments import MomentSums, squares
from ea_widgets.core.statistics.resampling import stop_if

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample import Sample

    Ranks = tuple[NDArray[np.float64], NDArray[np.float64]]

Number = TypeVar("Number", np.int64, np.float64)


def counts_by_cluster(
    sample: Sample, metric: int, segment: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count outcomes and rows per cluster and segment of a metric.

    Parameters
    ----------
    sample : Sample
    metric : int
        Number of the metric of the table.
    segment : ndarray of intp, shape (n_bins,)
        Segment of each fine bin.

    Returns
    -------
    hits, rows : ndarray of int64, shape (n_clusters, n_segments)
    """
    clustered = sample.clustered
    n_image_metrics = len(clustered.image_codes)
    if metric < n_image_metrics:
        n_images, width = len(sample.images), int(segment[-1]) + 2
        of_bin = np.append(segment, width - 1)  # missing values go to a segment that is dropped
        cell = np.arange(n_images) * width + of_bin[clustered.image_codes[metric][sample.images]]
        hits, rows = np.zeros((2, n_images, width), np.int64)
        hits.ravel()[cell], rows.ravel()[cell] = sample.hits_per_image, sample.by_image.sizes
        hits, rows = hits[:, :-1], rows[:, :-1]
    else:
        own, excluded = metric - n_image_metrics, sample.excluded_positions
        hits = clustered.count(own, segment, sample.hit_positions)
        rows = clustered.count_all(own, segment).astype(np.int64)
        if len(excluded):
            rows -= clustered.count(own, segment, excluded)
        if len(sample.images) < len(rows):
            hits, rows = hits[sample.images], rows[sample.images]
    return sample.per_cluster(hits), sample.per_cluster(rows)


def sums_by_cluster(
    sample: Sample,
    ranks: Ranks | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> MomentSums:
    """Sum what correlation needs over the rows of each cluster.

    Parameters
    ----------
    sample : Sample
    ranks : tuple of ndarray of float64, optional
        Ranks of the metrics of objects, per row of the selection, and of images, per image, to be
        correlated instead of their values.
    should_stop, workers
        See :func:`run_blocks`.

    Returns
    -------
    MomentSums
        Each of shape (n_clusters, n_metrics).
    """
    clustered, selection, images = sample.clustered, sample.selection, sample.images
    cell, hit = clustered.rows.cell, sample.hit_positions
    of_hit, excluded = clustered.rows.order[hit], sample.excluded_positions
    if ranks is None:
        x, xx = clustered.sums(lambda: selection.standard(selection.chosen), should_stop, workers)
        values = selection.standard(selection.rows[of_hit])
        of_images = selection.image_standard
        if len(excluded):
            lost = selection.standard(selection.rows[clustered.rows.order[excluded]])
            x, xx = x.copy(), xx.copy()
            np.subtract.at(x, cell[excluded], lost)
            np.subtract.at(xx, cell[excluded], squares(lost, len(selection.side.class_code)))
    else:
        table, of_images = ranks
        values = table[of_hit]
        x, xx = clustered.sum_by_image(table, should_stop, workers)
    stop_if(should_stop)
    n, y = clustered.rows_with_value, clustered.with_value(hit)
    if len(excluded):
        n = n - clustered.with_value(excluded)
    xy = np.zeros(x.shape)
    if len(hit):
        image = cell[hit]
        new = np.flatnonzero(np.concatenate([[True], image[1:] != image[:-1]]))
        xy[image[new]] = np.add.reduceat(values, new)

    of_image = of_images[clustered.image[images]]
    present = (clustered.image_codes[:, images] < selection.n_bins).T
    n_image = sample.by_image.sizes[:, None] * present
    y_image = sample.hits_per_image[:, None] * present

    def joined(by_image: NDArray[Number], by_object: NDArray[Number]) -> NDArray[np.float64]:
        return sample.per_cluster(np.hstack([by_image, by_object[images]]).astype(np.float64))

    of_outcome = joined(y_image, y)
    return MomentSums(
        n=joined(n_image, n),
        x=joined(of_image * n_image, x),
        xx=joined(of_image**2 * n_image, xx),
        y=of_outcome,
        yy=of_outcome,
        xy=joined(of_image * y_image, xy),
    )


def pooled(table: NDArray[Number], n_groups: int) -> NDArray[Number]:
    """Add up clusters in groups, so that there are no more than `n_groups` rows."""
    if len(table) <= n_groups:
        return table
    padded = np.zeros((-(-len(table) // n_groups) * n_groups, *table.shape[1:]), table.dtype)
    padded[: len(table)] = table
    groups: NDArray[Number] = padded.reshape(-1, n_groups, *table.shape[1:]).sum(axis=0)
    return groups
