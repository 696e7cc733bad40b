"""A change in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.formatting import digits_of, percent
from ea_widgets.analysis.ranges.words import range_ends
from ea_widgets.data.catalogue.names import MetricName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ea_widgets.analysis.ranges.facts import RangeEnds

WHOLE_POINTS = 0.03
"""Smaller differences are written with a decimal."""

EARLIER = ("old", "before", "previous")
"""Names of a baseline that came before the other model."""


def in_time(baseline: str, model: str) -> bool:
    """Tell from their names whether one model came after the other: "old", or "epoch 10" and "20".

    Examples
    --------
    >>> in_time("old", "new"), in_time("epoch 10", "epoch 20"), in_time("large", "tiny")
    (True, True, False)
    """
    numbers = [re.findall(r"\d+", name) for name in (baseline, model)]
    rest = [re.sub(r"\d+", "", name) for name in (baseline, model)]
    later = rest[0] == rest[1] and [*map(int, numbers[0])] < [*map(int, numbers[1])]
    return baseline.casefold() in EARLIER or later


def say_change(
    row: Mapping[str, Any],
    unit: str,
    ends: RangeEnds,
    flips: tuple[int, int] | None,
    baseline: str | None = None,
) -> str:
    """Say a change in a sentence.

    Parameters
    ----------
    row : mapping
        The other columns of :meth:`ComparisonView.changes`.
    unit : str
        Of the metric.
    ends : RangeEnds
        Of the range, or the category.
    flips : tuple of int, optional
        Labels that only the other model found, and that only the baseline found.
    baseline : str, optional
        Its name, to name both models; else the baseline came before.

    Returns
    -------
    str
        Plain text; names that come from data are not escaped.
    """
    missed = row["outcome"] == "missed"
    objects, verb = ("labels", "missed") if missed else ("predictions", "false positives")
    subject = subject_of(row, objects, unit, ends)
    difference = row["difference"]
    more = "more" if difference > 0 else "less"
    model = row["model"]
    with_model, than = (
        ("", "before") if baseline is None else (f" with {model}", f"with {baseline}")
    )
    reach = [row["difference_low"], row["difference_high"]]
    if reach[0] > 0 or reach[1] < 0:
        reach = sorted(map(abs, reach))
    size = abs(difference)
    decimals = 0 if min(size, *map(abs, reach)) >= WHOLE_POINTS else 1
    points, low, high = (digits_of(share, decimals) for share in (size, *reach))
    text = (
        f"{subject} are {verb} {percent(row['rate'])} of the time{with_model}, {points} points "
        f"{more} than {than} ({low} to {high})"
    )
    if flips is None:
        return f"{text}."
    found, lost = flips
    if baseline is None:
        return f"{text}; {found:,} of them found now, {lost:,} lost."
    return f"{text}; {found:,} of them found by {model} only, {lost:,} by {baseline} only."


def subject_of(row: Mapping[str, Any], objects: str, unit: str, ends: RangeEnds) -> str:
    """Name what a change is about: labels or predictions, of a class, in a range."""
    metric, objects = row["metric"], objects.capitalize()
    if metric == "All":
        return objects
    if metric == "Class":
        return f"{objects} of {row['category']}"
    name, level = MetricName.parse(metric).parts
    where = "in images with" if level == "F" else "with"
    return f"{objects} {where} {name} {range_ends(ends, unit)}"
