import math

import pytest

import ea_widgets as ea
from ea_widgets.analysis.matching.reasons import (
    Reasons,
    describe_false_positives,
    describe_missed_labels,
    percent,
)


def test_words_name_the_most_frequent_first_and_leave_out_what_is_not_there():
    reasons = Reasons((103, 60, 92, 157, 0), (20, 60))
    assert describe_false_positives(reasons) == (
        "412 false positives: 38 % background, 25 % badly located, 22 % duplicate, 15 % wrong class"
    )
    assert describe_missed_labels(reasons) == (
        "80 missed objects: 75 % detected as another class, 25 % not detected"
    )


def test_words_for_one_and_for_none():
    one = Reasons((0, 0, 0, 0, 1), (1, 0))
    assert describe_false_positives(one) == "1 false positive: 100 % wrong class and badly located"
    assert describe_missed_labels(one) == "1 missed object: 100 % not detected"
    none = Reasons((0, 0, 0, 0, 0), (0, 0))
    assert describe_false_positives(none) == "No false positives"
    assert describe_missed_labels(none) == "No missed objects"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (3, 3, "100 %"),
        (999, 1000, "99.9 %"),
        (99_999, 100_000, ">99.9 %"),
        (1, 200, "0.5 %"),
        (1, 10_000, "<0.1 %"),
        (2, 200, "1 %"),
    ],
)
def test_shares_near_the_ends_are_never_rounded_onto_them(part, whole, text):
    assert percent(part, whole) == text


def test_tables():
    reasons = Reasons((1, 0, 0, 3, 0), (0, 0))
    assert reasons.predictions.to_dict("list") == {
        "reason": [
            *("badly_located", "wrong_class", "duplicate", "background"),
            "wrong_class_and_badly_located",
        ],
        "count": [1, 0, 0, 3, 0],
        "share": [0.25, 0, 0, 0.75, 0],
    }
    assert reasons.labels["reason"].tolist() == ["missed", "wrong_class"]
    assert all(math.isnan(share) for share in reasons.labels["share"])
    with pytest.raises(AttributeError):
        reasons.label_counts = (1, 2)


def test_reasons_refuse_what_scores_refuse(evaluation):
    with pytest.raises(ea.InvalidInputError, match="`iou_threshold` is 2"):
        evaluation.reasons(2)
    with pytest.raises(ea.InvalidInputError, match="has no option 'nothing'"):
        evaluation.reasons(classes=("nothing",))


def test_reasons_of_the_same_choice_are_counted_once(evaluation):
    assert evaluation.reasons(0.5) is evaluation.reasons(0.5, classes=evaluation.class_names)
