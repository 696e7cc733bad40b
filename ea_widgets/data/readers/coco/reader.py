"""COCO labels and predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.data.checks.raw_frames import RawFrames
from ea_widgets.data.checks.refuse import Source
from ea_widgets.data.readers.coco.columns import (
    BOX_FIELDS,
    IMAGE_FIELDS,
    LABEL_FIELDS,
    PREDICTION_FIELDS,
    add_boxes,
    as_objects,
    entry_frame,
    plain_frame,
    with_usual_names,
)
from ea_widgets.data.readers.coco.files import (
    WRAPPERS,
    Entries,
    read_label_entries,
    read_prediction_entries,
)

if TYPE_CHECKING:
    from ea_widgets.data.checks.raw_frames import Fault
    from ea_widgets.data.readers.opening import Given

_MARKS = (b'"annotations"', b'"image_id"', b'"images"', b'"categories"', b'"bbox"')
_NAMES_OF_IMAGES = frozenset({"image_id", "file_name"})

_FEDERATED = (
    "The images have `neg_category_ids`, as LVIS' labels: each image is labelled for some classes "
    "only (federated), but all predictions are judged here. `ea.read_lvis` judges as LVIS does."
)


def is_federated(given: Given) -> bool:
    """Tell whether COCO labels say of images which classes are not in them, as LVIS' do."""
    if given.path is not None:
        return b'"neg_category_ids"' in given.raw
    images = given.content.get("images") if isinstance(given.content, dict) else None
    first = images[0] if isinstance(images, list | tuple) and images else None
    return isinstance(first, dict) and "neg_category_ids" in first


def _is_list(entries: Any) -> bool:
    """Tell whether these are results: a list of objects that name an image."""
    if not isinstance(entries, list | tuple) or not entries:
        return False
    return isinstance(entries[0], dict) and not _NAMES_OF_IMAGES.isdisjoint(entries[0])


class CocoReader:
    """Reads COCO JSON, from files and from memory."""

    def recognises(self, given: Given) -> bool:
        """Tell whether it is an object or a list with the fields of COCO."""
        content = given.content
        if isinstance(content, dict):
            if given.field == "predictions" and any(_is_list(content.get(key)) for key in WRAPPERS):
                return True
            return "annotations" in content or "images" in content
        if isinstance(content, list | tuple):
            return not content or _is_list(content)
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
        faults: list[Fault] = []
        notes: list[str] = []
        frame = plain_frame(given)
        entries = (
            Entries("predictions", ()) if frame is not None else read_prediction_entries(given)
        )
        if frame is None:
            objects = with_usual_names(entries.objects, notes)
            frame = entry_frame(objects, PREDICTION_FIELDS, "predictions", faults)
            add_boxes(frame, objects, "predictions", faults)
        return RawFrames(
            notes=notes,
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
