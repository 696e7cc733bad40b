"""Which similarity goes with which kind of overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.analysis.matching.box_overlap import BoxOverlap

if TYPE_CHECKING:
    from ea_widgets.core.matching.similarity import Similarity
    from ea_widgets.data.dataset import Dataset

IOU_TYPES = ("bbox", "segm")


def measure(dataset: Dataset, iou_type: str) -> tuple[Dataset, Similarity]:
    """Get ready to measure overlaps, of "bbox" or of "segm"; what has no mask is left out then."""
    if iou_type == "bbox":
        return dataset, BoxOverlap(dataset)
    from ea_widgets.analysis.matching.usable_masks import (  # noqa: PLC0415  # an extra
        measure_masks,
    )

    return measure_masks(dataset)
