"""Counts of one side by random group of clusters, under one query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.summary.counts.fixed_point import HALF, STEPS
from ea_widgets.summary.settings import N_GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from ea_widgets.summary.counts.class_counts import ClassCounts
    from ea_widgets.summary.counts.counted import Counted
    from ea_widgets.summary.settings import Settings


@dataclass(frozen=True, eq=False)
class RateTable:
    """Predictions, or labels, counted by group of clusters and few bins.

    Attributes
    ----------
    rows, hits : ndarray of float64, shape (n_groups, n_bins)
        Rows that count, and those with the outcome, right or missed.
    """

    rows: NDArray[np.float64]
    hits: NDArray[np.float64]

    def at_tick(self, hits: NDArray[np.int64], totals: NDArray[np.int64]) -> RateTable:
        """Take the outcomes of another IoU threshold, of which only the sums are known.

        The expected number of outcomes in each cell is that of the other threshold; what a group
        has more or less is what it has here, times the ratio of the binomial deviations: design
        effects are taken to be the same.

        Parameters
        ----------
        hits, totals : ndarray of int64, shape (n_bins,)
            Rows with the outcome at the other threshold, and all that count there.

        Returns
        -------
        RateTable
            Whose outcomes are no whole numbers.
        """
        before, rows = self.hits.sum(axis=0), self.rows.sum(axis=0)
        now, then = (
            np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
            for part, whole in ((hits, totals), (before, rows))
        )
        spread = np.sqrt(now * (1 - now))
        known = then * (1 - then) > 0
        ratio = np.divide(spread, np.sqrt(then * (1 - then)), out=np.ones(len(now)), where=known)
        made = self.rows * now + (self.hits - self.rows * then) * ratio
        return RateTable(self.rows, made)


@dataclass(frozen=True, eq=False)
class GroupTable:
    """Predictions, or labels, counted by group of clusters.

    Attributes
    ----------
    rows, hits : ndarray of float64, shape (n_groups, n_displayed)
        Rows that count, and those with the outcome, right or missed, by the few bins of all
        metrics; see :meth:`Settings.displayed`.
    x, xx, xy : ndarray of float64, shape (n_groups, n_metrics)
        Sums of the values, of their squares, and of the values of rows with the outcome; in units
        of the metric's scale.
    n_clusters : int
        Clusters with rows.
    """

    rows: NDArray[np.float64]
    hits: NDArray[np.float64]
    x: NDArray[np.float64]
    xx: NDArray[np.float64]
    xy: NDArray[np.float64]
    n_clusters: int

    def __add__(self, other: GroupTable) -> GroupTable:
        """Add the counts of another class; clusters have to be counted by themselves."""
        return GroupTable(
            self.rows + other.rows,
            self.hits + other.hits,
            self.x + other.x,
            self.xx + other.xx,
            self.xy + other.xy,
            0,
        )

    def sums(self, columns: Mapping[str, slice]) -> NDArray[np.float64]:
        """Give n, x, xx, y and xy of each metric in a row, shape (n_groups, 5 * n_metrics)."""
        starts = [where.start for where in columns.values()]
        n, y = (np.add.reduceat(part, starts, axis=1) for part in (self.rows, self.hits))
        return np.hstack([n, self.x, self.xx, y, self.xy])

    def at_tick(self, counted: Counted, settings: Settings, level: str) -> GroupTable:
        """Take the outcomes of another IoU threshold; see :meth:`RateTable.at_tick`.

        Parameters
        ----------
        counted : Counted
            Of the same classes and confidence level, at the other threshold.
        settings : Settings
        level : {"P", "O"}

        Returns
        -------
        GroupTable
            Whose outcomes are no whole numbers. Sums of values stay as they are.
        """
        starts = np.concatenate(
            [
                columns.start + settings.display_starts(name)
                for name, columns in settings.columns(level).items()
            ]
            or [np.zeros(0, np.intp)]
        )
        stops = np.append(starts[1:], 0)
        # The last bin of a metric is of missing values.
        ends = [where.stop - 1 for where in settings.columns(level).values()]
        last = [where.stop - 1 for where in settings.displayed(level).values()]
        stops[last] = ends
        running = [np.append(0, np.cumsum(part)) for part in (counted.successes, counted.totals)]
        hits, totals = (ends_[stops] - ends_[starts] for ends_ in running)
        made = RateTable(self.rows, self.hits).at_tick(hits, totals)
        return replace(self, hits=made.hits)


def rates_of(
    chosen: Iterable[tuple[ClassCounts, int]], level: str, tick: int, bins: slice
) -> RateTable:
    """Add the counts of one side of classes in some of the few bins.

    Parameters
    ----------
    chosen : iterable of (ClassCounts, int)
        Each with the number of its confidence level.
    level : {"P", "O"}
    tick : int
        Number of the IoU threshold among those of the groups.
    bins : slice

    Returns
    -------
    RateTable
    """
    sums: dict[str, NDArray[np.int64]] = {}
    for counts, at in chosen:
        for name in ("rows", "found", "excluded"):
            part = counts.sums.get(f"{level}.groups.{name}")
            if part is None:
                continue
            part = part[bins] if name == "rows" else part[tick, bins]
            if name not in sums:
                sums[name] = np.zeros(part.shape, np.int64)
            # No label has a confidence: all of them are at one level.
            first = 0 if part.shape[1] == 1 else at
            sums[name][:, first:] += part[:, first:]
    nothing = np.zeros((N_GROUPS, bins.stop - bins.start))
    rows, hits, excluded = (
        sums[name].sum(axis=1).T.astype(np.float64) if name in sums else nothing
        for name in ("rows", "found", "excluded")
    )
    rows = rows - excluded
    return RateTable(rows, rows - hits if level == "O" else hits)


def class_table(counts: ClassCounts, level: str, tick: int, at: int) -> GroupTable:
    """Pick the counts of one side of a class.

    Parameters
    ----------
    counts : ClassCounts
    level : {"P", "O"}
    tick, at : int
        Numbers of the IoU threshold among those of the groups, and of the confidence level.

    Returns
    -------
    GroupTable
        Without clusters.
    """

    def total(name: str, *, of_event: bool) -> NDArray[Any]:
        part = counts.sums[f"{level}.groups.{name}"]
        if of_event:
            part = part[tick, at:]
        elif level == "P":
            part = part[at:]
        summed: NDArray[np.int64] = part.sum(axis=0)
        return summed

    def squares(name: str, *, of_event: bool) -> NDArray[np.float64]:
        part = total(name, of_event=of_event).astype(np.float64)
        joined: NDArray[np.float64] = (part[..., 0] * (1 << HALF) + part[..., 1]) / STEPS**2
        return joined

    n_bins = len(counts.sums[f"{level}.groups.rows"])
    of_bins = rates_of([(counts, at)], level, tick, slice(0, n_bins))
    x, xx = total("values", of_event=False), squares("squares", of_event=False)
    xy = total("found_values", of_event=True)
    if f"{level}.groups.excluded" in counts.sums:
        x = x - total("excluded_values", of_event=True)
        xx = xx - squares("excluded_squares", of_event=True)
    if level == "O":
        xy = x - xy
    return GroupTable(of_bins.rows, of_bins.hits, x / STEPS, xx, xy / STEPS, 0)


def nothing_by_group(settings: Settings, level: str) -> GroupTable:
    """Count no class; see :func:`class_table`."""
    columns = settings.displayed(level)
    n_bins = max((where.stop for where in columns.values()), default=0)
    of_bins, of_metrics = np.zeros((N_GROUPS, n_bins)), np.zeros((N_GROUPS, len(columns)))
    return GroupTable(of_bins, of_bins, of_metrics, of_metrics, of_metrics, 0)
