"""The answer to `how does performance change with this metric?`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.tabulate import tabulate
from ea_widgets.core.statistics.intervals import wilson_interval

if TYPE_CHECKING:
    from ea_widgets.analysis.sample import CurveBins, CurveCounts

COLUMNS = ["class_name", "bin_low", "bin_high", "center", "n", "rate", "rate_low", "rate_high"]

CATEGORY_COLUMNS = ["class_name", "category", "n", "rate", "rate_low", "rate_high"]


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
        frames). Empty if the metric does not describe predictions. Of a categorical metric,
        `category` in place of the bin's ends and center: one row per category, by falling count
        of all that are chosen; beyond 20 they are together ``"other"``.
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
    n, index, bins = counts.totals[kept], binned.bin_code[kept], binned.bins
    rate = counts.successes[kept] / n
    low, high = wilson_interval(rate, n / counts.effect[kept])
    names = np.array([*class_names, "all"], dtype=object)[binned.class_code[kept]]
    where: list[Any] = [bins.low[index], bins.high[index], bins.center[index]]
    if binned.categories is not None:
        of_bin = np.empty(len(binned.categories), object)
        of_bin[:] = binned.categories
        where = [pd.Series(of_bin[index], dtype=object)]
    columns = [pd.Series(names, dtype=object), *where, n, rate, low, high]
    return tabulate(COLUMNS if binned.categories is None else CATEGORY_COLUMNS, columns)


def empty_frame(*, categorical: bool = False) -> pd.DataFrame:
    """Tabulate nothing, with the columns of :class:`Curve`."""
    if categorical:
        return (
            empty_frame()
            .drop(columns=["bin_high", "center"])
            .rename(columns={"bin_low": "category"})
            .astype({"category": object})
        )
    text, whole = np.zeros(0, object), np.zeros(0, np.int64)
    numbers: dict[str, object] = {name: np.zeros(0) for name in COLUMNS}
    return pd.DataFrame({**numbers, "class_name": text, "n": whole})
