"""From the table of a curve to the bins of its axis and the lines to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ea_widgets.analysis.formatting import percent
from ea_widgets.analysis.sample import OTHER
from ea_widgets.widgets.charts.axis import Bins

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

Floats = NDArray[np.float64]
NUMBERS = ("bin_low", "bin_high", "center", "n", "rate", "rate_low", "rate_high")


@dataclass(frozen=True, eq=False)
class Series:
    """One line: all classes together, or a single class.

    Attributes
    ----------
    name : str
        As the legend has it.
    bins : ndarray of int, shape (n,)
        Which bin of the axis each point stands at.
    rows : ndarray of int, shape (n,)
        Row of each point in the table, for its tooltip.
    rate, low, high : ndarray of float64, shape (n,)
        Height of each point, and its interval.
    n : ndarray of float64, shape (n,)
        Objects behind each point.
    """

    name: str
    bins: NDArray[np.intp]
    rows: NDArray[np.intp]
    rate: Floats
    low: Floats
    high: Floats
    n: Floats


def worst_classes(
    predictions: pd.DataFrame, labels: pd.DataFrame, most: int
) -> tuple[tuple[str, ...], int]:
    """Choose the classes that are drawn, for both charts at once.

    Parameters
    ----------
    predictions, labels : DataFrame
        `Curve.predictions` and `Curve.labels`; may be empty.
    most : int
        Most classes to give.

    Returns
    -------
    names : tuple of str
        Those with the most errors above the average rate: false positives and missed labels.
    left_out : int
        Classes that are not drawn.
    """
    excess: dict[str, float] = {}
    for table, errors in ((predictions, 1 - predictions["rate"]), (labels, labels["rate"])):
        n = table["n"].astype(np.float64)
        average = float((n * errors).sum() / max(n.sum(), 1.0))
        above = (n * (errors - average)).groupby(table["class_name"].astype(str)).sum()
        for name, more in above.items():
            excess[str(name)] = excess.get(str(name), 0.0) + float(more)
    worst = sorted(excess, key=lambda name: -excess[name])[:most]
    return tuple(worst), len(excess) - len(worst)


def by_count(tables: Sequence[pd.DataFrame]) -> tuple[str, ...]:
    """Put categories in one order for several charts: that of the first, then that of the next.

    Parameters
    ----------
    tables : sequence of DataFrame
        `Curve.predictions` and `Curve.labels`; of numbers there are no categories.

    Returns
    -------
    tuple of str
        By falling count, "other" last.
    """
    names: dict[str, None] = {}
    for table in tables:
        if "category" in table:
            counts = table["n"].groupby(table["category"].map(str)).sum()
            names |= dict.fromkeys(counts.sort_values(ascending=False, kind="stable").index)
    return tuple(sorted(names, key=lambda name: name == OTHER))


def as_bins(table: pd.DataFrame, order: Sequence[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Give categories numbers, so that they can stand on an axis.

    Parameters
    ----------
    table : DataFrame
        As `Curve.predictions` and `Curve.labels`.
    order : sequence of str
        As :func:`by_count` gives it.

    Returns
    -------
    table : DataFrame
        With a bin of width 1 in place of each category; as it was, where there are none.
    names : tuple of str
        Of the categories of this table, in order; none of numbers.
    """
    if "category" not in table:
        return table, ()
    written = table["category"].map(str)
    there = {*written}
    names = [name for name in order if name in there]
    center = written.map({name: float(at) for at, name in enumerate(names)}).astype(np.float64)
    bins = table.assign(bin_low=center - 0.5, bin_high=center + 0.5, center=center)
    return bins, tuple(names)


def read_lines(table: pd.DataFrame, names: Sequence[str]) -> tuple[Bins, tuple[Series, ...]]:
    """Take the table of a curve apart.

    Parameters
    ----------
    table : DataFrame
        As `Curve.predictions` and `Curve.labels`, at least one row.
    names : sequence of str
        The classes that get a line.

    Returns
    -------
    bins : Bins
        The bins of all classes, each once, with the objects of all classes.
    series : tuple of Series
        One for each name, in order; without points where the table does not have the class.
    """
    columns = {name: table[name].to_numpy(np.float64) for name in NUMBERS}
    lows, first, place = np.unique(columns["bin_low"], return_index=True, return_inverse=True)
    n = np.bincount(place, columns["n"], len(lows)).astype(np.float64)
    medians = np.vstack([np.full(len(lows), np.inf), np.full(len(lows), -np.inf)])
    np.minimum.at(medians[0], place, columns["center"])
    np.maximum.at(medians[1], place, columns["center"])
    bins = Bins(lows, columns["bin_high"][first], medians, n)
    class_name = table["class_name"].to_numpy(object).astype(str)
    lines = (_line(columns, name, np.flatnonzero(class_name == name), place) for name in names)
    return bins, tuple(lines)


def _line(
    columns: dict[str, Floats], name: str, rows: NDArray[np.intp], place: NDArray[np.intp]
) -> Series:
    """Take the rows of one class, from the lowest bin to the highest."""
    rows = rows[np.argsort(place[rows], kind="stable")]
    rate, low, high = (columns[column][rows] for column in ("rate", "rate_low", "rate_high"))
    # A band without an end would break off the drawing in the browser.
    low, high = (np.where(np.isnan(end), rate, end) for end in (low, high))
    return Series(name, place[rows], rows, rate, low, high, columns["n"][rows])


def in_words(series: Series) -> str:
    """Say what a line shows, for those who cannot see it."""
    if not len(series.rate):
        return f"{series.name}: nothing"
    low, high = (percent(end) for end in (series.rate.min(), series.rate.max()))
    ends = (percent(series.rate[end]) for end in (0, -1))
    return f"{series.name}: from {' to '.join(ends)}, lowest {low}, highest {high}"
