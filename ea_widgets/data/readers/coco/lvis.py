"""LVIS v1: COCO's form, with labels that are federated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pandas as pd

from ea_widgets.data.checks.values import as_id, is_missing
from ea_widgets.data.readers.coco.reader import CocoReader, is_federated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ea_widgets.data.checks.raw_frames import RawFrames
    from ea_widgets.data.readers.opening import Given

PREDICTIONS_PER_IMAGE = 300
"""What LVIS' own evaluation keeps of an image, over all classes."""


class LvisReader(CocoReader):
    """Reads labels of LVIS; its predictions are COCO's."""

    def recognises(self, given: Given) -> bool:
        """Tell whether these are COCO labels whose images have ``neg_category_ids``."""
        return given.field == "labels" and super().recognises(given) and is_federated(given)

    def read_labels(self, given: Given) -> RawFrames:
        """Read COCO's frames, and which classes each image is judged for."""
        raw = super().read_labels(given)
        entries, categories = map(_objects, _lists(given))
        name_of = {
            as_id(one.get("id")): one["name"]
            for one in categories
            if isinstance(one.get("name"), str)
        }
        assert raw.images is not None  # noqa: S101  # readers of labels give them
        assert raw.labels is not None  # noqa: S101
        annotated = _annotated(raw.labels)
        ids = [as_id(cell) for cell in raw.images["image_id"].tolist()]
        judged, partial = [], []
        for id_, entry in zip(ids, entries, strict=True):
            negative = _ids(entry.get("neg_category_ids"))
            known = None if negative is None else {*negative, *annotated.get(id_, ())}
            judged.append(None if known is None else _named(known, name_of))
            partial.append(_named(_ids(entry.get("not_exhaustive_category_ids")) or (), name_of))
        raw.images["judged_classes"] = pd.Series(judged, dtype=object)
        raw.images["not_exhaustive_classes"] = pd.Series(partial, dtype=object)
        urls = [entry.get("coco_url") for entry in entries]
        if "file_name" not in raw.images and any(isinstance(url, str) for url in urls):
            raw.images["file_name"] = pd.Series(urls, dtype=object)
        frequency = [one.get("frequency") for one in categories]
        unique = len({as_id(one.get("id")) for one in categories} - {None}) == len(categories)
        if unique and any(isinstance(one, str) for one in frequency):
            raw.class_columns = {
                "frequency": [one if isinstance(one, str) else None for one in frequency]
            }
        raw.predictions_per_image = PREDICTIONS_PER_IMAGE
        raw.notes.clear()  # that they are federated
        return raw


class _File(msgspec.Struct):
    images: list[dict[str, Any]]
    categories: list[dict[str, Any]]


def _lists(given: Given) -> tuple[Sequence[Any], Sequence[Any]]:
    """Give the lists of images and categories, if possible without a look at the labels."""
    if given.path is not None:
        try:
            found = msgspec.json.decode(given.raw, type=_File)
        except (msgspec.MsgspecError, RecursionError, ValueError, OverflowError):
            pass
        else:
            return found.images, found.categories
    content = given.json
    return content["images"], content["categories"]


def _objects(entries: Sequence[Any]) -> list[dict[str, Any]]:
    return [one if isinstance(one, dict) else {} for one in entries]


def _ids(cells: Any) -> list[Any] | None:
    return [as_id(cell) for cell in cells] if isinstance(cells, list | tuple) else None


def _named(ids: Any, name_of: dict[Any, str]) -> tuple[str, ...]:
    return tuple(name_of[id_] for id_ in ids if id_ in name_of)


def _annotated(labels: pd.DataFrame) -> dict[Any, set[Any]]:
    """List the classes of each image that have a label."""
    pairs: dict[Any, set[Any]] = {}
    cells = (labels[name].tolist() for name in ("image_id", "class_id"))
    for image, class_ in zip(*cells, strict=True):
        if not is_missing(image):
            pairs.setdefault(as_id(image), set()).add(as_id(class_))
    return pairs
