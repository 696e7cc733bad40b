"""``compute_metrics``: a Dataset in, a Dataset with metrics out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pandas as pd

from ea_widgets.data.box_metrics import image_box_metrics, object_box_metrics, read_geometry
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.frames import TidyFrames
from ea_widgets.data.images import as_image_source
from ea_widgets.data.mask_areas import read_mask_areas
from ea_widgets.data.selection import select_metrics
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ea_widgets.data.catalogue import MetricSpec

_Found = dict[str, dict[str, "NDArray[Any]"]]

_MASKED = ("Frame Object Density", "Object Area - Absolute", "Object Area - Relative")


def compute_metrics(
    dataset: Dataset,
    *,
    n_jobs: int = -1,
    metrics: Iterable[str] | None = None,
    cache: bool | str | os.PathLike[str] | None = None,
    embeddings: Any = None,
    progress: bool = True,
) -> Dataset:
    """Compute metrics of images, labels and predictions.

    Parameters
    ----------
    dataset : Dataset
        Not changed.
    n_jobs : int, default -1
        Threads; -1 for as many as there are cores.
    metrics : iterable of str, optional
        Names from the catalogue or of one's own, with the level behind them ("Blur (F)") or
        without (all its levels). Default: all that the data allows.
    progress : bool, default True
        Show a progress bar over the images.

    Returns
    -------
    Dataset
        With the metrics added, or replaced where a column bears the name already.

    Raises
    ------
    InvalidInputError
        If a name is unknown, the data for it is not there, or an argument cannot be used.
    """
    n_threads = _count_threads(n_jobs)
    source = None if dataset.pixels is None else as_image_source(dataset.pixels)
    chosen, _ = select_metrics(metrics, has_pixels=False, embedded=frozenset())
    notes: list[str] = []
    found = _from_boxes(dataset, chosen, n_threads, notes)
    return _assemble(dataset, chosen, found, notes)


def _count_threads(n_jobs: int) -> int:
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs == 0 or n_jobs < -1:
        raise InvalidInputError(
            "n_jobs", f"is {n_jobs!r}", "Give a number of threads, or -1 for one per core."
        )
    if n_jobs > 0:
        return n_jobs
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _from_boxes(
    dataset: Dataset, chosen: dict[str, tuple[MetricSpec, ...]], n_threads: int, notes: list[str]
) -> _Found:
    images = dataset.images
    found: _Found = {"images": {}, "labels": {}, "predictions": {}}
    wanted = {frame: {spec.name for spec in specs} for frame, specs in chosen.items()}
    masks_wanted = {frame for frame, names in wanted.items() if names & set(_MASKED)}
    for frame, objects in (("labels", dataset.labels), ("predictions", dataset.predictions)):
        geometry = read_geometry(objects, images)
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
            n_threads=n_threads,
        )
        if frame == "labels":
            found["images"] = image_box_metrics(geometry, wanted["images"], masks)
        elif "Model Confidence" in wanted[frame]:
            found[frame]["Model Confidence"] = objects["confidence"].to_numpy()
    return found


def _assemble(
    dataset: Dataset,
    chosen: dict[str, tuple[MetricSpec, ...]],
    found: _Found,
    notes: list[str],
) -> Dataset:
    """Add the columns in the order of the catalogue."""
    columns = {
        frame: pd.DataFrame({spec.name: found[frame][spec.name] for spec in specs})
        if specs
        else None
        for frame, specs in chosen.items()
    }
    added = dataset.with_metrics(**columns)
    tidy = TidyFrames(
        added.images,
        added.labels,
        added.predictions,
        added.class_names,
        tuple(dict.fromkeys((*added.notes, *notes))),
    )
    return Dataset(tidy, added.pixels)
