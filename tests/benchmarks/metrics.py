"""`python -m tests.benchmarks.metrics`: computing metrics, beside a plain OpenCV loop."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from PIL import Image
from sklearn.datasets import load_sample_images

import ea_widgets as ea
from tests.benchmarks.generate import SIZES, generate

PIXEL_METRICS = (
    "Brightness", "Contrast", "Sharpness", "Blur", "Red Values", "Green Values", "Blue Values"
)  # fmt: skip
WIDTH, HEIGHT = 640, 480
ROUNDS = 3


@dataclass(frozen=True)
class Row:
    """One figure."""

    what: str
    value: float
    unit: str


def time_of(call):
    """Seconds of one call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def boxes(size="500k"):
    """All box metrics of COCO val2017's size."""
    images, labels, predictions = generate(SIZES[size])
    own = [["image_id", "width", "height"], ["image_id", "class_name", "x", "y"]]
    labels = labels[[*own[1], "width", "height"]]
    predictions = predictions[[*own[1], "width", "height", "confidence"]]
    dataset = ea.Dataset.from_frames(images[own[0]], labels, predictions)
    seconds = min(time_of(lambda: ea.compute_metrics(dataset)) for _ in range(3))
    return [Row(f"all box metrics, {len(predictions):,} predictions", seconds, "s")]


def make_photos(folder, number):
    """JPEG files with the detail of photographs: the two of scikit-learn, cut and scaled."""
    photos = [Image.fromarray(photo) for photo in load_sample_images().images]
    rng = np.random.default_rng(0)
    for row in range(number):
        photo = photos[row % len(photos)]
        scale = rng.uniform(0.4, 1)
        wide, high = int(photo.width * scale), int(photo.height * scale)
        left, top = (
            rng.integers(0, photo.width - wide + 1),
            rng.integers(0, photo.height - high + 1),
        )
        cut = photo.crop((left, top, left + wide, top + high)).resize((WIDTH, HEIGHT))
        cut.save(folder / f"{row:04}.jpg", quality=90)


def make_dataset(folder, number, rng):
    """Seven labels and twenty predictions an image, sized as in COCO."""
    images = pd.DataFrame(
        {
            "image_id": np.arange(number),
            "file_name": [f"{row:04}.jpg" for row in range(number)],
            "width": WIDTH,
            "height": HEIGHT,
        }
    )

    def objects(per_image):
        count = number * per_image
        # COCO val2017: half of the boxes cover less than 1.5 % of the image, the mean is 8 %.
        side = np.sqrt(np.clip(rng.lognormal(np.log(0.015), 1.8, count), 0.0004, 0.9))
        stretch = np.exp(rng.normal(0, 0.4, count))
        wide = np.minimum(side * stretch, 1) * WIDTH
        high = np.minimum(side / stretch, 1) * HEIGHT
        return pd.DataFrame(
            {
                "image_id": np.repeat(np.arange(number), per_image),
                "class_name": rng.choice(["a", "b", "c"], count),
                "x": rng.random(count) * (WIDTH - wide),
                "y": rng.random(count) * (HEIGHT - high),
                "width": wide,
                "height": high,
            }
        )

    predictions = objects(20).assign(confidence=rng.random(number * 20))
    return ea.Dataset.from_frames(images, objects(7), predictions, pixels=folder)


def opencv_crops(dataset):
    """Whole pixels of every frame and crop, by file name."""
    found = {}
    both = pd.concat([dataset.labels, dataset.predictions]).groupby("image_id")
    for image_id, name in zip(dataset.images["image_id"], dataset.images["file_name"], strict=True):
        rows = both.get_group(image_id)
        low = np.floor(rows[["x", "y"]].to_numpy()).astype(int)
        high = np.ceil(rows[["x", "y"]].to_numpy() + rows[["width", "height"]].to_numpy())
        high = np.minimum(high.astype(int), [WIDTH, HEIGHT])
        found[name] = [(0, 0, WIDTH, HEIGHT), *map(tuple, np.hstack([low, high]).tolist())]
    return found


def share(*ranges):
    """Make the function that a person would write for a share of hues."""

    def measure(crop):
        hsv = cv2.cvtColor(crop, cv2.COLOR_BGR2HSV)
        inside = sum(
            np.count_nonzero(cv2.inRange(hsv, (low, 50, 40), (high, 255, 255)))
            for low, high in ranges
        )
        return inside / (crop.shape[0] * crop.shape[1])

    return measure


COLOURS = [share((0, 10), (170, 179)), share((35, 75)), share((90, 130))]

PLAIN = [
    lambda crop: crop.mean() / 255,
    lambda crop: crop.std() / 255,
    lambda crop: cv2.Laplacian(crop, cv2.CV_64F).std() / 2040,
    lambda crop: 1 - cv2.Laplacian(crop, cv2.CV_64F).std() / 2040,
    *COLOURS,
]


