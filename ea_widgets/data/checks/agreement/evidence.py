"""Overlap of predictions with labels: evidence where ids or boxes can be understood in two ways."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.matching.overlap_candidates import overlapping_boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Boxes = NDArray[np.float64]
    Rows = NDArray[np.intp]

LOOKED_AT = 2_000
"""How many of the most confident predictions are compared with labels."""

MOST_PAIRS = 4_000_000
"""Pairs with labels of the same image that are looked at: fewer predictions of crowded images."""

LEAST_IOU = 0.5
"""IoU from which on a prediction and a label are taken for one object."""


@dataclass(frozen=True)
class Evidence:
    """How well predictions fit the labels under a reading of their ids. Computed when asked.

    Parameters
    ----------
    boxes : ndarray of float64, shape (4, n_predictions)
        x, y, width, height in pixels.
    confidence : ndarray of float64, shape (n_predictions,)
    image_codes, class_codes : ndarray of intp, shape (n_predictions,)
        Position of each prediction's image id and class in those that occur; -1 where it is not
        looked at.
    label_boxes : ndarray of float64, shape (4, n_labels)
    label_images, label_classes : ndarray of intp, shape (n_labels,)
        Row of each label's image and class; -1 where it is not looked at.
    """

    boxes: Boxes
    confidence: NDArray[np.float64]
    image_codes: Rows
    class_codes: Rows
    label_boxes: Boxes
    label_images: Rows
    label_classes: Rows

    @cached_property
    def rows(self) -> Rows:
        """The predictions that are looked at: the most confident that can be used."""
        usable = np.flatnonzero(
            (self.image_codes >= 0) & np.isfinite(self.confidence) & np.isfinite(self.boxes).all(0)
        )
        if len(usable) > LOOKED_AT:
            order = np.argpartition(-self.confidence[usable], LOOKED_AT)[:LOOKED_AT]
            usable = np.sort(usable[order])
        images = self.image_codes[usable]
        n_labels = np.bincount(self.label_images[self._labels], minlength=images.max(initial=0) + 1)
        by_confidence = np.argsort(-self.confidence[usable], kind="stable")
        few = np.cumsum(n_labels[images[by_confidence]]) <= MOST_PAIRS
        return np.sort(usable[by_confidence[few]])

    @cached_property
    def _labels(self) -> Rows:
        return np.flatnonzero((self.label_images >= 0) & np.isfinite(self.label_boxes).all(0))

    def pairs(
        self, images: Rows, boxes: Boxes | None = None, least: float = LEAST_IOU
    ) -> tuple[Rows, Rows]:
        """Find the predictions looked at that overlap a label well.

        Parameters
        ----------
        images : ndarray of intp, shape (n_image_ids,)
            Row of the image that each id is taken to mean; negative: none.
        boxes : ndarray of float64, shape (4, n_looked_at), optional
            Other boxes for the predictions of :attr:`rows`.
        least : float
            IoU from which on they overlap well.

        Returns
        -------
        predictions, labels : ndarray of intp, shape (n_pairs,)
            Row numbers.
        """
        box = (self.boxes[:, self.rows] if boxes is None else boxes).T
        labels = self._labels
        truth = self.label_boxes[:, labels].T
        group = images[self.image_codes[self.rows]]
        known = np.flatnonzero((group >= 0) & np.isfinite(box).all(axis=1))

        found, truths, _ = overlapping_boxes(
            group[known], self.label_images[labels], box[known], truth, least
        )
        return self.rows[known[found]], labels[truths]

    def share_found(
        self, images: Rows, boxes: Boxes | None = None, least: float = LEAST_IOU
    ) -> float:
        """Share of the predictions looked at that overlap a label well, in [0, 1]; 0 of none."""
        found, _ = self.pairs(images, boxes, least)
        return len(np.unique(found)) / max(len(self.rows), 1)

    def share_of_one_class(self, images: Rows, classes: Rows) -> float:
        """Share of the well overlapping pairs that agree on the class.

        Parameters
        ----------
        images : ndarray of intp, shape (n_image_ids,)
            Row of the image that each id means.
        classes : ndarray of intp, shape (n_class_ids,)
            Row of the class that each id is taken to mean; negative: none.

        Returns
        -------
        float
            In [0, 1]; 0 without pairs.
        """
        found, truths = self.pairs(images)
        if not len(found):
            return 0.0
        known = np.append(classes, -2)  # of predictions whose class cannot be read
        same = known[self.class_codes[found]] == self.label_classes[truths]
        return float(same.mean())
