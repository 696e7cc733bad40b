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
        objects, errors, said = "objects", "missed objects", "object is missed"
        others, missing = scores.predictions_used, "predictions"
    else:
        rows, right, wrong = scores.predictions_used, scores.true_positives, scores.false_positives
        objects, errors, said = "predictions", "false positives", "prediction is a false positive"
        others, missing = scores.labels_used, "labels"
    if not rows:
        return f"There are no {objects}, so there are no {errors}."
    if not wrong:
        return f"There are no {errors}."
    if right:
        return f"No significant concentration of {errors}."
    if not others:
        return f"Every {said}, since there are no {missing}."
    return f"Every {said}, so they concentrate nowhere."
