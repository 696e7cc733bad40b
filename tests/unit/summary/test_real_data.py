"""Real data, with crowds, boxes and masks: a summary of parts beside an evaluation of the whole."""

from itertools import cycle

import numpy as np
import pytest

import ea_widgets as ea

CASES = {
    "boxes with crowds": ("fakebbox100", "bbox"),
    "masks with crowds": ("fakesegm100", "segm"),
}


@pytest.mark.parametrize("case", CASES)
def test_parts_add_up_to_what_an_evaluation_says(case, shared_data):
    results, iou_type = CASES[case]
    folder = shared_data / "coco100-crowd-masks"
    dataset = ea.read_coco(
        folder / "instances_val2014_100.json", folder / f"instances_val2014_{results}_results.json"
    )
    evaluation = ea.Evaluation(dataset, iou_type)
    part = np.arange(len(dataset.images)) % 3
    parts = [dataset.subset(part == number) for number in range(3)]
    summary = ea.summarize(parts, evaluation.binning(64), iou_type=iou_type)
    excluded = any("P.excluded" in counts.sums for counts in summary.counts.values())
    assert excluded is (iou_type == "bbox")  # no mask here takes a crowd
    for iou in summary.iou_thresholds[::3]:
        for confidence in (None, 0.5):
            for classes in ((), ("person",), evaluation.class_names[:40]):
                expected = evaluation.at(iou, confidence, classes).scores().to_dict()
                found = summary.at(iou, confidence, classes).scores().to_dict()
                assert found == pytest.approx(expected, abs=1e-12, nan_ok=True)
    for outcome in ("true_positive", "missed"):
        expected = evaluation.at(0.5).importance(outcome, bins=summary.binning)
        table = summary.at(0.5).importance(outcome).loc[expected.index]
        assert table["importance"].tolist() == expected["importance"].tolist()
        assert table["n"].tolist() == expected["n"].tolist()


def test_importance_of_few_objects_is_that_of_an_evaluation(shared_data):
    folder = shared_data / "coco100-crowd-masks"
    results = folder / "instances_val2014_fakebbox100_results.json"
    dataset = ea.read_coco(folder / "instances_val2014_100.json", results)
    evaluation = ea.Evaluation(ea.compute_metrics(dataset, progress=False))
    summary = ea.summarize(evaluation)
    choices = ((None, ()), (0.5, ("person",)), (0.3, evaluation.class_names[:40]))
    for iou, (confidence, classes) in zip(summary.iou_thresholds, cycle(choices), strict=False):
        for outcome in ("true_positive", "missed"):
            expected = evaluation.at(iou, confidence, classes).importance(outcome)
            found = summary.at(iou, confidence, classes).importance(outcome).loc[expected.index]
            np.testing.assert_allclose(found["importance"], expected["importance"], atol=1e-12)
