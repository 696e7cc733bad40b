"""LVIS v1 label files."""

from __future__ import annotations

import copy
import json

from hypothesis import HealthCheck, given, settings

import ea_widgets as ea
from tests.unit.data.readers.mutations import mutated, reads_or_refuses

LABELS = {
    "info": {"version": "v1"},
    "annotations": [
        {"id": 1, "image_id": 4, "category_id": 7, "bbox": [1, 2, 30, 40], "area": 900.5,
         "segmentation": [[1, 2, 31, 2, 31, 42]]},
        {"id": 2, "image_id": 5, "category_id": 9, "bbox": [5, 6, 7, 8], "area": 20.0},
    ],
    "images": [
        {"id": 4, "width": 640, "height": 480, "neg_category_ids": [9],
         "not_exhaustive_category_ids": [7],
         "coco_url": "http://images.cocodataset.org/val2017/000000000004.jpg"},
        {"id": 5, "width": 640, "height": 480, "neg_category_ids": [],
         "not_exhaustive_category_ids": [],
         "coco_url": "http://images.cocodataset.org/train2017/000000000005.jpg"},
    ],
    "categories": [
        {"id": 7, "name": "aerosol_can", "frequency": "c", "synset": "aerosol.n.02"},
        {"id": 9, "name": "air_conditioner", "frequency": "f", "synset": "air_conditioner.n.01"},
        {"id": 12, "name": "alcohol", "frequency": "r", "synset": "alcohol.n.01"},
    ],
}  # fmt: skip
RESULTS = [
    {"image_id": 4, "category_id": 7, "bbox": [1, 2, 30, 40], "score": 0.5},
    {"image_id": 4, "category_id": 12, "bbox": [1, 2, 30, 40], "score": 0.9},
    {"image_id": 5, "category_id": 9, "bbox": [5, 6, 7, 8], "score": 0.25},
]


def test_everything_is_kept(tmp_path):
    path = tmp_path / "lvis_v1_val.json"
    path.write_text(json.dumps(LABELS))
    data = ea.read_lvis(path, RESULTS)
    names = ("aerosol_can", "air_conditioner", "alcohol")
    assert data.class_names == names
    assert [set(one) for one in data.images["judged_classes"]] == [set(names[:2]), {names[1]}]
    assert data.images["not_exhaustive_classes"].tolist() == [(names[0],), ()]
    assert data.images["file_name"].tolist() == [one["coco_url"] for one in LABELS["images"]]
    assert data.labels["frequency"].tolist() == ["c", "f"]
    assert data.predictions["frequency"].tolist() == ["c", "r", "f"]
    assert data.labels["coco_area"].tolist() == [900.5, 20.0]
    assert all("is no metric" in note for note in data.notes)
    scores = ea.Evaluation(data).scores()
    assert (scores.true_positives, scores.false_positives) == (2, 0)
    for given_labels in (path, LABELS):
        again = ea.read(given_labels, RESULTS)
        assert again.images["judged_classes"].tolist() == data.images["judged_classes"].tolist()


def test_300_predictions_an_image_over_all_classes():
    many = [
        {**RESULTS[row % 2], "score": 0.9 - (row * 7919 % 400) / 1_000} for row in range(400)
    ] + [RESULTS[2]]
    data = ea.read_lvis(LABELS, many)
    scores = sorted((one["score"] for one in many[:-1]), reverse=True)[:300]
    kept = data.predictions
    assert sorted(kept["confidence"][kept["image_id"] == 4], reverse=True) == scores
    assert (kept["image_id"] == 5).sum() == 1
    assert (
        "Each image keeps its 300 most confident predictions, as this format's own evaluation "
        "does: 100 are left out." in data.notes
    )


def test_read_coco_judges_everything_and_says_so():
    data = ea.read_coco(LABELS, RESULTS)
    assert "judged_classes" not in data.images
    assert "`ea.read_lvis` judges as LVIS does" in data.notes[0]


@given(content=mutated(json.dumps(LABELS).encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_files_are_read_or_refused(content, tmp_path):
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    reads_or_refuses(ea.read_lvis, path, copy.deepcopy(RESULTS))
