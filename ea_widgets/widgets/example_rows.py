"""The objects in a range of a metric, all of them as columns, and a page of them in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.widgets.example import Example
from ea_widgets.widgets.ranges import bare_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.evaluation import Evaluation
    from ea_widgets.analysis.matches import Matches
    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.pictures import Box

KINDS = ("true_positive", "false_positive", "missed")
SORTS = ("metric", "confidence", "iou")
BOX = ["x", "y", "width", "height"]
COLUMNS = ["kind", "row", "value", "confidence", "iou", "reason"]


def values_of(dataset: Dataset, frame: pd.DataFrame, metric: str, level: str) -> pd.Series | None:
    """Give the values of a metric for predictions or labels.

    Parameters
    ----------
    dataset : Dataset
    frame : DataFrame
        Its predictions or labels.
    metric : str
        Displayed name; its twin of this level serves as well.
    level : {"P", "O"}
        Of the frame.

    Returns
    -------
    Series or None
        Index as that of the frame; None where the metric has no such level.
    """
    name = bare_name(metric)
    levels = set(dataset.metrics.query("name == @name")["level"])
    if level in levels and not metric.endswith(" (F)"):
        return frame[name].astype(np.float64)
    if "F" in levels:
        by_image = dataset.images.set_index("image_id")[name].astype(np.float64)
        return pd.Series(by_image.reindex(frame["image_id"]).to_numpy(), index=frame.index)
    return None


def objects_in_range(
    dataset: Dataset, matches: Matches, metric: str, low: float, high: float
) -> pd.DataFrame:
    """List the predictions and the missed labels in a range of a metric.

    Parameters
    ----------
    dataset : Dataset
    matches : Matches
        Of it.
    metric : str
        Displayed name.
    low, high : float
        Both ends belong to the range.

    Returns
    -------
    DataFrame
        Columns `kind`, `row` (in ``dataset.predictions``, or in ``dataset.labels`` where missed),
        `value`, `confidence`, `iou`, `reason`; predictions first, in the data's order.
    """
    parts = []
    for level, table, frame, kinds in (
        ("P", matches.predictions, dataset.predictions, KINDS[:2]),
        ("O", matches.labels, dataset.labels, KINDS[2:]),
    ):
        value = values_of(dataset, frame, metric, level)
        if value is None:
            continue
        chosen = table[table["outcome"].isin(kinds)]
        found = value.reindex(chosen.index)
        inside = (found >= low) & (found <= high)
        chosen = chosen[inside]
        parts.append(
            pd.DataFrame(
                {
                    "kind": chosen["outcome"].astype(object),
                    "row": chosen.index.to_numpy(),
                    "value": found[inside],
                    "confidence": chosen["confidence"] if level == "P" else np.nan,
                    "iou": chosen["iou"] if level == "P" else np.nan,
                    "reason": chosen["reason"].astype(object),
                }
            )
        )
    if not parts:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True, eq=False)
class Lookup:
    """Finds what is said of an object, for a page of them at a time.

    Attributes
    ----------
    evaluation : Evaluation
    matches : Matches
        Under the choices.
    image_index, label_index : Index
        Ids, to find rows.
    labels_by_image : dict
        Rows of the labels of each image.
    """

    evaluation: Evaluation
    matches: Matches
    image_index: pd.Index
    label_index: pd.Index
    labels_by_image: dict[Any, Any]

    @classmethod
    def of(cls, evaluation: Evaluation, matches: Matches) -> Lookup:
        """Index the data once.

        Parameters
        ----------
        evaluation : Evaluation
        matches : Matches

        Returns
        -------
        Lookup
        """
        dataset = evaluation.dataset
        labels = dataset.labels
        return cls(
            evaluation,
            matches,
            pd.Index(dataset.images["image_id"]),
            pd.Index(labels["label_id"]),
            labels.groupby("image_id", sort=False).indices,
        )

    def examples(self, rows: pd.DataFrame) -> list[Example]:
        """Give a page of objects in full.

        Parameters
        ----------
        rows : DataFrame
            Some rows of `objects_in_range`.

        Returns
        -------
        list of Example
        """
        return [self._example(row) for row in rows.to_dict("records")]

    def _example(self, row: dict[Any, Any]) -> Example:
        dataset = self.evaluation.dataset
        missed = row["kind"] == "missed"
        own = (dataset.labels if missed else dataset.predictions).iloc[int(row["row"])]
        image_row = int(self.image_index.get_indexer(pd.Index([own["image_id"]]))[0])
        image = dataset.images.iloc[image_row]
        name = image.get("file_name")
        box = box_of(own)
        partner, iou = (None, float("nan")) if missed else self._label_of(row, own, box)
        label = None if partner is None else dataset.labels.iloc[partner]
        reason = row["reason"]
        return Example(
            kind=str(row["kind"]),
            reason=reason if isinstance(reason, str) else "",
            class_name=str(own["class_name"]),
            label_class="" if label is None else str(label["class_name"]),
            confidence=float(row["confidence"]),
            iou=iou,
            value=float(row["value"]),
            image=name if isinstance(name, str) else f"image {own['image_id']}",
            image_row=image_row,
            box=box,
            label_box=None if label is None else box_of(label),
        )

    def _label_of(self, row: dict[Any, Any], own: pd.Series, box: Box) -> tuple[int | None, float]:
        """Find the label that a prediction took, or else overlaps most, and their IoU."""
        taken: Any = self.matches.predictions.loc[int(row["row"]), "label_id"]
        if row["kind"] == "true_positive" and not pd.isna(taken):
            return int(self.label_index.get_indexer(pd.Index([taken]))[0]), float(row["iou"])
        near = self.labels_by_image.get(own["image_id"])
        if near is None:
            return None, 0.0
        overlaps = overlap(box, self.evaluation.dataset.labels.iloc[near][BOX].to_numpy(np.float64))
        best = int(overlaps.argmax())
        return (int(near[best]), float(overlaps[best])) if overlaps[best] > 0 else (None, 0.0)

    def others(self, example: Example) -> list[Box]:
        """List the boxes of the other labels of an example's image."""
        near = self.labels_by_image.get(self.image_index[example.image_row])
        if near is None:
            return []
        boxes = self.evaluation.dataset.labels.iloc[near][BOX].to_numpy(np.float64)
        listed: list[Box] = [(b[0], b[1], b[2], b[3]) for b in boxes.tolist()]
        return [box for box in listed if box not in (example.box, example.label_box)]


def box_of(row: pd.Series) -> Box:
    """Give x, y, width and height of a row."""
    x, y, width, height = (float(row[name]) for name in BOX)
    return (x, y, width, height)


def overlap(box: Box, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU of a box with others, all as x, y, width, height."""
    x, y, w, h = box
    wide = np.minimum(x + w, boxes[:, 0] + boxes[:, 2]) - np.maximum(x, boxes[:, 0])
    high = np.minimum(y + h, boxes[:, 1] + boxes[:, 3]) - np.maximum(y, boxes[:, 1])
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    union = w * h + boxes[:, 2] * boxes[:, 3] - shared
    return np.divide(shared, union, out=np.zeros(len(boxes)), where=union > 0)
