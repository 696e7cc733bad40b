"""A range that was found, in words: the same under a curve, in the list and in the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.analysis.formatting import (
    FROM_LABELS,
    categories_in_words,
    number,
    percent,
    rates_in_words,
    value_in_words,
    with_unit,
)
from ea_widgets.analysis.ranges.finder import LEVEL, STRONG, SUGGESTIVE
from ea_widgets.data.catalogue import MetricName, made_from_labels
from ea_widgets.data.checks.kinds import DATE

if TYPE_CHECKING:
    from ea_widgets.analysis.ranges.facts import RangeEnds, RangeFacts

MOST_DIGITS = 12
RATE_WORDS = {
    False: ("predictions", "Precision", "false positives"),
    True: ("objects", "Missed rate", "missed objects"),
}
"""By whether it is about missed objects: the objects, the rate, and the errors among them."""


def say_range(
    facts: RangeFacts,
    metric: str,
    unit: str,
    *,
    missed: bool,
    strength: str,
    n_metrics: int,
    class_name: str | None = None,
) -> str:
    """Say a range in words.

    Parameters
    ----------
    facts : RangeFacts
    metric : str
        Displayed name.
    unit : str
    missed : bool
        Whether it is about labels, or else about predictions.
    strength : {"strong", "suggestive", ""}
    n_metrics : int
        Metrics that were judged together.
    class_name : str, optional
        Where it is about one class.

    Returns
    -------
    str
        Plain text; names that come from data are not escaped.
    """
    name, level = MetricName.parse(metric).parts
    objects, rate, wrong = RATE_WORDS[missed]
    whose = "" if class_name is None else f" of {class_name}"
    where = "in images with" if level == "F" else "with"
    rates = rates_in_words(facts.rate, facts.rate_low, facts.rate_high, facts.average)
    text = (
        f"{objects.capitalize()}{whose} {where} {name} {range_ends(facts, unit)}: "
        f"{percent(facts.share_of_errors)} of the {wrong}{whose} ({facts.errors:,}), in "
        f"{percent(facts.share)} of the {objects}. {rate} {rates}."
    )
    # A rule drops predictions, so it is no answer to missed objects anyway.
    warned = not missed and made_from_labels(metric)
    return " ".join([text, *strength_in_words(strength, n_metrics), *[FROM_LABELS] * warned])


def strength_in_words(strength: str, n_metrics: int) -> tuple[str, ...]:
    """Say how sure a range is; nothing where that is not known.

    Examples
    --------
    >>> strength_in_words("strong", 31), strength_in_words("", 31)
    (('Strong.',), ())
    >>> strength_in_words("suggestive", 31)
    ('Suggestive: of 31 metrics chance names 1 or 2.',)
    >>> strength_in_words("suggestive", 20)
    ('Suggestive: of 20 metrics chance names about 1.',)
    """
    if strength == STRONG:
        return ("Strong.",)
    if strength == SUGGESTIVE:
        by_chance = round(LEVEL * n_metrics, 9)
        least = int(by_chance)
        told = f"about {least}" if least == by_chance else f"{least} or {least + 1}"
        return (f"Suggestive: of {n_metrics} metrics chance names {told}.",)
    return ()


def range_ends(facts: RangeEnds, unit: str) -> str:
    """Write the range with exactly the ends that its rows were counted with."""
    if facts.isin is not None:
        return categories_in_words(facts.isin)
    if unit == DATE:
        low, high = (value_in_words(end, unit) for end in (facts.low, facts.high))
        return ends_in_words(facts, low, high, "")
    within = [
        end
        for end, is_open in ((facts.low, facts.from_least), (facts.high, facts.to_most))
        if not is_open
    ]
    digits = next(
        (
            digits
            for digits in range(2, MOST_DIGITS)
            if all(float(number(end, digits).replace(",", "")) == end for end in within)
        ),
        MOST_DIGITS,
    )
    low, high = (number(end, digits) for end in (facts.low, facts.high))
    return ends_in_words(facts, low, high, unit)


def ends_in_words(facts: RangeEnds, low: str, high: str, unit: str) -> str:
    """Put the ends of a range, as they are written, in words."""
    if facts.from_least:
        return f"below {with_unit(high, unit)}"
    if facts.to_most:
        return f"above {with_unit(low, unit)}"
    return with_unit(f"between {low} and {high}", unit)
