"""Design effects of the bins of a curve, from groups of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.statistics.intervals import shrink_design_effects

if TYPE_CHECKING:
    from numpy.typing import NDArray


def design_effects(
    rows: NDArray[np.float64],
    hits: NDArray[np.float64],
    share: NDArray[np.float64],
    *,
    of_images: bool,
) -> NDArray[np.float64]:
    """Compute the design effects of bins that are made of parts of those that were counted.

    Parameters
    ----------
    rows, hits : ndarray of float64, shape (n_groups, n_displayed)
        Rows that count, and those with the outcome, of one metric.
    share : ndarray of float64, shape (n_displayed, n_bins)
        Which part of the rows of each few bin is in each bin that is shown.
    of_images : bool
        Whether the metric is one of images: then a part of a bin has a part of its clusters, else
        a part of the rows of each.

    Returns
    -------
    ndarray of float64, shape (n_bins,)
        At least 1; see :func:`ea_widgets.core.statistics.intervals.design_effect`.
    """
    n, s = rows.sum(axis=0), hits.sum(axis=0)
    total, found = n @ share, s @ share
    rate = np.divide(found, total, out=np.zeros(len(total)), where=total > 0)
    known = np.divide(s, n, out=np.zeros(len(n)), where=n > 0)
    if of_images:
        between = share.T @ ((hits - rows * known) ** 2).sum(axis=0)
        present = share.T @ (rows > 0).sum(axis=0)
    else:
        own_rows, own_hits = rows @ share, hits @ share
        between = ((own_hits - own_rows * rate) ** 2).sum(axis=0)
        # A part of the rows, taken evenly, varies less than rows of their own would.
        between += (share - share**2).T @ (n * known * (1 - known))
        present = (own_rows > 0).sum(axis=0)
    between *= present / np.maximum(present - 1, 1)
    binomial = total * rate * (1 - rate)
    effect = np.ones(len(total))
    np.divide(between, binomial, out=effect, where=binomial > 0)
    return shrink_design_effects(np.maximum(effect, 1.0), present, (rate > 0) & (rate < 1))


def shares(
    starts: NDArray[np.intp], of_shown: NDArray[np.intp], totals: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Tell which part of each run of bins is in each group of bins.

    Parameters
    ----------
    starts : ndarray of intp, shape (n_displayed,)
        First bin of each run.
    of_shown : ndarray of intp, shape (n_bins,)
        Group of each bin.
    totals : ndarray of int64, shape (n_bins,)
        Rows of each bin.

    Returns
    -------
    ndarray of float64, shape (n_displayed, n_shown)
    """
    bins = np.arange(len(totals))
    of_few = np.searchsorted(starts, bins, "right") - 1
    table = np.zeros((len(starts), int(of_shown.max()) + 1))
    np.add.at(table, (of_few, of_shown), totals)
    whole = table.sum(axis=1, keepdims=True)
    share: NDArray[np.float64] = np.divide(table, whole, out=np.zeros_like(table), where=whole > 0)
    return share
