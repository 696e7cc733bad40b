"""The COCO numbers of real data sets: as published, and as pycocotools 2.0.11 gives them.

The expected numbers are read from the files beside the data.
"""

import ast
import json
import re

import numpy as np
import pytest

import ea_widgets as ea
from tests.parity.coco_oracle import pycocotools_numbers

COCO100 = "coco100-crowd-masks"
COCO100_FILES = {
    "bbox": f"{COCO100}/instances_val2014_fakebbox100_results.json",
    "segm": f"{COCO100}/instances_val2014_fakesegm100_results.json",
}
COCO100_LABELS = f"{COCO100}/instances_val2014_100.json"
BOX_AREAS = [
    f"{COCO100}/padilla_bbox_area/sampled_{name}.json" for name in ("gts_bbox_area", "bbox_results")
]
MIXED12 = ["mixed12-masks/trainval.json", "mixed12-masks/coco_instances_results.json"]
TOOTH32 = ["tooth32-yolo/derived/gt_coco.json", "tooth32-yolo/derived/yolov8_coco_results.json"]
VOC100 = ["voc100-formats/gts/coco_format_v1/instances_default.json"]
SECOND_MODEL = "voc100-formats/second-model/yolov3tiny_coco_results.json"


def evaluate(folder, labels, predictions, iou_type="bbox"):
    return ea.Evaluation(ea.read_coco(folder / labels, folder / predictions), iou_type)


def stated(folder, path, pattern):
    """Numbers of a line in a text file, by name; ".5" and "0.5" both count."""
    line = re.search(pattern, (folder / path).read_text())[0]
    return {name: float(number) for name, number in re.findall(r"(A[PR]\d*) (\.?\d[\d.]*\d)", line)}


@pytest.mark.parametrize("iou_type", ["bbox", "segm"])
def test_coco100_all_twelve_as_published(shared_data, iou_type):
    ours = evaluate(shared_data, COCO100_LABELS, COCO100_FILES[iou_type], iou_type).coco_summary()
    text = (shared_data / COCO100 / "SOURCE.txt").read_text()
    numbers = re.search(rf"^ {iou_type} AP (.*)$", text, re.MULTILINE)[1]
    published = [float(number) for number in re.findall(r"(?<![\w.])\.\d{10}", numbers)]
    assert len(published) == 12
    np.testing.assert_allclose([*ours.values()], published, rtol=0, atol=1e-9)


def test_areas_of_boxes_as_published(shared_data):
    ours = evaluate(shared_data, *BOX_AREAS).coco_summary()
    text = (shared_data / COCO100 / "SOURCE.txt").read_text()
    numbers = re.search(r"^ padilla_bbox_area .*$", text, re.MULTILINE)[0]
    published = [float(number) for number in re.findall(r"(?<![\w.])\.\d{6}", numbers)]
    assert len(published) == 6
    np.testing.assert_allclose([*ours.values()][:6], published, rtol=0, atol=5e-7 + 1e-12)


@pytest.mark.parametrize("iou_type", ["bbox", "segm"])
def test_mixed12_as_published(shared_data, iou_type):
    evaluation = evaluate(shared_data, *MIXED12, iou_type)
    text = (shared_data / "mixed12-masks" / "published_results.txt").read_text()
    line = re.search(r"OrderedDict\((\[.*\])\)", text)[1]
    published = dict(ast.literal_eval(re.sub(r"\bnan\b", "None", line)))[iou_type]
    ours = evaluation.coco_summary()
    per_class = evaluation.coco_per_class()["AP"]
    for name, number in published.items():
        if name == "AP-Person":  # three categories have this name; the last has no labels
            assert number is None
            continue
        value = per_class[name[3:]] if name.startswith("AP-") else ours[name]
        assert 100 * value == pytest.approx(number, abs=1e-9)
    person = re.findall(r"Person *\| ([\d.]+)", text)[iou_type == "segm"]
    assert 100 * per_class["Person"] == pytest.approx(float(person), abs=5.01e-4)


@pytest.mark.parametrize("predictions", ["derived/yolov8_coco_results.json", "predictions.json"])
def test_tooth32_as_recomputed(shared_data, predictions):
    """Integer ids, and those of Ultralytics: file names, and categories one higher."""
    ours = evaluate(shared_data, TOOTH32[0], f"tooth32-yolo/{predictions}").coco_summary()
    recomputed = stated(shared_data, "tooth32-yolo/SOURCE.txt", r"pycocotools 2.0.11: AP .*")
    assert len(recomputed) == 4
    for name, number in recomputed.items():
        assert ours[name] == pytest.approx(number, abs=5.01e-5)


@pytest.mark.parametrize(
    ("predictions", "pattern", "n_numbers"),
    [
        ("voc100-formats/dets/coco_format/coco_dets.json", r"number .*: AP .*", 4),
        (SECOND_MODEL, r"245 detections.* AP .*", 3),
    ],
)
def test_voc100_as_recomputed(shared_data, predictions, pattern, n_numbers):
    ours = evaluate(shared_data, *VOC100, predictions).coco_summary()
    recomputed = stated(shared_data, "voc100-formats/SOURCE.txt", pattern)
    assert len(recomputed) == n_numbers
    for name, number in recomputed.items():
        assert ours[name] == pytest.approx(number, abs=5.01e-5)


@pytest.mark.parametrize(
    ("labels", "predictions", "iou_type"),
    [
        *((COCO100_LABELS, path, iou_type) for iou_type, path in COCO100_FILES.items()),
        (*BOX_AREAS, "bbox"),
        (*MIXED12, "bbox"),
        (*MIXED12, "segm"),
        (*TOOTH32, "bbox"),
        (*VOC100, SECOND_MODEL, "bbox"),
    ],
)
def test_all_numbers_as_pycocotools(shared_data, labels, predictions, iou_type):
    evaluation = evaluate(shared_data, labels, predictions, iou_type)
    results = json.loads((shared_data / predictions).read_text())
    if isinstance(results, dict):
        results = results["annotations"]  # of the same ids; pycocotools wants the list
    if iou_type == "segm":
        for entry in results:  # quirk PYC-AREA: detectron2 does so too
            entry.pop("bbox", None)
    truth = json.loads((shared_data / labels).read_text())
    numbers, per_class = pycocotools_numbers(truth, results, iou_type)
    ours = evaluation.coco_summary()
    np.testing.assert_allclose([*ours.values()], [*numbers.values()], rtol=0, atol=1e-12)
    for name, value in evaluation.coco_per_class()["AP"].items():
        if name != "Person" or labels != MIXED12[0]:
            assert value == pytest.approx(per_class[name], abs=1e-12, nan_ok=True)
    for threshold, name in ((0.5, "AP50"), (0.75, "AP75")):
        score = evaluation.scores(threshold).mean_average_precision
        assert score == pytest.approx(numbers[name], abs=1e-12)
