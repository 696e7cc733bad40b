"""Small evaluations for the life of the widgets: one is shown, its twin says what is right."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.slices import where
from ea_widgets.data.dataset import Dataset

N_IMAGES, PER_IMAGE = 24, 12
RANGES = ((0.0, 0.5), (0.25, 0.75), (0.5, 1.0), (0.0, 1.0))
"""Every metric here has values from 0 to 1, so that these are ranges of each of them."""

METRICS = ("Size (P)", "Size (O)", "Sureness (P)", "Age (O)", "Brightness (F)", "Fresh (P)")
CLASSES = ("cat", "dog", "emu")
SLICES = (
    where("Size", 0.2, 0.7),
    where("Brightness (F)", high=0.6),
    where("Size", high=0.5) & ~where("Brightness (F)", 0.2, 0.4),
    where("Age (O)", 0.25, 1.0),
    where("Sureness (P)", 0.3, 0.9) & where("Brightness (F)", low=0.1),
)
"""Some of them only some of the evaluations know."""

ANSWERS = (
    "at",
    "scores",
    "importance",
    "importance_sweep",
    "curve",
    "sentences",
    "worst_ranges",
    "objects_in_range",
    "what_if",
    "best_min_confidence",
    "precision_recall",
    "reasons",
    "coco_summary",
)
GREY = np.full((48, 64, 3), 128, np.uint8)


class Broken(RuntimeError):  # noqa: N818  # it is what happens, not a kind of refusal
    """Raised by every answer while an evaluation is broken."""


def _breaks(*_question: Any, **_choices: Any) -> None:
    raise Broken("no answer")


class Watched(Evaluation):
    """An evaluation that can break down; each one is another object over the same answers."""

    broken = False

    def __getattribute__(self, name: str) -> Any:
        if name in ANSWERS and Watched.broken:
            return _breaks
        return super().__getattribute__(name)


def watched(evaluation: Evaluation, number: int) -> Watched:
    """Give another object that answers as an evaluation of the pool does."""
    other = Watched.__new__(Watched)
    other.__dict__.update(evaluation.__dict__, number=number)
    return other


def at_the_address(evaluation: Evaluation, number: int, address: int) -> Watched:
    """Give such an object at the address of one that is gone, if it can be."""
    gc.collect()
    kept = []
    for _ in range(200):
        kept.append(watched(evaluation, number))
        if id(kept[-1]) == address:
            break
    return kept[-1]


def _frames(classes: tuple[str, ...], seed: int) -> tuple[pd.DataFrame, ...]:
    rng = np.random.default_rng(seed)
    n = N_IMAGES * PER_IMAGE
    images = pd.DataFrame({"image_id": np.arange(N_IMAGES) + 1, "width": 640, "height": 480})
    size = rng.random(n)
    labels = pd.DataFrame(
        {
            "image_id": np.repeat(images["image_id"], PER_IMAGE).to_numpy(),
            "class_name": np.array(classes)[rng.integers(0, len(classes), n)],
            "x": np.tile(np.arange(PER_IMAGE) * 50.0, N_IMAGES),
            "y": 0.0,
            "width": 10 + 30 * size,
            "height": 10 + 30 * size,
            "Size": size,
            "Age": rng.integers(0, 5, n) / 4,
        }
    )
    found = labels[rng.random(n) < np.where(size < 0.4, 0.05, 0.95)].drop(columns="Age")
    found["x"] += rng.normal(0, 0.15, len(found)) * found["width"]
    wrong = found.sample(len(found) // 2, random_state=seed).assign(y=300.0)
    wrong["Size"] *= 0.3
    predictions = pd.concat([found, wrong], ignore_index=True)
    predictions["confidence"] = rng.random(len(predictions)).round(3)
    images["Brightness"] = rng.random(N_IMAGES)
    predictions["Sureness"] = predictions["confidence"]
    predictions.loc[::7, "Sureness"] = np.nan
    return images, labels, predictions


def _data(classes: tuple[str, ...], seed: int, kind: str = "") -> Dataset:
    images, labels, predictions = _frames(classes, seed)
    if kind == "next":
        labels = labels.drop(columns="Age")
        fresh = np.random.default_rng(seed).random(len(predictions))
        predictions = predictions.drop(columns="Sureness").assign(Fresh=fresh)
    if kind == "no predictions":
        predictions = predictions.iloc[:0]
    if kind == "no labels":
        labels = labels.iloc[:0]
    return Dataset.from_frames(images, labels, predictions, pixels=lambda _image_id: GREY)


def make_pool() -> tuple[tuple[Evaluation, Evaluation], ...]:
    """Build evaluations in pairs: the one to show, and its twin that is never shown."""
    datasets = (
        _data(("cat", "dog"), 0),
        _data(("cat", "dog"), 1),  # another checkpoint of the same
        _data(("cat", "emu"), 2, "next"),
        _data(("cat", "dog"), 3, "no predictions"),
        _data(("cat", "dog"), 4, "no labels"),
    )
    return tuple((Evaluation(data), Evaluation(data)) for data in datasets)


class Oracle:
    """Asks the twin; remembers what it said, since it is asked the same over and over."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self._said: dict[Any, Any] = {}

    def ask(self, name: str, *args: Any, **choices: Any) -> Any:
        """Ask a question."""
        cut = choices.get("confidence_threshold")
        by_class = tuple(cut.items()) if isinstance(cut, Mapping) else cut
        key = (name, args, tuple(sorted({**choices, "confidence_threshold": by_class}.items())))
        if key not in self._said:
            self._said[key] = getattr(self.evaluation, name)(*args, **choices)
        return self._said[key]
