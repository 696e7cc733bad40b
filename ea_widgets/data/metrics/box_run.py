"""Metrics from boxes, masks and confidences: no pixels are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.geometry import read_geometry
from ea_widgets.data.masks.areas import read_mask_areas
from ea_widgets.data.metrics.box_metrics import image_box_metrics, object_box_metrics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.metrics.requested import Chosen

Found = dict[str, dict[str, "NDArray[Any]"]]
"""Columns by frame and metric."""

_MASKED = ("Frame Object Density", "Object Area - Absolute", "Object Area - Relative", "COCO Area")


def metrics_of_boxes(dataset: Dataset, chosen: Chosen, n_threads: int, notes: list[str]) -> Found:
    """Compute the metrics that need no pixels; what is odd about masks is added to `notes`."""
    frames = dataset.frames
    found: Found = {"images": {}, "labels": {}, "predictions": {}}
    wanted = {frame: {spec.name for spec in specs} for frame, specs in chosen.items()}
    masks_wanted = {frame for frame, names in wanted.items() if names & set(_MASKED)}
    for frame, objects in (("labels", frames.labels), ("predictions", frames.predictions)):
        geometry = read_geometry(objects, frames.images)
        masks = None
        if frame in masks_wanted or (frame == "labels" and "images" in masks_wanted):
            masks = read_mask_areas(objects, geometry, frame)
        if masks is not None:
            notes.extend(masks.notes)
        found[frame] = object_box_metrics(
            geometry,
            objects["class_name"].cat.codes.to_numpy(),
            wanted[frame],
            source=frame,
            masks=masks,
            stated=objects["coco_area"].to_numpy(np.float64) if "coco_area" in objects else None,
            n_threads=n_threads,
        )
        if frame == "labels":
            found["images"] = image_box_metrics(geometry, wanted["images"], masks)
        elif "Model Confidence" in wanted[frame]:
            found[frame]["Model Confidence"] = objects["confidence"].to_numpy()
    return found
