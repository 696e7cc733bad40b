"""Metrics that say the same in two forms, to be grouped wherever metrics are ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.data.metrics.catalogue import LETTERS
from ea_widgets.data.metrics.registry import find_metric

if TYPE_CHECKING:
    from ea_widgets.data.dataset import Dataset

_ABSOLUTE, _RELATIVE = "Object Area - Absolute", "Object Area - Relative"


def twins(dataset: Dataset) -> dict[str, str]:
    """Name the metrics of a Dataset that another one of it stands for.

    Parameters
    ----------
    dataset : Dataset
        With metrics.

    Returns
    -------
    dict of str to str
        From displayed name to displayed name, as ``{"Blur (F)": "Sharpness (F)"}``; only where
        both are there. Absolute and relative areas are twins when all images have one size.
    """
    found = {}
    one_size = len(dataset.images[["width", "height"]].drop_duplicates()) <= 1
    for frame, letter in LETTERS.items():
        columns = getattr(dataset, frame).columns
        for name in columns:
            twin = find_metric(name, letter).twin_of
            if name == _ABSOLUTE and frame != "images" and one_size:
                twin = _RELATIVE
            if twin is not None and twin in columns:
                found[f"{name} ({letter})"] = f"{twin} ({letter})"
    return found
