"""The answer to `how good is the detector here?`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of the chosen classes at one IoU and one confidence threshold.

    Attributes
    ----------
    mean_average_precision, mean_average_recall : float
        Means of AP and AR over the chosen classes that have labels, in [0, 1]; NaN if none has.
    precision : float
        TP / (TP + FP) over all predictions of the chosen classes; NaN without predictions.
    recall : float
        TP / labels, likewise; NaN without labels.
    true_positives, false_positives : int
        Predictions that took a label, and that took none.
    false_negatives : int
        Labels that are not ignored and that nobody took.
    per_class : DataFrame
        Index `class_name` (the chosen classes in display order); columns `average_precision`
        (101 points), `average_recall`, `precision`, `recall`, `labels` (not ignored),
        `predictions` (TP + FP). NaN where a class has no labels or no predictions.
    predictions_used : int
        Predictions that the scores are made of: TP + FP.
    predictions_total : int
        All predictions of the dataset.
    labels_used : int
        Labels of the chosen classes that are not ignored: TP + FN.
    """

    mean_average_precision: float
    mean_average_recall: float
    precision: float
    recall: float
    true_positives: int
    false_positives: int
    false_negatives: int
    per_class: pd.DataFrame
    predictions_used: int
    predictions_total: int
    labels_used: int
