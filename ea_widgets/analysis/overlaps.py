"""How each prediction lies to the labels around it, of its own class and of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.pairs import overlapping

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.engine import Engine, Outcome


@dataclass(frozen=True, eq=False)
class Overlaps:
    """Overlaps with labels of the same image that are not ignored.

    Attributes
    ----------
    same_class, other_class : ndarray of float64, shape (n_predictions,)
        Highest IoU with a label of its own class, and with one of another; 0 where there is none.
    prediction, label : ndarray of int32, shape (n_pairs,)
        Overlapping objects of different classes, by falling IoU.
    iou : ndarray of float64, shape (n_pairs,)
    """

    same_class: NDArray[np.float64]
    other_class: NDArray[np.float64]
    prediction: NDArray[np.int32]
    label: NDArray[np.int32]
    iou: NDArray[np.float64]

    def found_by_another_class(
        self, outcome: Outcome, chosen: NDArray[np.bool_], iou_threshold: float, n_labels: int
    ) -> NDArray[np.bool_]:
        """Labels that a false positive of another class overlaps enough.

        Parameters
        ----------
        outcome : Outcome
        chosen : ndarray of bool, shape (n_predictions,)
            Predictions that are looked at.
        iou_threshold : float
        n_labels : int

        Returns
        -------
        ndarray of bool, shape (n_labels,)
        """
        wrong = chosen.copy()
        wrong[outcome.true_positives] = False
        wrong[outcome.ignored] = False
        near = int(np.searchsorted(-self.iou, -iou_threshold, side="right"))
        label = self.label[:near][wrong[self.prediction[:near]]]
        found = np.zeros(n_labels, bool)
        found[label] = True
        return found


def find_overlaps(engine: Engine) -> Overlaps:
    """Form the pairs of predictions and labels of one image, whatever their classes."""
    predictions, labels = engine.predictions, engine.labels
    counted = np.flatnonzero(~labels.ignored)
    prediction, place, iou = overlapping(
        predictions.image_code,
        labels.image_code[counted],
        lambda rows, places: engine.iou(rows, counted[places]),
    )
    label = counted[place]
    same = predictions.class_code[prediction] == labels.class_code[label]
    n = len(predictions.row)
    cross = np.flatnonzero(~same)
    cross = cross[np.argsort(-iou[cross], kind="stable")]
    return Overlaps(
        same_class=highest(prediction[same], iou[same], n),
        other_class=highest(prediction[~same], iou[~same], n),
        prediction=prediction[cross].astype(np.int32),
        label=label[cross].astype(np.int32),
        iou=iou[cross],
    )


def highest(row: NDArray[np.intp], value: NDArray[np.float64], n_rows: int) -> NDArray[np.float64]:
    """Highest value of each row; rows ascend, and those without values get 0."""
    result = np.zeros(n_rows)
    if len(row):
        first = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]]))
        result[row[first]] = np.maximum.reduceat(value, first)
    return result
