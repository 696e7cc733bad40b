"""Categorical metrics of a table: codes in place of values, and rare categories as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.core.counting.binning import Bins, RankedColumn
from ea_widgets.data.checks.kinds import numbers_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

OTHER = "other"
"""Name of the rare categories together; a category of that name is one of them."""

MOST_CATEGORIES = 2047
"""Categories told apart, the most frequent ones of the data set; the rest are "other"."""

FEWEST_ROWS, FEWEST_CLUSTERS = 20, 5
"""A category with fewer objects, or in fewer clusters, is "other"."""

MOST_BARS = 20
"""Categories that a curve shows by themselves."""

DENSE = 1 << 24
"""Up to so many pairs of cluster and category, a table of all of them is made."""


def column_of_categories(
    series: pd.Series, order: NDArray[np.intp], unit: NDArray[np.intp] | None
) -> tuple[RankedColumn, tuple[Any, ...]]:
    """Give a column of categories as one of codes, and the names by code.

    Parameters
    ----------
    series : Series of category
    order : ndarray of intp, shape (n_units,)
        Its rows in the order wanted.
    unit : ndarray of intp, optional
        See :class:`RankedColumn`.

    Returns
    -------
    column : RankedColumn
        Each category has a value, one without rows too, so that the rank is the code.
    names : tuple
    """
    names = tuple(series.cat.categories)
    codes = numbers_of(series)[order]
    if len(names) > MOST_CATEGORIES:
        names = (*names[:MOST_CATEGORIES], OTHER)
        codes = np.minimum(codes, MOST_CATEGORIES)
    rank = np.where(np.isnan(codes), len(names), codes).astype(np.int32)
    return RankedColumn(rank, np.arange(len(names), dtype=np.float64), unit), names


def pool_rare(
    column: RankedColumn, cluster: NDArray[np.intp], n_clusters: int, names: tuple[Any, ...]
) -> tuple[NDArray[np.intp], int]:
    """Give a number to the categories that are frequent enough, and the others together.

    Parameters
    ----------
    column : RankedColumn
        Of the chosen rows, with all codes.
    cluster : ndarray of intp, shape (n_rows,)
        Cluster of each chosen row.
    n_clusters : int
    names : tuple
        Of the categories.

    Returns
    -------
    of_code : ndarray of intp, shape (n_categories + 1,)
        Bin of each category, by code; "other" is the last bin. Missing values get the number of
        bins.
    used : int
        Bins.
    """
    counts, n = column.counts[:-1], len(names)
    code = column.spread(np.arange(n + 1))
    present = code < n
    key = cluster[present] * n + code[present]
    if n_clusters * n <= DENSE:
        there = np.zeros((n_clusters, n), bool)
        there.reshape(-1)[key] = True
        in_clusters = there.sum(axis=0)
    else:
        in_clusters = np.bincount(np.unique(key) % n, minlength=n)
    kept = (counts >= FEWEST_ROWS) & (in_clusters >= FEWEST_CLUSTERS)
    kept &= np.array([name != OTHER for name in names], bool)
    n_kept = int(kept.sum())
    used = n_kept + bool(counts[~kept].any())
    return np.append(np.where(kept, np.cumsum(kept) - 1, n_kept), used), used


def bins_of_categories(
    counts: NDArray[np.int64], names: tuple[Any, ...]
) -> tuple[NDArray[np.intp], Bins, tuple[Any, ...]]:
    """Make a bin of each frequent category, by falling count, and one of the others.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_categories + 1,)
        Chosen rows of each category, by code, and of missing values last.
    names : tuple
        Of the categories.

    Returns
    -------
    of_code : ndarray of intp, shape (n_categories + 1,)
        Bin of each category; missing values get the number of bins.
    bins : Bins
        Their numbers stand for the metric's unit, and for ranks.
    shown : tuple
        Name of each bin.
    """
    n = len(names)
    by_count = np.argsort(-counts[:-1], kind="stable")
    own = [code for code in by_count.tolist() if counts[code] and names[code] != OTHER][:MOST_BARS]
    of_code = np.full(n + 1, len(own))
    of_code[own] = np.arange(len(own))
    rest = int(counts[:-1][of_code[:-1] == len(own)].sum())
    sizes = np.append(counts[own], [rest] if rest else []).astype(np.int64)
    of_code[-1] = len(sizes)
    center = np.arange(len(sizes), dtype=np.float64)
    shown = (*(names[code] for code in own), *([OTHER] if rest else []))
    cut = np.arange(len(sizes) + 1)
    return of_code, Bins(cut, sizes, center - 0.5, center + 0.5, center), shown
