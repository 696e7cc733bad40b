"""The bins of a curve, each made of neighbouring bins that were counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.curves.curve import CATEGORY_COLUMNS, COLUMNS, empty_frame
from ea_widgets.analysis.sample import OTHER
from ea_widgets.analysis.sample.categories import bins_of_categories
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
    """Bins that are shown as one: runs of numbers, or categories.

    Attributes
    ----------
    of_bin : ndarray of intp, shape (n_bins,)
        Group of each bin.
    low, high : ndarray of float64, shape (n_groups,)
        Edges in the metric's unit.
    names : tuple
        Of the categories of each group; none of numbers.
    """

    of_bin: NDArray[np.intp]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    names: tuple[Any, ...] = ()

    @classmethod
    def runs(cls, edges: NDArray[np.float64], start: NDArray[np.intp]) -> BinGroups:
        """Begin a group at each of some bins."""
        cut = np.append(start, len(edges) - 1)
        of_bin = np.repeat(np.arange(len(start)), np.diff(cut))
        return cls(of_bin, edges[cut[:-1]], edges[cut[1:]])

    def sums(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Add counts per bin up to counts per group, exactly."""
        total = np.zeros(len(self.low), np.int64)
        np.add.at(total, self.of_bin, counts)
        return total


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
        runs = BinGroups.runs(edges, np.append(0, inner))
        return BinGroups(runs.of_bin, given[:-1], given[1:])
    start, of_start = displayed, np.add.reduceat(totals, displayed)
    if wanted < len(start) or of_start.max() > MOST_SHARE / wanted * of_start.sum():
        start, of_start = np.arange(len(totals)), totals
    if wanted < len(start):
        group, _ = bin_of_ranks(np.append(of_start, 0), wanted)
        start = start[np.flatnonzero(np.diff(group[:-1], prepend=-1))]
    return BinGroups.runs(edges, start)


def frequent_categories(rows: NDArray[np.int64], names: tuple[Any, ...]) -> BinGroups:
    """Group the bins of a categorical metric: frequent ones alone, by falling count, others last.

    Parameters
    ----------
    rows : ndarray of int64, shape (n_categories + 1,)
        Chosen rows of each category, and of all others.
    names : tuple
    """
    of_code, bins, shown = bins_of_categories(np.append(rows, 0), (*names, OTHER))
    if not shown:
        return BinGroups(np.zeros(len(rows), np.intp), np.zeros(1), np.ones(1), (OTHER,))
    # Those without rows may be anywhere.
    of_bin = np.minimum(of_code[:-1], len(shown) - 1)
    return BinGroups(of_bin, bins.low, bins.high, shown)


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
    where_to: list[Any] = [
        groups.low[kept],
        groups.high[kept],
        scale.value(values, rows)[kept],
    ]
    if groups.names:
        where_to = [pd.Series([groups.names[group] for group in kept.tolist()], dtype=object)]
    of_class = pd.Series([name] * len(kept), dtype=object)
    rate = hits[kept] / n[kept]
    low, high = wilson_interval(rate, n[kept] / effect[kept])
    columns = [of_class, *where_to, n[kept], rate, low, high]
    return tabulate(CATEGORY_COLUMNS if groups.names else COLUMNS, columns)


def joined_tables(tables: list[pd.DataFrame], *, categorical: bool) -> pd.DataFrame:
    """Put the curves of several classes below each other."""
    held = [table for table in tables if len(table)]
    if len(held) == 1:
        return held[0]  # joining one would copy it
    return pd.concat(held, ignore_index=True) if held else empty_frame(categorical=categorical)
