"""What a control of the page costs with two models, beside the same control with one.

CPU time of the same moves, turn by turn in one process, so that what else the machine does slows
both down alike. What waits until the choices rest is not in it: a script has no such moment.
"""

from __future__ import annotations

import asyncio
import statistics
import time

import numpy as np

import ea_widgets as ea
from tests.benchmarks.generate import SIZES, generate

GOAL = 2.2

NAME = "two models"

METRIC = "object metric 0 (O)"

# At first each of two models is cut at its own best threshold, which follows the IoU; one is not.
MOVES = {
    "IoU slider": [{"iou_threshold": round(0.5 + 0.02 * step, 2)} for step in range(1, 12)],
    "confidence slider": [{"confidence_threshold": round(0.02 * step, 2)} for step in range(1, 12)],
    "IoU slider, one confidence for all": [
        {"iou_threshold": round(0.51 + 0.02 * step, 2)} for step in range(1, 12)
    ],
    "one class off": "classes",
    "another metric": [{"metric": f"object metric {number} (O)"} for number in range(1, 10)],
}


def evaluations(size):
    """Two models on the same labels: the second one finds less, and is as sure of other things."""
    images, labels, predictions = generate(size)
    rng = np.random.default_rng(1)
    weaker = predictions[rng.random(len(predictions)) < 0.95].copy()
    weaker["x"] += rng.normal(0, 1.5, len(weaker))
    weaker["confidence"] = np.clip(weaker["confidence"] + rng.normal(0, 0.05, len(weaker)), 0, 1)
    for frame in (predictions, weaker):
        yield ea.Evaluation(ea.Dataset.from_frames(images, labels, frame))


def positions(name, page):
    """Give the choices of each position of a control."""
    found = MOVES[name]
    if found == "classes":
        names = page.evaluation.class_names
        return [{"classes": names[:at] + names[at + 1 :]} for at in (0, 1, 2, 5, 9, 20, 40, 60)]
    return found


def measure(wanted, size="500k"):
    """Yield (name, seconds with two models, ratio to one, goal) of each control."""
    if not wanted(NAME):
        return
    yield from asyncio.run(moved(*evaluations(SIZES[size])))


async def moved(one, other):
    """Move each control of both pages; rows as :func:`measure` yields them."""
    found = []
    pages = [ea.explore(one), ea.explore(ea.compare({"one": one, "other": other}))]
    try:
        for page in pages:
            page.metric = METRIC
        for name in MOVES:
            taken = [[], []]
            for choice in positions(name, pages[0]):
                for page, times in zip(pages, taken, strict=True):
                    start = time.process_time()
                    for trait, value in choice.items():
                        setattr(page, trait, value)
                    times.append(time.process_time() - start)
            # The first position also fills what is kept for the others.
            alone, together = (statistics.median(times[1:]) for times in taken)
            found.append((f"{NAME}: {name}", together, together / alone, GOAL))
            for page in pages:
                page.classes = ()
    finally:
        for page in pages:
            page.close()
    return found


if __name__ == "__main__":
    import sys

    for row in measure(lambda _: True, *sys.argv[1:]):
        print(row, flush=True)
