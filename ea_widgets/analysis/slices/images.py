"""The images that a slice leaves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.slices.columns import column_of
from ea_widgets.analysis.slices.condition import Both, Opposite
from ea_widgets.data.catalogue.names import MetricName

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ea_widgets.analysis.slices.condition import Condition
    from ea_widgets.data.dataset import Dataset

    Mask = NDArray[np.bool_]


def images_inside(dataset: Dataset, where: Condition | None) -> Mask:
    """Mark the images on which an object could be inside of a slice.

    Parameters
    ----------
    dataset : Dataset
    where : Condition or None
        A condition on an image metric leaves out whole images. One on objects leaves out none,
        also where it is fulfilled by no object of an image.

    Returns
    -------
    ndarray of bool, shape (n_images,)
        In the order of ``dataset.images``.
    """
    if where is None:
        return np.ones(len(dataset.images), bool)
    return _possible(dataset, where)[0]


def _possible(dataset: Dataset, where: Condition) -> tuple[Mask, Mask]:
    """Mark the images where a condition could hold, and where its opposite could."""
    if isinstance(where, Opposite):
        holds, fails = _possible(dataset, where.of)
        return fails, holds
    if isinstance(where, Both):
        first, second = _possible(dataset, where.first), _possible(dataset, where.second)
        return first[0] & second[0], first[1] | second[1]
    anywhere = np.ones(len(dataset.images), bool)
    masks = where.masks(partial(_of_image, dataset))
    return (anywhere, anywhere) if masks is None else masks


def _of_image(dataset: Dataset, metric: str) -> pd.Series | None:
    """Values by which a condition leaves out whole images; None where objects go by their own."""
    name = MetricName.parse(metric).name
    objects = (dataset.frames.labels, dataset.frames.predictions)
    if metric != MetricName(name, "F") and any(
        known in frame.columns for frame in objects for known in (metric, name)
    ):
        return None
    return column_of(dataset, dataset.images, metric)
