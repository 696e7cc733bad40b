"""Labels and predictions of COCO files, tied to the images and categories of the label file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ea_widgets.data.checks.refuse import Source, check_confidences, check_unique
from ea_widgets.data.readers.coco.category_ids import match_categories
from ea_widgets.data.readers.coco.entry_columns import (
    BBOX_FIELDS,
    area_column,
    box_columns,
    encode,
    find,
    flag_column,
    id_column,
    mask_column,
)
from ea_widgets.data.readers.coco.image_ids import match_images
from ea_widgets.data.readers.coco.overlap_evidence import Evidence
from ea_widgets.data.readers.coco.segmentations import check_mask_sizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ea_widgets.data.readers.coco.entry_columns import Codes, Columns
    from ea_widgets.data.readers.coco.files import LabelFile, Predictions
    from ea_widgets.data.readers.coco.schema import Category

_CATEGORIES = Source("categories", "labels.categories")
_LABELS = Source(
    "labels",
    "labels.annotations",
    (("label_id", "id"), ("is_crowd", "iscrowd"), ("coco_area", "area"), *BBOX_FIELDS),
)


@dataclass(frozen=True)
class Objects:
    """Labels or predictions, with images and categories as positions in the label file.

    Parameters
    ----------
    ids : Series of int64 or str
        Their ids.
    image, category : ndarray of intp, shape (n,)
        Rows in the lists of images and categories of the label file.
    columns : dict
        The other columns by name, the four of the boxes first.
    """

    ids: pd.Series
    image: NDArray[np.intp]
    category: NDArray[np.intp]
    columns: Columns


def label_objects(label_file: LabelFile, notes: list[str]) -> Objects:
    """Check the labels of a file.

    Parameters
    ----------
    label_file : LabelFile
        The file, whose image and category ids are unique.
    notes : list of str
        Sentences are added on what was changed.

    Returns
    -------
    Objects
        One row per annotation, in the order of the file.

    Raises
    ------
    InvalidInputError
        If an id repeats or is unknown, or a box, flag or area cannot be used.
    """
    annotations = label_file.annotations
    given = [entry.id for entry in annotations if entry.id is not None]
    if len(given) == len(annotations):
        ids, _ = id_column(_LABELS, "label_id", given)
        check_unique(_LABELS, "label_id", ids)
    else:
        ids = pd.Series(np.arange(len(annotations)))
        if given:
            notes.append("Some labels have no id; all are numbered in the order of the file.")
    known_images = {image.id: row for row, image in enumerate(label_file.images)}
    known_categories = {category.id: row for row, category in enumerate(label_file.categories)}
    image = encode([entry.image_id for entry in annotations])
    category = encode([entry.category_id for entry in annotations])
    image_row = find(_LABELS, "image_id", image, known_images)
    boxes = box_columns(_LABELS, annotations)  # refuses masks that are broken
    check_mask_sizes(_LABELS, annotations, image_row, label_file.images)
    return Objects(
        ids,
        image_row,
        find(_LABELS, "category_id", category, known_categories),
        {
            **boxes,
            "is_crowd": flag_column(_LABELS, "is_crowd", [entry.iscrowd for entry in annotations]),
            "ignore": flag_column(_LABELS, "ignore", [entry.ignore for entry in annotations]),
            **mask_column(annotations),
            **area_column(_LABELS, annotations),
        },
    )


def prediction_objects(
    predictions: Predictions, label_file: LabelFile, truths: Objects, notes: list[str]
) -> Objects:
    """Check the predictions of a file, and find the images and categories that they mean.

    Parameters
    ----------
    predictions : Predictions
        The file.
    label_file : LabelFile
        The labels' file.
    truths : Objects
        Its labels, for evidence where ids leave doubt.
    notes : list of str
        Sentences are added on how ids were understood.

    Returns
    -------
    Objects
        One row per prediction, in the order of the file.

    Raises
    ------
    InvalidInputError
        If an id is unknown, or a score or box cannot be used.
    """
    entries = predictions.entries
    source = Source("predictions", predictions.path, (("confidence", "score"), *BBOX_FIELDS))
    confidence = np.fromiter([entry.score for entry in entries], np.float64, len(entries))
    check_confidences(source, confidence)
    columns = {**box_columns(source, entries), "confidence": confidence, **mask_column(entries)}
    images = encode([entry.image_id for entry in entries])
    codes = encode([entry.category_id for entry in entries])
    categories = label_file.categories
    evidence = Evidence(
        columns, images, codes, truths.columns, truths.image, _ids_of(categories)[truths.category]
    )
    own_names = _own_names(predictions, images)
    image, image_note = match_images(
        source,
        images,
        [image.id for image in label_file.images],
        [image.file_name for image in label_file.images],
        evidence.share_found,
        own_names=own_names,
    )
    category, category_note = match_categories(
        source,
        codes,
        categories,
        lambda shift: evidence.share_of_one_class(image, shift),
        own=predictions.categories,
        like_ultralytics=bool(image_note or own_names),
    )
    notes += [note for note in (image_note, category_note) if note is not None]
    ids = pd.Series(np.arange(len(entries)))
    image = image[images.rows]
    check_mask_sizes(source, entries, image, label_file.images)
    return Objects(ids, image, category[codes.rows], columns)


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


def _ids_of(categories: Sequence[Category]) -> NDArray[np.int64]:
    ids, _ = id_column(_CATEGORIES, "id", [category.id for category in categories])
    return ids.to_numpy()
