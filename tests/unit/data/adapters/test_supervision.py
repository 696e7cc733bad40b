from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from PIL import Image

import ea_widgets as ea

NAMES = ["ant", "bee", "cow"]


@dataclass
class Detections:
    """supervision 0.31.2, sv.Detections."""

    xyxy: np.ndarray
    mask: Any = None
    confidence: Any = None
    class_id: Any = None
    tracker_id: Any = None
    data: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)


class DetectionDataset:
    """supervision 0.31.2, sv.DetectionDataset."""

    def __init__(self, classes, image_paths, annotations):
        self.classes, self.image_paths, self.annotations = classes, image_paths, annotations
        self._images_in_memory = {}

    def __len__(self):
        return len(self.image_paths)


def sides(scene):
    labels = [Detections(boxes, class_id=classes) for boxes, classes in scene.truths]
    predictions = [
        Detections(boxes, class_id=classes, confidence=scores)
        for boxes, classes, scores in scene.found
    ]
    return labels, predictions


def test_lists_are_of_the_same_images_in_order(scene, assert_same):
    got = ea.Dataset.from_supervision(*sides(scene), classes=NAMES, sizes=scene.size)
    assert_same(got, scene.dataset())


def test_dicts_are_joined_by_the_names_of_files(scene, assert_same):
    labels, predictions = sides(scene)
    keys = [f"{row}.jpg" for row in range(5)]
    by_path = {f"/elsewhere/{key}": one for key, one in zip(keys, predictions, strict=True)}
    backwards = dict(reversed(by_path.items()))
    got = ea.Dataset.from_supervision(
        dict(zip(keys, labels, strict=True)),
        backwards,
        classes=dict(enumerate(NAMES)),
        sizes=dict.fromkeys(keys, scene.size),
    )
    order = got.predictions["image_id"].map(keys.index).argsort(kind="stable")
    assert order.tolist() != list(range(len(order)))
    wanted = scene.dataset(keys)
    assert got.images["file_name"].tolist() == keys
    assert (
        got.predictions.iloc[order]["confidence"].tolist()
        == wanted.predictions["confidence"].tolist()
    )


def test_a_detection_dataset_knows_its_classes_and_files(scene, tmp_path, assert_same):
    keys = [str(tmp_path / f"{row}.png") for row in range(5)]
    for key in keys:
        Image.new("L", scene.size).save(key)
    labels, predictions = sides(scene)
    dataset = DetectionDataset(NAMES, keys, dict(zip(keys, labels, strict=True)))
    got = ea.Dataset.from_supervision(dataset, predictions)
    assert_same(got, scene.dataset(keys))
    assert got.pixels.read(keys[0], keys[0]).shape == (400, 500)
    recognised = ea.read(dataset, dict(zip(keys, predictions, strict=True)))
    assert_same(recognised, got)


def test_names_data_and_masks_of_detections_are_kept():
    mask = np.zeros((1, 40, 50), bool)
    mask[0, 10:20, 5:15] = True
    box = np.array([[5.0, 10, 15, 20]])
    label = Detections(
        box, mask=mask, data={"class_name": np.array(["ant"]), "age": np.array([3.5])}
    )
    found = Detections(
        box,
        mask=mask,
        confidence=np.array([0.5]),
        class_id=np.array([7]),
        tracker_id=np.array([9]),
        data={"class_name": np.array(["ant"]), "points": np.zeros((1, 4, 2))},
    )
    got = ea.read([label], [found], options={"sizes": (50, 40)})
    assert got.class_names == ("ant",)
    assert got.labels["age"].tolist() == [3.5]
    assert got.predictions["track_id"].tolist() == [9]
    assert ea.Evaluation(got, iou_type="segm").scores(0.99).f1 == 1.0


def test_without_sizes_an_image_ends_where_its_boxes_do():
    labels = [Detections(np.array([[1.0, 2, 30, 40]]), class_id=np.array([0]))]
    found = [
        Detections(
            np.array([[1.0, 2, 50.5, 20]]), class_id=np.array([0]), confidence=np.array([1.0])
        )
    ]
    got = ea.read(labels, found)
    assert got.images[["width", "height"]].values.tolist() == [[51, 40]]
    assert any("Nothing states the sizes" in note for note in got.notes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda labels, found: (found, labels), "Were labels and predictions swapped?"),
        (
            lambda labels, found: (labels, found[:3]),
            "`labels` is of 5 images, and `predictions` of 3. Give one item for each image",
        ),
        (
            lambda labels, found: ({"a.jpg": labels[0]}, found),
            "`predictions` is a list, and `labels` does not say which image each of its items",
        ),
        (
            lambda labels, found: (labels, [*found[:4], None]),
            "`predictions[4]` is of type NoneType. Give an sv.Detections for every image",
        ),
    ],
)
def test_what_cannot_be_joined_is_refused(scene, change, words):
    with pytest.raises(ea.InvalidInputError) as error:
        ea.Dataset.from_supervision(*change(*sides(scene)), sizes=scene.size)
    assert words in str(error.value)
