"""Labels with confirmed errors mended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.matching import BOX
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.frames import metric_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOTE = "label_error"
"""Column that says of each label which error of it was mended."""


def mend(dataset: Dataset, wrong: pd.DataFrame) -> tuple[Dataset, pd.Series]:
    """Mend the labels of confirmed errors as the predictions say.

    Parameters
    ----------
    dataset : Dataset
    wrong : DataFrame
        Errors that were confirmed: `kind`, `label_id`, `prediction_id`, all known.

    Returns
    -------
    mended : Dataset
        See :attr:`LabelVerdicts.mended`.
    kinds : Series of str or None
        Kind of the error that was mended, by label.
    """
    frames = dataset.frames
    labels, predictions = frames.labels.copy(), frames.predictions
    kind = wrong["kind"].astype(str).to_numpy()
    label, prediction = (
        pd.Index(frame[name]).get_indexer(pd.Index(wrong[name]))
        for frame, name in ((labels, "label_id"), (predictions, "prediction_id"))
    )
    is_missing, renamed, moved = (
        np.flatnonzero(kind == name) for name in ("missing", "wrong class", "badly placed")
    )
    kinds = np.full(len(labels), None, dtype=object)
    kinds[label[kind != "missing"]] = kind[kind != "missing"]

    codes = labels["class_name"].cat.codes.to_numpy().copy()
    codes[label[renamed]] = predictions["class_name"].cat.codes.to_numpy()[prediction[renamed]]
    labels["class_name"] = pd.Categorical.from_codes(codes, labels["class_name"].cat.categories)
    boxes = labels[BOX].to_numpy(np.float64, copy=True)
    boxes[label[moved]] = predictions[BOX].to_numpy(np.float64)[prediction[moved]]
    labels[BOX] = boxes
    if "segmentation" in labels:
        masks = labels["segmentation"].to_numpy(dtype=object, copy=True)
        masks[label[moved]] = _masks(predictions)[prediction[moved]]
        labels["segmentation"] = masks
    gone = np.isin(np.arange(len(labels)), label[moved])
    added = _added(labels, predictions.iloc[prediction[is_missing]])
    left = ~np.isin(np.arange(len(labels)), label[np.isin(kind, ["duplicate", "not an object"])])
    labels = labels.assign(**_without_values(labels, gone))
    parts = [labels[left], added] if len(added) else [labels[left]]
    labels = pd.concat(parts, ignore_index=True)
    said = pd.Series([*kinds[left], *["missing"] * len(added)], dtype=object)
    suspicions = frames.suspicions
    if suspicions is not None:
        suspicions = replace(suspicions, labels=labels)
    note = f"Labels were mended: {len(wrong):,} errors that were confirmed."
    mended = replace(frames, labels=labels, suspicions=suspicions, notes=(*frames.notes, note))
    return Dataset.from_tidy(mended, dataset.pixels), said


def _masks(predictions: pd.DataFrame) -> NDArray[np.object_]:
    if "segmentation" not in predictions:
        return np.full(len(predictions), None, dtype=object)
    return predictions["segmentation"].to_numpy(dtype=object)


def _without_values(labels: pd.DataFrame, gone: NDArray[np.bool_]) -> dict[str, Any]:
    """Make what was measured of another box missing; no column where nothing is gone."""
    names = [*metric_columns(labels), *(["coco_area"] if "coco_area" in labels else [])]
    if not gone.any():
        return {}
    return {name: _nullable(labels[name]).mask(gone) for name in names}


def _nullable(values: pd.Series) -> pd.Series:
    """Give a column a type in which values can be missing."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype(pd.CategoricalDtype([False, True]))
    return values.astype(np.float64) if pd.api.types.is_integer_dtype(values.dtype) else values


def _added(labels: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Make labels of predictions, with ids that no label has."""
    ids = labels["label_id"]
    if len(ids) and not pd.api.types.is_integer_dtype(ids.dtype):
        new: list[Any] = [f"added {number}" for number in found["prediction_id"].tolist()]
    else:
        first = int(ids.max()) + 1 if len(ids) else 0
        new = list(range(first, first + len(found)))
    added = found[["image_id", "class_name", *BOX]].assign(
        label_id=new, is_crowd=False, ignore=False
    )
    if "segmentation" in labels:
        added["segmentation"] = _masks(found)
    for name in labels.columns.difference(added.columns):
        kind = _nullable(labels[name].iloc[:0]).dtype
        added[name] = pd.Series([None] * len(found), found.index, dtype=kind)
    return added[labels.columns]
