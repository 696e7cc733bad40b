"""The twelve fixed COCO numbers, per class and together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.core.matching.average_precision import average_precision, matches_needed
from ea_widgets.core.matching.greedy import greedy_match
from ea_widgets.core.matching.pairs import sort_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.engine import Engine
    from ea_widgets.analysis.matching.mask_overlap import MaskOverlap
    from ea_widgets.data.dataset import Dataset

COCO_NUMBERS = (
    *("AP", "AP50", "AP75", "APs", "APm", "APl"),
    *("AR1", "AR10", "AR100", "ARs", "ARm", "ARl"),
)
"""Names of the numbers, in COCO's order."""

IOU_THRESHOLDS = np.linspace(0.5, 0.95, 10)
"""AP@[.50:.95]; the very floats of pycocotools."""

AREA_RANGES = {
    "all": (0.0, 1e5**2),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e5**2),
}
"""Areas in square pixels that each range takes in, both ends included."""

MAX_DETECTIONS = (1, 10, 100)
"""Predictions per image and class of AR1, AR10 and AR100; all else takes 100."""


def coco_table(dataset: Dataset, engine: Engine, overlap: MaskOverlap | None) -> pd.DataFrame:
    """Compute the twelve COCO numbers of each class.

    Parameters
    ----------
    dataset : Dataset
    engine : Engine
        Of the dataset, with at most 100 predictions per image and class.
    overlap : MaskOverlap or None
        The masks, if masks are evaluated.

    Returns
    -------
    DataFrame
        Index `class_name`, all classes in display order; columns ``COCO_NUMBERS``, in [0, 1],
        NaN where a class has no labels (of that size) that count.

    Notes
    -----
    ``COCOeval`` of pycocotools 2.0.11. For an area range, labels outside of it are ignored, and
    so are predictions outside of it that took no label; so everything is matched anew.
    """
    prediction_areas, label_areas = areas(dataset, overlap)
    precision, recall = {}, {}
    for name, (low, high) in AREA_RANGES.items():
        precision[name], recall[name] = _evaluate(
            engine,
            within(prediction_areas[engine.predictions.row], low, high),
            within(label_areas[engine.labels.row], low, high),
        )
    place = {round(float(threshold), 2): n for n, threshold in enumerate(IOU_THRESHOLDS)}
    sizes = ("small", "medium", "large")
    numbers = [
        precision["all"].mean(axis=0),
        precision["all"][place[0.5]],
        precision["all"][place[0.75]],
        *(precision[size].mean(axis=0) for size in sizes),
        *recall["all"].mean(axis=1),
        *(recall[size][-1].mean(axis=0) for size in sizes),
    ]
    index = pd.Index(dataset.class_names, name="class_name", dtype="str")
    return pd.DataFrame(dict(zip(COCO_NUMBERS, numbers, strict=True)), index=index)


def summarize(table: pd.DataFrame, classes: list[int]) -> dict[str, float]:
    """Average the numbers over the chosen classes that have them; NaN if none has."""
    chosen = table.iloc[classes]
    return {name: float(chosen[name].mean()) for name in COCO_NUMBERS}


def areas(
    dataset: Dataset, overlap: MaskOverlap | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Areas of predictions and labels in square pixels, by which COCO tells their size.

    A label's is what its file states (``coco_area``); where it states none, and for predictions,
    that of the box or, if masks are evaluated, of the mask.
    """
    labels = dataset.labels
    if overlap is None:
        of_predictions, of_labels = (
            frame["width"].to_numpy(np.float64) * frame["height"].to_numpy(np.float64)
            for frame in (dataset.predictions, labels)
        )
    else:
        of_predictions, of_labels = overlap.prediction_areas, overlap.label_areas
    if "coco_area" in labels.columns:
        stated = labels["coco_area"].to_numpy(np.float64)
        of_labels = np.where(np.isnan(stated), of_labels, stated)
    return of_predictions, of_labels


def within(area: NDArray[np.float64], low: float, high: float) -> NDArray[np.bool_]:
    """Mark areas from `low` to `high`, both included."""
    return (area >= low) & (area <= high)


def _evaluate(
    engine: Engine, prediction_within: NDArray[np.bool_], label_within: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """AP, shape (10, n_classes), and recall, shape (3, 10, n_classes), of one area range."""
    labels, n_classes = engine.labels, engine.n_classes
    ignored = labels.ignored | ~label_within
    n_labels = np.bincount(labels.class_code[~ignored], minlength=n_classes)
    needed = matches_needed(n_labels)
    pairs = sort_pairs(
        engine.pairs.prediction,
        engine.pairs.label,
        engine.pairs.iou,
        ignored=ignored,
        crowd=labels.crowd,
        given=labels.row,
    )
    inside = np.concatenate([[0], np.cumsum(prediction_within)])
    precision = np.empty((len(IOU_THRESHOLDS), n_classes))
    recall = np.full((len(MAX_DETECTIONS), len(IOU_THRESHOLDS), n_classes), np.nan)
    for n, threshold in enumerate(IOU_THRESHOLDS):
        matched, label, _ = greedy_match(pairs, float(threshold))
        counts = ~ignored[label]
        rows = matched[counts]
        class_code = engine.predictions.class_code[rows]
        # Inside the range all count but those with an ignored label; outside, those with a label.
        change = np.concatenate(
            [[0], np.cumsum(counts.astype(np.int64) - prediction_within[matched])]
        )
        start = engine.predictions.start[:-1]
        before_class = inside[start] + change[np.searchsorted(matched, start)]
        rank = inside[rows] + change[:-1][counts] - before_class[class_code]
        precision[n] = average_precision(rank, class_code, n_labels, needed)
        for m, limit in enumerate(MAX_DETECTIONS):
            first = class_code[engine.predictions.place[rows] < limit]
            found = np.bincount(first, minlength=n_classes)
            np.divide(found, n_labels, out=recall[m, n], where=n_labels > 0)
    return precision, recall
