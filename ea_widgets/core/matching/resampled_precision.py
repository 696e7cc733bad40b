"""Average precision when whole clusters of images are drawn again: one weight per cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.average_precision import matches_needed

if TYPE_CHECKING:
    from numpy.typing import NDArray


def resampled_precision(
    found: NDArray[np.bool_],
    cluster: NDArray[np.intp],
    labels: NDArray[np.int64],
    weights: NDArray[np.float32],
) -> NDArray[np.float64]:
    """101-point interpolated average precision of one class, in each resample of the clusters.

    Parameters
    ----------
    found : ndarray of bool, shape (n,)
        Whether each prediction that counts is a true positive, in order of falling confidence.
    cluster : ndarray of intp, shape (n,)
        Its cluster.
    labels : ndarray of int64, shape (n_clusters,)
        Labels of the class that are not ignored, by cluster.
    weights : ndarray of float32, shape (n_resamples, n_clusters)
        How often each cluster is drawn: whole numbers.

    Returns
    -------
    ndarray of float64, shape (n_resamples,)
        In [0, 1]; NaN where a resample has no label of the class.

    Notes
    -----
    Equal to :func:`average_precision` of the data with each cluster repeated as often as it is
    drawn: copies of a true positive stand together, and precision is highest at the last of them.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415  # takes long to load

    n_resamples = len(weights)
    n_labels = np.rint(weights @ labels.astype(np.float64)).astype(np.int64)
    hits = np.flatnonzero(found)
    if not len(hits):
        return np.where(n_labels > 0, 0.0, np.nan)
    # Predictions up to each true positive, and after the one before it, by cluster.
    segment = np.searchsorted(hits, np.arange(hits[-1] + 1))
    shape = len(hits), weights.shape[1]
    up_to = csr_array(
        (np.ones(len(segment), np.float32), (segment, cluster[: len(segment)])), shape
    )
    counted = np.cumsum((up_to @ weights.T).T, axis=1, dtype=np.float64)
    drawn = np.cumsum(weights[:, cluster[hits]], axis=1, dtype=np.float64)
    precision = np.divide(drawn, counted, out=np.zeros_like(drawn), where=counted > 0)
    envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    needed = matches_needed(n_labels)
    # Each resample is lifted above the one before it, so that one search serves all of them.
    lift = np.arange(n_resamples) * (max(drawn[:, -1].max(), needed.max()) + 1.0)
    index = np.searchsorted((drawn + lift[:, None]).ravel(), (needed + lift[:, None]).ravel())
    column = index.reshape(needed.shape) - (np.arange(n_resamples) * len(hits))[:, None]
    reached = np.take_along_axis(envelope, np.minimum(column, len(hits) - 1), axis=1)
    mean = np.where(needed <= drawn[:, -1:], reached, 0.0).mean(axis=1)
    return np.where(n_labels > 0, mean, np.nan)
