"""The quirks of pycocotools that QUIRKS.md lists are still there; ours are not."""

import contextlib
import io

import numpy as np
import pandas as pd
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import ea_widgets as ea

BOX = [10.0, 10.0, 20.0, 20.0]


def one_label(**label):
    return {
        "images": [{"id": 1, "width": 100, "height": 100, "file_name": "a.jpg"}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": BOX, "area": 400, "iscrowd": 0}
            | label
        ],
    }


def one_prediction(**prediction):
    return [{"image_id": 1, "category_id": 1, "bbox": BOX, "score": 0.5} | prediction]


def average_precision_of_pycocotools(labels, predictions, thresholds=(0.5,)):
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = labels
        truth.createIndex()
        run = COCOeval(truth, truth.loadRes(predictions), "bbox")
        run.params.iouThrs = np.array(thresholds)
        run.evaluate()
        run.accumulate()
    return run.eval["precision"][:, :, 0, 0, 2].mean()


def test_pyc_id0():
    labels, predictions = one_label(id=0), one_prediction()
    assert ea.Evaluation(ea.read_coco(labels, predictions)).scores().true_positives == 1
    assert average_precision_of_pycocotools(labels, predictions) == 0


def test_pyc_zero():
    labels, predictions = one_label(), one_prediction(bbox=[60.0, 60.0, 9.0, 9.0])
    assert ea.Evaluation(ea.read_coco(labels, predictions)).scores(0.0).true_positives == 0
    assert average_precision_of_pycocotools(labels, predictions, (0.0,)) == pytest.approx(1)


def test_pyc_ignore():
    labels, predictions = one_label(ignore=1), one_prediction()
    scores = ea.Evaluation(ea.read_coco(labels, predictions)).scores()
    assert (scores.true_positives, scores.false_positives, scores.labels_used) == (0, 0, 0)
    assert average_precision_of_pycocotools(labels, predictions) == pytest.approx(1)


def test_pyc_one():
    """An overlap that rounding keeps from being perfect is perfect, in matching and reasons."""
    third = 1 / 3
    frame = pd.DataFrame(
        {"image_id": 1, "class_name": "cat", "x": third, "y": 0.1, "width": [0.3] * 2, "height": 7}
    )
    labels, predictions = frame[:1].assign(width=0.3 + 1e-13), frame.assign(confidence=0.5)
    images = pd.DataFrame({"image_id": [1], "width": 100, "height": 100})
    evaluation = ea.Evaluation(ea.Dataset.from_frames(images, labels, predictions))
    matches = evaluation.matches(1.0).predictions
    assert 1 - 1e-10 < matches["iou"].iloc[0] < 1
    assert matches["outcome"].tolist() == ["true_positive", "false_positive"]
    assert matches["reason"].tolist()[1] == "duplicate"
    assert evaluation.reasons(1.0).prediction_counts == (0, 0, 1, 0, 0)


def test_pyc_area255():
    masks = [coco_mask.encode(np.ones((2, 2), np.uint8, order="F"))] * 256
    assert coco_mask.area(masks[:255]).tolist() == [4] * 255
    if int(np.__version__.split(".")[0]) >= 2:
        with pytest.raises(OverflowError):
            coco_mask.area(masks)


def test_pyc_polygon():
    triangle = [10, 10, 30, 10, 30, 30]
    parts = coco_mask.frPyObjects([triangle, [40, 40, 50, 50]], 100, 100)
    assert coco_mask.area(parts)[1] == 0
    odd = coco_mask.frPyObjects([[*triangle, 99]], 100, 100)
    assert odd == coco_mask.frPyObjects([triangle], 100, 100)
