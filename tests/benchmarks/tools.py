"""One tool on one data set: run in a process of its own, so that memory is its own too.

`python -m tests.benchmarks.tools TOOL FOLDER` prints one line of JSON: seconds per phase.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

MOVES = [round(0.3 + 0.02 * step, 2) for step in range(25)]
METRIC = "object metric 0"


class Clock:
    """Seconds of each named phase."""

    def __init__(self):
        self.seconds = {}

    @contextlib.contextmanager
    def phase(self, name):
        """Time what happens inside."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def move(evaluation, threshold):
    """Everything that one position of the slider shows."""
    evaluation.scores(threshold)
    evaluation.importance(threshold)
    evaluation.curve(METRIC, threshold)


def ours(folder, clock):
    import ea_widgets as ea  # noqa: PLC0415  # only the measured tool is loaded

    with clock.phase("read"):
        dataset = ea.read_coco(folder / "labels.json", folder / "predictions.json")
    sides = ("images", "labels", "predictions")
    frames = [pd.read_parquet(folder / f"{name}.parquet") for name in sides]
    with_metrics = dataset.with_metrics(*frames)
    del frames, dataset
    with clock.phase("build"):
        evaluation = ea.Evaluation(with_metrics)
    with clock.phase("first move"):
        move(evaluation, 0.5)
    times, alone = [], []
    for threshold in MOVES:
        start = time.perf_counter()
        evaluation.scores(threshold)
        middle = time.perf_counter()
        evaluation.importance(threshold)
        evaluation.curve(METRIC, threshold)
        times.append(time.perf_counter() - start)
        alone.append(middle - start)
    clock.seconds["AP, one threshold"] = statistics.median(alone)
    clock.seconds["whole move"] = statistics.median(times)
    with clock.phase("settled"):
        evaluation.importance(0.5, settled=True)
    return evaluation.scores(0.5).mean_average_precision


def coco_api(module_coco, module_eval, folder, clock):
    with contextlib.redirect_stdout(io.StringIO()):
        with clock.phase("read"):
            truth = module_coco(str(folder / "labels.json"))
            found = truth.loadRes(str(folder / "predictions.json"))

        def evaluate():
            run = module_eval(truth, found, "bbox")
            run.params.iouThrs = np.array([0.5])
            run.params.maxDets = [100]
            run.params.areaRng, run.params.areaRngLbl = [[0, 1e10]], ["all"]
            run.evaluate()
            run.accumulate()
            return run

        times = []
        while sum(times) < 2 and len(times) < 9:
            start = time.perf_counter()
            run = evaluate()
            times.append(time.perf_counter() - start)
    clock.seconds["AP, one threshold"] = statistics.median(times)
    precision = np.asarray(run.eval["precision"])
    return float(precision[precision > -1].mean())


def pycocotools(folder, clock):
    from pycocotools.coco import COCO  # noqa: PLC0415
    from pycocotools.cocoeval import COCOeval  # noqa: PLC0415

    return coco_api(COCO, COCOeval, folder, clock)


def faster_coco_eval(folder, clock):
    from faster_coco_eval import COCO, COCOeval_faster  # noqa: PLC0415

    return coco_api(COCO, COCOeval_faster, folder, clock)


def hotcoco(folder, clock):
    from hotcoco import COCO, COCOeval  # noqa: PLC0415

    return coco_api(COCO, COCOeval, folder, clock)


TOOLS = {
    "ea_widgets": ours,
    "hotcoco": hotcoco,
    "faster-coco-eval": faster_coco_eval,
    "pycocotools": pycocotools,
}


def main():
    name, folder = sys.argv[1:]
    clock = Clock()
    score = TOOLS[name](Path(folder), clock)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"tool": name, "mAP at 0.5": score, "peak GB": peak, **clock.seconds}))


if __name__ == "__main__":
    main()
