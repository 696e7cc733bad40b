"""What is odd about boxes and classes without being wrong: counted and said, never dropped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.agreement.comparison import Agreement
from ea_widgets.data.checks.agreement.evidence import Evidence
from ea_widgets.data.checks.kinds import kind_of, numbers_of
from ea_widgets.data.checks.odd_masks import describe_masks
from ea_widgets.data.checks.refuse import BOX

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDGE_TOLERANCE = 0.01
"""Pixels that a box may reach over the image's edge before it is counted: rounding in files."""


MANY = 0.2
"""From this share of boxes over the edge on, it is asked whether they are corners."""

NEARLY_ALL = 0.95
"""Share of boxes that must fit as corners for it."""

ENOUGH = 10
"""Boxes from which on it is asked whether all of them mean something else."""

LARGEST_SHARE = 1.5
"""Numbers of boxes up to this may be shares of the image; in pixels they would be no boxes."""

NAMES_SHOWN = 3


@dataclass(frozen=True)
class Suspicions:
    """What is odd about checked frames without being wrong, found when somebody asks.

    Parameters
    ----------
    images, labels, predictions : DataFrame
        Checked frames of a Dataset.
    class_ids : tuple
        Number that the labels give each class; None where they give none.
    most_evaluated : int, default 100
        Predictions per image and class that are evaluated.
    """

    images: pd.DataFrame
    labels: pd.DataFrame
    predictions: pd.DataFrame
    class_ids: tuple[Any, ...] = ()
    most_evaluated: int = 100

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Boxes of no area, boxes over the edge, copies, classes that cannot match, and the like.

        Empty if all is usual.
        """
        agreement = self._agreement()
        boxes, classes = agreement.sentence_on_boxes(), agreement.sentence_on_classes()
        told = [one for one in (boxes, classes) if one is not None]
        return (
            *told,
            *self._odd_images(),
            *self._odd_boxes("label", self.labels, asked=boxes is not None),
            *self._odd_boxes("prediction", self.predictions, asked=boxes is not None),
            *self._odd_labels(),
            *_turned("label", self.labels),
            *_turned("prediction", self.predictions),
            *self._crowded(),
            *describe_masks(self.images, self.labels, self.predictions),
            *_odd_classes(self.labels, self.predictions),
        )

    def _rows(self, frame: pd.DataFrame) -> NDArray[np.intp]:
        index = pd.Index(self.images["image_id"])
        rows: NDArray[np.intp] = index.get_indexer(pd.Index(frame["image_id"]))
        return rows

    def _agreement(self) -> Agreement:
        def boxes(frame: pd.DataFrame) -> NDArray[np.float64]:
            return np.stack([frame[column].to_numpy(np.float64) for column in BOX])

        def classes(frame: pd.DataFrame) -> NDArray[np.intp]:
            return frame["class_name"].cat.codes.to_numpy().astype(np.intp)

        counted = np.where(self.labels["is_crowd"], -1, self._rows(self.labels))
        evidence = Evidence(
            boxes(self.predictions),
            self.predictions["confidence"].to_numpy(np.float64),
            self._rows(self.predictions),
            classes(self.predictions),
            boxes(self.labels),
            counted,
            classes(self.labels),
        )
        names = tuple(self.labels["class_name"].cat.categories)
        return Agreement(
            evidence,
            self.images["width"].to_numpy(np.float64),
            self.images["height"].to_numpy(np.float64),
            self.class_ids or (None,) * len(names),
            names,
            tuple(self.images["image_id"].tolist()),
        )

    def _odd_images(self) -> list[str]:
        """Say if width and height look exchanged, or one file stands under several ids."""
        notes = []
        at = self._rows(self.labels)
        width = self.images["width"].to_numpy(np.float64)[at]
        height = self.images["height"].to_numpy(np.float64)[at]
        over = _over_edge(self.labels, width, height)
        turned = _over_edge(self.labels, height, width)
        if len(over) >= ENOUGH and over.mean() > MANY and turned.mean() < 1 - NEARLY_ALL:
            notes.append(
                f"{over.mean():.0%} of the labels reach over the edge of their image, and "
                f"{turned.mean():.0%} would if width and height of the images were exchanged: were "
                "they swapped?"
            )
        if "file_name" in self.images:
            names = self.images["file_name"].dropna()
            twice = names[names.duplicated(keep=False)]
            if len(twice):
                notes.append(
                    f"Of the images' files, {twice.nunique():,} stand more than once, under "
                    f"several ids, such as {twice.iloc[0]!r}: predictions count for one of them "
                    "only, and the labels of the others are missed."
                )
        return notes

    def _odd_boxes(self, word: str, frame: pd.DataFrame, *, asked: bool) -> list[str]:
        notes = []
        x, y, width, height = (frame[column].to_numpy() for column in BOX)
        negative = int(np.count_nonzero((width < 0) | (height < 0)))
        if negative:
            notes.append(
                f"{_some(negative, word)} a box of negative width or height; kept, and it overlaps "
                "nothing."
            )
        flat = int(np.count_nonzero((width == 0) | (height == 0)))
        if flat:
            notes.append(f"{_some(flat, word)} a box of no area; kept, and it overlaps nothing.")
        at = self._rows(frame)
        image_width = self.images["width"].to_numpy(np.float64)[at]
        image_height = self.images["height"].to_numpy(np.float64)[at]
        outside = int(np.count_nonzero(_over_edge(frame, image_width, image_height)))
        if outside:
            notes.append(f"{_some(outside, word)} a box that reaches over the image's edge; kept.")
        if len(frame) < ENOUGH or asked:
            return notes
        as_corners = (width > x) & (height > y) & (width <= image_width + EDGE_TOLERANCE)
        as_corners &= height <= image_height + EDGE_TOLERANCE
        if outside > MANY * len(frame) and as_corners.mean() >= NEARLY_ALL:
            notes.append(
                f"The boxes of {word}s would fit into their images as corners (x1, y1, x2, y2): "
                "were these given? Boxes are x, y, width, height."
            )
        if max(np.abs(part).max() for part in (x, y, width, height)) < LARGEST_SHARE:
            notes.append(
                f"All boxes of {word}s are smaller than two pixels: were they given as shares of "
                "the image? Boxes are in pixels."
            )
        return notes

    def _odd_labels(self) -> list[str]:
        """Say which labels are copies, and if the areas that they state cannot be."""
        notes = []
        labels = self.labels
        copies = int(labels.duplicated(["image_id", "class_name", *BOX]).sum())
        if copies:
            notes.append(
                f"{_some(copies, 'label')} the image, class and box of an earlier one; kept."
            )
        if "coco_area" in labels:
            none = (labels["coco_area"] == 0) & (labels["width"] > 1) & (labels["height"] > 1)
            if none.any() and none.mean() > MANY:
                notes.append(
                    f"{_some(int(none.sum()), 'label')} an area of 0 stated, although the box has "
                    "one: COCO's numbers by size (APs, APm, APl) take them for small. Leave `area` "
                    "out, and the boxes' own are used."
                )
        return notes

    def _crowded(self) -> list[str]:
        """Say where more objects of a class are in an image than COCO evaluates."""
        notes = []
        for word, frame in (("label", self.labels), ("prediction", self.predictions)):
            if len(frame) <= self.most_evaluated:
                continue
            n_classes = len(frame["class_name"].cat.categories)
            group = self._rows(frame) * n_classes + frame["class_name"].cat.codes.to_numpy()
            sizes = np.unique(group, return_counts=True)[1]
            beyond = int(np.maximum(sizes - self.most_evaluated, 0).sum())
            if beyond:
                verb = "is" if beyond == 1 else "are"
                notes.append(
                    f"{beyond:,} of {len(frame):,} {word}s {verb} beyond the first "
                    f"{self.most_evaluated} of their image and class; COCO evaluates so many "
                    "predictions. `Evaluation(..., max_detections=...)` takes more."
                )
                break
        return notes


def _turned(word: str, frame: pd.DataFrame) -> list[str]:
    """Say how many objects have an angle, which boxes here cannot have."""
    for name in ("rotation", "angle", "theta"):
        if name in frame and kind_of(frame[name].dtype) == "numeric":
            turned = int(np.count_nonzero(numbers_of(frame[name]) % 360 > 0))
            if turned:
                how = "boxes are upright here, and were read without it."
                return [f"{_some(turned, word)} a `{name}` that is not 0: {how}"]
    return []


def _over_edge(
    frame: pd.DataFrame, image_width: NDArray[np.float64], image_height: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Mark boxes that reach over the edge; none where the size is not known."""
    x, y, width, height = (frame[column].to_numpy() for column in BOX)
    over: NDArray[np.bool_] = (x < -EDGE_TOLERANCE) | (y < -EDGE_TOLERANCE)
    over |= x + width > image_width + EDGE_TOLERANCE
    over |= y + height > image_height + EDGE_TOLERANCE
    return over


