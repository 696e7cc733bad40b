"""A slice by one or two metrics in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.formatting import percent, rates_in_words
from ea_widgets.analysis.ranges.words import RATE_WORDS, range_ends
from ea_widgets.data.catalogue.names import MetricName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ea_widgets.analysis.ranges.facts import RangeEnds


def say_slice(
    row: Mapping[str, Any], ends: Sequence[tuple[RangeEnds, str]], *, missed: bool
) -> str:
    """Say a slice in a sentence.

    Parameters
    ----------
    row : mapping
        The other columns of :meth:`View.worst_slices`.
    ends : sequence of (RangeEnds, str)
        Of each metric, with its unit.
    missed : bool
        Whether it is about labels, or else about predictions.

    Returns
    -------
    str
        Plain text; names that come from data are not escaped.
    """
    objects, rate, wrong = RATE_WORDS[missed]
    parts = []
    for name, (end, unit) in zip(row["metrics"], ends, strict=True):
        metric, level = MetricName.parse(name).parts
        parts.append(
            f"{'in images with' if level == 'F' else 'with'} {metric} {range_ends(end, unit)}"
        )
    rates = rates_in_words(row["rate"], row["rate_low"], row["rate_high"], row["average"])
    alone = ""
    if len(parts) > 1:
        one, other = (percent(rate) for rate in row["rates_alone"])
        alone = f" The first alone: {one}, the second alone: {other}."
    return (
        f"{objects.capitalize()} {' and '.join(parts)}: {percent(row['share_of_errors'])} of the "
        f"{wrong} ({row['errors']:,}). {rate} {rates}.{alone}"
    )
