"""The options of a ranking, checked at the door."""

from __future__ import annotations

from dataclasses import dataclass

from ea_widgets.analysis.checks import check_flag, check_option
from ea_widgets.analysis.importance.conditional_importance import CLASS
from ea_widgets.analysis.matched_data import LEVEL_OF_OUTCOME
from ea_widgets.core.counting.edges import Binning
from ea_widgets.data.catalogue import MetricName
from ea_widgets.errors import InvalidInputError, shown, unknown_option

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
    def level(self) -> str:
        """Level of the objects that are asked about: "P" or "O"."""
        return LEVEL_OF_OUTCOME[self.outcome]


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
        raise InvalidInputError("bins", f"is {shown(bins)}", "Give ea.Binning, or None.")
    return bins


def check_given(given: str | None, names: tuple[str, ...]) -> str | None:
    """Return the displayed name of what is held fixed; the level may be left out.

    Raises
    ------
    InvalidInputError
        If there is no such metric in this table.
    """
    if given is None or given == CLASS or given in names:
        return given
    # Own level before the images': a metric of objects is the more exact one.
    for name in reversed(names):
        if MetricName.parse(name).name == given:
            return name
    raise unknown_option("given", given, (CLASS, *names))
