"""Outcomes by category, those of rare categories together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.sample.categories import FEWEST_CLUSTERS, FEWEST_ROWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.summary.counts.counted import Counted
    from ea_widgets.summary.ranks.confidence_counts import Counts


def category_counts(counted: Counted, bins: slice, in_groups: NDArray[np.int64]) -> Counts:
    """Count by category; those with few rows, or in few groups of clusters, are one.

    Parameters
    ----------
    counted : Counted
    bins : slice
        Those of the metric: its categories, all others, and missing values.
    in_groups : ndarray of int64, shape (n_displayed,)
        In how many random groups of clusters there are rows of each of the few bins; where there
        are fewer than five, there are no more clusters, as a rule.

    Returns
    -------
    successes, totals : ndarray of int64, shape (n_kept + 1,)
        Those that are one come last.
    """
    held = slice(bins.start, bins.stop - 1)
    kept = counted.rows[held] >= FEWEST_ROWS
    kept[-1] = False  # all others
    # The last run of the groups may hold several categories.
    single = len(in_groups) - 1
    kept[:single] &= in_groups[:single] >= FEWEST_CLUSTERS
    found = (part[held] for part in (counted.successes, counted.totals))
    successes, totals = (np.append(part[kept], part[~kept].sum()) for part in found)
    return successes, totals


def phi_is_known(counted: Counted, bins: slice, n_categories: int) -> bool:
    """Whether there are two categories, so that a correlation has a meaning."""
    return n_categories == 2 and not counted.rows[bins.stop - 2]
