"""Outcomes of a selection in bins that were given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.importance.importance import BinCounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.selection import Selection
    from ea_widgets.core.counting.edges import Binning


def count_by(
    selection: Selection,
    binning: Binning,
    successes: NDArray[np.intp],
    excluded: NDArray[np.intp],
) -> BinCounts:
    """Count the outcome per metric and given bin.

    Parameters
    ----------
    selection : Selection
    binning : Binning
        Of some metrics of the table; the outer bins take in what is outside.
    successes, excluded : ndarray of intp
        See :meth:`Selection.fold`.

    Returns
    -------
    BinCounts
        Of the metrics of `binning`, in its order; the bins that a metric lacks are empty.
    """
    names = tuple(binning.edges)
    n_bins = max([1, *(len(edges) - 1 for edges in binning.edges.values())])
    counts = np.zeros((3, len(names), n_bins), np.int64)
    for index, name in enumerate(names):
        column, edges = selection.side.metrics[name], binning.of(name)
        of_rank = np.append(np.searchsorted(edges[1:-1], column.values, "right"), n_bins)
        for number, rows in enumerate((successes, selection.chosen, excluded)):
            code = column.of_rows(rows).spread(of_rank)
            counts[number, index] = np.bincount(code, minlength=n_bins + 1)[:n_bins]
    return BinCounts(counts[0], counts[1] - counts[2])
