"""Results of MMDetection, in memory and pickled."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

import ea_widgets as ea

LABELS = {
    "images": [
        {"id": 30, "width": 100, "height": 80, "file_name": "b.jpg"},
        {"id": 20, "width": 100, "height": 80, "file_name": "a.jpg"},
    ],
    "annotations": [
        {"id": 1, "image_id": 30, "category_id": 1, "bbox": [10, 10, 20, 20]},
        {"id": 2, "image_id": 20, "category_id": 3, "bbox": [40, 30, 20, 10]},
    ],
    "categories": [{"id": 1, "name": "cat"}, {"id": 3, "name": "dog"}],
}
CLASSES = {"prediction_classes": ["cat", "dog"]}
EMPTY = np.zeros((0, 5), np.float32)
BY_CLASS = [
    [np.array([[10, 10, 30, 30, 0.75], [1, 1, 5, 5, 0.25]], np.float32), EMPTY],
    [EMPTY, np.array([[40, 30, 60, 40, 0.5]], np.float32)],
]
INSTANCES = [
    {
        "img_id": 30,
        "pred_instances": {
            "bboxes": np.array([[10, 10, 30, 30], [1, 1, 5, 5]]),
            "scores": np.array([0.75, 0.25]),
            "labels": np.array([0, 0]),
        },
    },
    {
        "img_id": 20,
        "pred_instances": {
            "bboxes": np.array([[40, 30, 60, 40]]),
            "scores": np.array([0.5]),
            "labels": np.array([1]),
        },
    },
]
BOX = ["x", "y", "width", "height"]


@pytest.mark.parametrize("results", [BY_CLASS, INSTANCES, INSTANCES[::-1]])
@pytest.mark.parametrize("in_a_file", [False, True])
def test_boxes_scores_classes_and_images(tmp_path, results, in_a_file):
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(LABELS))
    found = ea.read(path if in_a_file else LABELS, results, options=CLASSES).predictions
    found = found.sort_values("confidence", ascending=False)
    assert found["image_id"].tolist() == [30, 20, 30]
    assert found["class_name"].tolist() == ["cat", "dog", "cat"]
    assert found["confidence"].tolist() == [0.75, 0.5, 0.25]
    expected = [[10, 10, 20, 20], [40, 30, 20, 10], [1, 1, 4, 4]]
    assert found[BOX].to_numpy().tolist() == expected


def test_numbers_of_classes_can_be_positions():
    found = ea.read(LABELS, BY_CLASS, class_ids="position").predictions
    assert found["class_name"].tolist() == ["cat", "cat", "dog"]


def test_masks_are_kept():
    runs = {"size": [80, 100], "counts": [0, 8000]}
    masks = [[[runs, runs], []], [[], [runs]]]
    paired = [(one, own) for one, own in zip(BY_CLASS, masks, strict=True)]
    found = ea.read(LABELS, paired, options=CLASSES).predictions
    assert found["segmentation"].tolist() == [runs] * 3


@pytest.mark.parametrize(
    ("results", "message"),
    [
        (BY_CLASS[:1], "is of 1 images, and `labels` of 2"),
        ([BY_CLASS[0], 5], r"`predictions\[1\]` cannot be read"),
        ([INSTANCES[0], {"pred_instances": {}}], r"`predictions\[1\]` does not name its image"),
        ([INSTANCES[0], {**INSTANCES[1], "pred_instances": {}}], "cannot be read"),
    ],
)
def test_refusals(results, message):
    with pytest.raises(ea.InvalidInputError, match=message):
        ea.read(LABELS, results, options=CLASSES)


class _Trap:
    def __reduce__(self):
        return pytest.fail, ("it was unpickled",)


@pytest.mark.parametrize(
    ("name", "protocol", "remedy"),
    [
        ("results.pkl", 2, "format_only=True"),
        ("results.pkl", 0, "format_only=True"),
        ("results.bin", 5, "format_only=True"),
        ("instances_predictions.pth", 4, "coco_instances_results.json"),
    ],
)
@pytest.mark.parametrize("read", [ea.read, ea.read_coco, ea.read_lvis])
def test_pickles_are_never_opened(tmp_path, name, protocol, remedy, read):
    path = tmp_path / name
    path.write_bytes(pickle.dumps(_Trap(), protocol=protocol))
    labels = json.loads(json.dumps(LABELS))
    labels["images"][0]["neg_category_ids"] = []
    with pytest.raises(ea.InvalidInputError, match="a pickle, which is never opened") as error:
        read(labels, path)
    assert remedy in str(error.value)


def test_files_of_detectron2_and_mmdetection_are_those_of_coco(tmp_path):
    path = tmp_path / "coco_instances_results.json"
    results = [{"image_id": 30, "category_id": 1, "bbox": [10, 10, 20, 20], "score": 0.5}]
    path.write_text(json.dumps(results))
    assert ea.read(LABELS, path).predictions["class_name"].tolist() == ["cat"]
