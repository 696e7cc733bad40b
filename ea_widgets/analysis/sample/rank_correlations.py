"""Rank correlation of metrics with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.blas import one_blas_thread
from ea_widgets.core.importance.moments import midranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.selection import Selection

MOST_ROWS = 1 << 16
"""Rows that tell a rank correlation of 0.95 within 0.001."""

FEWEST = 3
"""With fewer rows any two metrics would be correlated."""


def rank_correlations(selection: Selection) -> NDArray[np.float64]:
    """Rank correlation of every two metrics of a table, over the chosen rows that have both.

    Parameters
    ----------
    selection : Selection

    Returns
    -------
    ndarray of float64, shape (n_metrics, n_metrics)
        In [-1, 1]; NaN where one does not vary. Ranks are those of the fine bins, so that values
        within a bin are ties: exact up to 1,024 distinct values, or as many rows as have bins of
        their own, within 0.001 beyond. Of more than 65,536 rows as many are taken, evenly spread.
    """
    of_images, of_rows = selection.codes
    totals = selection.totals
    width, n_metrics = selection.n_bins + 1, len(totals)
    ranks = np.empty((n_metrics, width))
    for metric, counts in enumerate(totals):
        ranks[metric] = midranks(counts)
    columns = np.arange(n_metrics)
    image = selection.side.image_code[selection.chosen]
    n, x, xx, xy = (np.zeros((n_metrics, n_metrics)) for _ in range(4))
    taken = np.arange(0, len(of_rows), max(1, -(-len(of_rows) // MOST_ROWS)))
    with one_blas_thread():
        for part in np.array_split(taken, len(taken) // 4096 + 1):
            codes = np.hstack([of_images[image[part]], of_rows[part]])
            value = ranks.ravel()[codes + columns * width]
            present = (codes < selection.n_bins).astype(np.float64)
            n += present.T @ present
            x += value.T @ present
            xx += (value**2).T @ present
            xy += value.T @ value
    n = np.maximum(n, 1)
    variance, covariance = xx - x**2 / n, xy - x * x.T / n
    size = np.sqrt(np.maximum(variance, 0)) * np.sqrt(np.maximum(variance.T, 0))
    varies = (variance > 1e-9 * n) & (1e-9 * n < variance.T) & (n >= FEWEST)
    result = np.divide(covariance, size, out=np.full_like(size, np.nan), where=varies)
    clipped: NDArray[np.float64] = np.clip(result, -1.0, 1.0)
    return clipped
