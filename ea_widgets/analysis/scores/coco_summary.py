"""The twelve fixed COCO numbers, per class and together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.matching import Engine
    from ea_widgets.analysis.sample import Query
    from ea_widgets.core.matching.similarity import Similarity
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


def coco_summary_of(data: MatchedData, query: Query) -> dict[str, float]:
    """Average the numbers over the chosen classes that have them; see :meth:`View.coco_summary`."""
    chosen = coco_per_class(data, query)
    return {name: float(chosen[name].mean()) for name in COCO_NUMBERS}


def coco_per_class(data: MatchedData, query: Query) -> pd.DataFrame:
    """Take the numbers of the chosen classes; see :meth:`View.coco_per_class`."""

    def compute() -> pd.DataFrame:
        engine, most = data.engine, MAX_DETECTIONS[-1]
        too_few = data.max_detections < most and len(engine.predictions.row) < data.n_predictions
        if too_few or engine.predictions.place.max(initial=0) >= most:
            engine = data.engine_of(most)
        return coco_table(data.dataset, engine, data.similarity)

    return data.once("coco_table", compute).iloc[[*query.classes]]


def coco_table(dataset: Dataset, engine: Engine, similarity: Similarity) -> pd.DataFrame:
    """Compute the twelve COCO numbers of each class.

    Parameters
    ----------
    dataset : Dataset
    engine : Engine
        Of the dataset, with at most 100 predictions per image and class.
    similarity : Similarity
        Of the objects that are evaluated.

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
    prediction_areas, label_areas = areas(dataset, similarity)
    precision, recall = {}, {}
    for name, (low, high) in AREA_RANGES.items():
        slice_ = engine.within(
            within(prediction_areas[engine.predictions.row], low, high),
            within(label_areas[engine.labels.row], low, high),
        )
        precision[name], recall[name] = _evaluate(slice_)
    at = {round(float(threshold), 2): n for n, threshold in enumerate(IOU_THRESHOLDS)}
    sizes = ("small", "medium", "large")
    numbers = [
        precision["all"].mean(axis=0),
        precision["all"][at[0.5]],
        precision["all"][at[0.75]],
        *(precision[size].mean(axis=0) for size in sizes),
        *recall["all"].mean(axis=1),
        *(recall[size][-1].mean(axis=0) for size in sizes),
    ]
    index = pd.Index(dataset.class_names, name="class_name", dtype="str")
    return pd.DataFrame(dict(zip(COCO_NUMBERS, numbers, strict=True)), index=index)


def areas(
    dataset: Dataset, similarity: Similarity
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Areas of predictions and labels in square pixels, by which COCO tells their size.

    A label's is what its file states (``coco_area``); where it states none, and for predictions,
    that of the box or, if masks are evaluated, of the mask.
    """
    labels = dataset.labels
    of_predictions, of_labels = similarity.prediction_areas, similarity.label_areas
    if "coco_area" in labels.columns:
        stated = labels["coco_area"].to_numpy(np.float64)
        of_labels = np.where(np.isnan(stated), of_labels, stated)
    return of_predictions, of_labels


def within(area: NDArray[np.float64], low: float, high: float) -> NDArray[np.bool_]:
    """Mark areas from `low` to `high`, both included."""
    return (area >= low) & (area <= high)


def _evaluate(engine: Engine) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """AP, shape (10, n_classes), and recall, shape (3, 10, n_classes)."""
    n_classes, n_labels = engine.n_classes, engine.labels_per_class
    precision = np.empty((len(IOU_THRESHOLDS), n_classes))
    recall = np.full((len(MAX_DETECTIONS), len(IOU_THRESHOLDS), n_classes), np.nan)
    for n, threshold in enumerate(IOU_THRESHOLDS):
        outcome = engine.matched(float(threshold))
        precision[n] = engine.average_precision(outcome)
        rows = outcome.true_positives
        for m, limit in enumerate(MAX_DETECTIONS):
            first = engine.predictions.class_code[rows[engine.predictions.place[rows] < limit]]
            found = np.bincount(first, minlength=n_classes)
            np.divide(found, n_labels, out=recall[m, n], where=n_labels > 0)
    return precision, recall
