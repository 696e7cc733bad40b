import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ea_widgets.data.checks.kinds import kind_of, metric_of, numbers_of, unit_of


def found(values):
    notes = []
    return metric_of("images", "mine", pd.Series(values), notes), notes


@pytest.mark.parametrize(
    ("values", "categories"),
    [
        (["sun", "rain", "rain", None], ["rain", "sun"]),
        (["b", "a", "b", "a"], ["a", "b"]),
        ([True, True, None], [False, True]),
        (np.array([False, True]), [False, True]),
        (pd.array([True, None], dtype="boolean"), [False, True]),
        (pd.Categorical([3, 1, 1], categories=[1, 2, 3]), [1, 3]),
        (["007", "008", "008"], ["008", "007"]),
        ([1, "a", "a"], ["a", "1"]),
    ],
)
def test_text_categories_and_truth_values_are_categories_by_falling_count(values, categories):
    series, notes = found(values)
    assert kind_of(series.dtype) == "categorical"
    assert list(series.cat.categories) == categories
    assert notes == []


def test_dates_and_spans_of_time_are_numbers_in_seconds():
    for values in (
        pd.to_datetime(["1970-01-02", None]),
        pd.to_datetime(["1970-01-02 02:00+02:00", None], utc=True),
        [dt.date(1970, 1, 2), None],
        ["1970-01-02", None],
        ["1970-01-02T00:00:00Z", None],
    ):
        series, _ = found(values)
        assert (kind_of(series.dtype), unit_of(series.dtype)) == ("numeric", "date")
        np.testing.assert_array_equal(numbers_of(series), [86_400, np.nan])
    series, _ = found(pd.to_timedelta([90, None], unit="s"))
    assert (kind_of(series.dtype), unit_of(series.dtype)) == ("numeric", "s")
    np.testing.assert_array_equal(numbers_of(series), [90, np.nan])


def test_numbers_as_text_are_read():
    series, notes = found(["1.5", None, "2"])
    np.testing.assert_array_equal(numbers_of(series), [1.5, np.nan, 2])
    assert notes == ["The texts of column 'mine' of the images are read as numbers."]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([[1], [2]], "holds values of type list"),
        ([{}, {}], "holds values of type dict"),
        (["a.jpg", "b.jpg"], "has another text in each row"),
        ([1j, 2j], "holds values of type complex"),
        ([None, None], "is empty"),
    ],
)
def test_what_is_no_metric_is_named_with_its_reason(values, reason):
    assert found(values)[0] == reason
