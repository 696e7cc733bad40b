"""Numbers, units and ranges, the same wherever they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.analysis.formatting import number, range_in_words, with_unit
from ea_widgets.widgets.base import text


@given(
    value=st.floats(1e-300, 1e12) | st.floats(-1e12, -1e-300) | st.just(0.0),
    digits=st.integers(2, 12),
)
def test_a_number_is_read_back_as_what_it_was_rounded_to(value, digits):
    read = float(number(value, digits).replace(",", ""))
    assert read == pytest.approx(value, rel=0.51 * 10 ** (1 - digits), abs=0)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0000996, "9.96e-5"),
        (0.0000996 / 1e6, "9.96e-11"),
        (-0.00005, "-5e-5"),
        (0.00009999, "0.0001"),
        (0.0001, "0.0001"),
        (0.000123, "0.000123"),
    ],
)
def test_tiny_numbers_are_no_row_of_noughts(value, written):
    assert number(value) == written


@pytest.mark.parametrize(
    ("low", "high", "ends", "unit", "written"),
    [
        (0.1, 0.503, (True, False), "1", "below 0.503"),
        (0.503, 2.0, (False, True), "1", "above 0.503"),
        (0.5, 2.0, (False, False), "1", "between 0.5 and 2"),
        (2.0, 2.0, (False, False), "1", "of 2"),
        (1.0, 1.0, (False, False), "objects", "of 1 object"),
        (3.0, 3.0, (False, False), "objects", "of 3 objects"),
        (0.0, 1.0, (False, False), "objects", "between 0 and 1 objects"),
        (
            1e-6,
            0.0000996,
            (True, False),
            "% of image diagonal",
            "below 9.96e-5 % of image diagonal",
        ),
    ],
)
def test_a_range_has_its_unit_once_and_only_where_there_is_one(low, high, ends, unit, written):
    from_least, to_most = ends
    assert range_in_words(low, high, unit, from_least=from_least, to_most=to_most) == written


def test_the_page_writes_numbers_as_the_sentences_do():
    assert (text.number, text.with_unit) == (number, with_unit)
