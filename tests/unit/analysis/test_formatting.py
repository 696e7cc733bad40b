"""Numbers and units, the same wherever they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ea_widgets.analysis.formatting import number, with_unit
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


def test_the_page_writes_numbers_as_the_sentences_do():
    assert (text.number, text.with_unit) == (number, with_unit)
