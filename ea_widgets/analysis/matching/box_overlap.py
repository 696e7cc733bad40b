"""Boxes of all objects, and their overlaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.matching.arrays import BOX
from ea_widgets.core.matching.boxes import paired_iou

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.dataset import Dataset


class BoxOverlap:
    """The boxes of a dataset as a :class:`~ea_widgets.core.matching.similarity.Similarity`.

    Parameters
    ----------
    dataset : Dataset
    """

    def __init__(self, dataset: Dataset) -> None:
        self.prediction_boxes, self.label_boxes = (
            frame[BOX].to_numpy(np.float64) for frame in (dataset.predictions, dataset.labels)
        )
        self.prediction_areas, self.label_areas = (
            boxes[:, 2] * boxes[:, 3] for boxes in (self.prediction_boxes, self.label_boxes)
        )

    def __call__(
        self,
        predictions: NDArray[np.intp],
        labels: NDArray[np.intp],
        is_crowd: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Measure the overlap of box *i* of the predictions with box *i* of the labels."""
        return paired_iou(self.prediction_boxes[predictions], self.label_boxes[labels], is_crowd)
