"""Metrics ranked by what they tell about an outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.importance.conditional_columns import stratified_columns, with_class
from ea_widgets.analysis.importance.correlations import correlate
from ea_widgets.analysis.importance.mutual_info import mutual_information
from ea_widgets.analysis.importance.ranking_options import (
    RankingOptions,
    check_given,
    check_ranking,
)
from ea_widgets.analysis.importance.redundancy import redundant_with
from ea_widgets.analysis.importance.uncertainty import (
    uncertainty,
)
from ea_widgets.analysis.sample import count_by
from ea_widgets.analysis.tabulate import tabulate
from ea_widgets.core.counting.edges import Binning
from ea_widgets.core.importance.importance import importance
from ea_widgets.core.importance.moments import pearson

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query, Sample

    Columns = dict[str, NDArray[Any]]


def rank(
    data: MatchedData,
    query: Query,
    outcome: str,
    given: str | None,
    should_stop: Callable[[], bool] | None,
    **options: object,
) -> pd.DataFrame:
    """Rank the metrics by how much they tell about the outcome; see :meth:`View.importance`."""
    asked = check_ranking(outcome, given=given, **options)
    level = asked.level
    asked = replace(asked, conditional_on=check_given(given, data.tables[level].names))
    return data.answer(
        asked,
        query,
        lambda: rank_metrics(
            data.sample(level, query),
            asked,
            data.details(level),
            len(data.class_names),
            should_stop,
        ),
    ).copy()


def rank_metrics(
    sample: Sample,
    options: RankingOptions,
    details: pd.DataFrame,
    n_classes: int,
    should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Rank the metrics of a table.

    Parameters
    ----------
    sample : Sample
    options : RankingOptions
        With a displayed name in `conditional_on`.
    details : DataFrame
        `name`, `level`, `kind`, `unit` and `description` of the metrics, in the order of the table.
    n_classes : int
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
    if options.method == "mutual_info":
        columns = raw_columns(sample, options)
    else:
        columns = plain_columns(sample, options)
        if options.bins is not None:
            columns, details = binned_columns(sample, options.bins, columns, details)
        if options.settled:
            columns |= uncertainty(
                sample,
                should_stop,
                by_rank=options.correlation == "spearman",
                only_correlation=options.conditional_on is not None,
            )
        if options.conditional_on is not None or options.include_class:
            columns = stratified_columns(sample, options, columns, n_classes, should_stop)
            if options.include_class:
                details = with_class(details, options.level)
    value, correlation = columns["importance"], columns["correlation"]
    order = np.lexsort((-np.nan_to_num(np.abs(correlation)), -value))
    table = tabulate(
        (*columns, *details.columns),
        [column[order] for column in columns.values()]
        + [details[name].array.take(order) for name in details],
        details.index.take(order),
    )
    if options.settled:
        redundant = redundant_with(sample.selection, [n for n in table.index if n in sample.names])
        table.insert(len(columns), "same_as", [redundant.get(name, "") for name in table.index])
    return table


def plain_columns(sample: Sample, options: RankingOptions) -> Columns:
    """Compute importance, correlation and n of the metrics, in the order of the table."""
    counts, sums = sample.folded
    if options.correlation == "pearson":
        correlation = pearson(sums)
    else:
        correlation = correlate(sample, sample.outcome(), by_rank=True)
    return {
        "importance": importance(counts),
        "correlation": correlation,
        "n": sums.n.astype(np.int64),
    }


def binned_columns(
    sample: Sample, bins: Binning, columns: Columns, details: pd.DataFrame
) -> tuple[Columns, pd.DataFrame]:
    """Compute importance from given bins, of the metrics that have any."""
    given = {name for name in bins.edges if name not in bins.categories}
    kept = np.array([name in given for name in sample.names], bool)
    names = [name for name, is_kept in zip(sample.names, kept, strict=True) if is_kept]
    own = Binning({name: bins.edges[name] for name in names})
    counts = count_by(sample.selection, own, sample.successes, sample.excluded)
    columns = {name: column[kept] for name, column in columns.items()}
    return {**columns, "importance": importance(counts)}, details[kept]


def raw_columns(sample: Sample, options: RankingOptions) -> Columns:
    """Compute the same with raw mutual information, of the IoU where that is asked for."""
    of_iou = options.outcome == "iou"
    outcome = sample.outcome(sample.iou if of_iou else 1.0)
    return {
        "importance": mutual_information(sample, outcome, discrete=not of_iou),
        "correlation": correlate(sample, outcome, by_rank=options.correlation == "spearman"),
        "n": sample.counts.totals.sum(axis=1),
    }