def _odd_classes(labels: pd.DataFrame, predictions: pd.DataFrame) -> list[str]:
    """Say which classes of predictions and labels were perhaps meant to be one."""
    known, found = (
        frame["class_name"].cat.remove_unused_categories().cat.categories.tolist()
        for frame in (labels, predictions)
    )
    unknown = [name for name in found if name not in set(known)]
    if known and len(predictions) >= ENOUGH and len(unknown) == len(found):
        few, others = (", ".join(map(repr, names[:NAMES_SHOWN])) for names in (found, known))
        return [
            (
                f"No class of the predictions ({few}) is one of the labels ({others}), so that "
                "nothing can match: name them alike."
            )
        ]
    plain = {name.casefold().strip(): name for name in known}
    alike = [(name, plain[key]) for name in unknown if (key := name.casefold().strip()) in plain]
    if not alike:
        return []
    pairs = ", ".join(f"{name!r} and {other!r}" for name, other in alike[:NAMES_SHOWN])
    more = f" and {len(alike) - NAMES_SHOWN:,} more" if len(alike) > NAMES_SHOWN else ""
    return [f"Classes of predictions and labels that differ in case or spaces only: {pairs}{more}."]


def _some(number: int, word: str) -> str:
    return f"1 {word} has" if number == 1 else f"{number:,} {word}s have"
