"""Sentences on real detections, every number counted again."""

from __future__ import annotations

import pytest

import ea_widgets as ea
from tests.unit.analysis.curves.test_sentences import check, spoken

COCO = "coco100-crowd-masks"
SETS = {
    "coco": (
        f"{COCO}/instances_val2014_100.json",
        f"{COCO}/instances_val2014_fakebbox100_results.json",
    ),
    "teeth": (
        "tooth32-yolo/derived/gt_coco.json",
        "tooth32-yolo/derived/yolov8_coco_results.json",
    ),
}


@pytest.mark.parametrize("name", SETS)
def test_sentences_on_real_detections_are_true(shared_data, name):
    labels, predictions = (shared_data / path for path in SETS[name])
    dataset = ea.compute_metrics(ea.read_coco(labels, predictions), n_jobs=1, progress=False)
    evaluation = ea.Evaluation(dataset)
    ranges = [one for one in spoken(evaluation, {}, settled=True) if "rate" in one.facts]
    assert ranges
    for one in ranges:
        check(evaluation, one, {})
