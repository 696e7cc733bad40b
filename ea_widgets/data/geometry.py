"""Boxes of one source with the images that they are in, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Geometry:
    """Boxes of one source with the images that they are in.

    Parameters
    ----------
    boxes : ndarray of float64, shape (n, 4)
        x, y, width, height in pixels.
    image : ndarray of intp, shape (n,)
        Row of each object's image.
    image_size : ndarray of float64, shape (n_images, 2)
        Width and height of every image, in pixels.
    """

    boxes: NDArray[np.float64]
    image: NDArray[np.intp]
    image_size: NDArray[np.float64]

    @cached_property
    def own_size(self) -> NDArray[np.float64]:
        """Width and height of the image of each object, shape (n, 2)."""
        return self.image_size[self.image]

    @cached_property
    def corners(self) -> NDArray[np.float64]:
        """Boxes clipped to their image: x_low, y_low, x_high, y_high; shape (n, 4)."""
        low = np.clip(self.boxes[:, :2], 0, self.own_size)
        high = np.clip(self.boxes[:, :2] + self.boxes[:, 2:], 0, self.own_size)
        return np.concatenate([low, high], axis=1)

    @cached_property
    def clipped_area(self) -> NDArray[np.float64]:
        """Area of each box inside its image, px², shape (n,)."""
        sides = self.corners[:, 2:] - self.corners[:, :2]
        return np.asarray(sides[:, 0] * sides[:, 1])


def read_geometry(objects: pd.DataFrame, images: pd.DataFrame) -> Geometry:
    """Take the boxes and sizes out of a Dataset's frames.

    Parameters
    ----------
    objects : DataFrame
        ``dataset.labels`` or ``dataset.predictions``.
    images : DataFrame
        ``dataset.images``.

    Returns
    -------
    Geometry
        In the order of the rows.
    """
    boxes = objects[["x", "y", "width", "height"]].to_numpy(np.float64)
    image = pd.Index(images["image_id"]).get_indexer(pd.Index(objects["image_id"]))
    size = images[["width", "height"]].to_numpy(np.float64)
    return Geometry(boxes, image.astype(np.intp), size)
