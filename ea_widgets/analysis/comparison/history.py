"""Checkpoints of a training: how scores, and the worst ranges of the labels, went on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import as_number
from ea_widgets.analysis.comparison.label_table import counted_labels, finders
from ea_widgets.analysis.comparison.models import common_order, differences
from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.ranges.facts import RangeEnds
from ea_widgets.analysis.ranges.words import range_ends
from ea_widgets.analysis.slices.columns import column_of
from ea_widgets.data.checks.kinds import numbers_of
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ea_widgets.data.dataset import Dataset

COLUMNS = ("mean_average_precision", "mean_average_recall", "precision", "recall", "f1")


@dataclass(frozen=True, eq=False)
class TracedRange:
    """A range of a metric of labels, or some of its categories, over the checkpoints.

    Attributes
    ----------
    metric : str
        Displayed name.
    words : str
        Such as "Object Area - Relative (O) below 0.24 %".
    n : int
        Labels in it.
    missed : ndarray of float64, shape (n_checkpoints,)
        Share of them that was missed.
    """

    metric: str
    words: str
    n: int
    missed: NDArray[np.float64]


class History:
    """Checkpoints on the same labels.

    Of each only its scores are kept and which labels it missed, so that the memory of fifty
    checkpoints is that of the last one and a bit for each label.

    Parameters
    ----------
    iou_threshold : float, default 0.5
        Smallest IoU that counts as a match.
    confidence_threshold : float, default 0.0
        Predictions below it are left out of everything but mAP and mAR.
    """

    def __init__(self, iou_threshold: float = 0.5, confidence_threshold: float = 0.0) -> None:
        self.iou_threshold, self.confidence_threshold = iou_threshold, confidence_threshold
        self._rows: dict[float, dict[str, float]] = {}
        self._missed: dict[float, NDArray[np.bool_]] = {}
        self._latest: Evaluation | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, evaluation: Dataset | Evaluation, epoch: float | None = None) -> None:
        """Take up a checkpoint.

        Parameters
        ----------
        evaluation : Dataset or Evaluation
            On the same images and labels as those before.
        epoch : float, optional
            When it was made. Default: one more than the last. An epoch that is there is replaced.

        Raises
        ------
        InvalidInputError
            If the images or labels are others, or the epoch is no number.
        """
        if not isinstance(evaluation, Evaluation):
            evaluation = Evaluation(evaluation)
        at = self._epoch(epoch)
        order = self._order(evaluation)
        view = evaluation.at(self.iou_threshold, self.confidence_threshold)
        scores, whole = view.scores(), evaluation.scores(self.iou_threshold)
        self._rows[at] = {
            name: getattr(whole if name.startswith("mean") else scores, name) for name in COLUMNS
        }
        self._missed[at] = (finders(view) < 0)[order]
        if at == max(self._rows):
            if self._latest is not None:  # from its order of the labels to the newest's
                back = np.argsort(order)
                self._missed = {key: missed[back] for key, missed in self._missed.items()}
            self._latest = evaluation

    @property
    def table(self) -> pd.DataFrame:
        """Scores of each checkpoint.

        Index `epoch`, ascending; columns `mean_average_precision`, `mean_average_recall`,
        `precision`, `recall`, `f1`.
        """
        epochs = sorted(self._rows)
        rows = [self._rows[epoch] for epoch in epochs]
        index = pd.Index(epochs, name="epoch", dtype=np.float64)
        return pd.DataFrame(rows, index, list(COLUMNS), dtype=np.float64)

    def worst_ranges(self, n: int = 5) -> tuple[TracedRange, ...]:
        """Follow the ranges in which the last checkpoint misses the most labels.

        Parameters
        ----------
        n : int, default 5
            Most ranges wanted.

        Returns
        -------
        tuple of TracedRange
            As :meth:`View.worst_ranges` finds them in the last checkpoint; none without any.
        """
        latest = self._latest
        if latest is None:
            return ()
        view = latest.at(self.iou_threshold, self.confidence_threshold)
        counted, units = counted_labels(view), latest.metrics["unit"]
        missed = np.stack([self._missed[epoch] for epoch in sorted(self._missed)])
        traced = []
        for row in view.worst_ranges(n, "missed").to_dict("records"):
            metric = row["metric"]
            inside, ends = labels_in(latest.dataset, row)
            inside &= counted
            words = f"{metric} {range_ends(ends, units[metric])}"
            rates = missed[:, inside].mean(axis=1)
            traced.append(TracedRange(metric, words, int(inside.sum()), rates))
        return tuple(traced)

    def _epoch(self, epoch: Any) -> float:
        if epoch is None:
            return max(self._rows, default=0.0) + 1.0
        number = as_number(epoch)
        if not np.isfinite(number):
            raise InvalidInputError("epoch", f"is {shown(epoch)}", "Give a number, such as 3.")
        return number

    def _order(self, evaluation: Evaluation) -> NDArray[np.intp]:
        """Row of the evaluation's labels for each label of the last checkpoint."""
        if self._latest is None:
            return np.arange(len(evaluation.dataset.labels))
        both = [self._latest.dataset, evaluation.dataset]
        differing = differences(("the checkpoints before", "this one"), both)
        if differing:
            raise InvalidInputError(
                "evaluation", f"is not on the same data: {differing}", "Use the same labels."
            )
        return common_order(both)[1]


def labels_in(dataset: Dataset, row: Mapping[Any, Any]) -> tuple[NDArray[np.bool_], RangeEnds]:
    """Mark the labels of a range, or of some categories, and tell how far it reaches.

    Parameters
    ----------
    dataset : Dataset
    row : mapping
        Of :meth:`View.worst_ranges`, about missed labels.

    Returns
    -------
    inside : ndarray of bool, shape (n_labels,)
    ends : RangeEnds
    """
    values = column_of(dataset, dataset.labels, row["metric"])
    assert values is not None  # noqa: S101  # it was found by the values of labels
    if row["isin"] is not None:
        ends = RangeEnds(low=np.nan, high=np.nan, isin=row["isin"])
        return values.isin(row["isin"]).to_numpy(bool), ends
    numbers = numbers_of(values)
    low, high = row["low"], row["high"]
    inside = (numbers >= low) & (numbers <= high)
    first, last = not (numbers < low).any(), not (numbers > high).any()
    return inside, RangeEnds(low=low, high=high, from_least=first, to_most=last)
