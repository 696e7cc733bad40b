"""What drives the errors of real detections is found, and called strong."""

from __future__ import annotations

import pytest

import ea_widgets as ea


def evaluation_of(folder, labels, predictions):
    dataset = ea.read_coco(folder / labels, folder / predictions)
    return ea.Evaluation(ea.compute_metrics(dataset, n_jobs=1, progress=False))


def test_small_objects_hold_the_false_positives_of_voc100(shared_data):
    evaluation = evaluation_of(
        shared_data / "voc100-formats",
        "gts/coco_format_v1/instances_default.json",
        "dets/coco_format/coco_dets.json",
    )
    first = evaluation.worst_ranges(settled=True).iloc[0]
    assert first["metric"] == "Object Area - Absolute (P)"
    assert first["strength"] == "strong"
    assert first["p_value"] <= 0.01
    # As counted by hand: 152 of 226 false positives, 4 % right against 50 %.
    area = evaluation.dataset.predictions["Object Area - Absolute"]
    wrong = evaluation.matches().predictions["outcome"] == "false_positive"
    assert first["high"] == 918
    assert first["errors"] == (wrong & (area < 918)).sum() == 152
    assert first["n"] == (area < 918).sum()
    assert first["rate"] == pytest.approx(7 / 159)
    assert first["rate_high"] < 0.3 < first["average"]
    # The sentence under the curve is the same.
    spoken = evaluation.sentences("Object Area - Absolute (P)", settled=True)
    assert spoken[0].text == first["sentence"]


def test_small_labels_are_missed_in_tooth32(shared_data):
    evaluation = evaluation_of(
        shared_data / "tooth32-yolo/derived", "gt_coco.json", "yolov8_coco_results.json"
    )
    first = evaluation.worst_ranges(outcome="missed", settled=True).iloc[0]
    assert first["metric"] == "Object Area - Absolute (O)"
    assert first["strength"] in {"strong", "suggestive"}
    assert first["errors"] == 11
    assert first["share_of_errors"] == pytest.approx(11 / 16)
