"""Scores under thresholds, but mAP and mAR over all predictions, as everybody's are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.comparison import ComparedScores

if TYPE_CHECKING:
    from ea_widgets.analysis.comparison import ComparisonView

OVER_ALL = "mean_average"
"""How the columns of mAP and mAR begin."""


def whole_scores(
    view: ComparisonView, all_predictions: ComparisonView, **options: Any
) -> ComparedScores:
    """Score all models.

    Parameters
    ----------
    view : ComparisonView
        Under the thresholds of each model.
    all_predictions : ComparisonView
        The same without any.
    **options : object
        See :meth:`ComparisonView.scores`.

    Returns
    -------
    ComparedScores
        The columns of mAP and mAR, and of the AP and AR of classes, are over all predictions.
    """
    scores, whole = view.scores(**options), all_predictions.scores(**options)
    tables = []
    for own, other, start in (
        (scores.table, whole.table, OVER_ALL),
        (scores.per_class, whole.per_class, "average"),
    ):
        of_all = {str(name): other[name] for name in other if str(name).startswith(start)}
        tables.append(own.assign(**of_all))
    return ComparedScores(*tables)
