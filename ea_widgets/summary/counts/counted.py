"""Counts of one side at one IoU threshold and one confidence level, of one class or several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.summary.counts.class_counts import ClassCounts
    from ea_widgets.summary.settings import Settings


@dataclass(frozen=True, eq=False)
class Counted:
    """Predictions, or labels, counted by bin; all bins of all metrics in a row.

    Attributes
    ----------
    totals, successes : ndarray of int64, shape (n_bins,)
        Rows that count, and those with the outcome: right, or missed.
    rows, steps : ndarray of int64, shape (n_bins,)
        Rows, those that count nowhere too, and the sums of their values, in steps.
    metric_values, success_values : ndarray of int64, shape (n_metrics,)
        Sums of the values over the rows that count, and over those with the outcome.
    squares : ndarray of int64, shape (n_metrics, 2)
        Sums of the squares over the rows that count, in two parts.
    """

    totals: NDArray[np.int64]
    successes: NDArray[np.int64]
    rows: NDArray[np.int64]
    steps: NDArray[np.int64]
    metric_values: NDArray[np.int64]
    success_values: NDArray[np.int64]
    squares: NDArray[np.int64]

    def __add__(self, other: Counted) -> Counted:
        """Add the counts of another class."""
        return Counted(
            self.totals + other.totals,
            self.successes + other.successes,
            self.rows + other.rows,
            self.steps + other.steps,
            self.metric_values + other.metric_values,
            self.success_values + other.success_values,
            self.squares + other.squares,
        )


def nothing(settings: Settings, level: str) -> Counted:
    """Count no class."""
    columns = settings.columns(level)
    n_bins, n_metrics = max((where.stop for where in columns.values()), default=0), len(columns)
    of_bins, of_metrics = np.zeros(n_bins, np.int64), np.zeros(n_metrics, np.int64)
    squares = np.zeros((n_metrics, 2), np.int64)
    return Counted(of_bins, of_bins, of_bins, of_bins, of_metrics, of_metrics, squares)


def side_counts(counts: ClassCounts, settings: Settings, level: str, tick: int, at: int) -> Counted:
    """Pick the counts of one side of a class.

    Parameters
    ----------
    counts : ClassCounts
    settings : Settings
    level : {"P", "O"}
        The outcome is right for predictions, missed for labels.
    tick, at : int
        Numbers of the IoU threshold and the confidence level.

    Returns
    -------
    Counted
    """
    sums, here = counts.sums, (tick, at)
    rows, values, squares = (sums[f"{level}.{of}"][at] for of in ("totals", "values", "squares"))
    found = sums[f"{level}.found"][here].astype(np.int64)
    found_values = sums[f"{level}.found_values"][here]
    starts = [where.start for where in settings.columns(level).values()]
    metric_values = np.add.reduceat(values, starts) if starts else np.zeros(0, np.int64)
    totals = rows
    if f"{level}.excluded" in sums:
        totals = rows - sums[f"{level}.excluded"][here]
        metric_values = metric_values - sums[f"{level}.excluded_values"][here]
        squares = squares - sums[f"{level}.excluded_squares"][here]
    if level == "O":
        found, found_values = totals - found, metric_values - found_values
    return Counted(totals, found, rows, values, metric_values, found_values, squares)
