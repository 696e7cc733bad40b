"""The cells of two metrics, laid out as a table, and what each is in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.formatting import categories_in_words
from ea_widgets.analysis.slices import Condition, where
from ea_widgets.data.catalogue import MetricName
from ea_widgets.widgets.base import span, text

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Side:
    """The bins of one metric of the table.

    Attributes
    ----------
    metric : str
        Displayed name.
    unit : str
    bins : tuple of (float, float) or of categories
        In ascending order; categories as they come, the most frequent first.
    """

    metric: str
    unit: str
    bins: tuple[Any, ...]

    @property
    def names(self) -> list[str]:
        """The bins in words, without the metric."""
        if self.bins and isinstance(self.bins[0], tuple):
            words = (span(low, high, self.unit) for low, high in self.bins)
            return [one.removeprefix("from ") for one in words]
        return [categories_in_words((one,)) for one in self.bins]

    def condition(self, index: int) -> Condition:
        """Give the condition that an object is in a bin: labels and predictions by their own."""
        name, level = MetricName.parse(self.metric).parts
        asked = self.metric if level == "F" else name
        chosen = self.bins[index]
        if isinstance(chosen, tuple):
            return where(asked, *chosen)
        return where(asked, equals=chosen)


@dataclass(frozen=True, eq=False)
class PairCells:
    """Rates in the cells of two metrics.

    Attributes
    ----------
    x, y : Side
    row : ndarray of intp, shape (n_y, n_x)
        Row of `cells` of each, -1 where it holds no objects.
    cells : DataFrame
        As ``View.grid`` gives them.
    missed : bool
        Whether rates are of missed labels, or else of right predictions.
    """

    x: Side
    y: Side
    row: NDArray[np.intp]
    cells: pd.DataFrame
    missed: bool

    @classmethod
    def of(
        cls, cells: pd.DataFrame, x: tuple[str, str], y: tuple[str, str], *, missed: bool
    ) -> PairCells:
        """Lay cells out.

        Parameters
        ----------
        cells : DataFrame
            As ``View.grid`` gives them.
        x, y : tuple of (str, str)
            Displayed name and unit of each metric.
        missed : bool
        """
        (bins_x, place_x), (bins_y, place_y) = (_bins(cells, name) for name in "xy")
        row = np.full((len(bins_y), len(bins_x)), -1, np.intp)
        row[place_y, place_x] = np.arange(len(cells))
        return cls(Side(*x, bins_x), Side(*y, bins_y), row, cells, missed)

    def rates(self) -> NDArray[np.float64]:
        """Give the rate of each cell, shape (n_y, n_x); NaN where it holds no objects."""
        return np.append(self.cells["rate"].to_numpy(np.float64), np.nan)[self.row]

    def condition(self, y: int, x: int) -> Condition:
        """Give the condition that an object is in a cell."""
        return self.x.condition(x) & self.y.condition(y)

    def tip(self, y: int, x: int) -> str:
        """Write the tooltip of a cell as HTML."""
        names = (MetricName.parse(side.metric).name for side in (self.x, self.y))
        words = zip(names, (self.x.names[x], self.y.names[y]), strict=True)
        row = self.row[y, x]
        if row < 0:
            return text.table("no objects", list(words))
        cell: Any = self.cells.iloc[row]
        ends = f"{cell['rate_low']:.0%} to {cell['rate_high']:.0%}"
        rate, objects = ("missed", "labels") if self.missed else ("right", "predictions")
        return text.table(
            f"{cell['rate']:.0%} {rate}",
            [("95 % interval", ends), (objects, f"{cell['n']:,}"), *words],
        )


def _bins(cells: pd.DataFrame, side: str) -> tuple[tuple[Any, ...], NDArray[np.intp]]:
    """List the bins of a metric, and the place of each cell among them."""
    if f"{side}_category" in cells:
        codes, names = pd.factorize(cells[f"{side}_category"])
        return tuple(names.tolist()), codes
    ends = cells[[f"{side}_low", f"{side}_high"]].to_numpy(np.float64)
    bins, place = np.unique(ends, axis=0, return_inverse=True)
    return tuple(map(tuple, bins.tolist())), place.ravel()
