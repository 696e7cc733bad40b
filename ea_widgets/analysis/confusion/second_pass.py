"""What is left after matching within classes is matched across them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.greedy import greedy_match
from ea_widgets.core.matching.pairs import Pairs, sort_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.engine import Engine, Outcome
    from ea_widgets.analysis.sample.query import Query


@dataclass(frozen=True, eq=False)
class Assignment:
    """Every prediction and label that counts, once; rows of the engine, of all classes.

    Attributes
    ----------
    prediction, label : ndarray of intp, shape (n_taken,)
        Predictions that took a label, of their own class or of another one, and these labels.
    iou : ndarray of float64, shape (n_taken,)
        Their overlap.
    alone : ndarray of intp, shape (n_alone,)
        Predictions that took none, ascending.
    not_found : ndarray of intp, shape (n_not_found,)
        Labels that nobody took, ascending.
    """

    prediction: NDArray[np.intp]
    label: NDArray[np.intp]
    iou: NDArray[np.float64]
    alone: NDArray[np.intp]
    not_found: NDArray[np.intp]


class SecondPass:
    """Matches false positives to missed labels of other classes.

    By falling confidence (ties: input order), each false positive takes the free label of
    highest IoU that reaches the threshold (equal IoU: the later label). One of its own class is
    never among them: the first pass would have given it to the prediction.

    Parameters
    ----------
    engine : Engine
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @cached_property
    def _pairs(self) -> Pairs:
        """Pairs of two classes, by the prediction's place in the order of confidence."""
        engine, labels = self._engine, self._engine.labels
        # Ignored labels stand in a group of their own, in which no prediction is.
        image_code = np.where(labels.ignored, -1, labels.image_code)
        prediction, label, iou = engine.overlapping(engine.predictions.image_code, image_code)
        other = engine.predictions.class_code[prediction] != labels.class_code[label]
        return sort_pairs(
            engine.by_confidence.place[prediction[other]],
            label[other],
            iou[other],
            ignored=labels.ignored,
            crowd=labels.crowd,
            given=labels.row,
        )

    def assign(self, query: Query) -> Assignment:
        """Match at the thresholds of a query.

        Parameters
        ----------
        query : Query
            Of all classes.

        Returns
        -------
        Assignment
            Predictions that count nowhere are in none of its rows.
        """
        engine = self._engine
        outcome = engine.outcome(query)
        alone, free = wrong_predictions(engine, query, outcome), free_labels(engine, query, outcome)
        pairs, order = self._pairs, engine.by_confidence.rows
        kept = np.flatnonzero(alone[order[pairs.prediction]] & free[pairs.label])
        left = Pairs(
            pairs.prediction[kept],
            pairs.label[kept],
            pairs.iou[kept],
            pairs.reusable[kept],
            pairs.n_labels,
        )
        place, label, iou = greedy_match(left, query.iou_threshold)
        prediction = order[place]
        alone[prediction] = False
        free[label] = False
        return Assignment(
            prediction=np.concatenate([outcome.true_positives, prediction]),
            label=np.concatenate([outcome.labels, label]),
            iou=np.concatenate([outcome.iou, iou]),
            alone=np.flatnonzero(alone),
            not_found=np.flatnonzero(free),
        )


def wrong_predictions(engine: Engine, query: Query, outcome: Outcome) -> NDArray[np.bool_]:
    """Mark the false positives of a query, shape (n_predictions,).

    Parameters
    ----------
    engine : Engine
    query : Query
    outcome : Outcome
        Of the same query.

    Returns
    -------
    ndarray of bool, shape (n_predictions,)
    """
    wrong = np.zeros(len(engine.predictions.row), bool)
    wrong[engine.chosen_predictions(query)] = True
    wrong[outcome.true_positives] = False
    wrong[outcome.excluded] = False
    return wrong


def free_labels(engine: Engine, query: Query, outcome: Outcome) -> NDArray[np.bool_]:
    """Mark the labels that count and that nobody took, shape (n_labels,)."""
    free = ~engine.labels.ignored
    free[outcome.labels] = False
    free[engine.taken_anywhere(query)] = False
    return free
