"""Metrics that say the same: the same order of objects, forwards or backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from ea_widgets.analysis.importance.blas import one_blas_thread
from ea_widgets.core.statistics.moments import midranks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.selection import Selection

SAME = 0.95
"""Rank correlation, of either sign, from which on two metrics say the same."""

MOST_ROWS = 1 << 16
"""Rows that a rank correlation of 0.95 is told by, within 0.001."""

FEWEST = 3
"""Rows below which any two metrics would."""


_KNOWN: WeakKeyDictionary[Selection, NDArray[np.float64]] = WeakKeyDictionary()
"""Thresholds change no metric: computed once for a selection, and gone with it."""


def rank_correlations(selection: Selection) -> NDArray[np.float64]:
    """Rank correlation of every two metrics of a side, over the chosen rows that have both.

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
    if selection not in _KNOWN:
        _KNOWN[selection] = correlate_ranks(selection)
    return _KNOWN[selection]


def correlate_ranks(selection: Selection) -> NDArray[np.float64]:
    """Compute what :func:`rank_correlations` keeps."""
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


def same_as(selection: Selection, names: Sequence[str]) -> dict[str, str]:
    """Name, for each metric that says the same as one before it, that one.

    Parameters
    ----------
    selection : Selection
    names : sequence of str
        Displayed names, in the order of ranking.

    Returns
    -------
    dict of str to str
    """
    table = twin_table(selection, names)
    return dict(zip(table["metric"], table["same_as"], strict=True))


def twin_table(selection: Selection, names: Sequence[str]) -> pd.DataFrame:
    """Tabulate the metrics that say the same as one before them.

    Parameters
    ----------
    selection : Selection
    names : sequence of str
        Displayed names, in the order of ranking.

    Returns
    -------
    DataFrame
        Columns `metric`, `same_as`, `rank_correlation`; in the order of `names`.
    """
    found = rank_correlations(selection)
    place = {name: number for number, name in enumerate(selection.side.names)}
    leaders: list[str] = []
    rows = []
    for name in names:
        near = [
            (leader, found[place[name], place[leader]])
            for leader in leaders
            if abs(found[place[name], place[leader]]) >= SAME
        ]
        if near:
            rows.append((name, *max(near, key=lambda pair: abs(pair[1]))))
        else:
            leaders.append(name)
    table = pd.DataFrame(rows, columns=["metric", "same_as", "rank_correlation"])
    return table.astype({"rank_correlation": np.float64})
