"""Metrics ranked by what they tell about an outcome, with the options of that question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_flag, check_option
from ea_widgets.analysis.curves.tabulate import tabulate
from ea_widgets.analysis.importance.conditional_importance import (
    CLASS,
    StratifiedSample,
    interval,
    measure_all,
)
from ea_widgets.analysis.importance.correlations import correlate
from ea_widgets.analysis.importance.mutual_info import mutual_information
from ea_widgets.analysis.importance.redundancy import redundant_with
from ea_widgets.analysis.importance.uncertainty import (
    UNCERTAINTY_COLUMNS,
    compare_with_null,
    uncertainty,
)
from ea_widgets.analysis.matched_data import LEVEL_OF_OUTCOME
from ea_widgets.core.statistics.edges import Binning
from ea_widgets.core.statistics.importance import importance
from ea_widgets.core.statistics.moments import pearson
from ea_widgets.core.statistics.null_distribution import LEVEL, adjusted_p_values
from ea_widgets.data.catalogue.names import MetricName
from ea_widgets.errors import InvalidInputError, unknown_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.sample import Query, Sample

    Columns = dict[str, NDArray[Any]]

OUTCOMES = ("true_positive", "missed")
METHODS = ("uncertainty", "mutual_info")
CORRELATIONS = ("pearson", "spearman")


@dataclass(frozen=True)
class RankingOptions:
    """What is asked of a ranking besides thresholds and classes; serves as a key.

    Attributes
    ----------
    outcome : {"true_positive", "missed", "iou"}
    settled : bool
        Whether intervals and null distributions are wanted.
    conditional_on : str or None
        Displayed name of the metric that is held fixed, or ``"class"``.
    include_class : bool
        Whether the class is ranked like a metric.
    method : {"uncertainty", "mutual_info"}
    correlation : {"pearson", "spearman"}
    bins : Binning or None
        Edges of the bins from which importance is computed.
    """

    outcome: str
    settled: bool = False
    conditional_on: str | None = None
    include_class: bool = False
    method: str = "uncertainty"
    correlation: str = "pearson"
    bins: Binning | None = None

    @property
    def side(self) -> str:
        """Which side is asked about: "true_positive" (predictions) or "missed" (labels)."""
        return "missed" if self.outcome == "missed" else "true_positive"


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
    level = LEVEL_OF_OUTCOME[asked.outcome]
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


def check_ranking(
    outcome: object,
    settled: object = False,
    given: object = None,
    include_class: object = False,
    method: object = "uncertainty",
    correlation: object = "pearson",
    bins: object = None,
) -> RankingOptions:
    """Check the options of a ranking at the door; `given` is checked by :func:`check_given`.

    Raises
    ------
    InvalidInputError
        If one is unknown, or some do not go together.
    """
    method = check_option("method", method, METHODS)
    raw = method == "mutual_info"
    outcome = check_option("outcome", outcome, (*OUTCOMES, "iou") if raw else OUTCOMES)
    options = RankingOptions(
        outcome=outcome,
        settled=check_flag("settled", settled),
        conditional_on=None if given is None else str(given),
        include_class=check_flag("include_class", include_class),
        method=method,
        correlation=check_option("correlation", correlation, CORRELATIONS),
        bins=check_bins(bins),
    )
    alone = not (options.settled or options.conditional_on is not None or options.include_class)
    if options.bins is not None and (raw or not alone):
        raise InvalidInputError(
            "bins",
            "are given, and with them there are no intervals, conditions or classes",
            "Leave out `settled`, `given`, `include_class` and `method`, or `bins`.",
        )
    if raw and not alone:
        raise InvalidInputError(
            "method",
            "is 'mutual_info', which has no intervals, conditions or classes",
            "Leave out `settled`, `given` and `include_class`, or `method`.",
        )
    return options


def check_bins(bins: object) -> Binning | None:
    """Return edges of bins, or None for one's own, or refuse anything else."""
    if bins is not None and not isinstance(bins, Binning):
        raise InvalidInputError("bins", f"is {bins!r}", "Give ea.Binning, or None.")
    return bins


