"""Reads COCO labels and predictions into a Dataset."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.columns import whole_if_possible
from ea_widgets.data.checks.refuse import (
    Source,
    check_sizes,
    check_unique,
)
from ea_widgets.data.checks.suspicions import describe_oddities
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.frames import TidyFrames
from ea_widgets.data.readers.coco.category_ids import name_classes
from ea_widgets.data.readers.coco.entry_columns import id_column
from ea_widgets.data.readers.coco.files import read_labels, read_predictions
from ea_widgets.data.readers.coco.objects import label_objects, prediction_objects

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from ea_widgets.data.readers.coco.entry_columns import Columns
    from ea_widgets.data.readers.coco.objects import Objects
    from ea_widgets.data.readers.coco.schema import Category, Image

_IMAGES = Source("images", "labels.images", (("image_id", "id"),))
_CATEGORIES = Source("categories", "labels.categories")


def read_coco(
    labels: str | os.PathLike[str] | dict[str, Any],
    predictions: str | os.PathLike[str] | Sequence[dict[str, Any]] | dict[str, Any],
    images: Any = None,
) -> Dataset:
    """Read labels and predictions in COCO's format.

    Parameters
    ----------
    labels : path or dict
        A COCO label file (``instances_*.json``), or the object in it: images with their sizes,
        annotations, categories. ``iscrowd``, ``ignore``, ``area`` (as ``coco_area``), polygons
        and run lengths are kept.
    predictions : path, list of dict, or dict
        A COCO results file, or the list in it: ``image_id``, ``category_id``, ``bbox`` and
        ``score``; without ``bbox`` it is taken from ``segmentation``. Also read: Ultralytics'
        ``predictions.json``, with file stems as image ids and category ids raised by one; and a
        whole COCO data set whose annotations have scores, joined by file names and category
        names where its ids differ.
    images : path, mapping or callable, optional
        Where pixels come from: a folder that the labels' file names are in; arrays by image id;
        or a function from image id to array. A file outside of the folder is never read: such
        an image counts as one that cannot be read.

    Returns
    -------
    Dataset
        Rows in the order of the files, classes in the order of the categories; boxes in pixels.
        ``notes`` says how ids were understood, and what was odd.

    Raises
    ------
    InvalidInputError
        If a file is missing, is no JSON or not COCO's; labels and predictions are swapped; an id
        is unknown or repeats; a number is not finite, a size negative, a score outside [0, 1];
        or there is no such image folder.

    Examples
    --------
    >>> box = {"image_id": 7, "category_id": 1, "bbox": [8, 8, 9, 9]}
    >>> labels = {
    ...     "images": [{"id": 7, "width": 640, "height": 480}],
    ...     "annotations": [{"id": 1, **box}],
    ...     "categories": [{"id": 1, "name": "cat"}],
    ... }
    >>> read_coco(labels, [{**box, "score": 0.5}])
    Dataset(1 image, 1 label, 1 prediction, 1 class)
      classes: cat
      metrics: none yet; ea.compute_metrics(dataset) adds them
    """
    with _garbage_collector_paused():
        label_file = read_labels(labels)
        notes: list[str] = []
        image_columns = _image_columns(label_file.images, notes)
        _check_categories(label_file.categories)
        truths = label_objects(label_file, notes)
        found = prediction_objects(read_predictions(predictions), label_file, truths, notes)
        frames = _frames(image_columns, label_file.categories, truths, found, notes)
    return Dataset.from_tidy(frames, images)


@contextmanager
def _garbage_collector_paused() -> Iterator[None]:
    # Half a million new objects set the collector off again and again, for half of the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _image_columns(images: Sequence[Image], notes: list[str]) -> Columns:
    ids, mixed = id_column(_IMAGES, "image_id", [image.id for image in images])
    if mixed:
        notes.append("Some image ids are numbers and some text; all are kept as text.")
    check_unique(_IMAGES, "image_id", ids)
    width = np.array([image.width for image in images], dtype=np.float64)
    height = np.array([image.height for image in images], dtype=np.float64)
    check_sizes(_IMAGES, width, height)
    columns = {
        "image_id": ids,
        "width": whole_if_possible(pd.Series(width)),
        "height": whole_if_possible(pd.Series(height)),
    }
    names = [image.file_name for image in images]
    if names.count(None) < len(names):
        columns["file_name"] = pd.Series(names, dtype="str")
    return columns


def _check_categories(categories: Sequence[Category]) -> None:
    check_unique(_CATEGORIES, "id", pd.Series([category.id for category in categories]))


def _frames(
    image_columns: Columns,
    categories: Sequence[Category],
    truths: Objects,
    found: Objects,
    notes: list[str],
) -> TidyFrames:
    used = np.zeros(len(categories), dtype=bool)
    used[truths.category] = True
    used[found.category] = True
    names, name_notes = name_classes(categories, used)
    class_names = tuple(name for name in names if name is not None)
    code_of = {name: code for code, name in enumerate(class_names)}
    codes = np.array([-1 if name is None else code_of[name] for name in names], dtype=np.intp)
    dtype = pd.CategoricalDtype(list(class_names))
    images = pd.DataFrame(image_columns)

    def frame(id_name: str, objects: Objects) -> pd.DataFrame:
        classes = pd.Categorical.from_codes(codes[objects.category], dtype=dtype)
        columns = {
            id_name: objects.ids,
            "image_id": images["image_id"].take(objects.image).array,
            "class_name": classes,
            **objects.columns,
        }
        return pd.DataFrame(columns, copy=False)

    labels, predictions = frame("label_id", truths), frame("prediction_id", found)
    odd = describe_oddities(images, labels, predictions)
    return TidyFrames(images, labels, predictions, class_names, (*notes, *name_notes, *odd))
