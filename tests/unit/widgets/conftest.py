"""Small real data for the widgets: boxes that are found the better the larger they are."""

from __future__ import annotations

import asyncio
import logging

import numpy as np
import pandas as pd
import pytest
from ipywidgets import HTML
from ipywidgets.widgets import widget as widget_module

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.data.dataset import Dataset
from ea_widgets.widgets.base.lifecycle import parts_of
from ea_widgets.widgets.panels.importance_panel import ImportancePanel
from ea_widgets.widgets.panels.performance_by_metric import PerformanceByMetric

SCRIPT = "<script>alert(1)</script>"
CLASSES = ("cat", "dog", "owl", SCRIPT)


def frames(classes=CLASSES, n_images=40, per_image=8, seed=0):
    """Images, labels and predictions; small boxes are missed more often."""
    rng = np.random.default_rng(seed)
    n = n_images * per_image
    images = pd.DataFrame({"image_id": np.arange(n_images) + 1, "width": 640, "height": 480})
    side = rng.uniform(10, 90, n)
    labels = pd.DataFrame(
        {
            "image_id": np.repeat(images["image_id"], per_image).to_numpy(),
            "class_name": np.array(classes)[np.arange(n) % len(classes)],
            "x": np.tile(np.arange(per_image) * 70.0, n_images),
            "y": rng.uniform(0, 300, n),
            "width": side,
            "height": side,
        }
    )
    found = labels[rng.random(n) < side / 90]
    wrong = labels.sample(n // 3, random_state=seed).assign(y=400.0)
    wrong[["width", "height"]] *= 0.4
    predictions = pd.concat([found, wrong], ignore_index=True)
    predictions["x"] += rng.normal(0, 0.1, len(predictions)) * predictions["width"]
    predictions["confidence"] = rng.random(len(predictions))
    return images, labels, predictions


def with_metrics(images, labels, predictions, seed=0):
    """Add columns at each level, some with a twin and one with missing values."""
    rng = np.random.default_rng(seed)
    images["Brightness"] = rng.random(len(images))
    for frame in (labels, predictions):
        frame["Size"] = frame["width"] * frame["height"]
        frame["Random"] = rng.random(len(frame))
    predictions["Sureness"] = predictions["confidence"]
    predictions.loc[::5, "Sureness"] = np.nan
    labels["Age"] = rng.integers(0, 3, len(labels)).astype(float)
    return images, labels, predictions


def make_evaluation(*, metrics=True, **options):
    tables = frames(**options)
    return Evaluation(Dataset.from_frames(*(with_metrics(*tables) if metrics else tables)))


@pytest.fixture(scope="session")
def evaluation():
    return make_evaluation()


@pytest.fixture(scope="session")
def next_evaluation():
    """Another checkpoint: one class and one metric are new, two classes and some metrics gone."""
    images, labels, predictions = with_metrics(*frames(classes=("cat", "emu"), seed=1))
    del labels["Age"], predictions["Sureness"]
    predictions["Fresh"] = np.arange(len(predictions), dtype=float)
    return Evaluation(Dataset.from_frames(images, labels, predictions))


@pytest.fixture(autouse=True)
def _nothing_logged(caplog):
    """Jupyter logs what a callback raises, and nobody sees it: a test fails for it."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records] == []


@pytest.fixture(autouse=True)
def _close_what_is_left():
    before = set(instances())
    yield
    for key in set(instances()) - before:
        widget = instances().get(key)  # closing one closes its parts
        if widget is not None:
            widget.close()


def instances():
    """All widgets that the kernel holds."""
    return widget_module._instances


async def until(condition):
    """Let the loop run until something is so."""
    while not condition():  # noqa: ASYNC110  # what is waited for sets no event
        await asyncio.sleep(0.01)


def every_html(root):
    """All HTML that a widget and its parts show, tooltips included."""
    return [part.value for part in parts_of(root) if isinstance(part, HTML)]


@pytest.fixture
def draws(monkeypatch):
    """Count the drawings of each widget class by name."""
    counts = {}
    for kind in (ImportancePanel, PerformanceByMetric):
        counts[kind.__name__] = 0
        original = kind._draw

        def counted(self, original=original, name=kind.__name__):
            counts[name] += 1
            original(self)

        monkeypatch.setattr(kind, "_draw", counted)
    return counts
