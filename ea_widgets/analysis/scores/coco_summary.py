"""The COCO numbers, per class and together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.lru_cache import LruCache
from ea_widgets.analysis.scores.coco_grid import COCO_GRID, CocoGrid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matched_data import MatchedData
    from ea_widgets.analysis.matching import Engine
    from ea_widgets.analysis.sample import Query
    from ea_widgets.core.matching.similarity import Similarity
    from ea_widgets.data.dataset import Dataset

GRIDS_KEPT = 4


def coco_summary_of(
    data: MatchedData, query: Query, grid: CocoGrid = COCO_GRID
) -> dict[str, float]:
    """Average the numbers over the chosen classes that have them; see :meth:`View.coco_summary`."""
    chosen = coco_per_class(data, query, grid)
    return {name: float(chosen[name].mean()) for name in grid.names}


def coco_per_class(data: MatchedData, query: Query, grid: CocoGrid = COCO_GRID) -> pd.DataFrame:
    """Take the numbers of the chosen classes; see :meth:`View.coco_per_class`."""

    def compute() -> pd.DataFrame:
        engine, most = data.engine, grid.max_detections[-1]
        too_few = data.max_detections < most and len(engine.predictions.row) < data.n_predictions
        if too_few or engine.predictions.place.max(initial=0) >= most:
            engine = data.engine_of(most)
        return coco_table(data.dataset, engine, data.similarity, grid)

    kept: LruCache[CocoGrid, pd.DataFrame] = data.once("coco_tables", lambda: LruCache(GRIDS_KEPT))
    return kept.get(grid, compute).iloc[list(query.classes)]


def coco_table(
    dataset: Dataset, engine: Engine, similarity: Similarity, grid: CocoGrid = COCO_GRID
) -> pd.DataFrame:
    """Compute the COCO numbers of each class.

    Parameters
    ----------
    dataset : Dataset
    engine : Engine
        Of the dataset, with as many predictions per image and class as the grid has at most.
    similarity : Similarity
        Of the objects that are evaluated.
    grid : CocoGrid

    Returns
    -------
    DataFrame
        Index `class_name`, all classes in display order; columns ``grid.names``, in [0, 1],
        NaN where a class has no labels (of that size) that count.

    Notes
    -----
    ``COCOeval`` of pycocotools 2.0.11. For an area range, labels outside of it are ignored, and
    so are predictions outside of it that took no label; so everything is matched anew.
    """
    prediction_areas, label_areas = areas(dataset, similarity)
    precision, recall = {}, {}
    for name, low, high in grid.area_ranges:
        slice_ = engine.within(
            within(prediction_areas[engine.predictions.row], low, high),
            within(label_areas[engine.labels.row], low, high),
        )
        precision[name], recall[name] = _evaluate(slice_, grid)
    numbers = [
        precision["all"].mean(axis=0),
        *(precision["all"][grid.iou_thresholds.index(one)] for one in grid.single_thresholds),
        *(precision[size].mean(axis=0) for size in grid.sizes),
        *recall["all"].mean(axis=1),
        *(recall[size][-1].mean(axis=0) for size in grid.sizes),
    ]
    index = pd.Index(dataset.class_names, name="class_name", dtype="str")
    return pd.DataFrame(dict(zip(grid.names, numbers, strict=True)), index=index)


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


def _evaluate(engine: Engine, grid: CocoGrid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """AP by threshold and class, and recall by limit, threshold and class."""
    n_classes, n_labels = engine.n_classes, engine.labels_per_class
    thresholds, limits = grid.iou_thresholds, grid.max_detections
    precision = np.empty((len(thresholds), n_classes))
    recall = np.full((len(limits), len(thresholds), n_classes), np.nan)
    for n, threshold in enumerate(thresholds):
        outcome = engine.matched(threshold)
        precision[n] = engine.average_precision(outcome)
        rows = outcome.true_positives
        for m, limit in enumerate(limits):
            first = engine.predictions.class_code[rows[engine.predictions.place[rows] < limit]]
            found = np.bincount(first, minlength=n_classes)
            np.divide(found, n_labels, out=recall[m, n], where=n_labels > 0)
    return precision, recall
