"""Metrics from boxes and image sizes alone, over all objects at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.core.geometry.neighbours import find_neighbours
from ea_widgets.core.geometry.union_area import union_areas

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from ea_widgets.data.geometry import Geometry
    from ea_widgets.data.masks.areas import MaskAreas

SEED = 1902
"""Of the random control metrics; fixed, so that they are the same in every run."""

_NEIGHBOUR_METRICS = ("Annotation Duplicates", "Overlap with Others", "Nearest Neighbour Distance")


def image_box_metrics(
    labels: Geometry, wanted: Collection[str], masks: MaskAreas | None = None
) -> dict[str, NDArray[np.float64]]:
    """Metrics of frames.

    Parameters
    ----------
    labels : Geometry
        All labels.
    wanted : collection of str
        Names; those of other metrics are passed over.
    masks : MaskAreas, optional
        Areas of masks, where labels have them.

    Returns
    -------
    dict of str to ndarray of float64, shape (n_images,)
        By name.
    """
    size = labels.image_size
    n_images = len(size)
    found: dict[str, NDArray[np.float64]] = {}
    if "Area" in wanted:
        found["Area"] = size[:, 0] * size[:, 1]
    if "Aspect Ratio" in wanted:
        found["Aspect Ratio"] = size[:, 0] / size[:, 1]
    if "Object Count" in wanted:
        found["Object Count"] = np.bincount(labels.image, minlength=n_images).astype(np.float64)
    if "Frame Object Density" in wanted:
        covered = union_areas(labels.corners, labels.image, n_images)
        if masks is not None:
            covered = np.where(np.isnan(masks.unions), covered, masks.unions)
        found["Frame Object Density"] = 100 * covered / (size[:, 0] * size[:, 1])
    if "Random Values on Images" in wanted:
        found["Random Values on Images"] = _random(n_images, 0)
    return found


def object_box_metrics(
    objects: Geometry,
    classes: NDArray[np.integer],
    wanted: Collection[str],
    *,
    source: str,
    masks: MaskAreas | None = None,
    stated: NDArray[np.float64] | None = None,
    n_threads: int = 1,
) -> dict[str, NDArray[np.float64]]:
    """Metrics of labels or of predictions.

    Parameters
    ----------
    objects : Geometry
        The boxes.
    classes : ndarray of int, shape (n,)
        Class of each.
    wanted : collection of str
        Names; those of other metrics are passed over.
    source : {"labels", "predictions"}
        Decides the stream of random numbers only.
    masks : MaskAreas, optional
        Areas of masks, where objects have them.
    stated : ndarray of float64, shape (n,), optional
        Areas that a file states, in px²; NaN where it states none.
    n_threads : int, default 1
        Threads for the comparison of neighbours.

    Returns
    -------
    dict of str to ndarray of float64, shape (n,)
        By name; NaN where undefined.
    """
    size = objects.own_size
    found: dict[str, NDArray[np.float64]] = {}
    of_masks = None if masks is None else masks.areas
    if "Object Area - Absolute" in wanted or "Object Area - Relative" in wanted:
        area = _first_known(objects.clipped_area, of_masks)
        found["Object Area - Absolute"] = area
        found["Object Area - Relative"] = 100 * area / (size[:, 0] * size[:, 1])
    if "COCO Area" in wanted:
        whole = objects.boxes[:, 2] * objects.boxes[:, 3]
        found["COCO Area"] = _first_known(whole, stated, of_masks)
    if "Object Aspect Ratio" in wanted:
        width, height = objects.boxes[:, 2], objects.boxes[:, 3]
        found["Object Aspect Ratio"] = np.divide(
            width, height, out=np.full(len(width), np.nan), where=height > 0
        )
    if "Border Closeness" in wanted:
        found["Border Closeness"] = _border_closeness(objects)
    if any(name in wanted for name in _NEIGHBOUR_METRICS):
        near = find_neighbours(objects.boxes, objects.image, classes, n_threads=n_threads)
        found["Annotation Duplicates"] = near.same_class_iou
        found["Overlap with Others"] = near.any_class_iou
        diagonal = np.hypot(size[:, 0], size[:, 1])
        found["Nearest Neighbour Distance"] = 100 * near.distance / diagonal
    if "Random Values on Objects" in wanted:
        found["Random Values on Objects"] = _random(
            len(objects.boxes), 1 if source == "labels" else 2
        )
    return {name: values for name, values in found.items() if name in wanted}


def _first_known(
    otherwise: NDArray[np.float64], *areas: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Take the first of some areas that is known of each object."""
    for area in reversed(areas):
        if area is not None:
            otherwise = np.where(np.isnan(area), otherwise, area)
    return otherwise


def _border_closeness(objects: Geometry) -> NDArray[np.float64]:
    low = objects.boxes[:, :2] / objects.own_size
    high = (objects.boxes[:, :2] + objects.boxes[:, 2:]) / objects.own_size
    nearest = np.maximum(1 - low, high).max(axis=1, initial=0)
    return np.asarray(np.clip(nearest, 0, 1))


def _random(number: int, stream: int) -> NDArray[np.float64]:
    return np.random.default_rng([SEED, stream]).random(number)
