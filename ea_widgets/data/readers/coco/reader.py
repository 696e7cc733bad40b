"""COCO labels and predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.data.checks.refuse import Source
from ea_widgets.data.readers.base import RawFrames
from ea_widgets.data.readers.coco.columns import (
    BOX_FIELDS,
    IMAGE_FIELDS,
    LABEL_FIELDS,
    PREDICTION_FIELDS,
    add_boxes,
    as_objects,
    entry_frame,
    plain_frame,
)
from ea_widgets.data.readers.coco.files import (
    Entries,
    read_label_entries,
    read_prediction_entries,
)
from ea_widgets.data.readers.read import read

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.readers.base import Fault
    from ea_widgets.data.readers.opening import Given

_MARKS = (b'"annotations"', b'"image_id"', b'"images"', b'"categories"')

_FEDERATED = (
    "The images have `neg_category_ids`, as LVIS' labels: each image is labelled for some classes "
    "only (federated), but all predictions are judged here. `ea.read_lvis` judges as LVIS does."
)


def read_coco(
    labels: str | os.PathLike[str] | dict[str, Any],
    predictions: str | os.PathLike[str] | Sequence[dict[str, Any]] | dict[str, Any] | None = None,
    images: Any = None,
    *,
    on_problem: str = "report",
    boxes: str | Mapping[str, str] | None = None,
    class_ids: str | None = None,
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
        ``score``; without ``bbox`` it is taken from ``segmentation`` or ``keypoints``. Also read:
        Ultralytics' ``predictions.json``, with file stems as image ids and category ids raised by
        one; and a whole COCO data set whose annotations have scores, joined by file names and
        category names where its ids differ.
    images : path, mapping or callable, optional
        Where pixels come from: a folder that the labels' file names are in; arrays by image id;
        or a function from image id to array. A file outside of the folder is never read: such
        an image counts as one that cannot be read.
    on_problem : {"report", "raise"}, default "report"
        What to do about rows that cannot be used: leave them out or mend them, and count them in
        ``dataset.problems`` and ``dataset.notes``; or refuse the file.
    boxes : str or mapping, optional
        How the predictions write boxes, if not as x, y, width, height in pixels: "xyxy" for
        corners, "cxcywh" for centres, with "n" behind it for shares of the image, with "@640" for
        pixels of a network's input. A mapping says it for "labels" and "predictions".
    class_ids : str, optional
        How the predictions number classes, if not as the labels: "from_zero", "from_one",
        "coco_80" (0 to 79 for COCO's 1 to 90), "position" (in the labels' list of categories),
        "names" (by ``category_name``), "as_given" (never by name).

    Returns
    -------
    Dataset
        Rows in the order of the files, classes in the order of the categories; boxes in pixels.
        ``notes`` says how ids were understood, and what was odd.

    Raises
    ------
    InvalidInputError
        If a file is missing, is no JSON or not COCO's; labels and predictions are swapped; ids
        can be understood in two ways; more than half of a file cannot be used; or there is no
        such image folder.

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
    return read(
        labels,
        predictions,
        images,
        format={"labels": "coco", "predictions": "coco"},
        on_problem=on_problem,
        boxes=boxes,
        class_ids=class_ids,
    )


def is_federated(given: Given) -> bool:
    """Tell whether COCO labels say of images which classes are not in them, as LVIS' do."""
    if given.path is not None:
        return b'"neg_category_ids"' in given.raw
    images = given.content.get("images") if isinstance(given.content, dict) else None
    first = images[0] if isinstance(images, list | tuple) and images else None
    return isinstance(first, dict) and "neg_category_ids" in first


class CocoReader:
    """Reads COCO JSON, from files and from memory."""

    def recognises(self, given: Given) -> bool:
        """Tell whether it is an object or a list with the fields of COCO."""
        content = given.content
        if isinstance(content, dict):
            return "annotations" in content or "images" in content
        if isinstance(content, list | tuple):
            return not content or (isinstance(content[0], dict) and "image_id" in content[0])
        head = given.head
        if head[:1] not in {b"{", b"["}:
            return False
        return head[1:].strip() in {b"", b"]"} or any(mark in head for mark in _MARKS)

    def read_labels(self, given: Given) -> RawFrames:
        """Read images, annotations and categories."""
        entries = read_label_entries(given)
        faults: list[Fault] = []
        frame = entry_frame(entries.objects, LABEL_FIELDS, "labels", faults)
        add_boxes(frame, entries.objects, "labels", faults)
        if "label_id" in frame and len(frame) and frame["label_id"].isna().all():
            frame = frame.drop(columns="label_id")
        return RawFrames(
            notes=[_FEDERATED] if is_federated(given) else [],
            images=entry_frame(entries.images or [], IMAGE_FIELDS, "images", faults),
            labels=frame,
            categories=_categories(entries, faults),
            faults=faults,
            sources={
                "images": Source("images", "labels.images", (("image_id", "id"),)),
                "categories": Source("categories", "labels.categories"),
                "labels": Source(
                    "labels",
                    entries.path,
                    (
                        *(("label_id", "id"), ("is_crowd", "iscrowd"), ("coco_area", "area")),
                        *(("class_id", "category_id"), *BOX_FIELDS),
                    ),
                ),
            },
        )

    def read_predictions(self, given: Given) -> RawFrames:
        """Read a list of results, or a whole data set of them."""
        entries = read_prediction_entries(given)
        faults: list[Fault] = []
        frame = plain_frame(entries.objects)
        if frame is None:
            frame = entry_frame(entries.objects, PREDICTION_FIELDS, "predictions", faults)
            add_boxes(frame, entries.objects, "predictions", faults)
        return RawFrames(
            images=None
            if entries.images is None
            else entry_frame(entries.images, IMAGE_FIELDS, "images", faults),
            predictions=frame,
            categories=None if entries.categories is None else _categories(entries, faults),
            faults=faults,
            sources={
                "categories": Source("categories", "predictions.categories"),
                "predictions": Source(
                    "predictions",
                    entries.path,
                    (
                        *(("confidence", "score"), ("class_id", "category_id")),
                        *(("class_name", "category_name"), *BOX_FIELDS),
                    ),
                ),
            },
        )


def _categories(entries: Entries, faults: list[Fault]) -> list[tuple[Any, Any]]:
    given = entries.categories or []
    if given and hasattr(given[0], "id"):
        return [(one.id, one.name) for one in given]
    return [(one.get("id"), one.get("name")) for one in as_objects(given, "categories", faults)]
