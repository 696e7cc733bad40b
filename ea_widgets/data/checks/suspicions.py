"""What is odd about boxes and classes without being wrong: counted and said, never dropped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.refuse import BOX

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
    """

    images: pd.DataFrame
    labels: pd.DataFrame
    predictions: pd.DataFrame
    class_ids: tuple[Any, ...] = ()

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Boxes of no area, boxes over the edge, copies, classes that cannot match, and the like.

        Empty if all is usual.
        """
        return describe_oddities(self.images, self.labels, self.predictions)


def describe_oddities(
    images: pd.DataFrame,
    labels: pd.DataFrame,
    predictions: pd.DataFrame,
) -> tuple[str, ...]:
    """Say in sentences what is odd without being wrong."""
    notes: list[str] = []
    index = pd.Index(images["image_id"])
    image_width = images["width"].to_numpy(np.float64)
    image_height = images["height"].to_numpy(np.float64)
    for word, frame in (("label", labels), ("prediction", predictions)):
        x, y, width, height = (frame[column].to_numpy() for column in BOX)
        flat = int(np.count_nonzero((width == 0) | (height == 0)))
        if flat:
            notes.append(f"{_some(flat, word)} a box of no area; kept, and it overlaps nothing.")
        at = index.get_indexer(pd.Index(frame["image_id"]))
        over = (
            (x < -EDGE_TOLERANCE)
            | (y < -EDGE_TOLERANCE)
            | (x + width > image_width[at] + EDGE_TOLERANCE)
            | (y + height > image_height[at] + EDGE_TOLERANCE)
        )
        outside = int(np.count_nonzero(over))
        if outside:
            notes.append(f"{_some(outside, word)} a box that reaches over the image's edge; kept.")
        as_corners = (width > x) & (height > y) & (width <= image_width[at] + EDGE_TOLERANCE)
        as_corners &= height <= image_height[at] + EDGE_TOLERANCE
        if len(frame) < ENOUGH:
            continue
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
    copies = int(labels.duplicated(["image_id", "class_name", *BOX]).sum())
    if copies:
        notes.append(f"{_some(copies, 'label')} the image, class and box of an earlier one; kept.")
    notes += _odd_classes(labels, predictions)
    return tuple(notes)


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
