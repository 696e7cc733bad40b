"""Models on the same labels: what can be compared, and what cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import check_option
from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.data.dataset import Dataset
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

LABEL_COLUMNS = ["image_id", "class_name", "x", "y", "width", "height", "is_crowd", "ignore"]

ON = ("all", "shared")

Model = Dataset | Evaluation
"""What can be compared."""


@dataclass(frozen=True, eq=False)
class Models:
    """Evaluations of several models on the same images and labels.

    Attributes
    ----------
    names : tuple of str
        The first is the baseline.
    evaluations : tuple of Evaluation
    """

    names: tuple[str, ...]
    evaluations: tuple[Evaluation, ...]


def check_models(models: object, on: object) -> Models:
    """Return the models, evaluated, or refuse what cannot be compared.

    Raises
    ------
    InvalidInputError
        If there are fewer than two models, or they are on other images or labels.
    """
    on = check_option("on", on, ON)
    if not isinstance(models, Mapping) or len(models) < 2:
        raise InvalidInputError(
            "models", f"is {shown(models)}", 'Give two or more, such as {"old": a, "new": b}.'
        )
    for name, model in models.items():
        if not isinstance(name, str) or not name:
            raise InvalidInputError("models", f"has the name {name!r}", "Give each model a name.")
        if not isinstance(model, (Dataset, Evaluation)):
            raise InvalidInputError(
                "models",
                f"has {type(model).__name__} under {name!r}",
                "Give ea.Dataset or ea.Evaluation objects.",
            )
    names, given = tuple(models), list(models.values())
    settings = {
        (model.iou_type, model.max_detections) for model in given if isinstance(model, Evaluation)
    }
    if len(settings) > 1:
        raise InvalidInputError(
            "models", "are evaluated in different ways", "Use one `iou_type` and `max_detections`."
        )
    iou_type, most = settings.pop() if settings else ("bbox", 100)
    datasets = [model.dataset if isinstance(model, Evaluation) else model for model in given]
    differing = differences(names, datasets)
    if differing:
        if on == "all":
            raise InvalidInputError(
                "models",
                f"are not on the same data: {differing}",
                'Give on="shared" to compare on the images and labels that all have.',
            )
        datasets = shared_parts(datasets)
    names_of_classes = tuple(dict.fromkeys(name for one in datasets for name in one.class_names))
    datasets = [with_classes(dataset, names_of_classes) for dataset in datasets]
    evaluations = tuple(
        model
        if isinstance(model, Evaluation) and model.dataset is dataset
        else Evaluation(dataset, iou_type, most)
        for model, dataset in zip(given, datasets, strict=True)
    )
    return Models(names, evaluations)


def keys_of(dataset: Dataset) -> pd.Series:
    """Give each label a key that an equal label of another dataset has too; copies are counted."""
    frame = dataset.labels[LABEL_COLUMNS].copy()
    frame["class_name"] = frame["class_name"].astype(object)
    frame["image_id"] = frame["image_id"].astype(object)
    frame["copy"] = frame.groupby(LABEL_COLUMNS, dropna=False, sort=False).cumcount()
    return pd.Series(list(frame.itertuples(index=False, name=None)), index=frame.index)


def differences(names: tuple[str, ...], datasets: list[Dataset]) -> str:
    """Say in which images and labels the models differ from the first; nothing if in none."""
    said = []
    first = datasets[0]
    images, labels = set(first.images["image_id"]), None
    for name, dataset in zip(names[1:], datasets[1:], strict=True):
        if dataset is first:
            continue
        other = set(dataset.images["image_id"])
        here, there = len(images - other), len(other - images)
        if here or there:
            said.append(f"{here:,} images are of {names[0]!r} only and {there:,} of {name!r} only")
        if same_labels(first, dataset):
            continue
        labels = set(keys_of(first)) if labels is None else labels
        found = set(keys_of(dataset))
        here, there = len(labels - found), len(found - labels)
        if here or there:
            said.append(f"{here:,} labels are of {names[0]!r} only and {there:,} of {name!r} only")
    return "; ".join(said)


def same_labels(one: Dataset, other: Dataset) -> bool:
    """Tell at once whether two datasets have equal labels in the same order."""
    return len(one.labels) == len(other.labels) and all(
        np.array_equal(one.labels[name].to_numpy(), other.labels[name].to_numpy())
        if name != "class_name"
        else list(one.labels[name]) == list(other.labels[name])
        for name in LABEL_COLUMNS
    )


def shared_parts(datasets: list[Dataset]) -> list[Dataset]:
    """Leave images and labels out that not all have."""
    images = set.intersection(*(set(dataset.images["image_id"]) for dataset in datasets))
    if not images:
        raise InvalidInputError(
            "models", "have no image in common", "Compare models on the same images."
        )
    parts = [
        dataset.subset(dataset.images["image_id"].isin(images).to_numpy()) for dataset in datasets
    ]
    keys = [keys_of(dataset) for dataset in parts]
    labels = set.intersection(*map(set, keys))
    return [
        keep_labels(dataset, key.isin(labels).to_numpy())
        for dataset, key in zip(parts, keys, strict=True)
    ]


def with_classes(dataset: Dataset, class_names: tuple[str, ...]) -> Dataset:
    """Give a dataset the classes that other models have besides its own."""
    if dataset.class_names == class_names:
        return dataset
    frames = dataset.frames
    labels, predictions = (
        frame.assign(class_name=frame["class_name"].cat.set_categories(class_names))
        for frame in (frames.labels, frames.predictions)
    )
    tidy = replace(frames, labels=labels, predictions=predictions, class_names=class_names)
    return Dataset.from_tidy(tidy, dataset.pixels)


def keep_labels(dataset: Dataset, kept: NDArray[np.bool_]) -> Dataset:
    """Leave labels out; shape of `kept` (n_labels,)."""
    labels = dataset.frames.labels[kept].reset_index(drop=True)
    return Dataset.from_tidy(replace(dataset.frames, labels=labels), dataset.pixels)


def common_order(datasets: Sequence[Dataset]) -> list[NDArray[np.intp]]:
    """Order the labels of each model alike, by rows of its dataset.

    Returns
    -------
    list of ndarray of intp, shape (n_labels,)
        Row *i* of each is the same label: row *i* of the first dataset.
    """
    first = datasets[0]
    orders = [np.arange(len(first.labels))]
    keys: pd.Index | None = None
    for dataset in datasets[1:]:
        if same_labels(first, dataset):
            orders.append(orders[0])
            continue
        keys = pd.Index(keys_of(first)) if keys is None else keys
        orders.append(pd.Index(keys_of(dataset)).get_indexer(keys))
    return orders
