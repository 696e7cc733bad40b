"""Every label, with the models that found it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.comparison.models import common_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.analysis.view import View

COLUMNS = ("image_id", "label_id", "class_name", "x", "y", "width", "height")


def label_table(names: Sequence[str], views: Sequence[View]) -> pd.DataFrame:
    """Tabulate the labels; see :meth:`ComparisonView.labels`."""
    orders = common_order([view.dataset for view in views])
    first = views[0]
    labels, chosen = first.dataset.labels, counted_labels(first)
    frame = labels.loc[chosen, list(COLUMNS)].reset_index(drop=True)
    found = []
    for name, view, order in zip(names, views, orders, strict=True):
        confidence, iou = (values[order[chosen]] for values in taken_by(view))
        found.append(~np.isnan(iou))
        frame[f"found_{name}"] = found[-1]
        frame[f"confidence_{name}"], frame[f"iou_{name}"] = confidence, iou
    for name, hit in zip(names[1:], found[1:], strict=True):
        words = np.array(["missed", "gained", "lost", "kept"], object)
        frame[f"change_{name}"] = words[2 * found[0].astype(int) + hit]
    return frame


def counted_labels(view: View) -> NDArray[np.bool_]:
    """Mark the labels of the chosen classes that are not ignored, shape (n_labels,)."""
    engine = view.matched_data.engine
    chosen = np.zeros(len(view.dataset.labels), bool)
    chosen[engine.labels.row] = engine.judged_labels(view.query)
    return chosen


def taken_by(view: View) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Confidence and IoU of the true positive that took each label of the dataset; NaN if none."""
    data = view.matched_data
    outcome, engine = data.outcome(view.query), data.engine
    confidence, iou = np.full((2, len(view.dataset.labels)), np.nan)
    rows = engine.labels.row[outcome.labels]
    confidence[rows] = engine.predictions.confidence[outcome.true_positives]
    iou[rows] = outcome.iou
    return confidence, iou


def finders(view: View) -> NDArray[np.intp]:
    """Row of the prediction that took each label of the dataset; -1 if none."""
    data = view.matched_data
    outcome, engine = data.outcome(view.query), data.engine
    found = np.full(len(view.dataset.labels), -1, np.intp)
    found[engine.labels.row[outcome.labels]] = engine.predictions.row[outcome.true_positives]
    return found
