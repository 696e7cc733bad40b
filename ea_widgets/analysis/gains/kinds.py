"""Mending by kind of error, as TIDE's oracles do it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.confusion.second_pass import free_labels, wrong_predictions
from ea_widgets.analysis.gains.mending import MendedScores, Mending
from ea_widgets.core.matching.error_types import REASONS, false_positive_reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.engine import Engine
    from ea_widgets.analysis.sample.query import Query

LOC, CLS = REASONS.index("badly_located"), REASONS.index("wrong_class")


@dataclass(frozen=True, eq=False)
class Errors:
    """The errors of a query, of all classes, and which label each could have found.

    Attributes
    ----------
    reason : ndarray of int8, shape (n_predictions,)
        Place in ``REASONS`` of a false positive; -1 of other predictions.
    missed : ndarray of bool, shape (n_labels,)
        Labels that count and that nobody took.
    prediction, label : ndarray of intp, shape (n_pointing,)
        False positives that are badly located or of the wrong class, ascending, and the label
        that each overlaps most: of its own class, or of another.
    wins : ndarray of bool, shape (n_pointing,)
        Whether that label is missed, and the prediction is the surest of those that point at it:
        an oracle makes it a true positive. It removes the others.
    """

    reason: NDArray[np.int8]
    missed: NDArray[np.bool_]
    prediction: NDArray[np.intp]
    label: NDArray[np.intp]
    wins: NDArray[np.bool_]

    def predictions_mended(self, chosen: NDArray[np.bool_]) -> Mending:
        """Mend the chosen false positives, shape (n_predictions,)."""
        return self._mended(chosen, chosen[self.prediction])

    def labels_mended(self, chosen: NDArray[np.bool_]) -> Mending:
        """Give the right class to predictions that point at chosen labels, shape (n_labels,)."""
        pointing = chosen[self.label] & (self.reason[self.prediction] == CLS)
        removed = np.zeros(len(self.reason), bool)
        removed[self.prediction[pointing]] = True
        return self._mended(removed, pointing)

    def _mended(self, removed: NDArray[np.bool_], pointing: NDArray[np.bool_]) -> Mending:
        found = pointing & self.wins
        return Mending(np.flatnonzero(removed), self.prediction[found], self.label[found])

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """Missed labels at which no prediction points, shape (n_labels,): TIDE's "Miss"."""
        unseen = self.missed.copy()
        unseen[self.label] = False
        return unseen


class Mender:
    """The errors of one query, and mean average precision with some of them mended.

    Parameters
    ----------
    engine : Engine
    query : Query
        The mean is over its classes that have labels.
    known : bool, default True
        Whether there is an mAP: not in a slice by what only labels, or only predictions, have.
    """

    def __init__(self, engine: Engine, query: Query, *, known: bool = True) -> None:
        every = replace(query, classes=tuple(range(engine.n_classes)))
        outcome = engine.outcome(every)
        wrong = wrong_predictions(engine, every, outcome)
        counts = wrong.copy()
        counts[outcome.true_positives] = True
        self._scores = MendedScores(engine, counts, outcome)
        of_classes = engine.class_mask(query.classes)
        self._labelled = np.flatnonzero(of_classes & (engine.labels_per_class > 0))
        self._before = self._mean(Mending()) if known else float("nan")
        self.errors = find_errors(engine, every, wrong, free_labels(engine, every, outcome))
        self.predictions: NDArray[np.bool_] = wrong & of_classes[engine.predictions.class_code]
        """False positives of the chosen classes, shape (n_predictions,)."""
        missed = self.errors.missed  # never a label without a class
        self.labels: NDArray[np.bool_] = missed & of_classes[engine.labels.class_code]
        """Missed labels of the chosen classes, shape (n_labels,)."""

    def _mean(self, mending: Mending) -> float:
        left = self._scores.average_precision(mending)[self._labelled]
        left = left[~np.isnan(left)]
        return float(left.mean()) if len(left) else float("nan")

    def gain(self, mending: Mending) -> float:
        """MAP after a mending, minus mAP; at least 0, NaN where there is none."""
        difference = self._mean(mending) - self._before
        return difference if math.isnan(difference) else max(difference, 0.0)

    def of_reason(self, reason: str) -> float:
        """Gain of mending the false positives of a reason."""
        chosen = self.predictions & (self.errors.reason == REASONS.index(reason))
        return self.gain(self.errors.predictions_mended(chosen))


def find_errors(
    engine: Engine,
    query: Query,
    wrong: NDArray[np.bool_],
    missed: NDArray[np.bool_],
) -> Errors:
    """Find the errors of all classes; see :class:`Errors`.

    Parameters
    ----------
    engine : Engine
    query : Query
        Of all classes.
    wrong : ndarray of bool, shape (n_predictions,)
        The false positives.
    missed : ndarray of bool, shape (n_labels,)

    Returns
    -------
    Errors
    """
    overlaps, pairs = engine.overlaps, engine.pairs
    reason = false_positive_reason(overlaps.same_class, overlaps.other_class, query.iou_threshold)
    reason = np.where(wrong, reason, np.int8(-1))
    same = np.flatnonzero((reason[pairs.prediction] == LOC) & ~engine.labels.ignored[pairs.label])
    other = np.flatnonzero(reason[overlaps.prediction] == CLS)
    prediction = np.concatenate([pairs.prediction[same], overlaps.prediction[other]])
    label = np.concatenate([pairs.label[same], overlaps.label[other]])
    iou = np.concatenate([pairs.iou[same], overlaps.iou[other]])
    # The highest overlap; of equal ones a missed label, then the first.
    order = np.lexsort((label, ~missed[label], -iou, prediction))
    prediction, label = prediction[order], label[order]
    first = np.append(True, prediction[1:] != prediction[:-1])[: len(prediction)]
    prediction, label = prediction[first], label[first]
    surest = np.lexsort((engine.by_confidence.place[prediction], label))
    claimed = label[surest]
    wins = np.zeros(len(prediction), bool)
    wins[surest] = np.append(True, claimed[1:] != claimed[:-1])[: len(claimed)]
    return Errors(reason, missed, prediction, label, wins & missed[label])
