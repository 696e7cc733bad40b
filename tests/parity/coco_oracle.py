"""Scenes in COCO's form, boxes or masks, and the twelve numbers that pycocotools gives them."""

from __future__ import annotations

import contextlib
import copy
import io

import numpy as np
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

COCO_NUMBERS = (
    *("AP", "AP50", "AP75", "APs", "APm", "APl"),
    *("AR1", "AR10", "AR100", "ARs", "ARm", "ARl"),
)
WIDTH, HEIGHT = 150, 120
SIDES = (0, 1, 7, 31, 32, 33, 60, 96, 97)
"""Whole sides, so that areas of exactly 32² and 96², and ties, are common."""


class IgnoringEval(COCOeval):
    """COCOeval that honours a label's own `ignore` (quirk PYC-IGNORE)."""

    def _prepare(self):
        own = {label["id"]: label.get("ignore", 0) for label in self.cocoGt.dataset["annotations"]}
        super()._prepare()
        for group in self._gts.values():
            for label in group:
                label["ignore"] = label["ignore"] or own[label["id"]]


def pycocotools_numbers(labels, results, iou_type, *, use_cats=True):
    """Twelve numbers as a dict, and AP of each category by name; NaN for undefined."""
    labels = copy.deepcopy(labels)
    for label in labels["annotations"]:
        label["id"] += 1  # quirk PYC-ID0
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = labels
        truth.createIndex()
        run = IgnoringEval(truth, truth.loadRes(copy.deepcopy(results)), iou_type)
        run.params.useCats = int(use_cats)
        run.evaluate()
        run.accumulate()
        run.summarize()
    numbers = dict(zip(COCO_NUMBERS, np.where(run.stats < 0, np.nan, run.stats), strict=True))
    precision = run.eval["precision"][:, :, :, 0, 2].mean(axis=(0, 1))
    names = [truth.cats[number]["name"] for number in run.params.catIds] if use_cats else ["object"]
    return numbers, dict(zip(names, np.where(precision < 0, np.nan, precision), strict=True))


def pycocotools_grid(labels, results, iou_thresholds, area_ranges, max_detections):
    """Numbers of a grid by name, from the arrays of the same parameters; NaN for undefined."""
    labels = copy.deepcopy(labels)
    for label in labels["annotations"]:
        label["id"] += 1  # quirk PYC-ID0
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = labels
        truth.createIndex()
        run = IgnoringEval(truth, truth.loadRes(copy.deepcopy(results)), "bbox")
        run.params.iouThrs = np.array(iou_thresholds)
        run.params.maxDets = list(max_detections)
        run.params.areaRng, run.params.areaRngLbl = list(area_ranges.values()), list(area_ranges)
        run.evaluate()
        run.accumulate()

    def mean(values):
        values = values[values > -1]
        return values.mean() if len(values) else np.nan

    precision, recall = run.eval["precision"], run.eval["recall"]  # [T, R, K, A, M], [T, K, A, M]
    numbers = {"AP": mean(precision[..., 0, -1])}
    for name, threshold in (("AP50", 0.5), ("AP75", 0.75)):
        if threshold in iou_thresholds:
            numbers[name] = mean(precision[list(iou_thresholds).index(threshold), ..., 0, -1])
    for n, name in list(enumerate(area_ranges))[1:]:
        numbers[f"AP_{name}"] = mean(precision[..., n, -1])
        numbers[f"AR_{name}"] = mean(recall[..., n, -1])
    for m, limit in enumerate(sorted(max_detections)):
        numbers[f"AR{limit}"] = mean(recall[..., 0, m])
    return numbers


def as_rle(segmentation):
    """What pycocotools makes of polygons or run lengths."""
    if isinstance(segmentation, dict):
        if isinstance(segmentation["counts"], list):
            return coco_mask.frPyObjects(segmentation, HEIGHT, WIDTH)
        return segmentation
    return coco_mask.merge(coco_mask.frPyObjects(segmentation, HEIGHT, WIDTH))


