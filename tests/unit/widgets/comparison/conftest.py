"""Two models on the same labels: the second finds more of the small ones."""

from __future__ import annotations

import numpy as np
import pytest

import ea_widgets as ea
from tests.unit.widgets.conftest import frames, with_metrics


def models(n_images=120):
    images, labels, predictions = with_metrics(*frames(n_images=n_images))
    rng = np.random.default_rng(5)
    right = predictions["y"] < 400
    predictions["confidence"] = rng.uniform(np.where(right, 0.4, 0.0), np.where(right, 1.0, 0.6))
    small = predictions["Size"] < 2500
    lost = rng.random(len(predictions)) < np.where(small, 0.95, 0.0)
    weak = predictions[~lost].copy()
    weak["confidence"] = weak["confidence"] / 2
    make = ea.Dataset.from_frames
    return {"old": make(images, labels, weak), "new": make(images, labels, predictions)}


@pytest.fixture(scope="session")
def comparison():
    return ea.compare(models())
