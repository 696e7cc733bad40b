"""Choices that cannot be made are refused in words, at every door, and change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets.examples.examples_panel import Examples
from ea_widgets.widgets.explore import explore
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric
from ea_widgets.widgets.panels.worst_ranges_panel import WorstRanges

SHARE = "Give a number from 0 to 1."
FLAG = "Give True or False."


@pytest.mark.parametrize(
    ("kind", "name", "value", "message"),
    [
        (ImportancePanel, "iou_threshold", True, f"is True. {SHARE}"),
        (ImportancePanel, "iou_threshold", "0.5", f"is '0.5'. {SHARE}"),
        (ImportancePanel, "iou_threshold", np.float64(1.5), f"is 1.5. {SHARE}"),
        (ImportancePanel, "confidence_threshold", float("nan"), f"is nan. {SHARE}"),
        (ImportancePanel, "confidence_threshold", None, f"is None. {SHARE}"),
        (
            ImportancePanel,
            "classes",
            "cat",
            "is 'cat'. Give a tuple of class names, such as ('cat',).",
        ),
        (ImportancePanel, "all_metrics", "no", f"is 'no'. {FLAG}"),
        (PerformanceByMetric, "by_class", "no", f"is 'no'. {FLAG}"),
        (PerformanceByMetric, "intervals", 1, f"is 1. {FLAG}"),
        (PerformanceByMetric, "bins", True, "is True. Give a whole number from 2 to 100."),
        (PerformanceByMetric, "bins", 20.0, "is 20.0. Give a whole number from 2 to 100."),
        (WorstRanges, "by_class", "no", f"is 'no'. {FLAG}"),
        (Examples, "descending", "no", f"is 'no'. {FLAG}"),
        (Examples, "page", False, "is False. Give a whole number from 0 up."),
        (
            ImportancePanel,
            "outcome",
            "mised",
            "has no option 'mised'. Did you mean 'missed'? Options: 'true_positive', 'missed'.",
        ),
    ],
)
def test_wrong_values_are_refused_in_words(evaluation, kind, name, value, message):
    widget = kind(evaluation)
    before = getattr(widget, name)
    with pytest.raises(InvalidInputError) as caught:
        setattr(widget, name, value)
    assert str(caught.value) == f"`{name}` {message}"
    assert getattr(widget, name) == before
    with pytest.raises(InvalidInputError) as caught:
        kind(evaluation, **{name: value})
    assert str(caught.value) == f"`{name}` {message}"


def test_a_class_that_is_a_list_is_refused_with_the_known_ones(evaluation):
    panel = ImportancePanel(evaluation)
    with pytest.raises(
        InvalidInputError,
        match=r"has no option \['cat'\]. Did you mean 'cat'\?",
    ):
        panel.classes = (["cat"],)
    assert panel.classes == ()


def test_numbers_of_numpy_are_numbers(evaluation):
    panel = ImportancePanel(evaluation, iou_threshold=np.float64(0.6))
    panel.classes = ["dog", "dog"]
    panel.all_metrics = np.bool_(True)  # noqa: FBT003  # the value under test
    assert (panel.iou_threshold, panel.classes, panel.all_metrics) == (0.6, ("dog",), True)
    detail = PerformanceByMetric(evaluation, bins=np.int64(7))
    assert detail.bins == 7


def test_keep_is_a_flag(evaluation):
    for make in (ImportancePanel, explore):
        with pytest.raises(InvalidInputError, match=r"`keep` is 'yes'. Give True or False."):
            make(evaluation, keep="yes")
