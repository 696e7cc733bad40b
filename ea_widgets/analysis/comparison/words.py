"""A change in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.formatting import digits_of, percent
from ea_widgets.analysis.ranges.words import range_ends
from ea_widgets.data.catalogue.names import MetricName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ea_widgets.analysis.ranges.facts import RangeEnds

WHOLE_POINTS = 0.03
"""Smaller differences are written with a decimal."""


def say_change(
    row: Mapping[str, Any],
    unit: str,
    ends: RangeEnds,
    flips: tuple[int, int] | None,
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
        Labels that are found now and were not, and the other way round.

    Returns
    -------
    str
        Plain text; names that come from data are not escaped.
    """
    missed = row["outcome"] == "missed"
    objects, verb = ("labels", "missed") if missed else ("predictions", "false positives")
    subject = subject_of(row, objects, unit, ends)
    difference = row["difference"]
    than = "more than before" if difference > 0 else "less than before"
    reach = [row["difference_low"], row["difference_high"]]
    if reach[0] > 0 or reach[1] < 0:
        reach = sorted(map(abs, reach))
    size = abs(difference)
    decimals = 0 if min(size, *map(abs, reach)) >= WHOLE_POINTS else 1
    points, low, high = (digits_of(share, decimals) for share in (size, *reach))
    text = (
        f"{subject} are {verb} {percent(row['rate'])} of the time, {points} points {than} "
        f"({low} to {high})"
    )
    if flips is None:
        return f"{text}."
    found, lost = flips
    return f"{text}; {found:,} of them found now, {lost:,} lost."


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
