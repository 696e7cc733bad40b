"""What the demo data holds, in figures: counts, scores and kinds of errors."""

from __future__ import annotations

import contextlib
import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.demo.geometry import corners, overlap

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_FOREGROUND = 0.5
_BACKGROUND = 0.1


def figures(folder: Path, model: str) -> str:
    """Describe shipped files in a few lines.

    Parameters
    ----------
    folder : Path
        Holds ``images/``, ``labels.json`` and the predictions.
    model : str
        Name of the file of predictions.

    Returns
    -------
    str
        For people; see `error_kinds` and `mean_average_precision` for the numbers.
    """
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    predictions = json.loads((folder / f"{model}.json").read_text(encoding="utf-8"))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    ap = mean_average_precision(labels, predictions)
    kinds = error_kinds(labels["annotations"], predictions)
    correct = kinds.pop("correct")
    errors = sum(kinds.values())
    lines = [
        f"{len(labels['images']):,} images, {len(labels['annotations']):,} labels",
        f"{len(predictions):,} predictions, {len(labels['categories'])} classes",
        f"{size / 1e6:.2f} MB",
        f"mAP at IoU 0.5: {ap['0.5']:.3f}; AP@[.50:.95]: {ap['0.5:0.95']:.3f}",
        f"correct: {correct:,}; errors: {errors:,}",
        *(f"  {kind}: {n:,} ({n / errors:.1%})" for kind, n in kinds.most_common()),
    ]
    return "\n".join(lines)


def mean_average_precision(
    labels: dict[str, Any], predictions: list[dict[str, Any]]
) -> dict[str, float]:
    """Ask pycocotools for the mAP at IoU 0.5 and its mean over 0.5 to 0.95."""
    from pycocotools.coco import COCO  # noqa: PLC0415  # optional
    from pycocotools.cocoeval import COCOeval  # noqa: PLC0415

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = labels
        truth.createIndex()
        run = COCOeval(truth, truth.loadRes(predictions), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return {"0.5": float(run.stats[1]), "0.5:0.95": float(run.stats[0])}


def error_kinds(
    annotations: list[dict[str, Any]], predictions: list[dict[str, Any]]
) -> Counter[str]:
    """Count the kinds of errors after TIDE (Bolya et al. 2020), foreground 0.5, background 0.1.

    Parameters
    ----------
    annotations, predictions : list of dict
        As in COCO's files.

    Returns
    -------
    Counter
        "correct", the reasons of the wrong predictions, and "missed" labels that no wrong
        prediction accounts for.
    """
    kinds: Counter[str] = Counter()
    for image in sorted({row["image_id"] for row in (*annotations, *predictions)}):
        mine = [row for row in annotations if row["image_id"] == image]
        theirs = [row for row in predictions if row["image_id"] == image]
        theirs.sort(key=lambda row: -row["score"])
        kinds += _kinds_in_image(*_arrays(mine), *_arrays(theirs))
    return kinds


def _arrays(rows: list[dict[str, Any]]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    boxes = np.array([row["bbox"] for row in rows], dtype=np.float64).reshape(-1, 4)
    return corners(boxes), np.array([row["category_id"] for row in rows], dtype=np.int64)


def _kinds_in_image(
    boxes: NDArray[np.float64],
    classes: NDArray[np.int64],
    found: NDArray[np.float64],
    named: NDArray[np.int64],
) -> Counter[str]:
    """Match in order of confidence, then name what is left."""
    shared = overlap(found, boxes)
    same = named[:, None] == classes[None, :]
    taken = np.zeros(len(boxes), dtype=bool)
    right = np.zeros(len(found), dtype=bool)
    for row in range(len(found)):
        free = np.where(same[row] & ~taken, shared[row], 0.0)
        if free.size and free.max() >= _FOREGROUND:
            taken[free.argmax()] = right[row] = True
    kinds: Counter[str] = Counter(correct=int(right.sum()))
    explained = taken.copy()
    for row in np.flatnonzero(~right).tolist():
        ours = np.where(same[row], shared[row], 0.0)
        others = np.where(~same[row], shared[row], 0.0)
        best, best_other = ours.max(initial=0.0), others.max(initial=0.0)
        if _BACKGROUND <= best < _FOREGROUND:
            kinds["badly located"] += 1
            explained[ours.argmax()] = True
        elif best_other >= _FOREGROUND:
            kinds["wrong class"] += 1
            explained[others.argmax()] = True
        elif best >= _FOREGROUND:
            kinds["duplicate"] += 1
        elif best_other < _BACKGROUND:
            kinds["background"] += 1
        else:
            kinds["both"] += 1
    kinds["missed"] = int((~explained).sum())
    return kinds
