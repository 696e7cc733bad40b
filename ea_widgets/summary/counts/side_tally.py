"""Counts rows by class, IoU threshold, level of confidence, and bin of each metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.summary.counts.fixed_point import split

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.summary.counts.sides import Changes, Event, Side
    from ea_widgets.summary.settings import Settings

MOST_ADDED = 1 << 26
"""Rows of a part at most: sums of their values, in float64, are exact."""


@dataclass(frozen=True, eq=False)
class EventTally:
    """Sums over the rows of which something is so, by IoU threshold.

    Attributes
    ----------
    changes : Changes
    cell : ndarray of intp, shape (n,)
        Of each change: class, threshold and level as one number.
    counts : ndarray of int32, shape (n_cells, n_bins)
    values : ndarray of int64, shape (n_cells, n_metrics)
    squares : ndarray of int64, shape (n_cells, n_metrics, 2), or None
    """

    changes: Changes
    cell: NDArray[np.intp]
    counts: NDArray[np.int32]
    values: NDArray[np.int64]
    squares: NDArray[np.int64] | None

    @classmethod
    def of(
        cls,
        event: Event,
        code: NDArray[np.intp],
        shape: tuple[int, int, int],
        n_bins: int,
        n_metrics: int,
        *,
        squared: bool,
    ) -> EventTally:
        """Start with nothing; `shape` is classes, thresholds, levels."""
        changes = event.changes
        cell = (code[changes.rows] * shape[1] + changes.tick) * shape[2] + changes.level
        n_cells = int(np.prod(shape))
        return cls(
            changes,
            cell,
            np.zeros((n_cells, n_bins), np.int32),
            np.zeros((n_cells, n_metrics), np.int64),
            np.zeros((n_cells, n_metrics, 2), np.int64) if squared else None,
        )

    def add(self, number: int, bins: NDArray[np.intp], fixed: NDArray[np.int64]) -> None:
        """Add a metric, of which all rows' bins, among those of all metrics, and values are."""
        changes, n_cells = self.changes, len(self.counts)
        if not len(changes.rows):
            return
        at = self.cell * self.counts.shape[1] + bins[changes.rows]
        np.add.at(self.counts.reshape(-1), at, changes.sign.astype(np.int32))
        own = fixed[changes.rows]
        self.values[:, number] = tally(self.cell, n_cells, own * changes.sign)
        if self.squares is not None:
            for part, of_part in enumerate(split(own * own)):
                found = tally(self.cell, n_cells, of_part * changes.sign)
                self.squares[:, number, part] = found

    def sums(self, shape: tuple[int, int, int]) -> dict[str, NDArray[Any]]:
        """Give the sums of what is so at each threshold, of each level up."""
        found: dict[str, NDArray[Any]] = {"": self.counts, "_values": self.values}
        if self.squares is not None:
            found["_squares"] = self.squares
        for name, part in found.items():
            by_tick = part.reshape(*shape, *part.shape[1:])
            for tick in range(1, shape[1]):
                by_tick[:, tick] += by_tick[:, tick - 1]
            found[name] = from_here_up(by_tick, 2)
        return found


class SideTally:
    """Counts of one side, added up metric by metric.

    Parameters
    ----------
    settings : Settings
    side : Side
    code : ndarray of intp, shape (n,)
        Class of each row, from 0.
    n_classes : int
    """

    def __init__(
        self, settings: Settings, side: Side, code: NDArray[np.intp], n_classes: int
    ) -> None:
        self._columns = settings.columns(side.level)
        n_levels, n_metrics = settings.n_levels, len(self._columns)
        n_bins = max((where.stop for where in self._columns.values()), default=0)
        self._side = side
        self._base = code * n_levels + side.confidence_level
        self._shape = n_classes, len(settings.iou_thresholds), n_levels
        n_cells = n_classes * n_levels
        self._totals, self._values = np.zeros((2, n_cells, n_bins), np.int64)
        self._squares = np.zeros((n_cells, n_metrics, 2), np.int64)
        self._events = {
            kind: EventTally.of(
                event, code, self._shape, n_bins, n_metrics, squared=kind == "excluded"
            )
            for kind, event in side.events.items()
        }

    def add(self, number: int, name: str, fixed: NDArray[np.int64]) -> None:
        """Add a metric: its number, its name, and its value for each row."""
        where, n_cells = self._columns[name], len(self._totals)
        width = where.stop - where.start
        code = self._side.codes[number]
        cell = self._base * width + code
        self._totals[:, where] = tally(cell, n_cells * width).reshape(-1, width)
        self._values[:, where] = tally(cell, n_cells * width, fixed).reshape(-1, width)
        for part, of_part in enumerate(split(fixed * fixed)):
            self._squares[:, number, part] = tally(self._base, n_cells, of_part)
        bins = code.astype(np.intp) + where.start
        for event in self._events.values():
            event.add(number, bins, fixed)

    def sums(self) -> dict[str, NDArray[Any]]:
        """Give all sums, each of shape (n_classes, ...); see :class:`ClassCounts`."""
        found: dict[str, NDArray[Any]] = {}
        whole = {"totals": self._totals, "values": self._values, "squares": self._squares}
        for name, part in whole.items():
            by_level = part.reshape(self._shape[0], self._shape[2], *part.shape[1:])
            found[f"{self._side.level}.{name}"] = from_here_up(by_level, 1)
        for kind, event in self._events.items():
            for of, part in event.sums(self._shape).items():
                found[f"{self._side.level}.{kind}{of}"] = part
        return found


def from_here_up(counts: NDArray[Any], axis: int) -> NDArray[Any]:
    """Add what is still there at higher confidence levels to each level, in the same array."""
    by_level = np.moveaxis(counts, axis, 0)
    for level in range(len(by_level) - 2, -1, -1):
        by_level[level] += by_level[level + 1]
    return counts


def tally(
    cell: NDArray[np.intp], n_cells: int, numbers: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Count rows by cell, or sum whole numbers up, none beyond 2^27, exactly."""
    found = np.bincount(cell, numbers, n_cells)
    return found.astype(np.int64, copy=False)
