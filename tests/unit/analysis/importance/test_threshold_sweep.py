import pytest

import ea_widgets as ea
from ea_widgets.core.statistics.resampling import ComputationStoppedError


@pytest.mark.parametrize("outcome", ["true_positive", "missed"])
def test_the_sweep_is_the_ranking_at_each_threshold(evaluation, outcome):
    choice = {"confidence_threshold": 0.2, "classes": ("ant", "cat"), "outcome": outcome}
    sweep = evaluation.importance_sweep((0.9, 0.3, 0.6), top=3, **choice)
    assert list(sweep.columns) == ["metric", "iou_threshold", "importance", "correlation", "n"]
    assert sweep["iou_threshold"].tolist() == 3 * [0.3, 0.6, 0.9]
    for threshold, rows in sweep.groupby("iou_threshold"):
        table = evaluation.importance(threshold, **choice)
        for column in ("importance", "correlation", "n"):
            expected = table.loc[rows["metric"], column].tolist()
            assert rows[column].tolist() == pytest.approx(expected, nan_ok=True)


def test_the_metrics_are_those_that_rank_high_anywhere(evaluation):
    everything = evaluation.importance_sweep(top=99)
    highest = everything.groupby("metric", sort=False)["importance"].max()
    assert highest.is_monotonic_decreasing
    assert everything["iou_threshold"].nunique() == 19
    top = evaluation.importance_sweep(top=2)
    assert top["metric"].unique().tolist() == highest.index[:2].tolist()


@pytest.mark.parametrize("thresholds", [(), "0.5", 0.5, (0.5, 1.5), (None,)])
def test_thresholds_are_checked(evaluation, thresholds):
    with pytest.raises(ea.InvalidInputError, match=r"^`iou_thresholds` is "):
        evaluation.importance_sweep(thresholds)


def test_a_sweep_can_be_stopped(evaluation):
    with pytest.raises(ComputationStoppedError):
        evaluation.importance_sweep(should_stop=lambda: True)
