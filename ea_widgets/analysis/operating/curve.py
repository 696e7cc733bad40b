"""Rates over confidence, at so many candidates as can be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.core.statistics.running_intervals import running_intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.core.counting.cutoffs import Goal, Ranked

POINTS = 60
"""Most points of a curve at equal steps of confidence, and as many at equal counts."""


def trace_rates(
    ranked: Ranked, goal: Goal, threshold: NDArray[np.float64], names: list[str]
) -> pd.DataFrame:
    """Trace precision, recall and F over confidence; see :class:`OperatingPoints`."""
    rows = _points(ranked, ranked.candidates(), threshold)
    group = ranked.group[rows]
    columns: dict[str, object] = {
        "class_name": pd.Categorical.from_codes(group, pd.Index(names, dtype=object)),
        "confidence": ranked.confidence[rows],
        "n": ranked.running(np.ones(len(ranked.group), np.int64))[rows],
    }
    for name, (value, low, high) in running_intervals(ranked, rows, goal).items():
        columns |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return pd.DataFrame(columns)


def _points(
    ranked: Ranked, rows: NDArray[np.intp], threshold: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Choose the candidates that are drawn: the best, both ends, and equal steps of both kinds."""
    group, confidence = ranked.group[rows], ranked.confidence[rows]
    if not len(rows):
        return rows
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    number = np.cumsum(np.append(True, group[1:] != group[:-1])) - 1
    last = np.append(first[1:], len(rows)) - 1
    rank = (np.arange(len(rows)) - first[number]) / np.maximum(last - first, 1)[number]
    span = confidence[first] - confidence[last]
    height = (confidence[first][number] - confidence) / np.where(span > 0, span, 1.0)[number]
    kept = confidence == threshold[group]
    for share in (rank, height):
        step = np.floor(share * POINTS).astype(np.intp)
        kept |= np.append(True, step[1:] != step[:-1])
    kept[first], kept[last] = True, True
    drawn: NDArray[np.intp] = rows[kept]
    return drawn
