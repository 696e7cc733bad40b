from __future__ import annotations

import pytest

from ea_widgets.analysis.ranges.facts import RangeFacts
from ea_widgets.analysis.ranges.words import range_ends, say_range


def facts(low, high, *, from_least=False, to_most=False):
    return RangeFacts(
        low=low,
        high=high,
        from_least=from_least,
        to_most=to_most,
        n=159,
        errors=152,
        rate=0.044,
        rate_low=0.01,
        rate_high=0.22,
        average=0.5,
        share=0.35,
        share_of_errors=0.67,
        excess_errors=72.4,
    )


@pytest.mark.parametrize(
    ("low", "high", "open_end", "unit", "written"),
    [
        (0.1, 0.503, "from_least", "1", "below 0.503"),
        (0.503, 2.0, "to_most", "1", "above 0.503"),
        (0.5, 2.0, None, "1", "between 0.5 and 2"),
        (0.999, 1.0005, None, "1", "between 0.999 and 1.0005"),
        (0.0, 1.0, None, "objects", "between 0 and 1 objects"),
        (1e-6, 9.96e-5, "from_least", "% of image diagonal", "below 9.96e-5 % of image diagonal"),
    ],
)
def test_a_range_is_written_with_its_own_ends_and_its_unit_once(low, high, open_end, unit, written):
    given = {open_end: True} if open_end else {}
    assert range_ends(facts(low, high, **given), unit) == written


def test_a_range_in_words():
    said = say_range(
        facts(5.0, 918.0, from_least=True),
        "Shade (F)",
        "px²",
        missed=True,
        strength="suggestive",
        n_metrics=31,
        class_name="bee",
    )
    assert said == (
        "Objects of bee in images with Shade below 918 px²: 67 % of the missed objects of bee "
        "(152), in 35 % of the objects. Missed rate 4 % (1 to 22 %; overall 50 %). "
        "Suggestive: of 31 metrics chance names 1 or 2."
    )
