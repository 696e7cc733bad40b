"""Intervals of precision, recall and F at every confidence, from sums over clusters that run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.counting.cutoffs import ratio
from ea_widgets.core.statistics.intervals import wilson_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.core.counting.cutoffs import Goal, Ranked


def running_intervals(
    ranked: Ranked, rows: NDArray[np.intp], goal: Goal
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
    """Compute precision, recall and F-beta from each of some rows up, with 95 % intervals.

    Parameters
    ----------
    ranked : Ranked
    rows : ndarray of intp, shape (k,)
        The last prediction that is taken.
    goal : Goal
        Its beta.

    Returns
    -------
    dict of str to (value, low, high), each of shape (k,)
        "precision", "recall", "f_beta"; NaN without predictions, or without labels.

    Notes
    -----
    Each is a ratio of two sums over clusters, whose linearised variance needs the sums of their
    squares and products. A further prediction of a cluster changes these by what the cluster had
    before, so that they run along with the counts: exact, at every confidence, without a look
    back. Wilson's interval takes the variance by its effective number of objects; that of a rate
    of 0 or 1, which varies nowhere, by the number of clusters.
    """
    group, hit = ranked.group, ranked.hit.astype(np.float64)
    cell = group * ranked.n_clusters + ranked.cluster
    n_before, found_before = before_in_cell(cell, ranked.hit)
    in_cell = np.bincount(
        ranked.label_group * ranked.n_clusters + ranked.label_cluster,
        minlength=ranked.n_groups * ranked.n_clusters,
    ).astype(np.float64)
    labels_of_cell = in_cell.reshape(ranked.n_groups, ranked.n_clusters)
    l_squared = (labels_of_cell**2).sum(axis=1)[group[rows]]
    n_labelled = (labels_of_cell > 0).sum(axis=1)[group[rows]]
    l_total = ranked.labels[group[rows]].astype(np.float64)
    one = np.ones(len(group))
    s, n, c, ss, nn, sn, sl, nl = (
        np.asarray(ranked.running(step)[rows], np.float64)
        for step in (
            *(hit, one, (n_before == 0).astype(np.float64)),
            hit * (2 * found_before + 1),
            2 * n_before + one,
            found_before + hit * (n_before + 1),
            hit * in_cell[cell],
            in_cell[cell],
        )
    )
    beta, all_clusters = goal.beta**2, np.maximum(c, n_labelled)
    sums = {
        "precision": (s, n, ss, sn, nn, c),
        "recall": (s, l_total, ss, sl, l_squared, n_labelled),
        "f_beta": (
            (1 + beta) * s,
            np.where(l_total > 0, n + beta * l_total, 0.0),
            (1 + beta) ** 2 * ss,
            (1 + beta) * (sn + beta * sl),
            nn + 2 * beta * nl + beta**2 * l_squared,
            all_clusters,
        ),
    }
    return {name: _interval(*parts) for name, parts in sums.items()}


def before_in_cell(
    cell: NDArray[np.intp], hit: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count the earlier rows of the same cell, and the hits among them."""
    order = np.argsort(cell, kind="stable")
    ordered = cell[order]
    new = np.append(True, ordered[1:] != ordered[:-1])[: len(cell)]
    first = np.maximum.accumulate(np.where(new, np.arange(len(cell)), 0))
    hits = np.concatenate([[0], np.cumsum(hit[order])])
    n_before, found_before = np.empty(len(cell)), np.empty(len(cell))
    n_before[order] = np.arange(len(cell)) - first
    found_before[order] = hits[:-1] - hits[first]
    return n_before, found_before


def _interval(
    part: NDArray[np.float64],
    whole: NDArray[np.float64],
    part_squared: NDArray[np.float64],
    product: NDArray[np.float64],
    whole_squared: NDArray[np.float64],
    n_clusters: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    rate = ratio(part, whole)
    residual = part_squared - 2 * rate * product + rate**2 * whole_squared
    between = residual * n_clusters / np.maximum(n_clusters - 1, 1)
    varies = (rate > 0) & (rate < 1) & (between > 0) & (n_clusters > 1)
    size = n_clusters.astype(np.float64)
    np.divide(rate * (1 - rate) * whole**2, between, out=size, where=varies)
    # Clusters that seem less alike than by chance say no more than as many single objects.
    low, high = wilson_interval(rate, np.minimum(size, np.maximum(whole, 1)))
    return rate, low, high
