"""Planted label errors: how well they are told apart, beside cleanlab where it is installed.

``python -m tests.benchmarks.label_errors`` prints the area under the ROC curve of both, over 20
seeds. cleanlab is in no extra of this package: it is only compared with.
"""

from __future__ import annotations

import numpy as np
from sklearn.metrics import roc_auc_score

import ea_widgets as ea
from tests.unit.analysis.label_errors.planted import CLASSES, planted_errors

SEEDS = 20
KINDS = {"missing": "overlooked", "wrong class": "swap", "badly placed": "badloc"}


def ours(dataset, kind):
    """Scores of all predictions, or of all labels, by id; higher is more suspect."""
    id_column, frame = (
        ("prediction_id", dataset.predictions)
        if kind == "missing"
        else ("label_id", dataset.labels)
    )
    found = ea.Evaluation(dataset).label_errors(kind)
    return frame[id_column].map(dict(zip(found[id_column], found["score"], strict=True))).fillna(0)


def cleanlabs(dataset, kind):
    """Return cleanlab's scores in the order of the frame, turned round; unscored ones last."""
    from cleanlab.object_detection import rank  # noqa: PLC0415  # only compared with

    corners = ["x", "y", "right", "bottom"]
    frames = [
        frame.assign(right=frame["x"] + frame["width"], bottom=frame["y"] + frame["height"])
        for frame in (dataset.labels, dataset.predictions)
    ]
    labels, predictions, order = [], [], []
    for image in dataset.images["image_id"]:
        truth, found = (frame[frame["image_id"] == image] for frame in frames)
        code = np.searchsorted(CLASSES, truth["class_name"].astype(str))
        labels.append({"bboxes": truth[corners].to_numpy(), "labels": code})
        by_class = [found[found["class_name"] == name] for name in CLASSES]
        arrays = np.empty(len(by_class), dtype=object)
        for number, one in enumerate(by_class):
            arrays[number] = one[[*corners, "confidence"]].to_numpy()
        predictions.append(arrays)
        order += (
            [row for one in by_class for row in one.index]
            if kind == "missing"
            else truth.index.tolist()
        )
    compute = getattr(rank, f"compute_{KINDS[kind]}_box_scores")
    scores = np.concatenate(compute(labels=labels, predictions=predictions))
    result = np.empty(len(order))
    result[order] = np.where(np.isnan(scores), -1.0, 1 - scores)
    return result


def compare(seeds=SEEDS):
    """Mean AUROC of both by kind; NaN for cleanlab where it is not installed."""
    rows = {}
    for kind in KINDS:
        scores = []
        for seed in range(seeds):
            dataset, truth = planted_errors(seed)
            frame = dataset.predictions if kind == "missing" else dataset.labels
            ids = frame["prediction_id" if kind == "missing" else "label_id"]
            is_wrong = ids.isin(truth[kind])
            try:
                theirs = roc_auc_score(is_wrong, cleanlabs(dataset, kind))
            except ImportError:
                theirs = float("nan")
            scores.append((roc_auc_score(is_wrong, ours(dataset, kind)), theirs))
        rows[kind] = np.mean(scores, axis=0)
    return rows


if __name__ == "__main__":
    for kind, (mine, theirs) in compare().items():
        print(f"{kind:15} {mine:.3f}   cleanlab ({KINDS[kind]}) {theirs:.3f}")
