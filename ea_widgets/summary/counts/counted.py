"""Counts of one side at one IoU threshold and one confidence level, of one class or several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def side_counts(
    chosen: Iterable[tuple[ClassCounts, int]], settings: Settings, level: str, tick: int
) -> Counted:
    """Add the counts of one side of classes.

    Parameters
    ----------
    chosen : iterable of (ClassCounts, int)
        Each with the number of its confidence level.
    settings : Settings
    level : {"P", "O"}
        The outcome is right for predictions, missed for labels.
    tick : int
        Number of the IoU threshold.

    Returns
    -------
    Counted
        Zeros of no class.
    """
    columns = settings.columns(level)
    starts = [where.start for where in columns.values()]
    n_bins, n_metrics = max((where.stop for where in columns.values()), default=0), len(columns)
    rows, values, found, excluded = np.zeros((4, n_bins), np.int64)
    found_values, excluded_values = np.zeros((2, n_metrics), np.int64)
    squares = np.zeros((n_metrics, 2), np.int64)
    for counts, at in chosen:
        sums = counts.sums
        rows += sums[f"{level}.totals"][at]
        values += sums[f"{level}.values"][at]
        squares += sums[f"{level}.squares"][at]
        found += sums[f"{level}.found"][tick, at]
        found_values += sums[f"{level}.found_values"][tick, at]
        if f"{level}.excluded" in sums:
            excluded += sums[f"{level}.excluded"][tick, at]
            excluded_values += sums[f"{level}.excluded_values"][tick, at]
            squares -= sums[f"{level}.excluded_squares"][tick, at]
    metric_values = np.add.reduceat(values, starts) if starts else np.zeros(0, np.int64)
    metric_values -= excluded_values
    totals = rows - excluded
    if level == "O":
        found, found_values = totals - found, metric_values - found_values
    return Counted(totals, found, rows, values, metric_values, found_values, squares)
