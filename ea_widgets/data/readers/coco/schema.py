"""Entries of COCO files as msgspec decodes them at once, when all of them are as they should be."""

from __future__ import annotations

from typing import Any

import msgspec

Box = tuple[float, float, float, float]
Id = int | str

# gc=False: the garbage collector need not track entries, which cannot form cycles; with half a
# million of them it would take more time than decoding.


class Image(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """An image of a label file, or of a prediction file that numbers its own."""

    id: Id
    width: float | None = None
    height: float | None = None
    file_name: str | None = None


class Category(msgspec.Struct, gc=False):
    """A category."""

    id: Id
    name: str | int | None = None


class Annotation(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A label without fields of its own: those are kept, and read more slowly."""

    image_id: Id
    category_id: Id
    id: Id | None = None
    bbox: Box | None = None
    area: float | None = None
    iscrowd: bool | int | None = None
    ignore: bool | int | None = None
    segmentation: Any = None
    keypoints: Any = None


class PlainPrediction(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A prediction with the four fields that COCO asks for and no other: the fast lane."""

    image_id: int
    category_id: int
    score: float
    bbox: Box


class Prediction(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A prediction without fields of its own."""

    image_id: Id
    category_id: Id
    score: float
    id: Id | None = None
    bbox: Box | None = None
    segmentation: Any = None
    keypoints: Any = None
    file_name: str | None = None
    category_name: str | None = None


class LabelFile(msgspec.Struct):
    """What is read of a COCO label file."""

    images: list[Image]
    annotations: list[Annotation]
    categories: list[Category]


class LabelFileWithImageFields(msgspec.Struct):
    """The same where images have fields of their own, as COCO's own have."""

    images: list[dict[str, Any]]
    annotations: list[Annotation]
    categories: list[Category]


class PredictionFile(msgspec.Struct):
    """Predictions in the form of a whole data set, with images and categories of their own."""

    annotations: list[Prediction]
    images: list[Image] | None = None
    categories: list[Category] | None = None
