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
    code, group : ndarray of intp, shape (n,)
        Class and group of each row, from 0.
    n_classes : int
    """

    def __init__(
        self,
        settings: Settings,
        side: Side,
        code: NDArray[np.intp],
        group: NDArray[np.intp],
        n_classes: int,
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
        cell = group + (side.confidence_level * N_GROUPS if side.level == "P" else 0)
        self._parts = {"rows": _Part(None, code, cell, (n_classes,), own_levels)}
        for kind, event in side.events.items():
            rows, outer, cells = [], [], []
            for number, tick in enumerate(ticks):
                level = event.level[:, tick]
                so = np.flatnonzero(level >= 0)
                rows.append(so)
                outer.append(code[so] * len(ticks) + number)
                cells.append(level[so].astype(np.intp) * N_GROUPS + group[so])
            self._parts[kind] = _Part(
                np.concatenate(rows),
                np.concatenate(outer),
                np.concatenate(cells),
                (n_classes, len(ticks)),
                n_levels,
            )
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
        """Give all sums, each of shape (n_classes, ...); see :class:`ClassCounts`."""
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
    outer, inner : ndarray of intp, shape (n,)
        Class, and IoU threshold, of each as one number; level and group as one.
    shape : tuple of int
        Classes, and thresholds.
    n_levels : int
    """

    def __init__(
        self,
        rows: NDArray[np.intp] | None,
        outer: NDArray[np.intp],
        inner: NDArray[np.intp],
        shape: tuple[int, ...],
        n_levels: int,
    ) -> None:
        self._rows, self._outer, self._inner, self._shape = rows, outer, inner, shape
        self._cells = n_levels, N_GROUPS

    def start(self, n_bins: int, n_metrics: int, kind: type, *, squared: bool) -> None:
        """Make room for all metrics."""
        n_outer, n_inner = int(np.prod(self._shape)), int(np.prod(self._cells))
        self._first = self._outer * (n_bins * n_inner) + self._inner
        self._cell = self._outer * n_inner + self._inner
        self._n_cells, self._n_inner, self._one = n_outer * n_inner, n_inner, kind(1)
        self._counts: NDArray[Any] = np.zeros((*self._shape, n_bins, *self._cells), kind)
        values = np.zeros((*self._shape, *self._cells, n_metrics), np.int64)
        self._sums: list[NDArray[np.int64]] = [values]
        if squared:
            self._sums.append(np.zeros((*values.shape, 2), np.int64))

    def add(self, number: int, few: NDArray[np.intp], fixed: NDArray[np.int64]) -> None:
        """Add a metric, of which all rows' few bins, -1 for none, and values are."""
        if not len(self._cell):
            return
        bins = few if self._rows is None else few[self._rows]
        at = bins * self._n_inner
        at += self._first
        if bins.min() < 0:
            at = at[bins >= 0]
        np.add.at(self._counts.reshape(-1), at, self._one)
        own = fixed if self._rows is None else fixed[self._rows]
        for sums, halves in zip(self._sums, ((own,), split(own * own)), strict=False):
            of_metric = sums.reshape(self._n_cells, -1, len(halves))[:, number]
            for half, of_half in enumerate(halves):
                of_metric[:, half] = tally(self._cell, self._n_cells, of_half)

    def sums(self) -> list[NDArray[Any]]:
        """Give the counts, the sums of the values, and those of their squares if wanted."""
        return [self._counts, *self._sums]
