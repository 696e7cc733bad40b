"""Real data: every layout of labels with every layout of detections is one data set, unalarmed."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import ea_widgets as ea

BOX = ["x", "y", "width", "height"]
LABELS = (
    "coco_format_v1/instances_default.json",
    "coco_format_v2/instances_v2.json",
    "yolo_format",
    "yolo_format/obj.data",
    "yolo_format/obj_train_data",
    "pascalvoc_format",
    "cvat_format",
    "openimages_format",
)
DETECTIONS = ("coco_format/coco_dets.json", "abs_xywh", "abs_xyx2y2", "rel_xywh")


def alarms(dataset):
    marks = ("Give `boxes=", "Give `class_ids=", "most confident predictions", "were they swapped")
    return [note for note in dataset.notes if any(mark in note for mark in marks)]


def test_one_dataset_by_every_layout(shared_data):
    folder = shared_data / "voc100-formats"
    first = None
    for labels, detections in product(LABELS, DETECTIONS):
        found = ea.read(folder / "gts" / labels, folder / "dets" / detections)
        summary = ea.Evaluation(found).coco_summary()
        assert summary["AP"] == pytest.approx(0.3470, abs=5e-5), (labels, detections)
        assert summary["AP50"] == pytest.approx(0.6100, abs=5e-5), (labels, detections)
        assert alarms(found) == []
        stems = dict(
            zip(
                found.images["image_id"],
                found.images["file_name"].str.rsplit(".").str[0],
                strict=True,
            )
        )
        rows = []
        for frame in (found.labels, found.predictions):
            named = frame.assign(
                image=frame["image_id"].map(stems), name=frame["class_name"].astype(str)
            )
            rows.append(named.sort_values(["image", "name", *BOX])[["image", "name", *BOX]])
        first = first or rows
        for one, other in zip(first, rows, strict=True):
            assert one[["image", "name"]].to_numpy().tolist() == (
                other[["image", "name"]].to_numpy().tolist()
            )
            np.testing.assert_allclose(one[BOX], other[BOX], atol=1e-3)


@pytest.mark.parametrize("labels", ["labels", "."])
def test_dental_photos_in_one_line(shared_data, labels):
    folder = shared_data / "tooth32-yolo"
    dataset = ea.read_yolo(folder / labels, folder / "predictions.json")
    assert len(dataset.images) == 51
    assert not len(dataset.problems)
    assert ea.Evaluation(dataset).coco_summary()["AP50"] == pytest.approx(0.9449, abs=5e-5)
    assert alarms(dataset) == []


COCO = "coco100-crowd-masks/instances_val2014_100.json"
OTHERS = (
    (
        "coco100-crowd-masks/instances_val2014_100.json",
        "instances_val2014_fakebbox100_results.json",
    ),
    (
        "coco100-crowd-masks/instances_val2014_100.json",
        "instances_val2014_fakesegm100_results.json",
    ),
    (
        "coco100-crowd-masks/padilla_bbox_area/sampled_gts_bbox_area.json",
        "sampled_bbox_results.json",
    ),
    ("mixed12-masks/trainval.json", "coco_instances_results.json"),
    ("tooth32-yolo/derived/gt_coco.json", "yolov8_coco_results.json"),
    (
        "voc100-formats/gts/coco_format_v1/instances_default.json",
        "../../second-model/yolov3tiny_coco_results.json",
    ),
)


@pytest.mark.parametrize(("labels", "predictions"), OTHERS, ids=[two for _, two in OTHERS])
def test_all_shared_files_are_read_whole_and_without_an_alarm(shared_data, labels, predictions):
    labels = shared_data / labels
    dataset = ea.read(labels, labels.parent / predictions)
    assert alarms(dataset) == []
    assert not len(dataset.problems)
