"""Metrics ranked by what they tell about an outcome, with the options of that question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.choice import check_option
from ea_widgets.analysis.settled import settle
from ea_widgets.core.importance import importance
from ea_widgets.core.moments import pearson
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.analysis.side import Selection

OUTCOMES = ("true_positive", "missed")


@dataclass(frozen=True)
class RankingOptions:
    """What is asked of a ranking besides thresholds and classes; serves as a key.

    Attributes
    ----------
    outcome : {"true_positive", "missed"}
    settled : bool
        Whether intervals and noise floors are wanted.
    """

    outcome: str
    settled: bool = False


@dataclass(frozen=True, eq=False)
class Subject:
    """Rows of one side under one choice, and what became of them.

    Attributes
    ----------
    selection : Selection
    successes, excluded : ndarray of intp
        Chosen rows with the outcome, and chosen rows that count nowhere.
    """

    selection: Selection
    successes: NDArray[np.intp]
    excluded: NDArray[np.intp]


def check_flag(field: str, value: object) -> bool:
    """Return a truth value, or refuse anything else."""
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidInputError(field, f"is {value!r}", "Give True or False.")
    return bool(value)


def check_ranking(outcome: object, settled: object) -> RankingOptions:
    """Check the options of a ranking at the door.

    Raises
    ------
    InvalidInputError
        If one is unknown, or some do not go together.
    """
    return RankingOptions(
        outcome=check_option("outcome", outcome, OUTCOMES),
        settled=check_flag("settled", settled),
    )


def rank_metrics(
    subject: Subject,
    options: RankingOptions,
    details: pd.DataFrame,
    should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Rank the metrics of a side.

    Parameters
    ----------
    subject : Subject
    options : RankingOptions
    details : DataFrame
        `name`, `level`, `unit` and `description` of the metrics, in the order of the side.
    should_stop : callable, optional
        Asked between parts of the settled phase.

    Returns
    -------
    DataFrame
        See :meth:`Evaluation.importance`.

    Raises
    ------
    ComputationStoppedError
        If `should_stop` said so.
    """
    counts, sums = subject.selection.fold(subject.successes, subject.excluded)
    value, correlation = importance(counts), pearson(sums)
    order = np.lexsort((-np.nan_to_num(np.abs(correlation)), -value))
    table = details.iloc[order]
    columns: dict[str, NDArray[np.number] | NDArray[np.bool_]] = {
        "importance": value,
        "correlation": correlation,
        "n": sums.n.astype(np.int64),
    }
    if options.settled:
        columns |= settle(subject.selection, subject.successes, subject.excluded, should_stop)
    for place, (name, column) in enumerate(columns.items()):
        table.insert(place, name, column[order])
    return table
