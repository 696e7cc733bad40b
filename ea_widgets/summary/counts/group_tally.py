"""Counts rows by class, random group of clusters, level of confidence, and few bins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.summary.counts.fixed_point import split
from ea_widgets.summary.counts.side_tally import tally
from ea_widgets.summary.settings import N_GROUPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.summary.counts.sides import Side
    from ea_widgets.summary.settings import Settings


class GroupTally:
    """Counts of one side by group, added up metric by metric.

    Counts of predictions, and of labels that were found, are of those whose highest confidence
    level is that one, not of those from there on: smaller numbers, for a smaller file.

    Parameters
    ----------
    settings : Settings
    side : Side
    base : ndarray of intp, shape (n,)
        Class times groups plus group, of each row.
    n_classes : int
    """

    def __init__(
        self, settings: Settings, side: Side, base: NDArray[np.intp], n_classes: int
    ) -> None:
        self._columns, self._side = settings.displayed(side.level), side
        # The few bin that each bin is part of; missing values are in none.
        self._few = {
            name: np.append(
                np.repeat(
                    np.arange(where.start, where.stop),
                    np.diff(settings.display_starts(name), append=settings.binning.n_bins(name)),
                ),
                -1,
            )
            for name, where in self._columns.items()
        }
        ticks, n_levels = settings.group_ticks, settings.n_levels
        # No label has a confidence: all of them are at one level.
        own_levels = n_levels if side.level == "P" else 1
        cell = base * own_levels + (side.confidence_level if side.level == "P" else 0)
        shape = n_classes, N_GROUPS, own_levels
        self._parts = {"rows": _Part(None, cell, shape)}
        for kind, event in side.events.items():
            rows, cells = [], []
            for number, tick in enumerate(ticks):
                level = event.level[:, tick]
                so = np.flatnonzero(level >= 0)
                rows.append(so)
                cells.append((base[so] * len(ticks) + number) * n_levels + level[so])
            shape_of = n_classes, N_GROUPS, len(ticks), n_levels
            self._parts[kind] = _Part(np.concatenate(rows), np.concatenate(cells), shape_of)
        n_bins = max((where.stop for where in self._columns.values()), default=0)
        # No cell has more rows than the part.
        counts = np.uint16 if len(cell) < 1 << 16 else np.uint32
        for kind, part in self._parts.items():
            part.start(n_bins, len(self._columns), counts, squared=kind != "found")

    def add(self, number: int, name: str, fixed: NDArray[np.int64]) -> None:
        """Add a metric: its number, its name, and its value for each row."""
        few = self._few[name].take(self._side.codes[number])
        for part in self._parts.values():
            part.add(number, few, fixed)

    def sums(self) -> dict[str, NDArray[Any]]:
        """Give all sums, each of shape (n_classes, n_groups, ...); see :class:`ClassCounts`."""
        found = {}
        for kind, part in self._parts.items():
            names = ("rows", "values", "squares") if kind == "rows" else (
                kind, f"{kind}_values", f"{kind}_squares"
            )  # fmt: skip
            for name, sums in zip(names, part.sums(), strict=False):
                found[f"{self._side.level}.groups.{name}"] = sums
        return found


class _Part:
    """Sums over some of the rows.

    Parameters
    ----------
    rows : ndarray of intp, shape (n,), or None
        Which rows; None for all.
    cell : ndarray of intp, shape (n,)
        Where each is counted.
    shape : tuple of int
        Of the cells.
    """

    def __init__(
        self, rows: NDArray[np.intp] | None, cell: NDArray[np.intp], shape: tuple[int, ...]
    ) -> None:
        self._rows, self._cell, self._shape = rows, cell, shape

    def start(self, n_bins: int, n_metrics: int, kind: type, *, squared: bool) -> None:
        """Make room for all metrics."""
        n_cells = int(np.prod(self._shape))
        self._one = kind(1)
        self._counts: NDArray[Any] = np.zeros((n_cells, n_bins), kind)
        self._values = np.zeros((n_cells, n_metrics), np.int64)
        self._squares = np.zeros((n_cells, n_metrics, 2), np.int64) if squared else None

    def add(self, number: int, few: NDArray[np.intp], fixed: NDArray[np.int64]) -> None:
        if not len(self._cell):
            return
        n_cells, n_bins = self._counts.shape
        bins = few if self._rows is None else few[self._rows]
        at = self._cell * n_bins
        at += bins
        if bins.min() < 0:
            at = at[bins >= 0]
        np.add.at(self._counts.reshape(-1), at, self._one)
        own = fixed if self._rows is None else fixed[self._rows]
        self._values[:, number] = tally(self._cell, n_cells, own)
        if self._squares is not None:
            for half, of_half in enumerate(split(own * own)):
                self._squares[:, number, half] = tally(self._cell, n_cells, of_half)

    def sums(self) -> list[NDArray[Any]]:
        parts = (self._counts, self._values, self._squares)
        return [part.reshape(*self._shape, *part.shape[1:]) for part in parts if part is not None]
