"""Reads COCO labels and predictions into a Dataset."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.core.boxes import paired_iou
from ea_widgets.core.pairs import overlapping
from ea_widgets.data.coco_categories import match_categories, name_classes
from ea_widgets.data.coco_columns import (
    BBOX_FIELDS,
    area_column,
    box_columns,
    encode,
    find,
    flag_column,
    id_column,
    mask_column,
)
from ea_widgets.data.coco_files import read_labels, read_predictions
from ea_widgets.data.coco_images import match_images
from ea_widgets.data.columns import whole_if_possible
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.frames import TidyFrames
from ea_widgets.data.validation import (
    BOX,
    Source,
    check_confidences,
    check_sizes,
    check_unique,
    describe_oddities,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.coco_columns import Codes, Columns
    from ea_widgets.data.coco_entries import Annotation, Category, Image
    from ea_widgets.data.coco_files import Predictions

_IMAGES = Source("images", "labels.images", (("image_id", "id"),))
_CATEGORIES = Source("categories", "labels.categories")
_LABELS = Source(
    "labels",
    "labels.annotations",
    (("label_id", "id"), ("is_crowd", "iscrowd"), ("coco_area", "area"), *BBOX_FIELDS),
)

_EVIDENCE = 2_000
"""How many of the most confident predictions are compared with labels where ids leave doubt."""


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
        or a function from image id to array.

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
        or a file name leads out of the image folder.

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
    """
    with _garbage_collector_paused():
        label_file = read_labels(labels)
        notes: list[str] = []
        image_columns = _image_columns(label_file.images, notes)
        _check_categories(label_file.categories)
        truths = _label_objects(
            label_file.annotations, label_file.images, label_file.categories, notes
        )
        found = _prediction_objects(
            read_predictions(predictions), label_file.images, label_file.categories, truths, notes
        )
        frames = _frames(image_columns, label_file.categories, truths, found, notes)
    return Dataset.from_tidy(frames, images)


@dataclass(frozen=True)
class _Objects:
    """Labels or predictions, with images and categories as positions in the label file."""

    ids: pd.Series
    image: NDArray[np.intp]
    category: NDArray[np.intp]
    columns: Columns


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


def _label_objects(
    annotations: Sequence[Annotation],
    images: Sequence[Image],
    categories: Sequence[Category],
    notes: list[str],
) -> _Objects:
    given = [entry.id for entry in annotations if entry.id is not None]
    if len(given) == len(annotations):
        ids, _ = id_column(_LABELS, "label_id", given)
        check_unique(_LABELS, "label_id", ids)
    else:
        ids = pd.Series(np.arange(len(annotations)))
        notes.append("Some labels have no id; all are numbered in the order of the file.")
    known_images = {image.id: row for row, image in enumerate(images)}
    known_categories = {category.id: row for row, category in enumerate(categories)}
    image = encode([entry.image_id for entry in annotations])
    category = encode([entry.category_id for entry in annotations])
    return _Objects(
        ids,
        find(_LABELS, "image_id", image, known_images),
        find(_LABELS, "category_id", category, known_categories),
        {
            **box_columns(_LABELS, annotations),
            "is_crowd": flag_column(_LABELS, "is_crowd", [entry.iscrowd for entry in annotations]),
            "ignore": flag_column(_LABELS, "ignore", [entry.ignore for entry in annotations]),
            **mask_column(annotations),
            **area_column(_LABELS, annotations),
        },
    )


def _prediction_objects(
    predictions: Predictions,
    images: Sequence[Image],
    categories: Sequence[Category],
    truths: _Objects,
    notes: list[str],
) -> _Objects:
    entries = predictions.entries
    source = Source("predictions", predictions.path, (("confidence", "score"), *BBOX_FIELDS))
    confidence = np.array([entry.score for entry in entries], dtype=np.float64)
    check_confidences(source, confidence)
    boxes = box_columns(source, entries)
    image_codes = encode([entry.image_id for entry in entries])
    image_positions, image_note = match_images(
        source,
        image_codes.used,
        image_codes.rows,
        [image.id for image in images],
        [image.file_name for image in images],
        _own_names(predictions, image_codes),
    )
    image = image_positions[image_codes.rows]
    codes = encode([entry.category_id for entry in entries])

    def agreement(shift: int) -> float:
        used = np.array(codes.used, dtype=np.int64) - shift
        ids = np.array([category.id for category in categories], dtype=np.int64)
        chosen = np.argsort(-confidence, kind="stable")[:_EVIDENCE]
        box = np.stack([boxes[column] for column in BOX], axis=1)
        truth_box = np.stack([truths.columns[column] for column in BOX], axis=1)
        rows, truth_rows, _ = overlapping(
            image[chosen],
            truths.image,
            lambda row, truth: paired_iou(
                box[chosen[row]], truth_box[truth], np.zeros(len(row), dtype=bool)
            ),
            0.5,
        )
        same = used[codes.rows[chosen[rows]]] == ids[truths.category[truth_rows]]
        return float(same.mean()) if len(same) else 0.0

    category_positions, category_note = match_categories(
        source,
        codes.used,
        codes.rows,
        categories,
        agreement,
        own=predictions.categories,
        by_stem=any(isinstance(id_, str) for id_ in image_codes.used) and image_note is not None,
    )
    notes += [note for note in (image_note, category_note) if note is not None]
    return _Objects(
        pd.Series(np.arange(len(entries))),
        image,
        category_positions[codes.rows],
        {**boxes, "confidence": confidence, **mask_column(entries)},
    )


def _own_names(predictions: Predictions, codes: Codes) -> dict[int | str, str]:
    """File names that the prediction file gives for its image ids."""
    if predictions.images is not None:
        return {
            image.id: image.file_name for image in predictions.images if image.file_name is not None
        }
    entries = predictions.entries
    if not entries or entries[0].file_name is None:
        return {}
    first = np.flatnonzero(~pd.Series(codes.rows).duplicated().to_numpy())
    names = [entries[row].file_name for row in first.tolist()]
    return {id_: name for id_, name in zip(codes.used, names, strict=True) if name is not None}


def _frames(
    image_columns: Columns,
    categories: Sequence[Category],
    truths: _Objects,
    found: _Objects,
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

    def frame(id_name: str, objects: _Objects) -> pd.DataFrame:
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
