"""What a careful analyst would say about one metric: ranges that the intervals set apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.analysis.curves.range_rates import RangeRates
from ea_widgets.analysis.formatting import (
    number,
    percent,
    rates_in_words,
    value_in_words,
    with_unit,
)
from ea_widgets.core.statistics.binning import equal_count_bins
from ea_widgets.core.statistics.importance import BinCounts, fine_bins, merge_bins
from ea_widgets.data.checks.kinds import DATE
from ea_widgets.data.metrics.names import MetricName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from ea_widgets.analysis.sample.sample import Sample

MOVED = 0.02
"""Share of the smaller side's rows that may change sides when a cut is rounded to be read."""

FAR = 4.0
"""Standard errors from the average that a range must lie without a settled table.

The cuts are chosen on the same data, from up to 1,023: by Bonferroni 4.1 keeps the chance of one
such range in noise at 5 %, and neighbouring cuts are nearly the same.
"""


@dataclass(frozen=True)
class Sentence:
    """One or two plain sentences, and the numbers that they are made from.

    Attributes
    ----------
    text : str
        Plain text; names that come from data are not escaped.
    facts : mapping
        `metric` (displayed name), `outcome`, `average`, and of a range also `low`, `high` (in the
        metric's unit; infinite where the range is open; values on a finite end belong to a range
        between two ends only; NaN of a category, which is named as `category`), `n`, `rate`,
        `rate_low`, `rate_high`, `errors`, `share` (of all rows with a value) and
        `share_of_errors`.
    """

    text: str
    facts: Mapping[str, object]


def describe_metric(
    sample: Sample,
    metric: str,
    unit: str,
    distinguishable: bool | None,
) -> list[Sentence]:
    """Say what the intervals support about one metric.

    Parameters
    ----------
    sample : Sample
    metric : str
        Displayed name.
    unit : str
    distinguishable : bool or None
        From noise, where that was computed.

    Returns
    -------
    list of Sentence
        The worst range first, then the best one if that is not just the rest; or one that says why
        there is none. Empty without rows.
    """
    data = RangeRates(sample, metric)
    if not data.present.any():
        return []
    ranges = [] if distinguishable is False else set_apart(data, distinguishable=distinguishable)
    if not ranges:
        return [nothing_to_say(data, distinguishable=distinguishable)]
    # A high rate is bad for missed labels and good for predictions.
    ranges.sort(key=lambda found: (found["rate"] > data.average) != sample.missed)
    if len(ranges) == 2 and complements(*ranges):
        del ranges[1]
    return [say(data, found, unit) for found in ranges]


def set_apart(data: RangeRates, *, distinguishable: bool | None) -> list[dict[str, Any]]:
    """Find the largest range above the average and the largest below it.

    Parameters
    ----------
    data : RangeRates
    distinguishable : bool or None

    Returns
    -------
    list of dict
        Facts of at most two ranges.
    """
    largest: dict[bool, tuple[float, dict[str, Any]]] = {}
    found = categories(data) if data.names else (facts_of(data, *ends) for ends in runs(data))
    for facts in found:
        far = abs(facts["rate"] - data.average) / facts["error"] if facts["error"] else 0.0
        apart = not facts["rate_low"] <= data.average <= facts["rate_high"]
        if not apart or (distinguishable is None and far < FAR):
            continue
        above = facts["rate"] > data.average
        excess = abs(facts["rate"] - data.average) * facts["n"]
        if above not in largest or excess > largest[above][0]:
            largest[above] = (excess, facts)
    return [facts for _, facts in largest.values()]


def categories(data: RangeRates) -> Iterator[dict[str, Any]]:
    """Facts of each category that is not "other"."""
    of_code, n_bins = data.sample.selection.pools[data.sample.names.index(data.metric)]
    for code, name in enumerate(data.names):
        inside = data.value == code
        alone = np.count_nonzero(of_code[:-1] == of_code[code]) == 1
        if of_code[code] < n_bins and alone and inside.any() and not inside.all():
            ends = {"low": np.nan, "high": np.nan, "category": name}
            yield {**ends, **facts_of_rows(data, inside)}


