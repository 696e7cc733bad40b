from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ea_widgets as ea
from ea_widgets.analysis.actions.rule import Rule
from tests.unit.analysis.actions.test_what_if import scenes as small_scenes
from tests.unit.analysis.actions.test_what_if import some_rules


@given(
    frames=small_scenes,
    rule=some_rules(),
    max_detections=st.sampled_from([1, 2, 3, 6, 100]),
    iou_threshold=st.sampled_from([0.0, 0.2, 0.5, 0.75]),
    confidence_threshold=st.sampled_from([0.0, 0.25, 0.5]),
    classes=st.sampled_from([(), ("bee",), ("cat", "ant")]),
)
def test_every_candidate_counts_what_matching_again_counts(
    frames, rule, max_detections, iou_threshold, confidence_threshold, classes
):
    evaluation = ea.Evaluation(ea.Dataset.from_frames(*frames), max_detections=max_detections)
    choice = (iou_threshold, confidence_threshold, classes)
    best = evaluation.best_min_confidence(rule.metric, rule.low, rule.high, *choice)
    scan = best.scan
    assert scan["min_confidence"].is_monotonic_increasing
    assert scan["min_confidence"].is_unique
    assert scan["min_confidence"].iloc[-1] == np.inf
    f1 = []
    for row in scan.itertuples():
        sure = None if np.isinf(row.min_confidence) else row.min_confidence
        result = evaluation.what_if([Rule(rule.metric, rule.low, rule.high, sure)], *choice)
        assert row.removed == result.removed
        assert row.true_positives == result.after.true_positives
        assert row.false_positives == result.after.false_positives
        assert row.false_negatives == result.after.false_negatives
        f1.append(result.f1_after)
    np.testing.assert_array_equal(scan["f1"], f1)
    assert best.f1_before == f1[0] or np.isnan(f1[0])
    if not np.isnan(f1).all():
        assert best.f1_after == np.nanmax(f1)
        assert evaluation.what_if([best.rule], *choice).f1_after == best.f1_after


def test_a_useless_range_is_dropped_whole_and_a_good_one_kept(evaluation):
    nothing = evaluation.best_min_confidence("Size", 1e9, 2e9)
    assert nothing.rule == Rule("Size", 1e9, 2e9, 0.0)
    assert nothing.f1_before == nothing.f1_after
    assert len(nothing.scan) == 1


def test_the_metric_must_be_one_of_predictions_or_images(evaluation):
    with pytest.raises(ea.InvalidInputError, match=r"^`metric` is 'Size \(O\)', which describes"):
        evaluation.best_min_confidence("Size (O)", 0, 1)
