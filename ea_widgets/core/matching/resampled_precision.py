"""Average precision when whole clusters of images are drawn again: one weight per cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.average_precision import RECALL_LEVELS, matches_needed

if TYPE_CHECKING:
    from numpy.typing import NDArray


def resampled_precision(
    found: NDArray[np.bool_],
    cluster: NDArray[np.intp],
    n_labels: NDArray[np.int64],
    weights: NDArray[np.float32],
) -> NDArray[np.float64]:
    """101-point interpolated average precision of one class, in each resample of the clusters.

    Parameters
    ----------
    found : ndarray of bool, shape (n,)
        Whether each prediction that counts is a true positive, in order of falling confidence.
    cluster : ndarray of intp, shape (n,)
        Its cluster.
    n_labels : ndarray of int64, shape (n_resamples,)
        Labels of the class that are not ignored, in each resample.
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
    hits = np.flatnonzero(found)
    if not len(hits):
        return np.where(n_labels > 0, 0.0, np.nan)
    drawn, envelope = drawn_envelope(hits, cluster, weights)
    # Recall levels that so many true positives reach: those new at a true positive read off its
    # envelope.
    sizes, size = np.unique(n_labels, return_inverse=True)
    reached = levels_reached(sizes, int(drawn[:, -1].max()))[size[:, None], drawn.astype(np.intp)]
    new = np.diff(reached, axis=1, prepend=0)
    mean = np.einsum("ij,ij->i", envelope, new) / len(RECALL_LEVELS)
    return np.where(n_labels > 0, mean, np.nan)


def resampled_curve(
    found: NDArray[np.bool_],
    cluster: NDArray[np.intp],
    n_labels: NDArray[np.int64],
    weights: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Interpolated precision of one class at the 101 recall levels, in each resample.

    Parameters
    ----------
    found, cluster, n_labels, weights
        See :func:`resampled_precision`, which is the mean of this over the levels.

    Returns
    -------
    ndarray of float64, shape (n_resamples, 101)
        In [0, 1], 0 where a level is never reached; NaN where a resample has no label of the class.
    """
    hits = np.flatnonzero(found)
    curve = np.zeros((len(weights), len(RECALL_LEVELS)))
    if len(hits):
        drawn, envelope = drawn_envelope(hits, cluster, weights)
        # One search for all resamples: the counts of each are lifted above those before.
        lift = (drawn[:, -1].max() + 2) * np.arange(len(weights))[:, None]
        reached = (drawn + lift).ravel()
        needed = np.minimum(matches_needed(n_labels), drawn[:, -1:] + 1)
        at = np.searchsorted(reached, needed + lift)
        ends = len(hits) * np.arange(1, len(weights) + 1)[:, None]
        curve = np.where(at < ends, envelope.ravel()[np.minimum(at, envelope.size - 1)], 0.0)
    curve[n_labels == 0] = np.nan
    return curve


def drawn_envelope(
    hits: NDArray[np.intp], cluster: NDArray[np.intp], weights: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count true positives, and take the highest precision from there on, in each resample.

    Parameters
    ----------
    hits : ndarray of intp, shape (n_hits,)
        Which predictions are true positives; at least one.
    cluster, weights
        See :func:`resampled_precision`.

    Returns
    -------
    drawn, envelope : ndarray of float64, shape (n_resamples, n_hits)
        Up to each true positive, and at it or any later one.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415  # takes long to load

    # Predictions up to each true positive, and after the one before it, by cluster.
    segment = np.searchsorted(hits, np.arange(hits[-1] + 1))
    shape = len(hits), weights.shape[1]
    up_to = csr_array(
        (np.ones(len(segment), np.float32), (segment, cluster[: len(segment)])), shape
    )
    counted = np.cumsum((up_to @ weights.T).T, axis=1, dtype=np.float64)
    drawn = np.cumsum(weights[:, cluster[hits]], axis=1, dtype=np.float64)
    precision = np.divide(drawn, counted, out=np.zeros_like(drawn), where=counted > 0)
    return drawn, np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]


def levels_reached(n_labels: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Count the recall levels that true positives reach.

    Parameters
    ----------
    n_labels : ndarray of int64, shape (k,)
    most : int
        Highest number of true positives.

    Returns
    -------
    ndarray of int64, shape (k, most + 1)
        By number of true positives, from 0 on.
    """
    needed = np.minimum(matches_needed(n_labels), most + 1)
    width = most + 2
    cell = np.arange(len(n_labels))[:, None] * width + needed
    new = np.bincount(cell.ravel(), minlength=len(n_labels) * width).reshape(-1, width)
    return np.cumsum(new[:, :-1], axis=1)