def complements(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two ranges meet at one cut and have all values between them: one says it all."""
    low, high = sorted((one, other), key=lambda facts: facts["low"])
    meet = low["high"] == high["low"]
    return meet and bool(np.isneginf(low["low"]) and np.isposinf(high["high"]))


def runs(data: RangeRates) -> Iterator[tuple[float, float]]:
    """Ranges between merged cuts, neighbours on the same side of the average joined."""
    column, counts = data.column, data.column.counts
    bins = equal_count_bins(column.values, counts, fine_bins(int(data.present.sum())))
    code = column.spread(bins.of_rank)[data.present]
    hit = data.sample.hit[data.present]
    merged = merge_bins(
        BinCounts(
            np.bincount(code[hit], minlength=bins.n_bins)[None],
            np.bincount(code, minlength=bins.n_bins)[None],
        )
    )
    above = merged.successes / np.maximum(merged.totals, 1) > data.average
    first = np.flatnonzero(np.concatenate([[True], above[1:] != above[:-1]]))
    totals = np.add.reduceat(merged.totals, first)
    if len(totals) < 2:
        return  # all rows together are the average
    value = np.sort(data.value[data.present])
    fewer = np.minimum(totals[1:], totals[:-1])
    cuts = [
        readable_cut(value, edge, MOVED * few)
        for edge, few in zip(
            bins.low[merged.start[first[1:]]].tolist(), fewer.tolist(), strict=True
        )
    ]
    yield from pairwise([-np.inf, *cuts, np.inf])


def readable_cut(value: NDArray[np.float64], edge: float, most_moved: float) -> float:
    """Round a cut to as few digits as leave nearly all rows on their side.

    Parameters
    ----------
    value : ndarray of float64
        Ascending.
    edge : float
    most_moved : float
        Rows that may change sides.

    Returns
    -------
    float
        Reads exactly as :func:`number` writes it, with up to 12 digits.
    """
    exact = np.searchsorted(value, edge)
    for digits in range(2, 13):
        rounded = float(number(edge, digits).replace(",", ""))
        ends = (np.searchsorted(value, rounded, side=side) for side in ("left", "right"))
        if all(abs(end - exact) <= most_moved for end in ends):
            return rounded
    return edge


def facts_of(data: RangeRates, low: float, high: float) -> dict[str, Any]:
    """Numbers of the rows in a range."""
    value = data.value
    between = np.isfinite(low) and np.isfinite(high)
    inside = (value >= low) & (value <= high) if between else (value > low) & (value < high)
    return {"low": low, "high": high, **facts_of_rows(data, inside)}


def facts_of_rows(data: RangeRates, inside: NDArray[np.bool_]) -> dict[str, Any]:
    """Numbers of some rows with a value."""
    rate, rate_low, rate_high, error = data.rate(inside)
    n, hits = int(inside.sum()), int(data.sample.hit[inside].sum())
    errors = hits if data.sample.missed else n - hits
    return {
        "n": n,
        "rate": rate,
        "rate_low": rate_low,
        "rate_high": rate_high,
        "error": error,
        "errors": errors,
        "share": n / int(data.present.sum()),
        "share_of_errors": errors / data.n_errors if data.n_errors else 0.0,
    }


def cut_in_words(facts: dict[str, float], unit: str) -> str:
    """Write the range with exactly the ends that its rows were counted with."""
    if unit == DATE:
        low, high = (value_in_words(float(facts[end]), unit) for end in ("low", "high"))
        return ends_in_words(facts, low, high, "")
    digits = next(
        (
            digits
            for digits in range(2, 13)
            if all(
                not np.isfinite(end) or float(number(end, digits).replace(",", "")) == end
                for end in (facts["low"], facts["high"])
            )
        ),
        12,
    )
    low, high = (number(facts[end], digits) for end in ("low", "high"))
    return ends_in_words(facts, low, high, unit)


def ends_in_words(facts: dict[str, Any], low: str, high: str, unit: str) -> str:
    """Put the ends of a range, as they are written, in words."""
    if not np.isfinite(facts["low"]):
        return f"below {with_unit(high, unit)}"
    if not np.isfinite(facts["high"]):
        return f"above {with_unit(low, unit)}"
    return with_unit(f"between {low} and {high}", unit)


def say(data: RangeRates, facts: dict[str, Any], unit: str) -> Sentence:
    """Write one range in words."""
    who, verb, whole, wrong = (
        ("Labels", "are missed", "labels", "missed ones")
        if data.sample.missed
        else ("Predictions", "are right", "predictions", "false positives")
    )
    name, level = MetricName.parse(data.metric).parts
    written = cut_in_words(facts, unit) if not data.names else f"= {facts['category']}"
    where = "in images with" if level == "F" else "with"
    told = rates_in_words(facts["rate"], facts["rate_low"], facts["rate_high"], data.average)
    valued = "" if data.present.all() else f" that have a value of {name}"
    text = (
        f"{who} {where} {name} {written} {verb} {told}. They are "
        f"{percent(facts['share'])} of all {whole}{valued} and "
        f"{percent(facts['share_of_errors'])} of the {wrong}."
    )
    del facts["error"]
    return Sentence(text, frozen(data, facts))


def nothing_to_say(data: RangeRates, *, distinguishable: bool | None) -> Sentence:
    """Say that no range stands out, and whether that is known to be noise."""
    objects, verb = ("labels", "are missed") if data.sample.missed else ("predictions", "are right")
    # With its level: at another one the metric can tell something.
    if data.average in {0.0, 1.0}:
        whose = "None of the" if data.average == 0 else "All"
        text = f"{whose} {objects} {verb}: there is nothing for {data.metric} to tell."
    elif distinguishable is False:
        text = (
            f"What {data.metric} tells about which {objects} {verb} cannot be told from noise "
            f"(average {percent(data.average)})."
        )
    else:
        valued = "" if data.present.all() else " that have a value"
        what, alike = "range", "high and low values"
        if data.names:
            what, alike = "category", "all categories"
        text = (
            f"No {what} of {data.metric} stands out: {percent(data.average)} of all {objects}"
            f"{valued} {verb}, with {alike} alike as far as these data tell."
        )
    return Sentence(text, frozen(data, {}))


def frozen(data: RangeRates, facts: dict[str, Any]) -> Mapping[str, object]:
    """Facts that every sentence has, and its own."""
    outcome = "missed" if data.sample.missed else "true_positive"
    return MappingProxyType(
        {"metric": data.metric, "outcome": outcome, "average": data.average, **facts}
    )
