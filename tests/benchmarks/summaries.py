"""How a summary grows with the data: time, memory, size of the file, opening, a move.

`python -m tests.benchmarks.summaries [MILLIONS ...]` writes Parquet of 80 classes with 30 metrics,
one file per side and 500,000 predictions, into a folder that is deleted afterwards (0.13 GB per
million), counts it with `ea.dask.summarize` on two worker processes, and prints a row of a table
per size. CPU time is that of the workers, reading included, from when all has been imported.
`--folder DIR` says where the Parquet and the summary are written.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

import ea_widgets as ea
from tests.benchmarks.generate import SIZES, generate

PART = SIZES["500k"]
WORKERS = 2
GOALS = {"file, MB": 200.0, "opening, s": 2.0, "move, ms": 50.0}
MOST_GROWTH = 1.15
"""CPU per million of the largest size, over that of the smallest of at least a million."""


def write_part(folder, number):
    """Write images of their own, from a seed of its own, and objects, as Parquet."""
    sides = ("images", "labels", "predictions")
    for side, frame in zip(sides, generate(PART, seed=number), strict=True):
        metrics = [name for name in frame.columns if " metric " in name]
        frame[metrics] = frame[metrics].astype(np.float32)
        frame["image_id"] += number * PART.images
        (folder / side).mkdir(exist_ok=True)
        frame.to_parquet(
            folder / side / f"{number:05}.parquet", compression=None, use_dictionary=["class_name"]
        )


def measure(millions, folder):
    """Write the data, count them, and measure the summary."""
    n_parts = round(millions * 1e6 / PART.predictions)
    with ProcessPoolExecutor(WORKERS) as pool:
        list(pool.map(partial(write_part, folder), range(n_parts)))
    with ea.dask.connected(workers=WORKERS) as client:
        client.run(warm)
        before, start = client.run(time.process_time), time.perf_counter()
        own = time.process_time()
        summary = ea.dask.summarize(
            images=folder / "images",
            labels=folder / "labels",
            predictions=folder / "predictions",
            metrics=False,
            client=client,
            progress=False,
        )
        own = time.process_time() - own
        wall, after = time.perf_counter() - start, client.run(time.process_time)
        peak = max(client.run(peak_memory).values())
    spent = sum(after.values()) - sum(before.values())
    assert summary.n_predictions == n_parts * PART.predictions
    summary.save(folder / "counts.summary")
    return {
        "predictions, M": n_parts * PART.predictions / 1e6,
        "CPU of the workers, s": spent,
        "s per M": spent / (n_parts * PART.predictions / 1e6),
        "CPU of the client, s": own,
        "wall, s": wall,
        "peak per worker, GB": peak,
        **alone(opened, folder / "counts.summary"),
    }


def alone(call, *arguments):
    """Call a function in a process of its own, without the threads of a cluster."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(call, *arguments).result()


def opened(path):
    """Measure the file of a summary: its size, opening it, moves of a slider."""
    ea.load_summary(path)  # imports
    start = time.process_time()
    summary = ea.load_summary(path)
    opening = time.process_time() - start
    move(summary, 0.5, 0.5), move(summary, 0.5, None)  # what only the first pays: imports
    moves = [move(summary, tick, 0.3) for tick in summary.iou_thresholds]
    moves += [move(summary, 0.5, level) for level in (None, 0.1, 0.7)]
    moves += [move(summary, tick, 0.1, summary.class_names[:40]) for tick in (0.5, 0.75)]
    start = time.process_time()
    view = summary.at(0.5, 0.3)
    view.scores(settled=True), view.importance(settled=True)
    return {
        "file, MB": path.stat().st_size / 1e6,
        "opening, s": opening,
        "move, ms": float(np.median(moves)) * 1000,
        "slowest, ms": max(moves) * 1000,
        "settled, s": time.process_time() - start,
    }


def warm():
    """Import what a worker needs."""
    import ea_widgets.dask.summarize  # noqa: F401, PLC0415  # on the worker


def peak_memory():
    """Give the most memory that this process held so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def move(summary, *choice):
    """Time all that a move of a slider shows, where nobody has been before."""
    start = time.process_time()
    view = summary.at(*choice)
    view.scores(), view.importance(), view.curve("object metric 0")
    return time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("millions", nargs="*", type=float, default=[0.5, 6.0])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.millions[0], options.one)))
        return
    rows = []
    for millions in options.millions:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            command = [sys.executable, "-m", "tests.benchmarks.summaries", str(millions)]
            done = subprocess.run([*command, "--one", folder], stdout=subprocess.PIPE, check=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        if len(rows) == 1:
            print("| " + " | ".join(rows[0]) + " |")
            print("|" + "---|" * len(rows[0]))
        print("| " + " | ".join(f"{value:.3g}" for value in rows[-1].values()) + " |", flush=True)
    over = [name for name, most in GOALS.items() if any(row[name] > most for row in rows)]
    per_million = [row["s per M"] for row in rows if row["predictions, M"] >= 1]
    if per_million and per_million[-1] > MOST_GROWTH * per_million[0]:
        over.append("s per M")
    if over:
        sys.exit(f"over the goal: {', '.join(over)}")


if __name__ == "__main__":
    main()
