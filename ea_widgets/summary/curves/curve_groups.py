"""The bins of a curve, each made of neighbouring bins that were counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.curves.curve import COLUMNS, empty_frame
from ea_widgets.analysis.tabulate import tabulate
from ea_widgets.core.counting.binning import bin_of_ranks
from ea_widgets.core.counting.edges import Binning
from ea_widgets.core.statistics.intervals import wilson_interval
from ea_widgets.errors import NotAnswerableError, unknown_option

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.summary.counts.counted import Counted
    from ea_widgets.summary.counts.fixed_point import Scale


MOST_SHARE = 2.5
"""Times the equal share: runs with more rows are too coarse for a curve."""


@dataclass(frozen=True, eq=False)
class BinGroups:
    """Runs of bins.

    Attributes
    ----------
    start : ndarray of intp, shape (n_groups,)
        First bin of each group.
    low, high : ndarray of float64, shape (n_groups,)
        Edges in the metric's unit.
    """

    start: NDArray[np.intp]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def sums(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Add counts per bin up to counts per group."""
        return np.add.reduceat(counts, self.start)


def grouped(
    edges: NDArray[np.float64],
    totals: NDArray[np.int64],
    wanted: int | Binning,
    metric: str,
    displayed: NDArray[np.intp],
) -> BinGroups:
    """Group the bins of a metric.

    Parameters
    ----------
    edges : ndarray of float64, shape (n_bins + 1,)
    totals : ndarray of int64, shape (n_bins,)
        Rows in each.
    wanted : int or Binning
        Most groups wanted, of about equally many rows; or their edges.
    metric : str
        Displayed name.
    displayed : ndarray of intp, shape (n_displayed,)
        First bins of the runs in which groups of clusters were counted: their intervals are known
        best. Where as many are wanted, and none has much more than its share, these are taken.

    Returns
    -------
    BinGroups

    Raises
    ------
    InvalidInputError
        If the binning has no edges of the metric.
    NotAnswerableError
        If one of its inner edges is none of the bins.
    """
    if isinstance(wanted, Binning):
        if metric not in wanted.edges:
            raise unknown_option("bins", metric, list(wanted.edges))
        given = wanted.of(metric)
        inner = np.searchsorted(edges[1:-1], given[1:-1]) + 1
        unknown = given[1:-1][edges[np.minimum(inner, len(edges) - 1)] != given[1:-1]]
        if len(unknown):
            nearest = float(edges[np.abs(edges - unknown[0]).argmin()])
            raise NotAnswerableError(
                "bins",
                f"has an edge of {metric!r} at {unknown[0]:g}, at which was not counted",
                f"The nearest is {nearest:g}; `summary.binning` has all.",
                nearest,
            )
        return BinGroups(np.append(0, inner), given[:-1], given[1:])
    start, of_start = displayed, np.add.reduceat(totals, displayed)
    if wanted < len(start) or of_start.max() > MOST_SHARE / wanted * of_start.sum():
        start, of_start = np.arange(len(totals)), totals
    if wanted < len(start):
        group, _ = bin_of_ranks(np.append(of_start, 0), wanted)
        start = start[np.flatnonzero(np.diff(group[:-1], prepend=-1))]
    cut = np.append(start, len(totals))
    return BinGroups(start, edges[cut[:-1]], edges[cut[1:]])


def rate_frame(
    name: str,
    groups: BinGroups,
    scale: Scale,
    counted: Counted,
    where: slice,
    effect: NDArray[np.float64],
) -> pd.DataFrame:
    """Tabulate the rates of a class by group of bins; groups without rows are left out.

    Parameters
    ----------
    name : str
        Of the class, or "all".
    groups : BinGroups
    scale : Scale
        Of the metric.
    counted : Counted
    where : slice
        Bins of the metric.
    effect : ndarray of float64, shape (n_groups,)
        Design effect of each group.

    Returns
    -------
    DataFrame
        With the columns of :class:`Curve`.
    """
    n, hits, rows, values = (
        groups.sums(part[where])
        for part in (counted.totals, counted.successes, counted.rows, counted.steps)
    )
    kept = np.flatnonzero(n)
    center = scale.value(values, rows)[kept]
    names = pd.Series([name] * len(kept), dtype=object)
    rate = hits[kept] / n[kept]
    low, high = wilson_interval(rate, n[kept] / effect[kept])
    columns = [names, groups.low[kept], groups.high[kept], center, n[kept], rate, low, high]
    return tabulate(COLUMNS, columns)


def joined_tables(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the curves of several classes below each other."""
    held = [table for table in tables if len(table)]
    return pd.concat(held, ignore_index=True) if held else empty_frame()
