"""Conditions: what they mark, and how they are written."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

import ea_widgets as ea
from ea_widgets.analysis.slices.condition import Condition

FRAME = pd.DataFrame({"size": [1.0, 2.0, np.nan, 4.0], "weather": ["night", None, "day", "day"]})


def marks(condition):
    return [mask.tolist() for mask in condition.masks(FRAME.get)]


def test_ends_are_closed_and_missing_values_are_on_neither_side():
    assert marks(ea.where("size", low=2, high=4)) == [
        [False, True, False, True],
        [True, False, False, False],
    ]
    assert marks(~ea.where("weather", equals="day")) == [
        [True, False, False, False],
        [False, False, True, True],
    ]


def test_conditions_combine():
    small = ea.where("size", high=2)
    night = ea.where("weather", isin=["night", "dusk"])
    assert marks(small & night)[0] == [True, False, False, False]
    # What fails one of two is outside of both, whatever the other, missing value would be.
    assert marks(~(small & night))[0] == [False, False, True, True]
    assert marks(~~small) == marks(small)
    assert (small & night).metrics == ("size", "weather")


def test_a_lacking_metric_gives_no_masks():
    assert ea.where("depth", low=1).masks(FRAME.get) is None
    assert (ea.where("size", low=1) & ~ea.where("depth", low=1)).masks(FRAME.get) is None


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (ea.where("size", low=1.5), "size ≥ 1.5"),
        (ea.where("size", high=1.5), "size ≤ 1.5"),
        (ea.where("size", 1, 2), "size 1 to 2"),
        (~ea.where("weather", equals="night"), "not (weather = night)"),
        (ea.where("weather", isin=("a", "b", "a")), "weather in a, b"),
    ],
)
def test_conditions_read_well_compare_and_survive_json_and_pickle(condition, words):
    assert str(condition) == words
    assert Condition.from_dict(condition.to_dict()) == condition
    assert pickle.loads(pickle.dumps(condition)) == condition  # noqa: S301  # our own bytes
    assert len({condition, Condition.from_dict(condition.to_dict())}) == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ea.where("size"), "`where` of 'size' has no condition."),
        (lambda: ea.where("size", low=1, equals=2), "`where` of 'size' has more than one"),
        (lambda: ea.where("size", 2, 1), "`low` is 2.0, above `high`, 1.0. Swap the two."),
        (lambda: ea.where("", low=1), "`metric` is ''. Give the name of a metric."),
        (lambda: ea.where("size", isin=[]), "`isin` is empty. Give at least one value."),
        (lambda: ea.where("size", isin="day"), "`isin` is 'day'. Give a list of values."),
        (lambda: ea.where("size", isin=[1.0, np.nan]), "`isin` has nan. Give text, numbers or"),
        (lambda: ea.where("size", isin=[[1]]), "`isin` has [1]. Give text, numbers or"),
        (lambda: ea.where("size", low=float("nan")), "`low` is nan. Give a finite number"),
        (
            lambda: ea.where("size", low=1) and ea.where("size", high=2),
            "`where` is joined by `and`, `or` or `not`. Use `&` and `~`",
        ),
        (lambda: marks(ea.where("weather", low=1)), "`where` asks for a range of 'weather'"),
        (lambda: Condition.from_dict({"metrik": "size"}), "`where` is {'metrik': 'size'}."),
    ],
)
def test_what_cannot_be_meant_is_refused(make, words):
    with pytest.raises(ea.InvalidInputError) as caught:
        make()
    assert str(caught.value).startswith(words)
