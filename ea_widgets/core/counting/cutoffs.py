"""Counts of what is left at and above each confidence, group by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Number = TypeVar("Number", np.int64, np.float64)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Predictions that count, by group and falling confidence, and the labels of the groups.

    Attributes
    ----------
    group : ndarray of intp, shape (n,)
        Ascending.
    confidence : ndarray of float64, shape (n,)
        Falls within a group.
    hit : ndarray of bool, shape (n,)
        Whether it is a true positive.
    cluster : ndarray of intp, shape (n,)
    label_group, label_cluster : ndarray of intp, shape (n_labels,)
    n_groups, n_clusters : int
    """

    group: NDArray[np.intp]
    confidence: NDArray[np.float64]
    hit: NDArray[np.bool_]
    cluster: NDArray[np.intp]
    label_group: NDArray[np.intp]
    label_cluster: NDArray[np.intp]
    n_groups: int
    n_clusters: int

    @property
    def start(self) -> NDArray[np.intp]:
        """Where each group begins, shape (n_groups,)."""
        return np.searchsorted(self.group, np.arange(self.n_groups))

    @property
    def labels(self) -> NDArray[np.int64]:
        """Labels of each group, shape (n_groups,)."""
        return np.bincount(self.label_group, minlength=self.n_groups)

    @property
    def labelled_clusters(self) -> NDArray[np.int64]:
        """Clusters with labels, by group; shape (n_groups,)."""
        cells = np.unique(self.label_group * self.n_clusters + self.label_cluster)
        return np.bincount(cells // max(self.n_clusters, 1), minlength=self.n_groups)

    def pooled(self) -> Ranked:
        """Take all groups as one."""
        order = np.argsort(-self.confidence, kind="stable")
        return Ranked(
            np.zeros_like(self.group),
            self.confidence[order],
            self.hit[order],
            self.cluster[order],
            np.zeros_like(self.label_group),
            self.label_cluster,
            1,
            self.n_clusters,
        )

    def from_threshold(self, threshold: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Mark the predictions at or above the threshold of their group; none where it is NaN."""
        kept: NDArray[np.bool_] = self.confidence >= threshold[self.group]
        return kept

    def candidates(self) -> NDArray[np.intp]:
        """Rows of the last prediction of each distinct confidence of a group, ascending."""
        group, confidence = self.group, self.confidence
        ends = (group[1:] != group[:-1]) | (confidence[1:] != confidence[:-1])
        return np.flatnonzero(np.append(ends, True)[: len(group)])

    def running(self, values: NDArray[Number]) -> NDArray[Number]:
        """Add up what each prediction adds, within its group."""
        total = np.concatenate([np.zeros(1, values.dtype), np.cumsum(values)])
        sums: NDArray[Number] = total[1:] - total[self.start[self.group]]
        return sums


@dataclass(frozen=True)
class Goal:
    """What the best point is.

    Attributes
    ----------
    beta : float
        Recall weighs beta² times as much as precision in F.
    min_precision, min_recall : float, optional
        Of the points that have it, the one of the highest recall, or of the highest precision.
        Without either, the highest F.
    """

    beta: float = 1.0
    min_precision: float | None = None
    min_recall: float | None = None

    def f_beta(
        self, found: NDArray[np.number], counted: NDArray[np.number], labels: NDArray[np.number]
    ) -> NDArray[np.float64]:
        """(1 + beta²) TP / (TP + FP + beta² labels); NaN without labels."""
        weight = self.beta**2
        return ratio((1 + weight) * found, np.where(labels > 0, counted + weight * labels, 0))

    def best(
        self,
        found: NDArray[np.int64],
        counted: NDArray[np.int64],
        labels: NDArray[np.int64],
        group: NDArray[np.intp],
        n_groups: int,
    ) -> NDArray[np.intp]:
        """Choose a candidate of each group.

        Parameters
        ----------
        found, counted, labels : ndarray of int64, shape (n_candidates,)
            True positives; true and false positives; labels of the group.
        group : ndarray of intp, shape (n_candidates,)
            Ascending; confidences fall within a group.
        n_groups : int

        Returns
        -------
        ndarray of intp, shape (n_groups,)
            Position of the candidate; -1 where none has what is wanted, or no true positive. Of
            equal ones that of the highest confidence; where a recall is wanted, that of the
            highest recall.
        """
        precision, recall = ratio(found, counted), ratio(found, labels)
        if self.min_precision is not None:
            worth, allowed = found.astype(np.float64), precision >= self.min_precision
        elif self.min_recall is not None:
            worth, allowed = precision, recall >= self.min_recall
        else:
            worth, allowed = self.f_beta(found, counted, labels), found > 0
        worth = np.where(allowed & (found > 0) & (labels > 0), worth, -np.inf)
        chosen = np.full(n_groups, -1, np.intp)
        if not len(group):
            return chosen
        new = np.append(True, group[1:] != group[:-1])
        first = np.flatnonzero(new)
        highest = np.maximum.reduceat(worth, first)
        is_best = np.flatnonzero((worth == highest[np.cumsum(new) - 1]) & np.isfinite(worth))
        if self.min_recall is None:
            is_best = is_best[::-1]
        chosen[group[is_best]] = is_best  # the last assignment to a group stays
        return chosen


def choose(
    ranked: Ranked, goal: Goal, kept: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Find the best threshold of each group.

    Parameters
    ----------
    ranked : Ranked
    goal : Goal
    kept : ndarray of bool, shape (n_clusters,), optional
        Clusters that are looked at; all by default.

    Returns
    -------
    ndarray of float64, shape (n_groups,)
        A confidence of the group; NaN where no point has what is wanted.
    """
    rows = ranked.candidates()
    one = np.ones(len(ranked.group), np.int64)
    labels = ranked.labels
    if kept is not None:
        one[~kept[ranked.cluster]] = 0
        labels = np.bincount(
            ranked.label_group[kept[ranked.label_cluster]], minlength=ranked.n_groups
        )
    found, counted = ranked.running(one * ranked.hit)[rows], ranked.running(one)[rows]
    group = ranked.group[rows]
    best = goal.best(found, counted, labels[group], group, ranked.n_groups)
    confidence = np.append(ranked.confidence[rows], np.nan)
    threshold: NDArray[np.float64] = confidence[best]
    return threshold


def ratio(part: NDArray[np.number], whole: NDArray[np.number]) -> NDArray[np.float64]:
    """Part / whole; NaN where the whole is 0."""
    result = np.full(np.shape(part), np.nan)
    np.divide(part, whole, out=result, where=np.asarray(whole) > 0)
    return result
