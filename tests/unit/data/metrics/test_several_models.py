"""Metrics of several models on the same images: the same numbers, and each image decoded once."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import ea_widgets as ea
from ea_widgets.data.images.sources import FolderSource
from ea_widgets.data.metrics.compute import compute_metrics_of_models
from ea_widgets.errors import MetricWarning

FRAMES = ("images", "labels", "predictions")


def objects(rng, count, *, n_images=5):
    return pd.DataFrame(
        {
            "image_id": rng.integers(0, n_images, count),
            "class_name": rng.choice(["a", "b"], count),
            "x": rng.uniform(0, 25, count),
            "y": rng.uniform(0, 20, count),
            "width": rng.uniform(1, 15, count),
            "height": rng.uniform(1, 10, count),
        }
    )


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(5):
        pixels = rng.integers(0, 256, (30, 40, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    return tmp_path


def models(pixels, *, other_labels=False):
    rng = np.random.default_rng(1)
    names = [f"{number}.png" for number in range(5)]
    images = pd.DataFrame({"image_id": range(5), "width": 40, "height": 30, "file_name": names})
    labels = objects(rng, 12)
    made = {}
    for name, count in (("old", 20), ("none", 0), ("new", 31)):
        predictions = objects(rng, count).assign(confidence=rng.random(count))
        made[name] = ea.Dataset.from_frames(images, labels, predictions, pixels=pixels)
        if other_labels:
            labels = objects(rng, 12)
    return made


def count_reads(monkeypatch):
    reads, read = Counter(), FolderSource.read

    def counted(self, image_id, *more):
        reads[image_id] += 1
        return read(self, image_id, *more)

    monkeypatch.setattr(FolderSource, "read", counted)
    return reads


@pytest.mark.parametrize("other_labels", [False, True])
def test_each_model_gets_what_it_would_get_alone(folder, monkeypatch, other_labels):
    given = models(folder, other_labels=other_labels)
    alone = {name: ea.compute_metrics(one, progress=False) for name, one in given.items()}
    reads = count_reads(monkeypatch)
    together = compute_metrics_of_models(given, progress=False)
    assert list(together) == list(given)
    for name, one in together.items():
        for frame in FRAMES:
            pd.testing.assert_frame_equal(getattr(one, frame), getattr(alone[name], frame))
        assert one.notes == alone[name].notes
    assert reads == dict.fromkeys(range(5), 3 if other_labels else 1)


def test_arrays_count_as_the_same_where_they_are_one_mapping():
    pixels = {n: np.full((30, 40, 3), 50 * n, np.uint8) for n in range(5)}
    given = models(pixels)
    alone = ea.compute_metrics(given["new"], progress=False)
    together = compute_metrics_of_models(given, progress=False)
    pd.testing.assert_frame_equal(together["new"].predictions, alone.predictions)


def test_what_goes_wrong_is_said_once(folder):
    (folder / "3.png").write_bytes(b"no image")
    with pytest.warns(MetricWarning) as warned:
        together = compute_metrics_of_models(models(folder), progress=False)
    assert len(warned) == 1
    assert warned[0].filename == __file__
    for one in together.values():
        assert any("1 of 5 images cannot be used" in note for note in one.notes)
        assert one.images["Brightness"].isna().tolist() == [n == 3 for n in range(5)]
