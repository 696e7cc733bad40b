"""What a chart of a rate says to those who cannot see it."""

from __future__ import annotations

import numpy as np
import pytest

from ea_widgets.widgets.charts.curve_lines import Series, in_words


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ([0.1, 0.9, 0.05, 0.6], "cat: from 10 % to 60 %, lowest 5 %, highest 90 %"),
        ([0.5], "cat: from 50 % to 50 %, lowest 50 %, highest 50 %"),
        ([], "cat: nothing"),
    ],
)
def test_a_line_is_said_by_its_ends_and_extremes(rates, words):
    rates, bins = np.array(rates), np.arange(len(rates))
    series = Series("cat", bins, bins, rates, rates, rates, np.full(len(rates), 50.0))
    assert in_words(series) == words
