"""The answer to `how good is the detector here?`."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    mean_average_precision_low, mean_average_precision_high, … : float
        With `settled`: 95 % intervals of mAP, mAR, precision, recall and F1, from resampled
        clusters, and in `per_class` of its first four columns. NaN without, and where labels are
        in fewer than 30 clusters.
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
    mean_average_precision_low: float = math.nan
    mean_average_precision_high: float = math.nan
    mean_average_recall_low: float = math.nan
    mean_average_recall_high: float = math.nan
    precision_low: float = math.nan
    precision_high: float = math.nan
    recall_low: float = math.nan
    recall_high: float = math.nan
    f1_low: float = math.nan
    f1_high: float = math.nan

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 2 TP / (2 TP + FP + FN); NaN of nothing."""
        twice = 2 * self.true_positives
        total = twice + self.false_positives + self.false_negatives
        return twice / total if total else math.nan

    def with_averages_of(self, whole: Scores) -> Scores:
        """Take mAP, mAR and the AP and AR of classes from the scores of all predictions.

        Parameters
        ----------
        whole : Scores
            Of the same classes.

        Returns
        -------
        Scores
            Counts, precision and recall stay.
        """
        names = [f.name for f in fields(self) if f.name.startswith("mean_average")]
        columns = [str(c) for c in whole.per_class if str(c).startswith("average")]
        per_class = self.per_class.assign(**{name: whole.per_class[name] for name in columns})
        averages = {name: getattr(whole, name) for name in names}
        return replace(self, per_class=per_class, **averages)

    def to_dict(self, *, undefined: bool = False) -> dict[str, float]:
        """Give the scores as one flat mapping, for experiment trackers.

        Parameters
        ----------
        undefined : bool, default False
            Whether to give what is undefined too, such as the AP of a class without labels, as
            NaN: trackers and JSON take numbers only.

        Returns
        -------
        dict of str to float
            "mAP", "mAR", "precision", "recall", "F1", "true_positives", "false_positives",
            "false_negatives", and "AP/<class>" and "AR/<class>" of every chosen class.
        """
        flat: dict[str, float] = {
            "mAP": self.mean_average_precision,
            "mAR": self.mean_average_recall,
            "precision": self.precision,
            "recall": self.recall,
            "F1": self.f1,
            "true_positives": self.true_positives,
            "false_positives": self.false_positives,
            "false_negatives": self.false_negatives,
        }
        for letters, column in (("AP", "average_precision"), ("AR", "average_recall")):
            flat |= {f"{letters}/{name}": v for name, v in self.per_class[column].items()}
        return plain_numbers(flat, undefined=undefined)

    def __repr__(self) -> str:
        return (
            f"Scores(mAP {self.mean_average_precision:.3f}, mAR {self.mean_average_recall:.3f}, "
            f"precision {self.precision:.3f}, recall {self.recall:.3f}, F1 {self.f1:.3f}, "
            f"{self.true_positives:,} TP, {self.false_positives:,} FP, "
            f"{self.false_negatives:,} FN, {len(self.per_class):,} classes)"
        )

    def _repr_html_(self) -> str:
        columns = ["average_precision", "average_recall", "precision", "recall"]
        return f"<p>{escape(repr(self))}</p>{self.per_class[columns].to_html(max_rows=30)}"


def plain_numbers(flat: Mapping[str, float], *, undefined: bool) -> dict[str, float]:
    """Make numbers plain ones, whole for counts, with or without those that are NaN.

    Examples
    --------
    >>> plain_numbers({"mAP": 0.5, "true_positives": 3, "AP/cat": float("nan")}, undefined=False)
    {'mAP': 0.5, 'true_positives': 3}
    """
    return {
        name: int(value) if isinstance(value, int | np.integer) else float(value)
        for name, value in flat.items()
        if undefined or not math.isnan(value)
    }
