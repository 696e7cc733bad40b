"""Why no range of a metric is named, in words: chance explains all, or there is nothing to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ea_widgets.analysis.scores import Scores


def why_no_range(scores: Scores, outcome: str) -> str:
    """Say what is the case where :meth:`Evaluation.worst_ranges` has no rows.

    Parameters
    ----------
    scores : Scores
        Under the same choices.
    outcome : {"true_positive", "missed"}

    Returns
    -------
    str
        A sentence, plain text.
    """
    if outcome == "missed":
        rows, right, wrong = scores.labels_used, scores.true_positives, scores.false_negatives
        one, many, errors, others = "label", "labels", "missed", scores.predictions_used
        missing = "predictions"
    else:
        rows, right, wrong = scores.predictions_used, scores.true_positives, scores.false_positives
        one, many, errors, others = "prediction", "predictions", "wrong", scores.labels_used
        missing = "labels"
    if not rows:
        return f"There are no {many} that could be {errors}."
    if not wrong:
        return f"No {one} is {errors}."
    if right:
        return f"No range of a metric holds significantly more {errors} {many} than others."
    if not others:
        return f"Every {one} is {errors}, since there are no {missing}."
    return f"Every {one} is {errors}, so no range of a metric holds more of them than another."
