"""Six million predictions, 1,203 classes, in a process of its own, so that its memory is too.

`python -m tests.benchmarks.large FOLDER` prints one line of JSON.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
from pathlib import Path

import pandas as pd

import ea_widgets as ea
from tests.benchmarks.rows import moves, seconds

GOALS = {"IoU": 0.1, "confidence": 0.1, "building": 8.0, "peak memory": 5.0}
"""Seconds of the median move and of building; GB of this process, frames included."""


def main():
    folder = Path(sys.argv[1])
    frames = [
        pd.read_pickle(folder / f"{side}.pickle")  # noqa: S301  # made by our own child
        for side in ("images", "labels", "predictions")
    ]
    dataset = ea.Dataset.from_frames(*frames)
    del frames
    made = []
    found = {"building": seconds(lambda: made.append(ea.Evaluation(dataset)))}
    ious = [{"iou": round(0.4 + 0.03 * step, 2)} for step in range(9)]
    found["IoU"] = statistics.median(moves(made[0], ious))
    confidences = [{"confidence": round(0.05 + 0.02 * step, 2)} for step in range(15)]
    found["confidence"] = statistics.median(moves(made[0], confidences))
    found["peak memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps(found))


if __name__ == "__main__":
    main()
