"""What is odd about boxes without being wrong: counted and said, never dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ea_widgets.data.validation import BOX

EDGE_TOLERANCE = 0.01
"""Pixels that a box may reach over the image's edge before it is counted: rounding in files."""


def describe_oddities(
    images: pd.DataFrame,
    labels: pd.DataFrame,
    predictions: pd.DataFrame,
) -> tuple[str, ...]:
    """Say in sentences what is odd about boxes without being wrong.

    Parameters
    ----------
    images, labels, predictions : DataFrame
        Checked frames of a Dataset.

    Returns
    -------
    tuple of str
        Boxes of no area, boxes over the edge, exact copies of labels; empty if all is usual.
    """
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
    copies = int(labels.duplicated(["image_id", "class_name", *BOX]).sum())
    if copies:
        notes.append(f"{_some(copies, 'label')} the image, class and box of an earlier one; kept.")
    return tuple(notes)


def _some(number: int, word: str) -> str:
    return f"1 {word} has" if number == 1 else f"{number:,} {word}s have"
