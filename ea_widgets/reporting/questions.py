"""What the report asks, always with the same thresholds and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from ea_widgets.analysis.evaluation import Evaluation


class Questions:
    """An evaluation, asked with the thresholds and classes of the report.

    Parameters
    ----------
    evaluation : Evaluation
    iou_threshold, confidence_threshold : float
    classes : tuple of str
    """

    def __init__(
        self,
        evaluation: Evaluation,
        iou_threshold: float,
        confidence_threshold: float,
        classes: tuple[str, ...],
    ) -> None:
        self.evaluation = evaluation
        self.iou_threshold = iou_threshold
        self.confidence_threshold = confidence_threshold
        self.classes = classes

    @property
    def thresholds(self) -> tuple[float, float]:
        """IoU and confidence."""
        return self.iou_threshold, self.confidence_threshold

    def ranking(self, outcome: str) -> pd.DataFrame:
        """Ask which metrics matter, with intervals."""
        return self.evaluation.importance(*self.thresholds, self.classes, outcome, settled=True)
