"""Scores under thresholds, but mAP and mAR over all predictions, as everybody's are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ea_widgets.analysis.comparison import compare_scores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ea_widgets.analysis.comparison import ComparedScores
    from ea_widgets.analysis.scores import Scores
    from ea_widgets.analysis.scores.replicates import Replicates

    Columns = dict[str, NDArray[np.float64]]

OF_ALL = ("mean_average_precision", "mean_average_recall")
OF_CLASSES = ("average_precision", "average_recall")
"""What is over all predictions."""


class Scored(Protocol):
    """A model under a choice."""

    def scores(self) -> Scores:
        """Score it."""


class Compared(Protocol):
    """A comparison of evaluations, or of summaries, under a choice."""

    @property
    def names(self) -> Sequence[str]:
        """Names of the models."""

    @property
    def views(self) -> Sequence[Scored]:
        """The models."""

    def resampled(self, should_stop: Callable[[], bool] | None) -> Sequence[Replicates]:
        """Score all models when the same clusters are drawn again."""


def whole_scores(
    view: Compared,
    all_predictions: Compared,
    *,
    settled: bool = False,
    should_stop: Callable[[], bool] | None = None,
) -> ComparedScores:
    """Score all models.

    Parameters
    ----------
    view : Compared
        Under the thresholds of each model.
    all_predictions : Compared
        The same without any.
    settled : bool, default False
        See :meth:`ComparisonView.scores`.
    should_stop : callable, optional
        See :meth:`View.importance`.

    Returns
    -------
    ComparedScores
        The columns of mAP and mAR, and of the AP and AR of classes, are over all predictions.
    """
    pairs = zip(view.views, all_predictions.views, strict=True)
    scores = [own.scores().with_averages_of(whole.scores()) for own, whole in pairs]
    if not settled:
        return compare_scores(view.names, scores, None)
    drawn = zip(view.resampled(should_stop), all_predictions.resampled(should_stop), strict=True)
    return compare_scores(view.names, scores, [JoinedReplicates.of(*each) for each in drawn])


@dataclass(frozen=True, eq=False)
class JoinedReplicates:
    """Resampled scores, some of them over all predictions."""

    of_all: Columns
    of_classes: Columns
    labelled_clusters: NDArray[np.int64]
    n_clusters: int

    @classmethod
    def of(cls, own: Replicates, whole: Replicates) -> JoinedReplicates:
        """Take mAP, mAR, AP and AR from the second."""
        return cls(
            {**own.of_all, **{name: whole.of_all[name] for name in OF_ALL}},
            {**own.of_classes, **{name: whole.of_classes[name] for name in OF_CLASSES}},
            own.labelled_clusters,
            own.n_clusters,
        )
