"""The real classes of other libraries, where these are installed; elsewhere, recorded shapes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

import ea_widgets as ea

NAMES = ["ant", "bee", "cow"]


def detections(supervision, part):
    boxes, classes, *scores = part
    if not len(boxes):
        return supervision.Detections.empty()
    return supervision.Detections(
        xyxy=boxes,
        class_id=classes,
        confidence=scores[0] if scores else None,
        data={"class_name": np.array(NAMES)[classes], "night": classes % 2 == 0},
    )


def test_supervision(scene, assert_same):
    supervision = pytest.importorskip("supervision")
    truths, found = (
        [detections(supervision, part) for part in parts] for parts in (scene.truths, scene.found)
    )
    got = ea.Dataset.from_supervision(truths, found, classes=NAMES, sizes=scene.size)
    assert_same(got, scene.dataset())
    assert got.labels["night"].cat.categories.tolist() == [False, True]


def test_a_data_set_of_supervision(scene, assert_same, tmp_path):
    supervision = pytest.importorskip("supervision")
    paths = [str(tmp_path / f"{row}.png") for row in range(len(scene.truths))]
    for path in paths:
        Image.new("RGB", scene.size).save(path)
    parts = [detections(supervision, part) for part in scene.truths]
    truths = supervision.DetectionDataset(
        classes=NAMES, images=paths, annotations=dict(zip(paths, parts, strict=True))
    )
    found = [detections(supervision, part) for part in scene.found]
    got = ea.Dataset.from_supervision(truths, found)
    assert_same(got, scene.dataset(got.images["image_id"].tolist()))


@pytest.mark.parametrize("kind", ["python", "numpy"])
def test_hugging_face(scene, assert_same, kind):
    datasets = pytest.importorskip("datasets")
    rows = [
        {
            "bbox": np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1).tolist(),
            "category": classes.tolist(),
        }
        for boxes, classes in scene.truths
    ]
    ids = [70 + row for row in range(len(rows))]
    columns = {"image_id": ids, "width": [scene.size[0]] * 5, "height": [scene.size[1]] * 5}
    objects = {
        "bbox": datasets.Sequence(datasets.Sequence(datasets.Value("float64"), length=4)),
        "category": datasets.Sequence(datasets.ClassLabel(names=NAMES)),
    }
    features = {name: datasets.Value("int64") for name in columns} | {"objects": objects}
    dataset = datasets.Dataset.from_dict(
        {**columns, "objects": rows}, features=datasets.Features(features)
    )
    found = [
        {"boxes": boxes, "labels": classes, "scores": scores}
        for boxes, classes, scores in scene.found
    ]
    got = ea.Dataset.from_huggingface(dataset.with_format(kind), found)
    assert_same(got, scene.dataset(ids))
    with pytest.raises(ea.InvalidInputError, match="a dict of splits: 'val'"):
        ea.Dataset.from_huggingface(datasets.DatasetDict({"val": dataset}), found)


@pytest.mark.parametrize("attached", [False, True], ids=["plain", "with gradients"])
def test_torchmetrics(scene, assert_same, attached):
    torch = pytest.importorskip("torch")
    detection = pytest.importorskip("torchmetrics.detection")
    found = [
        {
            "boxes": torch.tensor(boxes, requires_grad=attached),
            "labels": torch.tensor(classes),
            "scores": torch.tensor(scores),
        }
        for boxes, classes, scores in scene.found
    ]
    truths = [
        {"boxes": torch.tensor(boxes), "labels": torch.tensor(classes)}
        for boxes, classes in scene.truths
    ]
    got = ea.Dataset.from_torchmetrics(found, truths, classes=NAMES, sizes=scene.size)
    assert_same(got, scene.dataset())
    metric = detection.MeanAveragePrecision()
    metric.update([{name: one[name].detach() for name in one} for one in found], truths)
    wanted = metric.compute()
    summary = ea.Evaluation(got).coco_summary()
    assert math.isclose(summary["AP"], wanted["map"], rel_tol=1e-6)  # torchmetrics keeps 32 bits
    assert math.isclose(summary["AP50"], wanted["map_50"], rel_tol=1e-6)


def test_ultralytics(scene, assert_same):
    torch = pytest.importorskip("torch")
    results = pytest.importorskip("ultralytics.engine.results")
    width, height = scene.size
    found = [
        results.Results(
            orig_img=np.zeros((height, width, 3), dtype=np.uint8),
            path=f"/data/val/{row}.jpg",
            names=dict(enumerate(NAMES)),
            boxes=torch.tensor(np.column_stack([boxes, scores, classes])),
        )
        for row, (boxes, classes, scores) in enumerate(scene.found)
    ]
    got = ea.Dataset.from_ultralytics(found, coco_labels(scene))
    assert_same(got, scene.dataset([70, 71, 72, 73, 74]))


def coco_labels(scene):
    """The labels as COCO, with ids of their own."""
    boxes = [
        {"image_id": row + 70, "category_id": int(at), "bbox": [x, y, right - x, bottom - y]}
        for row, part in enumerate(scene.truths)
        for (x, y, right, bottom), at in zip(part[0].tolist(), part[1], strict=True)
    ]
    width, height = scene.size
    return {
        "images": [
            {"id": row + 70, "width": width, "height": height, "file_name": f"{row}.jpg"}
            for row in range(len(scene.truths))
        ],
        "annotations": [{"id": row + 1, **box} for row, box in enumerate(boxes)],
        "categories": [{"id": at, "name": name} for at, name in enumerate(NAMES)],
    }
