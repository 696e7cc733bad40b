"""Federated labels, as LVIS': images that are labelled for some classes only."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.data.checks.values import is_missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.arrays import Labels, Predictions
    from ea_widgets.data.dataset import Dataset


def judged_predictions(
    dataset: Dataset,
    image_order: NDArray[np.intp],
    predictions: Predictions,
    labels: Labels,
) -> NDArray[np.bool_] | None:
    """Mark the predictions that count as wrong if they take no label.

    A class is judged in an image if it is in the image's ``judged_classes`` or has a label there;
    where that is missing, all classes are. Of a class in ``not_exhaustive_classes`` not all
    objects are labelled: its predictions count only if they take one.

    Parameters
    ----------
    dataset : Dataset
    image_order : ndarray of intp, shape (n_images,)
        See :func:`ea_widgets.analysis.matching.arrays.order_images`.
    predictions : Predictions
    labels : Labels

    Returns
    -------
    ndarray of bool, shape (n_predictions,), or None
        None where all do.

    Notes
    -----
    The rule of ``LVISEval`` of lvis-api 0.5.3.
    """
    images = dataset.frames.images
    n_classes = len(dataset.class_names)
    key = predictions.image_code * n_classes + predictions.class_code
    judged = np.ones(len(key), bool)
    for column in ("judged_classes", "not_exhaustive_classes"):
        if column not in images:
            continue
        lists = [images[column].to_numpy(object)[row] for row in image_order.tolist()]
        silent = np.array([is_missing(one) for one in lists], bool)
        listed = _keys([() if is_missing(one) else one for one in lists], dataset.class_names)
        if column == "judged_classes":
            own = labels.image_code * n_classes + labels.class_code
            listed = np.union1d(listed, own[labels.class_code >= 0])
            judged &= np.isin(key, listed) | silent[predictions.image_code]
        else:
            judged &= ~np.isin(key, listed)
    return None if judged.all() else judged


def _keys(lists: list[object], class_names: tuple[str, ...]) -> NDArray[np.int64]:
    """Give image and class as one number; names that no object has are left out."""
    names = [[one] if isinstance(one, str) else list(one) for one in lists]  # type: ignore[call-overload]
    lengths = np.fromiter(map(len, names), np.int64, len(names))
    image = np.repeat(np.arange(len(names)), lengths)
    known = pd.Index(class_names)
    code = known.get_indexer(pd.Index(list(chain.from_iterable(names)), dtype=object))
    keys: NDArray[np.int64] = (image * len(class_names) + code)[code >= 0]
    return keys
