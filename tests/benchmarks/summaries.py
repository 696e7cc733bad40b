"""How a summary grows with the data: time, memory, size of the file, opening, a move.

`python -m tests.benchmarks.summaries [MILLIONS ...]` makes parts of 100,000 predictions of 80
classes with 30 metrics, counts them one after the other in a process of its own for each size,
and prints a table: CPU time of one process, with that of making the data taken out.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import ea_widgets as ea
from ea_widgets.summary.summarize import merged
from tests.benchmarks.generate import SIZES, generate

PART = 100_000
GOALS = {"file, MB": 200.0, "opening, s": 2.0, "move, ms": 50.0}


def part(number):
    """Images of their own, from a seed of its own."""
    size = dataclasses.replace(SIZES["500k"], images=1000, labels=7327, predictions=PART)
    frames = generate(size, seed=number)
    for frame in frames:
        frame["image_id"] += number * size.images
    return ea.Dataset.from_frames(*frames)


def measure(n_parts):
    made = 0.0
    binning = ea.summarize([part(0)]).binning

    def counted():
        nonlocal made
        for number in range(n_parts):
            start = time.process_time()
            dataset = part(number)
            made += time.process_time() - start
            yield ea.summarize(dataset, binning)

    start = time.process_time()
    summary = merged(counted())
    spent = time.process_time() - start - made
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counts.summary"
        summary.save(path)
        start = time.process_time()
        opened = ea.load_summary(path)
        opening, file = time.process_time() - start, path.stat().st_size / 1e6
    move(opened, 0.5, 0.5)  # what only the first of all pays: imports
    moves = [move(opened, tick, 0.3) for tick in opened.iou_thresholds]
    moves += [move(opened, tick, 0.1, opened.class_names[:40]) for tick in (0.5, 0.75)]
    start = time.process_time()
    view = opened.at(0.5, 0.3)
    view.scores(settled=True), view.importance(settled=True)
    settled = time.process_time() - start
    return {
        "predictions, M": n_parts * PART / 1e6,
        "CPU, s": spent,
        "s per M": spent / (n_parts * PART / 1e6),
        "peak, GB": peak,
        "file, MB": file,
        "opening, s": opening,
        "move, ms": float(np.median(moves)) * 1000,
        "slowest, ms": max(moves) * 1000,
        "settled, s": settled,
    }


def move(summary, *choice):
    """Time all that a move of a slider shows, where nobody has been before."""
    start = time.process_time()
    view = summary.at(*choice)
    view.scores(), view.importance(), view.curve("object metric 0")
    return time.process_time() - start


def main():
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]))))
        return
    rows = []
    for millions in map(float, sys.argv[1:] or ("0.5", "2", "6")):
        count = str(round(millions * 1e6 / PART))
        command = [sys.executable, "-m", "tests.benchmarks.summaries", "--one", count]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        if len(rows) == 1:
            print("| " + " | ".join(rows[0]) + " |")
            print("|" + "---|" * len(rows[0]))
        print("| " + " | ".join(f"{value:.3g}" for value in rows[-1].values()) + " |", flush=True)
    over = [name for name, most in GOALS.items() if any(row[name] > most for row in rows)]
    if over:
        sys.exit(f"over the goal: {', '.join(over)}")


if __name__ == "__main__":
    main()
