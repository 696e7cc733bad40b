"""Likely label errors as pictures and words show them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.matching import BOX
from ea_widgets.widgets.base import text
from ea_widgets.widgets.examples import outline
from ea_widgets.widgets.examples.captions import NAME_LIMIT, Example

if TYPE_CHECKING:
    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.images.drawing import Box, Outline


QUESTIONS = {
    "missing": ("an object has no label", "there is no such object"),
    "wrong class": ("the label has the wrong class", "its class is right"),
    "badly placed": ("the box of the label is badly placed", "its box is right"),
    "duplicate": ("one object is labelled twice", "there are two objects"),
    "not an object": ("there is no such object", "there is one"),
}
"""What "wrong" and "right" mean of each kind of error."""

MARKS = {"wrong": "✗ wrong", "right": "✓ right", "skip": "skipped"}


@dataclass(frozen=True)
class Suspect(Example):
    """A likely label error as the gallery shows it.

    Attributes
    ----------
    error : str
        Kind of the error.
    boxes : tuple of (str, tuple of float)
        What to draw, from below to above: "label", "other" (another label) or "false_positive"
        (the prediction), each with its box.
    """

    error: str
    boxes: tuple[tuple[str, Box], ...]

    @property
    def verdict(self) -> str:
        """What is suspected of it, in words."""
        return f"label error: {self.error}"

    def outlines(self, stroke: int = 3) -> list[Outline]:
        """List the boxes to draw."""
        return [outline(kind, box, stroke) for kind, box in self.boxes]


class SuspectFinder:
    """Finds what is shown of a suspect beyond its own row.

    Parameters
    ----------
    dataset : Dataset
        That of the evaluation.
    """

    def __init__(self, dataset: Dataset) -> None:
        frames = dataset.frames
        self._images = frames.images
        self._image_rows = pd.Index(frames.images["image_id"])
        self._labels = pd.Index(frames.labels["label_id"])
        self._predictions = pd.Index(frames.predictions["prediction_id"])
        self._label_boxes = frames.labels[BOX].to_numpy(np.float64)
        self._prediction_boxes = frames.predictions[BOX].to_numpy(np.float64)

    def suspects(self, rows: pd.DataFrame) -> list[Suspect]:
        """Give rows of ``View.label_errors`` as the gallery shows them.

        Parameters
        ----------
        rows : DataFrame

        Returns
        -------
        list of Suspect
        """
        return [self._suspect(row) for row in rows.to_dict("records")]

    def _suspect(self, row: dict[Any, Any]) -> Suspect:
        image_row = int(self._image_rows.get_indexer(pd.Index([row["image_id"]]))[0])
        label, other, prediction = (
            self._box(row[name], index, boxes)
            for name, index, boxes in (
                ("label_id", self._labels, self._label_boxes),
                ("other_label_id", self._labels, self._label_boxes),
                ("prediction_id", self._predictions, self._prediction_boxes),
            )
        )
        drawn = (("other", other), ("label", label), ("false_positive", prediction))
        boxes = tuple((kind, box) for kind, box in drawn if box is not None)
        name = self._images.iloc[image_row].get("file_name")
        own = [box for box in (label, prediction, other) if box is not None]
        return Suspect(
            kind="false_positive",
            reason="",
            class_name=_name(row["class_name"]) or _name(row["predicted_class"]),
            other_class=_name(row["predicted_class"]),
            confidence=float(row["confidence"]),
            other_confidence=float("nan"),
            iou=float(row["iou"]),
            value=float("nan"),
            image=name if isinstance(name, str) else f"image {row['image_id']}",
            image_row=image_row,
            box=own[0],
            other_box=own[1] if len(own) > 1 else None,
            error=str(row["kind"]),
            boxes=boxes,
        )

    @staticmethod
    def _box(object_id: Any, index: pd.Index, boxes: np.ndarray[Any, Any]) -> Box | None:
        if pd.isna(object_id):
            return None
        x, y, width, height = boxes[index.get_loc(object_id)].tolist()
        return (x, y, width, height)


def _name(class_name: object) -> str:
    return class_name if isinstance(class_name, str) else ""


def in_words(suspect: Suspect) -> str:
    """Say what speaks against a label, in plain text.

    Parameters
    ----------
    suspect : Suspect

    Returns
    -------
    str
    """
    label, predicted = (
        text.elide(name, NAME_LIMIT) for name in (suspect.class_name, suspect.other_class)
    )
    sure = "" if np.isnan(suspect.confidence) else f" {text.rate(suspect.confidence)}"
    return {
        "missing": f"no label · predicted {predicted}{sure}",
        "wrong class": f"labelled {label} · predicted {predicted}{sure}",
        "badly placed": f"labelled {label} · predicted{sure}, IoU {text.rate(suspect.iou)}",
        "duplicate": f"labelled {label} twice · IoU {text.rate(suspect.iou)}",
        "not an object": f"labelled {label} · no prediction near",
    }[suspect.error]


def caption(suspect: Suspect, verdict: str) -> str:
    """Write what is said below a picture: what speaks against the label, and the verdict.

    Parameters
    ----------
    suspect : Suspect
    verdict : str
        "wrong", "right", "skip", or "" without one.

    Returns
    -------
    str
        HTML; all text from data is escaped.
    """
    mark = f"<b>{MARKS[verdict]}</b>" if verdict else "no verdict yet"
    return f'<div class="eaw-caption"><div>{escape(in_words(suspect))}</div><div>{mark}</div></div>'
