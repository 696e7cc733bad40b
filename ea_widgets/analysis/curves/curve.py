"""The answer to `how does performance change with this metric?`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.curves.tabulate import tabulate
from ea_widgets.core.statistics.intervals import wilson_interval

if TYPE_CHECKING:
    from ea_widgets.analysis.sample.curve_bins import CurveBins, CurveCounts

COLUMNS = ["class_name", "bin_low", "bin_high", "center", "n", "rate", "rate_low", "rate_high"]


@dataclass(frozen=True, eq=False)
class Curve:
    """True positive rate of predictions and false negative rate of labels, by one metric.

    Attributes
    ----------
    metric : str
        Name without the level.
    unit, description : str
    predictions : DataFrame
        One row per bin with predictions in it: `class_name` (``"all"`` for the aggregate),
        `bin_low`, `bin_high` (edges in the metric's unit; inner ones half-way between
        neighbouring values), `center` (median of the bin), `n` (TP + FP), `rate` (true positive
        rate, TP / n), `rate_low`, `rate_high` (95 % Wilson interval on n / design effect of the
        frames). Empty if the metric does not describe predictions.
    labels : DataFrame
        The same of labels; `rate` is the false negative rate, FN / n.
    average_true_positive_rate, average_false_negative_rate : float
        Over all chosen predictions or labels that have a value of the metric (all chosen ones,
        where the metric has no such level); NaN if there are none.

    The two rates are over different things, so they do not add up to 1.
    """

    metric: str
    unit: str
    description: str
    predictions: pd.DataFrame
    labels: pd.DataFrame
    average_true_positive_rate: float
    average_false_negative_rate: float


def curve_frame(
    binned: CurveBins, counts: CurveCounts, class_names: tuple[str, ...]
) -> pd.DataFrame:
    """Tabulate folded counts, leaving out groups without rows.

    Parameters
    ----------
    binned : CurveBins
    counts : CurveCounts
    class_names : tuple of str
        Names by class code.

    Returns
    -------
    DataFrame
        With the columns of :class:`Curve`.
    """
    kept = np.flatnonzero(counts.totals)
    n, place, bins = counts.totals[kept], binned.bin_code[kept], binned.bins
    rate = counts.successes[kept] / n
    low, high = wilson_interval(rate, n / counts.effect[kept])
    names = np.array([*class_names, "all"], dtype=object)[binned.class_code[kept]]
    columns = [
        pd.Series(names, dtype=object),
        bins.low[place],
        bins.high[place],
        bins.center[place],
        n,
        rate,
        low,
        high,
    ]
    return tabulate(COLUMNS, columns)


def empty_frame() -> pd.DataFrame:
    """Tabulate nothing, with the columns of :class:`Curve`."""
    text, whole = np.zeros(0, object), np.zeros(0, np.int64)
    numbers: dict[str, object] = {name: np.zeros(0) for name in COLUMNS}
    return pd.DataFrame({**numbers, "class_name": text, "n": whole})
