"""What an evaluation needs to know of the shape of its objects: the seam for new tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Similarity(Protocol):
    """Candidate pairs, their overlap, and the area of objects.

    Boxes and masks are two of them. Oriented boxes or keypoints are one more file each.

    Attributes
    ----------
    prediction_boxes, label_boxes : ndarray of float64, shapes (n_predictions, 4), (n_labels, 4)
        ``[x, y, width, height]`` in pixels, by row of the frames. Objects whose boxes share no
        area do not overlap: only the others are candidates.
    prediction_areas, label_areas : ndarray of float64, shapes (n_predictions,), (n_labels,)
        In square pixels, by which COCO tells the size of objects.
    """

    prediction_boxes: NDArray[np.float64]
    label_boxes: NDArray[np.float64]
    prediction_areas: NDArray[np.float64]
    label_areas: NDArray[np.float64]

    def __call__(
        self,
        predictions: NDArray[np.intp],
        labels: NDArray[np.intp],
        is_crowd: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Measure the overlap of prediction *i* with label *i*.

        Parameters
        ----------
        predictions, labels : ndarray of intp, shape (n,)
            Rows of the frames; of one image each.
        is_crowd : ndarray of bool, shape (n,)
            True where the label marks a crowd: the divisor is then the prediction's area.

        Returns
        -------
        ndarray of float64, shape (n,)
            In [0, 1].
        """
        ...
