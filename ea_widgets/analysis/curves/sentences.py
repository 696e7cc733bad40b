"""What a careful analyst would say about one metric: the ranges that hold more errors."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.checks import check_flag
from ea_widgets.analysis.formatting import percent
from ea_widgets.analysis.ranges import (
    RATE_WORDS,
    describe,
    ranges_of_all_classes,
    say_range,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.ranges import FoundRanges, Group
    from ea_widgets.analysis.sample import Query, Sample


@dataclass(frozen=True)
class Sentence:
    """One or two plain sentences, and the numbers that they are made from.

    Attributes
    ----------
    text : str
        Plain text; names that come from data are not escaped.
    facts : mapping
        `metric` (displayed name), `outcome`, `average`, and of a range also `low`, `high` (in the
        metric's unit; infinite where the range is open; NaN of categories, which are `isin`), `n`,
        `rate`, `rate_low`, `rate_high`, `errors`, `share` (of all rows with a value),
        `share_of_errors`, `excess_errors`, `z`, `p_value` and `strength`, as
        :meth:`View.worst_ranges` has them.
    """

    text: str
    facts: Mapping[str, object]

    def __post_init__(self) -> None:
        """Keep a copy of the facts that nobody can change."""
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, dict[str, object]]]:
        """Pickle the facts; the view of them cannot be."""
        return Sentence, (self.text, dict(self.facts))


def sentences_on(
    data: MatchedData,
    query: Query,
    metric: str,
    *,
    settled: bool,
    should_stop: Callable[[], bool] | None,
) -> tuple[Sentence, ...]:
    """Say where the errors are by one metric; see :meth:`View.sentences`."""
    unit = str(data.find_metric(metric)["unit"])
    check_flag("settled", settled)
    spoken: list[Sentence] = []
    for level in ("P", "O"):
        name = data.name_at(metric, level)
        if name is not None:
            groups, found = ranges_of_all_classes(
                data, query, level, settled=settled, should_stop=should_stop
            )
            spoken += describe_metric(data.sample(level, query), groups, found, name, unit)
    return tuple(spoken)


def describe_metric(
    sample: Sample, groups: Sequence[Group], found: FoundRanges, metric: str, unit: str
) -> list[Sentence]:
    """Say where the errors are by one metric.

    Parameters
    ----------
    sample : Sample
    groups : sequence of Group
        That of all classes; empty where the outcome does not vary.
    found : FoundRanges
        Of that group.
    metric : str
        Displayed name.
    unit : str

    Returns
    -------
    list of Sentence
        One for each range, the surest first; or one that says that there is none. Empty without
        rows.
    """
    number = sample.names.index(metric)
    present = sample.selection.fine_bins(number)[sample.counted] < sample.selection.n_bins
    if not present.any():
        return []
    average = float(sample.hit[present].mean())
    about = {"metric": metric, "outcome": "missed" if sample.missed else "true_positive"}
    spoken = []
    for one in found.ranges:
        if one.metric != number:
            continue
        facts = describe(groups[0], one, found.critical)
        text = say_range(
            facts,
            metric,
            unit,
            missed=sample.missed,
            strength=one.strength,
            n_metrics=found.n_metrics,
        )
        numbers: dict[str, object] = asdict(facts)
        if numbers.pop("from_least"):
            numbers["low"] = -np.inf
        if numbers.pop("to_most"):
            numbers["high"] = np.inf
        judged = {"z": one.z, "p_value": one.p_value, "strength": one.strength}
        spoken.append(Sentence(text, {**about, **numbers, **judged}))
    if spoken:
        return spoken
    text = nothing_to_say(sample, metric, average, valued=not present.all())
    return [Sentence(text, {**about, "average": average})]


def nothing_to_say(sample: Sample, metric: str, average: float, *, valued: bool) -> str:
    """Say that the rate does not depend on the metric."""
    objects, verb = ("objects", "missed") if sample.missed else ("predictions", "right")
    # With its level: at another one the metric can tell something.
    if average in {0.0, 1.0}:
        whose = "None of the" if average == 0 else "All"
        return f"{whose} {objects} are {verb}: there is nothing for {metric} to explain."
    _, rate, _ = RATE_WORDS[sample.missed]
    where = "in every category" if metric in sample.selection.side.categories else "everywhere"
    of = f" of the {objects} that have a value" if valued else ""
    return (
        f"{rate} does not change significantly with {metric}: about {percent(average)} {where}{of}."
    )
