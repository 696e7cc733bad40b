"""What an oracle mends: predictions that stop being wrong, and labels that are left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.average_precision import average_precision, matches_needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.analysis.matching.engine import Engine, Outcome


def _nothing() -> NDArray[np.intp]:
    return np.zeros(0, np.intp)


@dataclass(frozen=True, eq=False)
class Mending:
    """What is mended, in rows of the engine.

    Attributes
    ----------
    removed : ndarray of intp, shape (n_removed,)
        False positives that stop being wrong.
    found : ndarray of intp, shape (n_found,)
        Those of them that become true positives.
    found_labels : ndarray of intp, shape (n_found,)
        The labels that these take, each once: they count in the label's class.
    left_out : ndarray of intp, shape (n_left_out,)
        Missed labels that are left out.
    """

    removed: NDArray[np.intp] = field(default_factory=_nothing)
    found: NDArray[np.intp] = field(default_factory=_nothing)
    found_labels: NDArray[np.intp] = field(default_factory=_nothing)
    left_out: NDArray[np.intp] = field(default_factory=_nothing)


class MendedScores:
    """Average precision after a mending, without matching anything again.

    Parameters
    ----------
    engine : Engine
    counts : ndarray of bool, shape (n_predictions,)
        The true and false positives of a query.
    outcome : Outcome
        Of the same query, of all classes.
    """

    def __init__(self, engine: Engine, counts: NDArray[np.bool_], outcome: Outcome) -> None:
        self._engine, self._counts, self._outcome = engine, counts, outcome

    def average_precision(self, mending: Mending) -> NDArray[np.float64]:
        """AP of each class.

        Parameters
        ----------
        mending : Mending

        Returns
        -------
        ndarray of float64, shape (n_classes,)
            In [0, 1]. NaN for classes without labels; of those that have none left, for those
            without any prediction that counts, and 0 for the others, as in tidecv.
        """
        engine = self._engine
        order_of = engine.by_confidence
        key, n = order_of.key, len(order_of.key)
        counts = self._counts.copy()
        counts[mending.removed] = False
        before = np.concatenate([[0], np.cumsum(counts)])
        start = engine.predictions.start
        class_of_found = engine.labels.class_code[mending.found_labels]
        moved = class_of_found * n + order_of.place[mending.found]
        keys = np.concatenate([key[self._outcome.true_positives], moved])
        order = np.argsort(keys, kind="stable")
        is_moved = (np.arange(len(keys)) >= len(keys) - len(moved))[order]
        class_code = keys[order] // max(n, 1)
        moved_before: NDArray[np.int64] = np.cumsum(is_moved) - is_moved
        first = np.searchsorted(class_code, np.arange(engine.n_classes))
        moved_before -= np.append(moved_before, 0)[first][class_code]
        position = np.searchsorted(key, keys[order])
        rank = before[position] - before[start[class_code]] + moved_before
        n_labels = engine.labels_per_class - np.bincount(
            engine.labels.class_code[mending.left_out], minlength=engine.n_classes
        )
        needed = matches_needed(n_labels) if len(mending.left_out) else engine.matches_needed
        result = average_precision(rank, class_code, n_labels, needed)
        n_counted = np.diff(before[start]) + np.bincount(class_of_found, minlength=engine.n_classes)
        emptied = (n_labels == 0) & (engine.labels_per_class > 0)
        result[emptied & (n_counted > 0)] = 0.0
        return result
