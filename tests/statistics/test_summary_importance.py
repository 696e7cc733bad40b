"""Importance from a summary beside that of an evaluation of the same data, at every tick.

`make test-all` looks at 500,000 predictions of 80 classes; CI has time for a tenth of it.
"""

import dataclasses

import numpy as np
import pytest

import ea_widgets as ea
from tests.benchmarks.generate import SIZES, generate
from tests.conftest import usual_or_all

pytestmark = pytest.mark.slow

TOLERANCE = 0.005


def strong(frames):
    """Metrics that matter much, of whom some decide at a border that many values share."""
    images, labels, predictions = frames
    rng = np.random.default_rng(3)
    sure = predictions["confidence"].to_numpy()
    border = np.where((sure > 0.6) & (rng.random(len(sure)) < 0.3), 0.0, rng.random(len(sure)))
    predictions = predictions.assign(Sure=sure**3 + rng.normal(0, 0.02, len(sure)), Border=border)
    # Small ones are found less often.
    size = labels["width"] * labels["height"]
    labels = labels.assign(Size=size, Doubtful=np.log(size) + rng.normal(0, 1, len(labels)))
    return images, labels, predictions


def farthest(evaluation, summary, ticks, levels, choices):
    """Largest difference, and where it is."""
    worst = (0.0, None)
    for iou in ticks:
        for level in levels:
            for classes in choices:
                for outcome in ("true_positive", "missed"):
                    expected = evaluation.at(iou, level, classes).importance(outcome)
                    found = summary.at(iou, level, classes).importance(outcome)
                    off = (found["importance"] - expected["importance"]).abs()
                    here = (iou, level, len(classes), outcome, off.idxmax())
                    worst = max(worst, (off.max(), here), key=lambda one: one[0])
    return worst


def test_importance_is_that_of_an_evaluation_at_every_tick():
    whole = SIZES["500k"]
    part = dataclasses.replace(whole, images=500, labels=3663, predictions=50_000)
    frames = strong(generate(usual_or_all(part, whole)))
    evaluation = ea.Evaluation(ea.Dataset.from_frames(*frames))
    summary = ea.summarize(evaluation)
    names = evaluation.class_names
    forty = tuple(np.random.default_rng(0).choice(names, 40, replace=False))
    choices = usual_or_all(((), names[:1], forty), ((), names[:1], names[70:71], forty))
    ticks = usual_or_all(summary.iou_thresholds[::6], summary.iou_thresholds)
    levels = usual_or_all((None, 0.5), (None, *summary.confidence_thresholds))
    off, where = farthest(evaluation, summary, ticks, levels, choices)
    assert off < TOLERANCE, (off, where)
