"""From the table of a curve to the bins of its axis and the lines to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ea_widgets.widgets.x_axis import Bins

if TYPE_CHECKING:
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


def read_lines(table: pd.DataFrame, most: int) -> tuple[Bins, tuple[Series, ...], int]:
    """Take the table of a curve apart.

    Parameters
    ----------
    table : DataFrame
        As `Curve.predictions` and `Curve.labels`, at least one row.
    most : int
        Most lines to give.

    Returns
    -------
    bins : Bins
        The bins of all classes, each once, with the objects of all classes.
    series : tuple of Series
        The largest classes first.
    left_out : int
        Classes that there was no line for.
    """
    columns = {name: table[name].to_numpy(np.float64) for name in NUMBERS}
    lows, first, place = np.unique(columns["bin_low"], return_index=True, return_inverse=True)
    n = np.bincount(place, columns["n"], len(lows)).astype(np.float64)
    bins = Bins(lows, columns["bin_high"][first], columns["center"][first], n)
    known, code = np.unique(table["class_name"].to_numpy(object).astype(str), return_inverse=True)
    sizes = np.bincount(code, columns["n"], len(known))
    largest = np.lexsort((np.arange(len(known)), -sizes))[:most]
    series = tuple(_line(columns, str(known[c]), np.flatnonzero(code == c), place) for c in largest)
    return bins, series, len(known) - len(series)


def _line(
    columns: dict[str, Floats], name: str, rows: NDArray[np.intp], place: NDArray[np.intp]
) -> Series:
    """Take the rows of one class, from the lowest bin to the highest."""
    rows = rows[np.argsort(place[rows], kind="stable")]
    rate, low, high = (columns[column][rows] for column in ("rate", "rate_low", "rate_high"))
    return Series(name, place[rows], rows, rate, low, high, columns["n"][rows])
