"""Evaluation: match once, then answer any question about any threshold, class or metric."""

from __future__ import annotations

from ea_widgets.analysis.acting_questions import ActingQuestions
from ea_widgets.analysis.metric_questions import MetricQuestions
from ea_widgets.analysis.score_questions import ScoreQuestions


class Evaluation(ScoreQuestions, MetricQuestions, ActingQuestions):
    """A detector's predictions, matched to labels as COCO does, ready for questions.

    Building it pairs up predictions and labels once. Every question after that counts what was
    matched, exactly, on all the data.

    Parameters
    ----------
    dataset : Dataset
    iou_type : {"bbox", "segm"}, default "bbox"
        Overlap of boxes, or of masks.
    max_detections : int, default 100
        Predictions evaluated per image and class, the most confident ones.

    Raises
    ------
    InvalidInputError
        If an argument cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> from ea_widgets.data.dataset import Dataset
    >>> images = pd.DataFrame({"image_id": [7], "width": [640], "height": [480]})
    >>> box = {"image_id": [7], "class_name": ["cat"], "x": 8, "y": 8, "width": 9, "height": 9}
    >>> labels, predictions = pd.DataFrame(box), pd.DataFrame({**box, "confidence": 0.5})
    >>> evaluation = Evaluation(Dataset.from_frames(images, labels, predictions))
    >>> round(evaluation.scores(iou_threshold=0.75).mean_average_precision, 12)
    1.0
    """
