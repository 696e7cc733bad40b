"""Slices of COCO Area are pycocotools' APs, APm, APl, ARs, ARm and ARl, on real data."""

import json

import numpy as np
import pytest

import ea_widgets as ea
from tests.parity.coco_oracle import pycocotools_numbers
from tests.parity.test_shared_data import (
    COCO100_FILES,
    COCO100_LABELS,
    SECOND_MODEL,
    TOOTH32,
    VOC100,
    evaluate,
)

SIZES = {"s": (0, 32**2), "m": (32**2, 96**2), "l": (96**2, 1e10)}
FILES = {
    "boxes": (COCO100_LABELS, COCO100_FILES["bbox"], "bbox"),
    "masks": (COCO100_LABELS, COCO100_FILES["segm"], "segm"),
    "teeth": (*TOOTH32, "bbox"),
    "streets": (*VOC100, SECOND_MODEL, "bbox"),
}


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_slices_of_coco_area_are_pycocotools_sizes(shared_data, files):
    labels, results, iou_type = files
    expected, _ = pycocotools_numbers(
        *(json.loads((shared_data / path).read_text()) for path in (labels, results)), iou_type
    )
    plain = evaluate(shared_data, labels, results, iou_type)
    dataset = ea.compute_metrics(plain.dataset, metrics=["COCO Area"], progress=False)
    evaluation = ea.Evaluation(dataset, iou_type)
    for size, (low, high) in SIZES.items():
        where = ea.where("COCO Area", low, high)
        per_class = [
            evaluation.at(float(iou), where=where).scores().per_class
            for iou in np.linspace(0.5, 0.95, 10)
        ]
        for letters, column in (("AP", "average_precision"), ("AR", "average_recall")):
            numbers = np.array([table[column] for table in per_class])
            known = numbers[~np.isnan(numbers)]
            got = known.mean() if len(known) else np.nan
            np.testing.assert_allclose(got, expected[letters + size], rtol=0, atol=1e-12)
