"""Real files of several tools, where the shared data is at hand."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from ea_widgets.data.read_formats import read_coco
from ea_widgets.errors import InvalidInputError

TOOTH = "tooth32-yolo"
COCO = "coco100-crowd-masks"
VOC = "voc100-formats"


def test_ultralytics_file_equals_its_conversion(shared_data):
    labels = shared_data / TOOTH / "derived" / "gt_coco.json"
    converted = read_coco(labels, shared_data / TOOTH / "derived" / "yolov8_coco_results.json")
    raw = read_coco(
        labels, shared_data / TOOTH / "predictions.json", shared_data / TOOTH / "images"
    )
    assert (
        repr(raw).splitlines()[0]
        == "Dataset(51 images, 1,485 labels, 8,742 predictions, 32 classes)"
    )
    pd.testing.assert_frame_equal(raw.predictions, converted.predictions)
    assert converted.notes == ()
    assert raw.notes == (
        (
            "The predictions name images by file name without its ending, as Ultralytics writes "
            "them; they were joined with the labels by that "
            "('05ff01fa-20250108-115407401' is image 1)."
        ),
        (
            "Category ids of the predictions are one higher than those of the labels, as "
            "Ultralytics "
            "writes them; 1 was subtracted (21 is 'Second Molar (17)')."
        ),
    )


def test_crowds_and_masks_of_coco(shared_data):
    folder = shared_data / COCO
    labels = folder / "instances_val2014_100.json"
    boxes = read_coco(labels, folder / "instances_val2014_fakebbox100_results.json")
    assert (
        repr(boxes).splitlines()[0]
        == "Dataset(100 images, 839 labels, 734 predictions, 80 classes)"
    )
    assert boxes.labels["is_crowd"].sum() == 9
    given = json.loads(labels.read_text())["annotations"]
    assert boxes.labels["coco_area"].tolist() == [entry["area"] for entry in given]
    assert boxes.labels["segmentation"].tolist() == [entry["segmentation"] for entry in given]
    assert "segmentation" not in boxes.predictions
    pytest.importorskip("pycocotools")
    masks = read_coco(labels, folder / "instances_val2014_fakesegm100_results.json").predictions
    from pycocotools import mask  # noqa: PLC0415  # optional

    expected = np.array([mask.toBbox(encoded) for encoded in masks["segmentation"]])
    np.testing.assert_array_equal(masks[["x", "y", "width", "height"]].to_numpy(), expected)


def test_three_categories_named_person(shared_data):
    folder = shared_data / "mixed12-masks"
    dataset = read_coco(folder / "trainval.json", folder / "coco_instances_results.json")
    assert (
        repr(dataset).splitlines()[0]
        == "Dataset(51 images, 157 labels, 278 predictions, 12 classes)"
    )
    assert dataset.class_names.count("Person") == 1
    assert dataset.notes == (
        (
            "2 categories named 'Person' beside another of that name have neither labels nor "
            "predictions; left out."
        ),
    )


def test_voc_files_that_number_differently_are_joined_by_name(shared_data):
    folder = shared_data / VOC
    detections = folder / "dets" / "coco_format" / "coco_dets.json"
    given = json.loads(detections.read_text())
    files = {image["id"]: image["file_name"] for image in given["images"]}
    names = {category["id"]: category["name"] for category in given["categories"]}
    for labels in ("coco_format_v1/instances_default.json", "coco_format_v2/instances_v2.json"):
        dataset = read_coco(folder / "gts" / labels, detections)
        file_of = dataset.images.set_index("image_id")["file_name"]
        predictions = dataset.predictions
        assert predictions["image_id"].map(file_of).tolist() == [
            files[entry["image_id"]] for entry in given["annotations"]
        ]
        assert predictions["class_name"].tolist() == [
            names[entry["category_id"]] for entry in given["annotations"]
        ]
        assert "joined by file name" in dataset.notes[0]
        assert "joined by name" in dataset.notes[1]


def test_voc_results_for_the_other_numbering_are_refused(shared_data):
    folder = shared_data / VOC
    results = folder / "second-model" / "yolov3tiny_coco_results.json"
    dataset = read_coco(folder / "gts" / "coco_format_v1" / "instances_default.json", results)
    assert (
        repr(dataset).splitlines()[0]
        == "Dataset(100 images, 273 labels, 245 predictions, 20 classes)"
    )
    with pytest.raises(InvalidInputError) as error:
        read_coco(folder / "gts" / "coco_format_v2" / "instances_v2.json", results)
    assert str(error.value) == (
        "`predictions.image_id` is not among the ids of `labels.images` in 245 of 245 entries, "
        "such as 1 (row 0), 1 (row 1), 2 (row 2); 245 would be left out in all. Are the "
        "predictions of another split, or do they name images by file name where the images have "
        "numbers? Known are 100 ids, such as 20180000001, 20180000002, 20180000003 "
        "(nor do they match file names, such as '2007_000027.jpg'). "
        "Are labels and predictions of the same images?"
    )


def test_swapped_files_are_recognised(shared_data):
    labels = shared_data / COCO / "instances_val2014_100.json"
    results = shared_data / COCO / "instances_val2014_fakebbox100_results.json"
    with pytest.raises(InvalidInputError, match=r"^`labels` is a list, .* swapped\?$"):
        read_coco(results, labels)
