"""LVIS' rule, against a naive reimplementation of lvis-api 0.5.3 (checked by hand against it)."""

from __future__ import annotations

import numpy as np
import pytest

import ea_widgets as ea
from tests.conftest import usual_or_all

N_CLASSES = 9
THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)


def make_scene(seed, *, crowded=False):
    """Labels that are federated, and predictions of all classes, with ties in their scores."""
    rng = np.random.default_rng(seed)
    categories = [
        {"id": number, "name": f"c{number}", "frequency": "rcf"[number % 3]}
        for number in range(1, N_CLASSES + 1)
    ]
    images, annotations, results = [], [], []
    for image in range(1, 13):
        have = rng.permutation(np.arange(1, N_CLASSES + 1))
        negative, have = have[:3].tolist(), have[3:6].tolist()
        images.append(
            {
                "id": image,
                "width": 200,
                "height": 200,
                "coco_url": f"http://images.example.org/val2017/{image:012d}.jpg",
                "neg_category_ids": negative,
                "not_exhaustive_category_ids": [have[0], negative[0]],
            }
        )
        for _ in range(6):
            box = [*rng.integers(0, 100, 2).tolist(), *rng.integers(5, 99, 2).tolist()]
            one = {"image_id": image, "category_id": int(rng.choice(have)), "bbox": box}
            annotations.append({"id": len(annotations) + 1, "area": box[2] * box[3], **one})
            moved = np.maximum(np.array(box) + rng.integers(-3, 4, 4), 1).tolist()
            results.append({**one, "bbox": moved, "score": int(rng.integers(1, 20)) / 20})
        for _ in range(400 if crowded else 40):
            box = [*rng.integers(0, 100, 2).tolist(), *rng.integers(5, 99, 2).tolist()]
            one = {"image_id": image, "category_id": int(rng.integers(1, N_CLASSES + 1))}
            results.append({**one, "bbox": box, "score": int(rng.integers(1, 20)) / 20})
    return {"images": images, "annotations": annotations, "categories": categories}, results


def _iou(one, other):
    low = np.maximum(one[:2], other[:2])
    high = np.minimum(np.add(one[:2], one[2:]), np.add(other[:2], other[2:]))
    shared = np.prod(np.maximum(high - low, 0))
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def _average_precision(labels, results, category, threshold):
    """AP and recall of one class as LVISEval finds them; None without labels."""
    scored, n_labels = [], 0
    for image in labels["images"]:
        truths = [
            one["bbox"]
            for one in labels["annotations"]
            if (one["image_id"], one["category_id"]) == (image["id"], category)
        ]
        n_labels += len(truths)
        if not truths and category not in image["neg_category_ids"]:
            continue  # not judged
        own = [one for one in results if one["image_id"] == image["id"]]
        own = sorted(own, key=lambda one: one["score"], reverse=True)[:300]
        free = set(range(len(truths)))
        for one in own:
            if one["category_id"] != category:
                continue
            best, found = min(threshold, 1 - 1e-10), None
            for place in sorted(free):
                overlap = _iou(one["bbox"], truths[place])
                if overlap >= best:
                    best, found = overlap, place
            free.discard(found)
            if found is None and category in image["not_exhaustive_category_ids"]:
                continue
            scored.append((one["score"], found is not None))
    if not n_labels:
        return None
    scored.sort(key=lambda pair: -pair[0])
    right = np.cumsum([is_right for _, is_right in scored])
    recall, precision = right / n_labels, right / np.arange(1, len(right) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, RECALLS, side="left")
    return float(np.append(precision, 0.0)[np.minimum(at, len(precision))].mean()), (
        recall[-1] if len(recall) else 0.0
    )


@pytest.mark.parametrize("seed", usual_or_all(range(3), range(20)))
@pytest.mark.parametrize("crowded", [False, True])
def test_numbers_are_those_of_lvis(seed, crowded):
    labels, results = make_scene(seed, crowded=crowded)
    evaluation = ea.Evaluation(ea.read_lvis(labels, results))
    thresholds = THRESHOLDS[[0, 5, 9]] if crowded else THRESHOLDS
    for threshold in thresholds:
        scores = evaluation.scores(threshold)
        numbers = [
            _average_precision(labels, results, category, threshold)
            for category in range(1, N_CLASSES + 1)
        ]
        precisions, recalls = zip(*(one for one in numbers if one is not None), strict=True)
        assert scores.mean_average_precision == pytest.approx(np.mean(precisions), abs=1e-12)
        assert scores.mean_average_recall == pytest.approx(np.mean(recalls), abs=1e-12)


def test_frequency_is_a_slice_of_classes():
    labels, results = make_scene(5)
    data = ea.read_lvis(labels, results)
    for frame in (data.labels, data.predictions):
        number = frame["class_name"].astype(str).str[1:].astype(int)
        assert frame["frequency"].tolist() == ["rcf"[one % 3] for one in number]
