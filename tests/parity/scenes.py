"""Small scenes full of ties, crowds and empty boxes, and what pycocotools says of them."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

CLASSES = ("ant", "bee", "cat")
BOX = ["x", "y", "width", "height"]


def random_boxes(rng, n):
    """Whole pixels on a small canvas: equal boxes, equal overlaps and empty boxes are common."""
    low = rng.integers(0, [26, 16], (n, 2))
    return pd.DataFrame(np.hstack([low, rng.integers(0, 15, (n, 2))]), columns=BOX)


def make_scene(seed, n_images, n_labels, n_predictions, ignores=False):
    """Images, labels and predictions; more than half of the predictions lie close to a label."""
    rng = np.random.default_rng(seed)
    ids = rng.permutation(n_images * 3)[:n_images] + 1
    images = pd.DataFrame({"image_id": ids, "width": 40, "height": 30})
    labels, predictions = random_boxes(rng, n_labels), random_boxes(rng, n_predictions)
    for frame in (labels, predictions):
        frame.insert(0, "image_id", rng.choice(ids, len(frame)))
        frame.insert(1, "class_name", rng.choice(CLASSES, len(frame)))
    labels["is_crowd"] = rng.random(n_labels) < 0.15
    labels["ignore"] = (rng.random(n_labels) < 0.2) if ignores else False
    if n_labels and n_predictions:
        source = rng.integers(0, n_labels, n_predictions)
        near = rng.random(n_predictions) < 0.6
        for column in ("image_id", "class_name", *BOX):
            copied = labels[column].to_numpy()[source]
            predictions[column] = np.where(near, copied, predictions[column].to_numpy())
        predictions["x"] += np.where(near, rng.integers(-2, 3, n_predictions), 0)
    predictions["confidence"] = rng.integers(0, 12, n_predictions) / 12
    return images, labels, predictions


scenes = st.builds(
    make_scene,
    seed=st.integers(0, 2**32 - 1),
    n_images=st.integers(1, 6),
    n_labels=st.integers(0, 30),
    n_predictions=st.integers(1, 60),
)


class IgnoringEval(COCOeval):
    """COCOeval that honours a label's own `ignore` (quirk PYC-IGNORE)."""

    def _prepare(self):
        super()._prepare()
        for group in self._gts.values():
            for label in group:
                label["ignore"] = label["iscrowd"] or label["ignored_by_file"]


def oracle(frames, thresholds, max_detections=100):
    """AP and AR of pycocotools, each of shape (n_thresholds, n_classes); NaN for undefined."""
    images, labels, predictions = frames
    code = {name: number + 1 for number, name in enumerate(CLASSES)}
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": [{"id": int(i)} for i in images["image_id"]],
            "categories": [{"id": number, "name": name} for name, number in code.items()],
            "annotations": [
                {
                    "id": number + 1,  # quirk PYC-ID0
                    "image_id": int(row.image_id),
                    "category_id": code[row.class_name],
                    "bbox": [row.x, row.y, row.width, row.height],
                    "area": float(row.width * row.height),
                    "iscrowd": int(row.is_crowd),
                    "ignored_by_file": int(row.ignore),
                }
                for number, row in enumerate(labels.itertuples())
            ],
        }
        truth.createIndex()
        found = truth.loadRes(
            [
                {
                    "image_id": int(row.image_id),
                    "category_id": code[row.class_name],
                    "bbox": [row.x, row.y, row.width, row.height],
                    "score": row.confidence,
                }
                for row in predictions.itertuples()
            ]
        )
        run = IgnoringEval(truth, found, "bbox")
        run.params.iouThrs = np.asarray(thresholds)
        run.params.maxDets = [max_detections]
        run.params.areaRng, run.params.areaRngLbl = [[0, 1e10]], ["all"]
        run.evaluate()
        run.accumulate()
    precision, recall = run.eval["precision"][..., 0, 0], run.eval["recall"][..., 0, 0]
    precision = precision.mean(axis=1)
    return np.where(precision < 0, np.nan, precision), np.where(recall < 0, np.nan, recall)
