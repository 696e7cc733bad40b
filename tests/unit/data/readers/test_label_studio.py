"""Label Studio's JSON export."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings

import ea_widgets as ea
from tests.unit.data.readers.mutations import mutated, reads_or_refuses

SIZE = {"original_width": 200, "original_height": 100, "image_rotation": 0}


def _rectangle(id_, label, box, **fields):
    value = dict(zip(("x", "y", "width", "height"), box, strict=True), rotation=0)
    return {
        "id": id_,
        "type": "rectanglelabels",
        "from_name": "label",
        "to_name": "image",
        "origin": "manual",
        "value": {**value, "rectanglelabels": [label]},
        **SIZE,
        **fields,
    }


TASKS = [
    {
        "id": 11,
        "data": {"image": "/data/upload/1/1a2b3c4d-a.jpg", "weather": "rain", "speed": 12.5},
        "annotations": [
            {
                "id": 1,
                "completed_by": {"id": 4, "email": "ann@example.org"},
                "was_cancelled": False,
                "result": [
                    _rectangle("r1", "car", [10, 20, 30, 40]),
                    {
                        "id": "p1",
                        "type": "polygonlabels",
                        "value": {"points": [[0, 0], [50, 0], [50, 50]], "polygonlabels": ["bus"]},
                        **SIZE,
                    },
                    {
                        "id": "r1",
                        "type": "choices",
                        "from_name": "damage",
                        "value": {"choices": ["dent", "rust"]},
                    },
                    {
                        "id": "i1",
                        "type": "rating",
                        "from_name": "quality",
                        "value": {"rating": 4},
                    },
                    {"id": "b1", "type": "brushlabels", "value": {"rle": [1, 2]}, **SIZE},
                ],
            },
            {"id": 2, "was_cancelled": True, "result": []},
        ],
        "predictions": [
            {
                "model_version": "m1",
                "score": 0.5,
                "result": [
                    _rectangle("q1", "car", [10, 20, 30, 40], score=0.75),
                    _rectangle("q2", "bus", [1, 2, 3, 4]),
                ],
            }
        ],
        "total_annotations": 1,
    },
    {
        "id": 12,
        "data": {"image": "/data/local-files/?d=folder/b.jpg", "weather": "sun", "speed": 3},
        "annotations": [
            {"id": 3, "completed_by": 5, "result": [_rectangle("r2", "car", [0, 0, 10, 10])]},
            {
                "id": 4,
                "completed_by": 5,
                "ground_truth": True,
                "result": [
                    _rectangle("r3", "bus", [0, 0, 100, 100]),
                    _rectangle("r4", "bus", [0, 0, 10, 10]),
                ],
            },
        ],
        "predictions": [],
    },
]
TASKS[1]["annotations"][1]["result"][1]["value"]["rotation"] = 12
BOX = ["x", "y", "width", "height"]


def test_everything_is_kept(tmp_path):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(TASKS))
    data = ea.read_label_studio(path)
    images = data.images
    assert images["image_id"].tolist() == [11, 12]
    assert images["file_name"].tolist() == [task["data"]["image"] for task in TASKS]
    assert images[["width", "height"]].to_numpy().tolist() == [[200, 100], [200, 100]]
    assert images["weather"].tolist() == ["rain", "sun"]
    assert images["speed"].tolist() == [12.5, 3]
    assert images["quality"].tolist()[0] == 4
    labels = data.labels
    assert labels["label_id"].tolist() == ["r1", "p1", "r3"]
    assert labels["class_name"].tolist() == ["car", "bus", "bus"]
    expected = [[20, 20, 60, 40], [0, 0, 100, 50], [0, 0, 200, 100]]
    assert labels[BOX].to_numpy().tolist() == expected
    assert labels["segmentation"].tolist()[1] == [[0, 0, 100, 0, 100, 50]]
    assert labels["damage"].tolist()[0] == "dent, rust"
    assert labels["annotator"].tolist() == ["ann@example.org", "ann@example.org", "5"]
    predictions = data.predictions
    assert predictions["prediction_id"].tolist() == ["q1", "q2"]
    assert predictions["confidence"].tolist() == [0.75, 0.5]
    assert predictions[BOX].to_numpy().tolist() == [[20, 20, 60, 40], [2, 2, 6, 4]]
    for sentence in (
        "1 tasks have several annotations: of each, the ground truth was taken, else the first.",
        "1 skipped (cancelled) annotations are left out.",
        "Results that are no rectangles or polygons are left out: 1 of type 'brushlabels'.",
    ):
        assert sentence in data.notes
    assert data.problems[["field", "value"]].to_numpy().tolist() == [["rotation", "12"]]


def test_is_recognised_with_predictions_of_another_format(tmp_path):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(TASKS))
    found = [{"image_id": "b.jpg", "category_name": "bus", "bbox": [0, 0, 200, 100], "score": 0.9}]
    data = ea.read(path, found)
    assert data.predictions["image_id"].tolist() == [12]
    assert ea.read(TASKS, TASKS).predictions["image_id"].tolist() == [11, 11]


def test_labels_and_shape_may_be_two_results():
    tasks = copy.deepcopy(TASKS)
    first = tasks[0]["annotations"][0]["result"][0]
    first["type"] = "rectangle"
    del first["value"]["rectanglelabels"]
    other = {"id": "r1", "type": "labels", "value": {"labels": ["tram"]}}
    tasks[0]["annotations"][0]["result"].append(other)
    assert ea.read_label_studio(tasks).labels["class_name"].tolist()[0] == "tram"


def test_one_of_several_models_is_chosen():
    tasks = copy.deepcopy(TASKS)
    other = {"model_version": "m2", "score": 0.25, "result": [_rectangle("z", "car", [0, 0, 9, 9])]}
    tasks[1]["predictions"].append(other)
    with pytest.raises(ea.InvalidInputError, match=r"predictions of 2 models: 'm1', 'm2'"):
        ea.read_label_studio(tasks)
    data = ea.read_label_studio(tasks, model_version="m2")
    assert data.predictions["confidence"].tolist() == [0.25]
    with pytest.raises(ea.InvalidInputError, match="has no option 'm3'"):
        ea.read_label_studio(tasks, model_version="m3")


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([{"image": "a.jpg", "label": []}], "which is not Label Studio's export"),
        ([{**task, "predictions": [5]} for task in TASKS], "has no predictions in its tasks"),
    ],
)
def test_refusals(tasks, message):
    with pytest.raises(ea.InvalidInputError, match=message):
        ea.read_label_studio(tasks)


@given(content=mutated(json.dumps(TASKS).encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_files_are_read_or_refused(content, tmp_path):
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    reads_or_refuses(ea.read_label_studio, path)
    reads_or_refuses(ea.read_label_studio, TASKS, path)
