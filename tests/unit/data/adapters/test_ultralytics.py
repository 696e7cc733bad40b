from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import ea_widgets as ea

NAMES = {0: "ant", 1: "bee", 2: "cow"}


def result(name, part, tensor, **more):
    """Results of Ultralytics 8.4.190: what `model.predict` returns for one image."""
    boxes, classes, scores = part
    found = SimpleNamespace(
        xyxy=tensor(boxes.astype(np.float32)),
        conf=tensor(scores),
        cls=tensor(classes.astype(np.float32)),
        id=None,
    )
    return SimpleNamespace(
        **{
            "boxes": found,
            "masks": None,
            "obb": None,
            "names": NAMES,
            "path": f"/data/val/{name}",
            "orig_shape": (400, 500),
            **more,
        }
    )


def coco(scene):
    """Labels as COCO, with ids and classes of their own."""
    annotations = [
        {
            "id": 10 * row + at + 1,
            "image_id": row + 70,
            "category_id": int(class_) + 5,
            "bbox": [box[0], box[1], box[2] - box[0], box[3] - box[1]],
        }
        for row, (boxes, classes) in enumerate(scene.truths)
        for at, (box, class_) in enumerate(zip(boxes.tolist(), classes, strict=True))
    ]
    images = [
        {"id": row + 70, "width": 500, "height": 400, "file_name": f"{row}.jpg"} for row in range(5)
    ]
    categories = [{"id": id_ + 5, "name": name} for id_, name in NAMES.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


def test_results_are_joined_by_file_and_class_name(scene, tensor, assert_same):
    labels = coco(scene)
    results = [result(f"{row}.jpg", part, tensor) for row, part in enumerate(scene.found)]
    wanted = scene.dataset([70, 71, 72, 73, 74])
    assert_same(ea.Dataset.from_ultralytics(results, labels), wanted)
    assert_same(ea.Dataset.from_ultralytics(iter(results), labels), wanted)
    assert_same(ea.read(labels, results), wanted)


def test_oriented_boxes_masks_and_tracks(scene, tensor):
    labels = coco(scene)
    boxes, classes, scores = (values[:1] for values in scene.found[0])
    obb = SimpleNamespace(xyxy=tensor(boxes), conf=tensor(scores), cls=tensor(classes), id=None)
    outline = np.array([[1, 1], [9, 1], [9, 9]], np.float32)
    masks = SimpleNamespace(xy=[outline])
    part = (boxes, classes, scores)
    turned = result("0.jpg", part, tensor, boxes=None, obb=obb)
    masked = result("1.jpg", part, tensor, masks=masks)
    masked.boxes.id = tensor([4.0])
    got = ea.read(labels, [turned, masked])
    assert "Oriented boxes were read as the upright boxes around them." in got.notes
    assert got.predictions["track_id"].tolist()[1] == 4
    assert got.predictions["segmentation"].tolist() == [None, [[1, 1, 9, 1, 9, 9]]]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda one: ea.Dataset.from_ultralytics([one]), "`labels` is missing, and without labels"),
        (
            lambda one: ea.read([one], [one]),
            "`labels` is a list of Results of Ultralytics, which are predictions. Give the labels",
        ),
        (
            lambda one: ea.Dataset.from_ultralytics(
                [SimpleNamespace(**{**vars(one), "boxes": None})],
                {"images": [], "annotations": [], "categories": []},
            ),
            "`predictions[0]` has no boxes. Give the Results of a model that detects or segments.",
        ),
    ],
)
def test_what_holds_no_detections_is_refused(scene, tensor, call, words):
    with pytest.raises(ea.InvalidInputError) as error:
        call(result("0.jpg", scene.found[0], tensor))
    assert words in str(error.value)
