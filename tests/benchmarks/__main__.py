"""`python -m tests.benchmarks`: ours beside other evaluators, on the same data in the same run."""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.benchmarks.generate import SIZES, generate
from tests.benchmarks.tools import TOOLS

PHASES = ("read", "build", "first move", "AP, one threshold", "whole move", "settled")
BOX = ["x", "y", "width", "height"]

SLOW = ("faster-coco-eval", "pycocotools")
"""They take minutes for six million predictions."""


def write_files(folder, size):
    """Write the COCO files that every tool reads, and our metrics beside them."""
    images, labels, predictions = generate(SIZES[size])
    names = list(labels["class_name"].cat.categories)
    documents = {
        "labels.json": {
            "images": [
                {"id": int(i), "width": 640, "height": 480, "file_name": f"{i}.jpg"}
                for i in images["image_id"]
            ],
            "categories": [{"id": code + 1, "name": name} for code, name in enumerate(names)],
            "annotations": [
                {
                    "id": row + 1,
                    "image_id": image,
                    "category_id": code + 1,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": int(crowd),
                }
                for row, (image, code, box, crowd) in enumerate(
                    zip(
                        labels["image_id"].tolist(),
                        labels["class_name"].cat.codes.tolist(),
                        labels[BOX].to_numpy().tolist(),
                        labels["is_crowd"].tolist(),
                        strict=True,
                    )
                )
            ],
        },
        "predictions.json": [
            {"image_id": image, "category_id": code + 1, "bbox": box, "score": score}
            for image, code, box, score in zip(
                predictions["image_id"].tolist(),
                predictions["class_name"].cat.codes.tolist(),
                predictions[BOX].to_numpy().tolist(),
                predictions["confidence"].tolist(),
                strict=True,
            )
        ],
    }
    for name, document in documents.items():
        (folder / name).write_bytes(msgspec.json.encode(document))
    for name, frame in (("images", images), ("labels", labels), ("predictions", predictions)):
        frame.filter(like=" metric ").to_parquet(folder / f"{name}.parquet")


def measure(tool, folder):
    """Run one tool in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.tools", tool, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        print(f"{tool} failed: {run.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(run.stdout)


def cell(seconds):
    """Seconds in words: 1.23 s, or 12.3 ms."""
    if seconds is None:
        return "-"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def print_table(size, rows):
    """One row per tool."""
    shape = SIZES[size]
    print(
        f"\n{shape.predictions:,} predictions, {shape.labels:,} labels, {shape.images:,} images, "
        f"{shape.classes:,} classes\n"
    )
    print("| tool | " + " | ".join(PHASES) + " | peak memory | mAP at 0.5 |")
    print("|---|" + "---|" * (len(PHASES) + 2))
    for row in rows:
        cells = [cell(row.get(phase)) for phase in PHASES]
        print(
            f"| {row['tool']} | {' | '.join(cells)} | {row['peak GB']:.2f} GB "
            f"| {row['mAP at 0.5']:.6f} |"
        )
    mine = next((row for row in rows if row["tool"] == "ea_widgets"), None)
    for row in rows:
        if mine is not None and row is not mine:
            ratio = row["AP, one threshold"] / mine["whole move"]
            print(f"a whole move of ours: {ratio:.1f} times as fast as {row['tool']}'s AP alone")


def main():
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.benchmarks")
    parser.add_argument("--sizes", default="50k,500k,6M", help=f"of {', '.join(SIZES)}")
    slow = " and ".join(SLOW)
    parser.add_argument("--tools", help=f"which to run; by default all, without {slow} at 6M")
    chosen = parser.parse_args()
    moves = {}
    for size in chosen.sizes.split(","):
        with tempfile.TemporaryDirectory() as name:
            write_files(Path(name), size)
            left_out = SLOW if size == "6M" else ()
            tools = [tool for tool in TOOLS if tool not in left_out]
            if chosen.tools is not None:
                tools = chosen.tools.split(",")
            rows = [measure(tool, Path(name)) for tool in tools]
        rows = [row for row in rows if row is not None]
        print_table(size, rows)
        for row in rows:
            if "whole move" in row:
                moves[SIZES[size].predictions] = row["whole move"]
    if len(moves) > 1:
        (small, fast), *_, (large, slow) = sorted(moves.items())
        exponent = math.log(slow / fast) / math.log(large / small)
        print(f"\na whole move grows with predictions ** {exponent:.2f}")


if __name__ == "__main__":
    main()
