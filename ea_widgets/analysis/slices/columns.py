"""The values that a condition looks at, for each object of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ea_widgets.data.catalogue import MetricName
from ea_widgets.errors import unknown_option

if TYPE_CHECKING:
    from ea_widgets.data.dataset import Dataset


def column_of(dataset: Dataset, frame: pd.DataFrame, metric: str) -> pd.Series | None:
    """Give the values of a metric for each row of a frame of objects.

    Parameters
    ----------
    dataset : Dataset
    frame : DataFrame
        Its labels or its predictions.
    metric : str
        With or without the level: objects go by their own value, whatever the level of objects
        that is named, and by their image's where objects have no such metric.

    Returns
    -------
    Series of length n_rows, or None
        None where only the other objects have the metric.

    Raises
    ------
    InvalidInputError
        If nothing has it.
    """
    images, name = dataset.images, metric
    known = [set(one.columns) for one in (images, dataset.labels, dataset.predictions)]
    if not any(metric in columns for columns in known):
        name = MetricName.parse(metric).name
    of_images = metric == MetricName(name, "F")
    if name in frame.columns and not of_images:
        return frame[name]
    if name in images.columns:
        rows = pd.Index(images["image_id"]).get_indexer(pd.Index(frame["image_id"]))
        return images[name].take(rows)
    if not of_images and any(name in columns for columns in known):
        return None
    names = dict.fromkeys(map(str, dataset.metrics["name"]))
    raise unknown_option("where", metric, list(names))