def check_given(given: str | None, names: tuple[str, ...]) -> str | None:
    """Return the displayed name of what is held fixed; the level may be left out.

    Raises
    ------
    InvalidInputError
        If there is no such metric on this side.
    """
    if given is None or given == CLASS or given in names:
        return given
    # Own level before the images': a metric of objects is the more exact one.
    for name in reversed(names):
        if MetricName.parse(name).name == given:
            return name
    raise unknown_option("given", given, (CLASS, *names))


def rank_metrics(
    sample: Sample,
    options: RankingOptions,
    details: pd.DataFrame,
    n_classes: int,
    should_stop: Callable[[], bool] | None = None,
) -> pd.DataFrame:
    """Rank the metrics of a side.

    Parameters
    ----------
    sample : Sample
    options : RankingOptions
        With a displayed name in `conditional_on`.
    details : DataFrame
        `name`, `level`, `kind`, `unit` and `description` of the metrics, in the order of the side.
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
                details = with_class(details, "O" if options.side == "missed" else "P")
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
    """Compute importance, correlation and n of the metrics, in the order of the side."""
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
    kept = np.array([name in bins.edges for name in sample.names], bool)
    names = [name for name, is_kept in zip(sample.names, kept, strict=True) if is_kept]
    own = Binning({name: bins.edges[name] for name in names})
    counts = sample.selection.count_by(own, sample.successes, sample.excluded)
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


def stratified_columns(
    sample: Sample,
    options: RankingOptions,
    plain: Columns,
    n_classes: int,
    should_stop: Callable[[], bool] | None,
) -> Columns:
    """Replace importance by conditional importance, and append the class.

    Correlation stays unconditional.
    """
    names = sample.names
    n_ranked = n_classes if options.include_class else 0
    # Without a condition only the class is missing: the importance of metrics is known already.
    n_metrics = 0 if options.conditional_on is None else len(names)
    data = StratifiedSample.of(sample, options.conditional_on, n_metrics, n_ranked)
    measured = measure_all(data, should_stop)
    value = np.array([one.importance for one in measured])
    if options.conditional_on in names:
        # Nothing adds to itself; within strata a trace of it would be left.
        value[names.index(options.conditional_on)] = 0.0
    if options.conditional_on == CLASS and n_ranked:
        value[-1] = 0.0
    columns: Columns = {
        "importance": value,
        "n": np.array([one.rows.sum() for one in measured], np.int64),
    }
    if options.settled:
        floor, p_value = compare_with_null(
            lambda metrics, numbers: data.null([measured[m] for m in metrics], numbers),
            value,
            sample.n_clusters,
            should_stop,
            None,
        )
        ends = np.array([interval(data, one) for one in measured]).reshape(-1, 2)
        columns |= {
            "importance_low": np.minimum(ends[:, 0], value),
            "importance_high": np.maximum(ends[:, 1], value),
            "noise_floor": floor,
            "p_value": p_value,
        }
    alone = options.conditional_on is None
    joined = {}
    for name in ("importance", "correlation", "n", *UNCERTAINTY_COLUMNS):
        if name in columns:
            joined[name] = np.concatenate([plain[name], columns[name]]) if alone else columns[name]
        elif name in plain:
            joined[name] = plain[name]
    # The class has no correlation.
    joined = {
        name: np.append(column, np.full(len(joined["n"]) - len(column), np.nan))
        for name, column in joined.items()
    }
    joined["n"] = joined["n"].astype(np.int64)
    if options.settled:
        found = adjusted_p_values(joined["p_value"]) <= LEVEL
        joined["distinguishable"] = found
        joined["importance_low"] = np.where(found, joined["importance_low"], 0.0)
    return joined


def with_class(details: pd.DataFrame, level: str) -> pd.DataFrame:
    """Append the class, described like a metric."""
    row = pd.DataFrame(
        {
            "name": "Class",
            "level": level,
            "kind": "categorical",
            "unit": "",
            "description": "The class of the object.",
        },
        index=pd.Index([MetricName("Class", level)], name=details.index.name),
    )
    return pd.concat([details, row])
