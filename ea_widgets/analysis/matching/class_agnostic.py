"""All classes evaluated as one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.matching.arrays import order_images, order_labels, rank_predictions
from ea_widgets.analysis.matching.judged import judged_predictions
from ea_widgets.data.checks.federated import CLASS_LISTS
from ea_widgets.data.dataset import Dataset

if TYPE_CHECKING:
    from numpy.typing import NDArray

ONE_CLASS = "object"
"""Name of the class that all classes become."""


def as_one_class(dataset: Dataset) -> tuple[Dataset, NDArray[np.bool_] | None]:
    """Give all objects the same class.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    dataset : Dataset
        A new one with one class. Labels that are ignored for every class stay so.
    judged : ndarray of bool, shape (n_predictions,), or None
        Predictions that count as wrong if they take no label, by their own classes; None where
        all do.
    """
    frames = dataset.frames
    order = order_images(dataset)
    predictions = rank_predictions(dataset, order, max(len(frames.predictions), 1))
    judged = judged_predictions(dataset, order, predictions, order_labels(dataset, order))
    by_row = None
    if judged is not None:
        by_row = np.ones(len(judged), bool)
        by_row[predictions.row] = judged
    images = frames.images.drop(columns=[name for name in CLASS_LISTS if name in frames.images])
    note = f"All {len(dataset.class_names):,} classes are evaluated as one, {ONE_CLASS!r}."
    one = replace(
        frames,
        images=images,
        labels=_renamed(frames.labels),
        predictions=_renamed(frames.predictions),
        class_names=(ONE_CLASS,),
        notes=(*frames.notes, note),
    )
    return Dataset.from_tidy(one, dataset.pixels), by_row


def _renamed(frame: pd.DataFrame) -> pd.DataFrame:
    known = frame["class_name"].cat.codes.to_numpy() >= 0
    code = np.where(known, 0, -1)
    return frame.assign(class_name=pd.Categorical.from_codes(code, pd.Index([ONE_CLASS])))