def _moments(values):
    mean, deviation = cv2.meanStdDev(values.reshape(-1, 1))
    return mean[0, 0], deviation[0, 0]


TUNED = [  # OpenCV's own reductions, and the Laplacian in 16 bits
    lambda crop: sum(cv2.mean(crop)[:3]) / 765,
    lambda crop: _moments(np.ascontiguousarray(crop))[1] / 255,
    lambda crop: _moments(cv2.Laplacian(crop, cv2.CV_16S))[1] / 2040,
    lambda crop: 1 - _moments(cv2.Laplacian(crop, cv2.CV_16S))[1] / 2040,
    *COLOURS,
]


def opencv_loop(folder, crops, metrics):
    """Decode each file once, then one metric after the other on every crop."""
    found = []
    for name, regions in crops.items():
        image = cv2.imread(str(folder / name))
        for metric in metrics:
            for x_low, y_low, x_high, y_high in regions:
                found.append(metric(image[y_low:y_high, x_low:x_high]))
    return found


def pixels(number=150):
    """All pixel metrics of frames and crops; rounds of each in turn, on the same cores."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_photos(folder, number)
        dataset = make_dataset(folder, number, rng)
        crops = opencv_crops(dataset)

        def ours(**options):
            return ea.compute_metrics(dataset, metrics=PIXEL_METRICS, progress=False, **options)

        calls = {
            "ours": ours,
            "plain OpenCV loop": lambda: opencv_loop(folder, crops, PLAIN),
            "tuned OpenCV loop": lambda: opencv_loop(folder, crops, TUNED),
        }
        seconds = {what: [] for what in calls}
        for _ in range(ROUNDS):
            for what, call in calls.items():
                seconds[what].append(time_of(call))
        best = {what: min(values) for what, values in seconds.items()}
        ratios = {
            what: float(np.median(np.divide(values, seconds["ours"])))
            for what, values in seconds.items()
        }
        store = folder / "cache"
        first = time_of(lambda: ours(cache=store))
        second = min(time_of(lambda: ours(cache=store)) for _ in range(3))
    return [
        *(Row(f"pixels, {what}", number / value, "images/s") for what, value in best.items()),
        *(Row(f"pixels, ours to {what}", ratios[what], "times") for what in list(calls)[1:]),
        Row("second run with a cache", 100 * second / first, "% of the first"),
    ]


def peak():
    """Most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def embedded(number=100_000, width=128):
    """Metrics from vectors, half of them labels and half predictions, 20 an image."""
    rng = np.random.default_rng(0)
    n_images = number // 20
    images = pd.DataFrame({"image_id": np.arange(n_images), "width": WIDTH, "height": HEIGHT})
    frames = [
        pd.DataFrame(
            {
                "image_id": np.sort(rng.integers(0, n_images, number // 2)),
                "class_name": rng.choice(["a", "b", "c"], number // 2),
                "x": rng.uniform(0, 500, number // 2),
                "y": rng.uniform(0, 300, number // 2),
                "width": rng.uniform(5, 100, number // 2),
                "height": rng.uniform(5, 100, number // 2),
            }
        )
        for _ in range(2)
    ]
    dataset = ea.Dataset.from_frames(images, frames[0], frames[1].assign(confidence=0.5))
    vectors = {
        name: rng.normal(size=(len(getattr(dataset, name)), width)).astype(np.float32)
        for name in ("images", "labels", "predictions")
    }
    before = peak()
    seconds = time_of(lambda: ea.compute_metrics(dataset, embeddings=vectors, progress=False))
    what = f"{number:,} embedded objects"
    return [Row(what, seconds, "s"), Row(f"{what}, more memory", peak() - before, "MB")]


def bounded(few=200, many=2_000):
    """Memory that pixel metrics take for few images, and how much more for many."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_photos(folder, few)
        grown = []
        for number in (few, many):
            dataset = make_dataset(folder, number, np.random.default_rng(0))
            # The same files again and again: what counts is how many images there are.
            names = [f"{row % few:04}.jpg" for row in range(number)]
            images = dataset.images.assign(file_name=names)
            dataset = ea.Dataset.from_frames(
                images, dataset.labels, dataset.predictions, pixels=folder
            )
            before = peak()
            ea.compute_metrics(dataset, metrics=PIXEL_METRICS, progress=False)
            grown.append(peak() - before)
    return [
        Row(f"pixels of {few:,} images, more memory", grown[0], "MB"),
        Row(f"pixels of {many:,} images, more than that", grown[1], "MB"),
    ]


def run():
    """Measure everything; memory first, since a peak is never forgotten."""
    return [*bounded(), *embedded(), *boxes(), *pixels()]


if __name__ == "__main__":
    parts = {"boxes": boxes, "pixels": pixels, "embedded": embedded, "bounded": bounded}
    chosen = parts.get(sys.argv[-1], run)
    for row in chosen():
        print(f"{row.what:44} {row.value:10.2f} {row.unit}")
