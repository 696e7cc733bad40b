"""What a person does with 500,000 predictions, and how long it may take.

Goals are those of the design: times the AP of hotcoco at one threshold (reading: times its own
reading). Each function times several positions, each of them new, so that no cache answers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import ea_widgets as ea

if TYPE_CHECKING:
    from collections.abc import Callable

METRIC = "object metric 0"


def seconds(call):
    """Time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def show(evaluation, iou=0.5, confidence=0.0, classes=()):
    """Ask for everything that one position shows: scores, both charts of bars, both curves."""
    at = {"iou_threshold": iou, "confidence_threshold": confidence, "classes": classes}
    evaluation.scores(**at)
    evaluation.importance(**at)
    evaluation.curve(METRIC, **at)


def moves(evaluation, positions, back=None):
    """Times of a whole move to each position, from the one before or from `back`."""
    found = []
    show(evaluation, **(back or {}))
    for position in positions:
        found.append(seconds(lambda position=position: show(evaluation, **position)))
        if back is not None:
            show(evaluation, **back)
    return found


def iou_slider(evaluation):
    return moves(evaluation, [{"iou": round(0.3 + 0.02 * step, 2)} for step in range(25)])


def confidence_slider(evaluation):
    return moves(evaluation, [{"confidence": round(0.01 * step, 2)} for step in range(1, 21)])


def confidence_from_nothing(evaluation):
    positions = [{"confidence": at} for at in (0.01, 0.02, 0.03, 0.05, 0.1, 0.3)]
    return moves(evaluation, positions, back={})


def one_class_off(evaluation):
    names = evaluation.class_names
    return moves(
        evaluation,
        [{"classes": names[:at] + names[at + 1 :]} for at in (0, 1, 2, 5, 20, 60)],
        back={},
    )


def one_class_alone(evaluation):
    names = evaluation.class_names
    return moves(evaluation, [{"classes": (names[at],)} for at in (0, 1, 2, 5, 20, 60)], back={})


def another_curve(evaluation, *, by_class=False):
    show(evaluation)
    names = [f"object metric {n}" for n in range(1, 9)]
    return [
        seconds(lambda name=name: evaluation.curve(name, 0.5, by_class=by_class)) for name in names
    ]


def by_class(evaluation):
    return another_curve(evaluation, by_class=True)


def what_if_slider(evaluation):
    def rule(confidence):
        return [ea.Rule(METRIC, high=1_000.0, min_confidence=confidence)]

    evaluation.what_if(rule(0.5))
    positions = np.linspace(0.1, 0.4, 12)
    return [seconds(lambda at=at: evaluation.what_if(rule(float(at)))) for at in positions]


def best_confidence(evaluation):
    evaluation.best_min_confidence(METRIC, high=500.0)
    ends = (800.0, 1_200.0, 2_000.0, 4_000.0, 8_000.0)
    return [
        seconds(lambda high=high: evaluation.best_min_confidence(METRIC, high=high))
        for high in ends
    ]


def worst_ranges(evaluation):
    show(evaluation)
    ious = (0.45, 0.55, 0.6, 0.65, 0.7)
    return [seconds(lambda iou=iou: evaluation.worst_ranges(iou_threshold=iou)) for iou in ious]


def settled(evaluation):
    show(evaluation)
    ious = (0.47, 0.57, 0.67)
    return [
        seconds(lambda iou=iou: evaluation.importance(iou_threshold=iou, settled=True))
        for iou in ious
    ]


@dataclass(frozen=True)
class Row:
    """One thing that a person does; the goal is a ratio."""

    name: str
    goal: float
    measure: Callable


MOVES = (
    Row("IoU slider, whole move", 0.05, iou_slider),
    Row("confidence slider, whole move", 0.12, confidence_slider),
    Row("confidence slider, from 0", 0.3, confidence_from_nothing),
    Row("one class off", 0.12, one_class_off),
    Row("one class alone", 0.12, one_class_alone),
    Row("another metric's curve", 0.08, another_curve),
    Row("another metric's curve, by class", 0.15, by_class),
    Row("what-if slider", 0.05, what_if_slider),
    Row("a range's best confidence", 0.3, best_confidence),
    Row("worst ranges", 0.3, worst_ranges),
    Row("settled phase", 1.5, settled),
)
READING, BUILDING = "reading", "building"
READING_GOAL, BUILDING_GOAL = 2.0, 5.0
