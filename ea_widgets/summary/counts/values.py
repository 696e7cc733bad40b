"""Values of metrics by row of the engine, and the bins they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.catalogue import MetricName
from ea_widgets.data.checks.kinds import kind_of, numbers_of
from ea_widgets.errors import SummaryMismatchError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.summary.settings import Settings


def metric_column(data: MatchedData, level: str, name: str) -> tuple[pd.Series, NDArray[np.intp]]:
    """Find the column of a metric, and its row for each row of the engine.

    Raises
    ------
    SummaryMismatchError
        If the part does not have it.
    """
    frames, engine = data.dataset.frames, data.engine
    objects = engine.predictions if level == "P" else engine.labels
    parsed = MetricName.parse(name)
    if parsed.level == "F":
        frame, rows = frames.images, engine.image_order[objects.image_code]
    else:
        frame, rows = frames.predictions if level == "P" else frames.labels, objects.row
    if name not in data.metrics.index:
        raise SummaryMismatchError(
            "binning",
            f"has bins of {name!r}, which a part does not have",
            "Compute the same metrics for all parts, or leave it out of the binning.",
        )
    return frame[parsed.name], rows


def values_of(
    data: MatchedData,
    level: str,
    name: str,
    rows: NDArray[np.intp],
    categories: tuple[Any, ...] | None = None,
) -> NDArray[np.float64]:
    """Values of a metric of some rows of the engine; NaN where missing.

    Parameters
    ----------
    data : MatchedData
    level : {"P", "O"}
    name : str
        Displayed name.
    rows : ndarray of intp, shape (n,)
    categories : tuple, optional
        Names of a categorical metric: each value is its number, that of all others is the last.

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    SummaryMismatchError
        If the part does not have it, or of another kind.
    """
    if not len(rows):
        return np.zeros(0)
    column, row_of = metric_column(data, level, name)
    kind = "numeric" if categories is None else "categorical"
    if kind_of(column.dtype) != kind:
        raise SummaryMismatchError(
            "binning",
            f"has bins of {name!r}, which is not {kind} in a part",
            "Compute the same metrics for all parts, or leave it out of the binning.",
        )
    values = numbers_of(column)[row_of[rows]]
    if categories is None:
        return values
    known = {one: at for at, one in enumerate(categories)}
    own = [float(known.get(one, len(categories))) for one in column.cat.categories]
    codes = np.where(np.isnan(values), len(own), values).astype(np.intp)
    return np.array([*own, np.nan])[codes]


def codes_of(
    data: MatchedData, settings: Settings, level: str, rows: NDArray[np.intp]
) -> NDArray[np.uint8]:
    """Give the bin of each metric of some rows of the engine.

    Returns
    -------
    ndarray of uint8, shape (n_metrics, n_rows)
    """
    columns = settings.columns(level)
    codes = np.empty((len(columns), len(rows)), np.uint8)
    for number, (name, where) in enumerate(columns.items()):
        values = values_of(data, level, name, rows, settings.binning.categories.get(name))
        codes[number] = np.searchsorted(settings.binning.of(name)[1:-1], values, side="right")
        codes[number, np.isnan(values)] = where.stop - where.start - 1
    return codes
