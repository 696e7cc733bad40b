"""Redundant metrics: those that order the objects as another one does, or the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_option
from ea_widgets.analysis.importance.ranking_options import OUTCOMES
from ea_widgets.analysis.matched_data import LEVEL_OF_OUTCOME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query, Selection

REDUNDANT = 0.95
"""Rank correlation, of either sign, from which on one of two metrics is redundant."""


def redundant_metrics(data: MatchedData, query: Query, outcome: str) -> pd.DataFrame:
    """Tabulate the metrics of a table that are redundant; see :meth:`View.twins`."""
    level = LEVEL_OF_OUTCOME[check_option("outcome", outcome, OUTCOMES)]
    selection = data.selection(level, query)
    return redundancy_table(selection, selection.side.names)


def redundant_with(selection: Selection, names: Sequence[str]) -> dict[str, str]:
    """Name, for each metric that is redundant with one before it, that one.

    Parameters
    ----------
    selection : Selection
    names : sequence of str
        Displayed names, in the order of ranking.

    Returns
    -------
    dict of str to str
    """
    table = redundancy_table(selection, names)
    return dict(zip(table["metric"], table["same_as"], strict=True))


def redundancy_table(selection: Selection, names: Sequence[str]) -> pd.DataFrame:
    """Tabulate the metrics that are redundant with one before them.

    Parameters
    ----------
    selection : Selection
    names : sequence of str
        Displayed names, in the order of ranking.

    Returns
    -------
    DataFrame
        Columns `metric`, `same_as`, `rank_correlation`; in the order of `names`.
    """
    found = selection.rank_correlations
    index = {name: number for number, name in enumerate(selection.side.names)}
    leaders: list[str] = []
    rows = []
    for name in names:
        near = [
            (leader, found[index[name], index[leader]])
            for leader in leaders
            if abs(found[index[name], index[leader]]) >= REDUNDANT
        ]
        if near:
            rows.append((name, *max(near, key=lambda pair: abs(pair[1]))))
        else:
            leaders.append(name)
    table = pd.DataFrame(rows, columns=["metric", "same_as", "rank_correlation"])
    return table.astype({"rank_correlation": np.float64})
