"""`python -m tests.benchmarks`: how long each control takes, beside hotcoco's AP in the same run.

`--only WORDS` measures the rows whose names hold these words, `--only large` those of six million
predictions; `--check` fails where a row is over its goal; `--write` puts the table into the
documentation. Reading is compared with hotcoco's own reading, and two models with one.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import ea_widgets as ea
from tests.benchmarks import two_models
from tests.benchmarks.files import write_files, write_yolo
from tests.benchmarks.generate import SIZES, generate
from tests.benchmarks.large import GOALS
from tests.benchmarks.rows import BUILDING, BUILDING_GOAL, MOVES, READING, READING_GOAL, seconds
from tests.conftest import ROOT

ROUNDS = 3


class Hotcoco:
    """hotcoco on the same files: its own reading, and its AP at one IoU threshold."""

    def __init__(self, folder):
        self.folder = folder
        self.reading = []
        self.read()

    def read(self):
        from hotcoco import COCO  # noqa: PLC0415

        def load():
            with contextlib.redirect_stdout(io.StringIO()):
                self.truth = COCO(str(self.folder / "labels.json"))
                self.found = self.truth.loadRes(str(self.folder / "predictions.json"))

        self.reading.append(seconds(load))

    def evaluate(self):
        """Return the AP of one evaluation and its time."""
        from hotcoco import COCOeval  # noqa: PLC0415

        run = COCOeval(self.truth, self.found, "bbox")
        run.params.iouThrs = np.array([0.5])
        run.params.maxDets = [100]
        run.params.areaRng, run.params.areaRngLbl = [[0, 1e10]], ["all"]

        def answer():
            with contextlib.redirect_stdout(io.StringIO()):
                run.evaluate()
                run.accumulate()

        taken = seconds(answer)
        precision = np.asarray(run.eval["precision"])
        return float(precision[precision > -1].mean()), taken

    def rounds(self):
        """Times of a few evaluations."""
        return [self.evaluate()[1] for _ in range(ROUNDS)]


def measure(wanted):
    """Yield (name, seconds, ratio, goal) of each wanted row, on 500,000 predictions."""
    frames = generate(SIZES["500k"])
    dataset = ea.Dataset.from_frames(*frames)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, *frames)
        del frames
        hotcoco = Hotcoco(folder)
        evaluation = ea.Evaluation(dataset)
        theirs, ours = hotcoco.evaluate()[0], evaluation.scores(0.5).mean_average_precision
        assert abs(theirs - ours) < 1e-9, f"hotcoco's mAP is {theirs}, ours {ours}"
        for row in MOVES:
            if not wanted(row.name):
                continue
            # Beside each row: what else the machine does slows both down.
            before = hotcoco.rounds()
            times = row.measure(evaluation)
            yield compared(row.name, times, before + hotcoco.rounds(), row.goal)
        if wanted(READING):
            times = []
            for _ in range(ROUNDS):
                hotcoco.read()
                times.append(seconds(lambda: read(folder)))
            yield compared(READING, times, hotcoco.reading[1:], READING_GOAL)
        if wanted(BUILDING):
            times = [seconds(lambda: ea.Evaluation(dataset)) for _ in range(ROUNDS)]
            yield compared(BUILDING, times, hotcoco.rounds(), BUILDING_GOAL)


YOLO_GOAL = 3.0
"""Seconds."""


def read(folder):
    return ea.read_coco(folder / "labels.json", folder / "predictions.json")


def compared(name, ours, theirs, goal):
    """Medians, and their ratio."""
    median = statistics.median(ours)
    return name, median, median / statistics.median(theirs), goal


def measure_large(wanted):
    """Yield (name, figure, goal) of each row of six million predictions."""
    if not wanted("large"):
        return
    with tempfile.TemporaryDirectory() as folder:
        script = "import sys; from tests.benchmarks.generate import write; write(sys.argv[1], '6M')"
        # A child's peak counts as its parent's, so a process of its own makes the data too.
        for call in (["-c", script, folder], ["-m", "tests.benchmarks.large", folder]):
            done = subprocess.run(
                [sys.executable, *call], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
            )
    found = json.loads(done.stdout)
    for name, goal in GOALS.items():
        yield f"6,000,000 predictions: {name}", found[name], goal


def measure_yolo(wanted):
    """Yield (name, seconds, goal) of reading 5,000 images with their two text files."""
    name = "reading YOLO's files of 5,000 images"
    if not wanted(name):
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        write_yolo(folder)
        times = [
            seconds(lambda: ea.read_yolo(folder / "labels", folder / "predictions"))
            for _ in range(ROUNDS)
        ]
    yield name, statistics.median(times), YOLO_GOAL


def in_words(value):
    """Seconds: 1.23 s, or 12.3 ms."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.1f} ms"


def table(wanted):
    """Print row by row; return the lines and the names of the rows over their goals."""
    lines, over = [], []

    def add(line):
        lines.append(line)
        print(line, flush=True)

    add("| what a person does | takes | times hotcoco's AP | goal |")
    add("|---|---|---|---|")
    for name, taken, ratio, goal in measure(wanted):
        add(f"| {name} | {in_words(taken)} | {ratio:.2f} | <= {goal:g} |")
        over += [name] if ratio > goal else []
    for name, taken, ratio, goal in two_models.measure(wanted):
        add(f"| {name}, CPU; ratio to one model | {in_words(taken)} | {ratio:.2f} | <= {goal:g} |")
        over += [name] if ratio > goal else []
    for name, figure, goal in (*measure_yolo(wanted), *measure_large(wanted)):
        memory = name.endswith("memory")
        words = [f"{v:.1f} GB" if memory else in_words(v) for v in (figure, goal)]
        add(f"| {name} | {words[0]} | | <= {words[1]} |")
        over += [name] if figure > goal else []
    return lines, over


def write_table(lines):
    """Put the table in the place of the one that the documentation has."""
    path = ROOT / "docs" / "numbers" / "speed.md"
    old = re.compile(r"^\| what a person does \|.*\n(\|.*\n)*", re.MULTILINE)
    text, count = old.subn("\n".join(lines) + "\n", path.read_text())
    assert count == 1, "the page has no table of times, or two"
    path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.benchmarks")
    parser.add_argument("--only", default="", help="rows whose names hold these words")
    parser.add_argument("--check", action="store_true", help="fail where a row is over its goal")
    parser.add_argument("--write", action="store_true", help="put the table into the documentation")
    chosen = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    lines, over = table(lambda name: chosen.only.lower() in name.lower())
    if chosen.write:
        write_table(lines)
    if over:
        print(f"\nover the goal: {', '.join(over)}")
    return int(chosen.check and bool(over))


if __name__ == "__main__":
    sys.exit(main())
