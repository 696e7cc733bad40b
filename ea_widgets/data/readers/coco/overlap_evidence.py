"""Overlap of predictions with labels, as evidence where ids can be understood in two ways."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.core.matching.boxes import paired_iou
from ea_widgets.core.matching.pairs import overlapping
from ea_widgets.data.checks.refuse import BOX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ea_widgets.data.readers.coco.entry_columns import Codes

_LOOKED_AT = 2_000
"""How many of the most confident predictions are compared with labels."""

_LEAST_IOU = 0.5


class Evidence:
    """How well predictions fit the labels under a reading of their ids. Computed when asked.

    Parameters
    ----------
    found : mapping of str to ndarray of float64, shape (n_predictions,)
        ``x``, ``y``, ``width``, ``height`` and ``confidence``.
    images, categories : Codes
        Their image and category ids.
    truths : mapping of str to ndarray of float64, shape (n_labels,)
        ``x``, ``y``, ``width``, ``height``.
    truth_image : ndarray of intp, shape (n_labels,)
        Row of each label's image in the label file.
    truth_category : ndarray of int64, shape (n_labels,)
        Category id of each label.
    """

    def __init__(
        self,
        found: Mapping[str, Any],
        images: Codes,
        categories: Codes,
        truths: Mapping[str, Any],
        truth_image: NDArray[np.intp],
        truth_category: NDArray[np.int64],
    ) -> None:
        self._found = found
        self._images = images
        self._categories = categories
        self._truths = truths
        self._truth_image = truth_image
        self._truth_category = truth_category

    @cached_property
    def _rows(self) -> NDArray[np.intp]:
        return np.argsort(-self._found["confidence"], kind="stable")[:_LOOKED_AT]

    def _pairs(self, image: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        box = np.stack([self._found[column][self._rows] for column in BOX], axis=1)
        truth = np.stack([self._truths[column] for column in BOX], axis=1)

        def overlap(rows: NDArray[np.intp], truths: NDArray[np.intp]) -> NDArray[np.float64]:
            return paired_iou(box[rows], truth[truths], np.zeros(len(rows), dtype=bool))

        group = image[self._images.rows[self._rows]]
        rows, truths, _ = overlapping(group, self._truth_image, overlap, _LEAST_IOU)
        return rows, truths

    def share_found(self, image: NDArray[np.intp]) -> float:
        """Share of predictions that overlap a label well.

        Parameters
        ----------
        image : ndarray of intp, shape (n_image_ids,)
            Row of the image that each id is taken to mean.

        Returns
        -------
        float
            In [0, 1]; 0 without predictions.
        """
        rows, _ = self._pairs(image)
        return len(np.unique(rows)) / max(len(self._rows), 1)

    def share_of_one_class(self, image: NDArray[np.intp], shift: int) -> float:
        """Share of the well overlapping pairs that agree on the class.

        Parameters
        ----------
        image : ndarray of intp, shape (n_image_ids,)
            Row of the image that each id means.
        shift : int
            Subtracted from the category ids of the predictions.

        Returns
        -------
        float
            In [0, 1]; 0 without pairs.
        """
        rows, truths = self._pairs(image)
        ids = np.array(self._categories.used, dtype=np.int64) - shift
        same = ids[self._categories.rows[self._rows[rows]]] == self._truth_category[truths]
        return float(same.mean()) if len(same) else 0.0
