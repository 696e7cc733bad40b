"""Detections of the size and shape of COCO val2017, made from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

IMAGE_METRICS = 12
OBJECT_METRICS = 18


@dataclass(frozen=True)
class Size:
    """How much to generate."""

    name: str
    images: int
    labels: int
    predictions: int
    classes: int


SIZES = {
    "50k": Size("50k", 500, 3_663, 50_000, 80),
    "500k": Size("500k", 5_000, 36_633, 500_000, 80),
    "6M": Size("6M", 20_000, 146_532, 6_000_000, 1_203),
}


def generate(size, seed=0, metrics=True):
    """Frames of images, labels and predictions; about 76 % of the labels are found at IoU 0.5."""
    rng = np.random.default_rng(seed)
    names = np.array([f"class {code:04d}" for code in range(size.classes)])
    popularity = 1.0 / (np.arange(size.classes) + 3)
    popularity /= popularity.sum()
    images = pd.DataFrame({"image_id": np.arange(1, size.images + 1), "width": 640, "height": 480})
    label_class = rng.choice(size.classes, size.labels, p=popularity)
    label_image = np.sort(rng.integers(0, size.images, size.labels))
    side = np.exp(rng.normal(4.0, 0.9, (size.labels, 2))).clip(4, 400)
    corner = rng.random((size.labels, 2)) * (np.array([640, 480]) - side).clip(1)
    label_box = np.hstack([corner, side]).round(2)

    found = rng.random(size.labels) < 0.9
    source = np.flatnonzero(found)
    jitter = rng.normal(0, 0.09, (len(source), 4)) * np.hstack([side, side])[source]
    true_box = label_box[source] + jitter
    n_background = size.predictions - len(source)
    background_side = np.exp(rng.normal(3.8, 1.0, (n_background, 2))).clip(3, 450)
    background = np.hstack([rng.random((n_background, 2)) * [600, 440], background_side])
    box = np.vstack([true_box, background]).clip(0).round(2)
    image = np.concatenate([label_image[source], rng.integers(0, size.images, n_background)])
    code = np.concatenate(
        [label_class[source], rng.choice(size.classes, n_background, p=popularity)]
    )
    confidence = np.concatenate([rng.beta(4, 2, len(source)), rng.beta(0.5, 6, n_background)])
    order = rng.permutation(size.predictions)
    labels = pd.DataFrame(label_box, columns=["x", "y", "width", "height"])
    labels.insert(0, "image_id", label_image + 1)
    labels.insert(1, "class_name", pd.Categorical.from_codes(label_class, names))
    labels["is_crowd"] = rng.random(size.labels) < 0.01
    predictions = pd.DataFrame(box[order], columns=["x", "y", "width", "height"])
    predictions.insert(0, "image_id", image[order] + 1)
    predictions.insert(1, "class_name", pd.Categorical.from_codes(code[order], names))
    predictions["confidence"] = confidence[order].round(6)
    if metrics:
        for number in range(IMAGE_METRICS):
            images[f"image metric {number}"] = rng.random(size.images)
        for frame in (labels, predictions):
            for number in range(OBJECT_METRICS):
                frame[f"object metric {number}"] = rng.random(len(frame))
            frame["object metric 0"] = frame["width"] * frame["height"]
    return images, labels, predictions


def write(folder, size):
    """Generate in a process of its own and leave the frames as files.

    Pickled: who reads them holds them once. The memory that a reader of Parquet keeps for its next
    file would be twice that of the frames.
    """
    for side, frame in zip(("images", "labels", "predictions"), generate(SIZES[size]), strict=True):
        frame.to_pickle(f"{folder}/{side}.pickle")
