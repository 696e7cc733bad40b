"""Checkpoints of a training: how scores, and the worst ranges of the labels, went on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.analysis.checks import as_number
from ea_widgets.analysis.comparison.kept_rates import KeptRates, keep_rates
from ea_widgets.analysis.comparison.label_table import counted_labels, finders
from ea_widgets.analysis.comparison.models import common_order, differences
from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.ranges import RangeEnds, range_ends
from ea_widgets.analysis.slices.columns import column_of
from ea_widgets.analysis.slices.condition import where
from ea_widgets.data.checks.kinds import numbers_of
from ea_widgets.errors import InvalidInputError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ea_widgets.analysis.slices.condition import Column
    from ea_widgets.analysis.view import View
    from ea_widgets.data.dataset import Dataset

COLUMNS = ("mean_average_precision", "mean_average_recall", "precision", "recall", "f1")


@dataclass(frozen=True, eq=False)
class TracedRange:
    """A range of a metric, or some of its categories, over the checkpoints.

    Attributes
    ----------
    outcome : {"missed", "true_positive"}
        Whether it is about labels, or else about predictions.
    metric : str
        Displayed name.
    words : str
        Such as "Object Area - Relative (O) below 0.24 %".
    n : int
        Labels in it, or predictions of the last checkpoint.
    errors : ndarray of float64, shape (n_checkpoints,)
        Share of them that was missed, or was a false positive. NaN where a checkpoint has no
        prediction in it.
    """

    outcome: str
    metric: str
    words: str
    n: int
    errors: NDArray[np.float64]


class History:
    """Checkpoints on the same labels.

    Of each only its scores are kept, which labels it missed, and counts of its predictions by the
    values of each metric: at most 64 kB for a metric, however many predictions there are.

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
        self._kept: dict[float, dict[str, KeptRates]] = {}
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
        view = self._view(evaluation)
        scores, whole = view.scores(), evaluation.scores(self.iou_threshold)
        self._rows[at] = {
            name: getattr(whole if name.startswith("mean") else scores, name) for name in COLUMNS
        }
        self._missed[at] = (finders(view) < 0)[order]
        self._kept[at] = keep_rates(view.matched_data.sample("P", view.query))
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

    def worst_ranges(self, n: int = 5, outcome: str = "missed") -> tuple[TracedRange, ...]:
        """Follow the ranges in which the last checkpoint makes the most errors.

        Parameters
        ----------
        n : int, default 5
            Most ranges wanted.
        outcome : {"missed", "true_positive"}, default "missed"
            Look for missed labels, or for false positives.

        Returns
        -------
        tuple of TracedRange
            As :meth:`View.worst_ranges` finds them in the last checkpoint; none without any.
            Missed labels are exact; false positives are where a metric has up to 4,096 distinct
            values, else a prediction in 4,096 may be missing or too much at each end.
        """
        latest = self._latest
        if latest is None:
            return ()
        view, units = self._view(latest), latest.metrics["unit"]
        dataset, missed = latest.dataset, outcome == "missed"
        values = partial(column_of, dataset, dataset.labels if missed else dataset.predictions)
        counted, epochs, traced = counted_labels(view), sorted(self._rows), []
        for row in view.worst_ranges(n, outcome).to_dict("records"):
            metric = row["metric"]
            ends = ends_of(values(metric), row)
            if missed:
                inside = np.flatnonzero(counted & rows_in(ends, metric, values))
                errors = [self._missed[epoch][inside].mean() for epoch in epochs]
            else:
                kept = [self._kept[epoch].get(metric) for epoch in epochs]
                errors = [np.nan if one is None else one.rate(ends) for one in kept]
                errors[-1] = 1 - row["rate"]
            words = f"{metric} {range_ends(ends, units[metric])}"
            traced.append(TracedRange(outcome, metric, words, row["n"], np.array(errors)))
        return tuple(traced)

    def _view(self, evaluation: Evaluation) -> View:
        return evaluation.at(self.iou_threshold, self.confidence_threshold)

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


def ends_of(values: pd.Series | None, row: Mapping[Any, Any]) -> RangeEnds:
    """Tell how far a range reaches in the values that it was found in.

    Parameters
    ----------
    values : Series
    row : mapping
        Of :meth:`View.worst_ranges`.
    """
    if row["isin"] is not None:
        return RangeEnds(low=np.nan, high=np.nan, isin=row["isin"])
    assert values is not None  # noqa: S101  # it was found by these values
    numbers, low, high = numbers_of(values), row["low"], row["high"]
    first, last = not (numbers < low).any(), not (numbers > high).any()
    return RangeEnds(low=low, high=high, from_least=first, to_most=last)


def rows_in(ends: RangeEnds, metric: str, values: Column) -> NDArray[np.bool_]:
    """Mark the rows of a range, or of some categories."""
    if ends.isin is None:
        condition = where(metric, ends.low, ends.high)
    else:
        condition = where(metric, isin=ends.isin)
    masks = condition.masks(values)
    assert masks is not None  # noqa: S101  # it was found by these values
    return masks[0]
