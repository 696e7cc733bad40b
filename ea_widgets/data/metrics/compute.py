"""``compute_metrics``: a Dataset in, a Dataset with metrics out."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.cache.store import open_cache
from ea_widgets.data.dataset import Dataset
from ea_widgets.data.images.decoding import decoders_kept_quiet
from ea_widgets.data.images.sources import FolderSource, as_image_source
from ea_widgets.data.metrics.box_run import metrics_of_boxes
from ea_widgets.data.metrics.embedding_run import (
    embedding_metrics,
    leave_out_unlike_vectors,
)
from ea_widgets.data.metrics.embedding_sources import find_embeddings
from ea_widgets.data.metrics.metric_warnings import Problems
from ea_widgets.data.metrics.pixel_run import PixelColumns, PixelRun
from ea_widgets.data.metrics.quantities import quantities_of
from ea_widgets.data.metrics.requested import select_metrics
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ea_widgets.data.metrics.box_run import Found
    from ea_widgets.data.metrics.embedding_sources import Embeddings
    from ea_widgets.data.metrics.quantities import Quantities
    from ea_widgets.data.metrics.requested import Chosen


_CACHE_KEYS = ("file", "content")
_BOX_COLUMNS = ["image_id", "x", "y", "width", "height"]
_IMAGE_COLUMNS = ["image_id", "width", "height", "file_name"]


def compute_metrics(
    dataset: Dataset,
    *,
    n_jobs: int = -1,
    metrics: Iterable[str] | None = None,
    cache: bool | str | os.PathLike[str] | None = None,
    cache_key: str = "file",
    embeddings: Any = None,
    progress: bool = True,
) -> Dataset:
    """Compute metrics of images, labels and predictions.

    Parameters
    ----------
    dataset : Dataset
        Not changed.
    n_jobs : int, default -1
        Threads; -1 for as many as there are cores. Metrics of one's own are then called from
        several threads.
    metrics : iterable of str, optional
        Names from the catalogue or of one's own, with the level behind them ("Blur (F)") or
        without (all its levels). Default: all that the data allows.
    cache : bool, str or path, optional
        Where results from pixels and vectors are kept, so that the next run computes only what
        is missing and an interrupted one goes on where it stopped: a folder, or True for
        ``.ea_widgets_cache`` beside the image files. Default: nowhere.
    cache_key : {"file", "content"}, default "file"
        Whether an image file counts as unchanged by its path, size and time of change, or by a
        hash of its content (files of more than 1 GiB by the former). Arrays always go by content.
    embeddings : mapping, str or callable, optional
        One vector per row for "images", "labels" and "predictions": a mapping from these to
        arrays of shape (rows, d), to names of columns of vectors, or to functions from pixels
        (height, width, 3) to a vector; or one name or function for all. Default: a column
        "embedding" where there is one, else a built-in fallback without a model (thumbnail and
        PCA), if there are images. A cache keeps the vectors of a function if all that its source
        refers to is numbers, text, arrays and functions. What it cannot look into, as a model,
        may have changed: give the function an attribute ``version``, a whole number or text
        (``embed.version = "ViT-B-32"``), and its vectors are kept until you change that.
    progress : bool, default True
        Show a progress bar with rate and time left over the images, and one over the vectors.

    Returns
    -------
    Dataset
        With the metrics added, or replaced where a column has the name already. Its notes say
        what is missing and why.

    Raises
    ------
    InvalidInputError
        If a name is unknown, the data for it is not there, or an argument cannot be used.

    Warns
    -----
    MetricWarning
        One for all images that cannot be read, and one for each metric of one's own that raised;
        the values concerned are missing (NaN).

    Notes
    -----
    Each image is decoded once for everything. A crop is the object's box grown to whole pixels
    (floor of the low corner, ceiling of the high one; an edge within a millionth of a whole
    pixel counts as on it) and cut at the image's border; an empty crop has no values. Random
    Values go by position of the row.

    Ctrl-C ends a run at once, and what was done is in the cache.
    """
    if not isinstance(dataset, Dataset):
        raise InvalidInputError(
            "dataset",
            f"is of type {type(dataset).__name__}",
            "Give an ea.Dataset, such as ea.read_coco or ea.Dataset.from_frames make.",
        )
    n_threads = _count_threads(n_jobs)
    if cache_key not in _CACHE_KEYS:
        raise unknown_option("cache_key", cache_key, _CACHE_KEYS)
    part = _Part.of(dataset, metrics, embeddings)
    by_content = cache_key == "content"
    return _compute([part], n_threads, cache, by_content=by_content, progress=progress)[0]


def compute_metrics_of_models(
    datasets: Mapping[str, Dataset], *, n_jobs: int = -1, progress: bool = True
) -> dict[str, Dataset]:
    """Compute the metrics of several models' data sets, each image decoded once for all of them.

    Parameters
    ----------
    datasets : mapping of str to Dataset
        By model. Those of other images or labels than the first are computed by themselves.
    n_jobs : int, default -1
        See :func:`compute_metrics`.
    progress : bool, default True
        Show a progress bar.

    Returns
    -------
    dict of str to Dataset
        What :func:`compute_metrics` gives for each.
    """
    n_threads = _count_threads(n_jobs)
    groups: list[dict[str, Dataset]] = []
    for name, dataset in datasets.items():
        for group in groups:
            if _same_crops(next(iter(group.values())), dataset):
                group[name] = dataset
                break
        else:
            groups.append({name: dataset})
    found: dict[str, Dataset] = {}
    for group in groups:
        parts = [_Part.of(dataset, None, None) for dataset in group.values()]
        made = _compute(parts, n_threads, None, by_content=False, progress=progress)
        found.update(zip(group, made, strict=True))
    return {name: found[name] for name in datasets}


@dataclass(frozen=True)
class _Part:
    """A data set, and what is to be computed of it."""

    dataset: Dataset
    vectors: Embeddings
    chosen: Chosen
    takes_all: bool

    @classmethod
    def of(cls, dataset: Dataset, metrics: Iterable[str] | None, embeddings: Any) -> _Part:
        has_pixels = dataset.pixels is not None
        vectors = find_embeddings(embeddings, dataset, has_pixels=has_pixels)
        chosen = select_metrics(metrics, has_pixels=has_pixels, embedded=vectors.frames)
        return cls(dataset, vectors, chosen, metrics is None)

    @property
    def is_slow(self) -> bool:
        """Whether anything is computed that a cache keeps."""
        return any(spec.needs != "boxes" for specs in self.chosen.values() for spec in specs)


def _compute(
    parts: Sequence[_Part],
    n_threads: int,
    cache: bool | str | os.PathLike[str] | None,
    *,
    by_content: bool,
    progress: bool,
) -> list[Dataset]:
    """Compute the metrics of data sets that have their images and labels in common."""
    pooled, quantities = _pooled(parts)
    source = None if pooled.pixels is None else as_image_source(pooled.pixels)
    said: list[str] = []
    columns = PixelColumns({}, {})
    made = []
    # However the run ends, what was done is written: the next goes on from there.
    with (
        open_cache(cache, source.folder if isinstance(source, FolderSource) else None)
        if any(part.is_slow for part in parts)
        else None
    ) or nullcontext() as store:
        if source is not None and any(quantities.values()):
            problems = Problems()
            run = PixelRun(pooled, source, quantities, store, by_content, problems)
            # A function that gives images may warn by way of Pillow, and is heard.
            with decoders_kept_quiet() if isinstance(source, FolderSource) else nullcontext():
                columns = run(n_threads, progress=progress)
            if store is not None:
                store.flush()  # comparing vectors can take long
                for quantity in {each.name: each for each in chain(*quantities.values())}.values():
                    if quantity.unseen:
                        problems.not_kept(quantity.name, quantity.unseen)
            leave_out_unlike_vectors(columns, problems)
            said.extend(problems.warn(len(pooled.images)))
        start = 0
        for part in parts:
            stop = start + len(part.dataset.predictions)
            own = columns.with_predictions(slice(start, stop))
            start = stop
            notes: list[str] = []
            found = metrics_of_boxes(part.dataset, part.chosen, n_threads, notes)
            from_vectors = embedding_metrics(
                part.dataset,
                part.chosen,
                part.vectors,
                own,
                n_threads=n_threads,
                cache=store,
                progress=progress,
            )
            for frame, values in (*own.measured.items(), *from_vectors.items()):
                found[frame].update(values)
            notes.extend(said)
            if part.vectors.fallback and any(from_vectors.values()):
                notes.append(_FALLBACK_NOTE)
            embedded = part.vectors.frames
            if part.takes_all and "predictions" in embedded and "labels" not in embedded:
                notes.append(_LABELS_NOTE)
            made.append(_assemble(part.dataset, part.chosen, found, notes))
    return made


def _pooled(parts: Sequence[_Part]) -> tuple[Dataset, Quantities]:
    """Put the predictions of all one below the other, and list what pixels are asked for."""
    asked = [quantities_of(part.chosen, part.vectors) for part in parts]
    first = parts[0].dataset
    if len(parts) == 1:
        return first, asked[0]
    frames = [part.dataset.frames.predictions[_BOX_COLUMNS] for part in parts]
    tidy = replace(first.frames, predictions=pd.concat(frames, ignore_index=True))
    quantities = {
        frame: tuple({each.name: each for one in asked for each in one[frame]}.values())
        for frame in asked[0]
    }
    return Dataset.from_tidy(tidy, first.pixels), quantities


def _same_crops(one: Dataset, other: Dataset) -> bool:
    """Tell whether two data sets have the same images, from the same source, and labels."""
    pixels = [one.pixels, other.pixels]
    if pixels[0] is not pixels[1]:
        folders = [each.folder if isinstance(each, FolderSource) else None for each in pixels]
        if folders[0] is None or folders[0] != folders[1]:
            return False
    return _same_rows(one.frames.images, other.frames.images, _IMAGE_COLUMNS) and _same_rows(
        one.frames.labels, other.frames.labels, _BOX_COLUMNS
    )


def _same_rows(one: pd.DataFrame, other: pd.DataFrame, columns: Sequence[str]) -> bool:
    shared = [[name for name in columns if name in frame] for frame in (one, other)]
    return shared[0] == shared[1] and one[shared[0]].equals(other[shared[0]])


_FALLBACK_NOTE = (
    "Image Singularity, Image Diversity and Object Annotation Quality use simple thumbnails, no "
    "model. Pass `embeddings=` for better ones."
)
_LABELS_NOTE = (
    "Object Annotation Quality is not computed: predictions have embeddings, but labels, which "
    "they are compared with, have none. Give embeddings of the labels too."
)


def _count_threads(n_jobs: int) -> int:
    if (
        isinstance(n_jobs, bool)
        or not isinstance(n_jobs, int | np.integer)
        or n_jobs == 0
        or n_jobs < -1
    ):
        raise InvalidInputError(
            "n_jobs", f"is {shown(n_jobs)}", "Give a number of threads, or -1 for one per core."
        )
    if n_jobs > 0:
        return int(n_jobs)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _assemble(dataset: Dataset, chosen: Chosen, found: Found, notes: list[str]) -> Dataset:
    """Add the columns in the order of the catalogue."""
    columns = {
        frame: pd.DataFrame({spec.name: found[frame][spec.name] for spec in specs})
        if specs
        else None
        for frame, specs in chosen.items()
    }
    added = dataset.with_metrics(**columns)
    said = tuple(dict.fromkeys((*added.frames.notes, *notes)))
    return Dataset.from_tidy(replace(added.frames, notes=said), added.pixels)