def draw_mask(rng, x, y, width, height):
    """A mask inside a box, in one of the forms that COCO files hold."""
    form = rng.integers(0, 4)
    right, bottom = x + width, y + height
    if form == 0:
        middle = float((x + right) / 2)
        diamond = [middle, y, right, (y + bottom) / 2, middle, bottom, x, (y + bottom) / 2]
        return [[float(number) for number in diamond]]
    if form == 1:  # two parts, one of them out of the box
        first = [x, y, right, y, right, bottom]
        second = [x + 20, y, x + 30, y + 3.5, x + 20, y + 10]
        return [[float(number) for number in part] for part in (first, second)]
    pixels = np.zeros((HEIGHT, WIDTH), np.uint8, order="F")
    pixels[y:bottom, x:right] = rng.random() < 0.7 or rng.random((height, width)) < 0.8
    encoded = coco_mask.encode(pixels)
    encoded["size"] = [int(side) for side in encoded["size"]]
    if form == 2:
        encoded["counts"] = encoded["counts"].decode()
        return encoded
    return {"size": [HEIGHT, WIDTH], "counts": runs_of(pixels)}


def runs_of(pixels):
    """Uncompressed run lengths, zeros first."""
    flat = pixels.ravel(order="F")
    cuts = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], cuts, [len(flat)]])).tolist()
    return [0, *runs] if flat[0] else runs


def make_scene(seed, n_images, n_labels, n_predictions, masks, ignores=False):
    """Labels and results; more than half of the predictions lie close to a label."""
    rng = np.random.default_rng(seed)
    images = (rng.permutation(n_images * 3)[:n_images] + 1).tolist()

    def thing(image, category, x, y, width, height):
        x, y = min(max(x, 0), WIDTH - width), min(max(y, 0), HEIGHT - height)
        entry = {"image_id": image, "category_id": category}
        entry["bbox"] = [float(number) for number in (x, y, width, height)]
        if masks:
            entry["segmentation"] = draw_mask(rng, x, y, width, height)
        return entry

    def anywhere():
        width, height = rng.choice(SIDES, 2).tolist()
        x, y = rng.integers(0, [WIDTH - width + 1, HEIGHT - height + 1]).tolist()
        return int(rng.choice(images)), int(rng.integers(3, 6)), x, y, width, height

    annotations, results = [], []
    for number in range(n_labels):
        entry = thing(*anywhere())
        area = entry["bbox"][2] * entry["bbox"][3]
        if masks:
            area = float(coco_mask.area(as_rle(entry["segmentation"])))
        entry["area"] = area if rng.random() < 0.7 else float(rng.choice([900, 1024, 9216, 9999]))
        entry["id"] = number
        entry["iscrowd"] = int(rng.random() < 0.15)
        entry["ignore"] = int(ignores and rng.random() < 0.2)
        annotations.append(entry)
    for _ in range(n_predictions):
        place = anywhere()
        near = annotations[rng.integers(n_labels)] if n_labels else None
        if near and rng.random() < 0.65:
            x, y, width, height = (int(number) for number in near["bbox"])
            dx, dy = rng.integers(-3, 4, 2).tolist()
            category = near["category_id"] if rng.random() < 0.9 else int(rng.integers(3, 6))
            place = near["image_id"], category, x + dx, y + dy, width, height
        entry = thing(*place)
        if masks:
            del entry["bbox"]  # quirk PYC-AREA: else sizes of predictions are those of boxes
        entry["score"] = int(rng.integers(0, 12)) / 12
        results.append(entry)
    labels = {
        "images": [{"id": i, "width": WIDTH, "height": HEIGHT, "file_name": ""} for i in images],
        "categories": [{"id": n, "name": name} for n, name in ((3, "bee"), (4, "ant"), (5, "cat"))],
        "annotations": annotations,
    }
    return labels, results


def scenes(*, masks, ignores=False):
    """Strategy of scenes."""
    return st.builds(
        make_scene,
        seed=st.integers(0, 2**32 - 1),
        n_images=st.integers(1, 4),
        n_labels=st.integers(0, 25),
        n_predictions=st.integers(1, 40),
        masks=st.just(masks),
        ignores=st.just(ignores),
    )
