"""From what gives vectors to the metrics that are made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ea_widgets.core.embeddings import principal_components
from ea_widgets.data.cache.fingerprint import fingerprint, kept_label
from ea_widgets.data.catalogue import check_version
from ea_widgets.data.metrics.embedding_metrics import (
    annotation_quality,
    image_diversity,
    image_singularity,
)
from ea_widgets.data.metrics.metric_warnings import VECTOR, Problems
from ea_widgets.data.metrics.pixel_metrics import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from ea_widgets.data.cache.store import MetricCache
    from ea_widgets.data.catalogue import MetricSpec
    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.metrics.embedding_sources import Embeddings
    from ea_widgets.data.metrics.pixel_run import PixelColumns

THUMBNAIL = 8
"""Side of the fallback's thumbnail, in pixels."""

COMPONENTS = 32
"""Numbers that the fallback keeps of a thumbnail."""


def thumbnails(pixels: NDArray[np.uint8], regions: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Shrink crops: the built-in embedding that needs no model.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)
        An image.
    regions : ndarray of int64, shape (n, 4)
        x_low, y_low, x_high, y_high inside the image, highs excluded.

    Returns
    -------
    ndarray of uint8, shape (n, 192)
        Eight by eight pixels each, the mean of the part of the crop that they stand for; zeros
        for an empty crop.
    """
    image = Image.fromarray(pixels)
    size = (THUMBNAIL, THUMBNAIL)
    found = np.zeros((len(regions), THUMBNAIL * THUMBNAIL * 3), dtype=np.uint8)
    for row, (x_low, y_low, x_high, y_high) in enumerate(regions.tolist()):
        if x_high > x_low and y_high > y_low:
            box = (x_low, y_low, x_high, y_high)
            small = image.resize(size, Image.Resampling.BOX, box)
            found[row] = np.frombuffer(small.tobytes(), dtype=np.uint8)
    return found


def embedding_quantities(
    frame: str, chosen: Mapping[str, tuple[MetricSpec, ...]], vectors: Embeddings
) -> tuple[Quantity, ...]:
    """List the vectors to be made from pixels for a frame.

    Parameters
    ----------
    frame : str
        "images", "labels" or "predictions".
    chosen : mapping of str to tuple of MetricSpec
        What is to be computed.
    vectors : Embeddings
        Where vectors come from.

    Returns
    -------
    tuple of Quantity
        One or none. Those of a user's function are kept in a cache as metrics are, with its
        attribute ``version``.

    Raises
    ------
    InvalidInputError
        If a ``version`` is neither a whole number nor text.
    """
    needing = {
        name for name, specs in chosen.items() if any(s.needs == "embeddings" for s in specs)
    }
    # Predictions are compared with labels.
    if frame not in needing and not (frame == "labels" and "predictions" in needing):
        return ()
    if frame in vectors.functions:
        function = vectors.functions[frame]
        seen = fingerprint(function)
        version = getattr(function, "version", None)
        if version is not None:
            version = check_version("embeddings.version", version, may_be_text=True)
        label = kept_label(VECTOR, version, seen)
        unseen = seen.unseen if label is None else ()
        return (Quantity(VECTOR, label, function, is_vector=True, unseen=unseen),)
    if frame in vectors.fallback:
        return (Quantity(VECTOR, "thumbnail@1", thumbnails, is_vector=True, takes_all=True),)
    return ()


def leave_out_unlike_vectors(columns: PixelColumns, problems: Problems) -> None:
    """Forget the predictions' vectors where they cannot be compared with those of the labels.

    Parameters
    ----------
    columns : PixelColumns
        What was made from pixels; changed.
    problems : Problems
        Takes a sentence if the lengths differ.
    """
    labels = columns.measured.get("labels", {}).get(VECTOR)
    predictions = columns.measured.get("predictions", {}).get(VECTOR)
    if labels is None or predictions is None or labels.shape[1] == predictions.shape[1]:
        return
    del columns.measured["predictions"][VECTOR]
    problems.say(
        f"Your embedding functions give {labels.shape[1]} numbers for a label and "
        f"{predictions.shape[1]} for a prediction, so that they cannot be compared: Object "
        "Annotation Quality of predictions is missing. Embed both with the same model."
    )


def embedding_metrics(
    dataset: Dataset,
    chosen: Mapping[str, tuple[MetricSpec, ...]],
    vectors: Embeddings,
    columns: PixelColumns,
    *,
    n_threads: int,
    cache: MetricCache | None,
    progress: bool,
) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Compute the chosen metrics from vectors.

    Parameters
    ----------
    dataset : Dataset
        Its classes are compared.
    chosen : mapping of str to tuple of MetricSpec
        What is to be computed.
    vectors : Embeddings
        Where vectors come from.
    columns : PixelColumns
        Those that were made from pixels.
    n_threads : int
        Threads to use.
    cache : MetricCache or None
        Where results are kept, by the content of all vectors and classes that go in.
    progress : bool
        Show a bar with rate and time left, in vectors.

    Returns
    -------
    dict
        ``found[frame][name]``: one number per row.
    """
    wanted = {
        frame: [spec for spec in specs if spec.needs == "embeddings"]
        for frame, specs in chosen.items()
    }
    found: dict[str, dict[str, NDArray[np.float64]]] = {frame: {} for frame in wanted}
    total = sum(len(specs) * len(getattr(dataset, frame)) for frame, specs in wanted.items())
    if not any(wanted.values()):
        return found
    from tqdm.auto import tqdm  # noqa: PLC0415  # in a notebook it loads ipywidgets

    bar = tqdm(
        total=total, unit="vector", desc="Metrics from vectors", disable=not progress, leave=False
    )
    with bar:
        work = _Work(cache, bar)
        if wanted["images"]:
            images = _Group(dataset, vectors, columns, ("images",))
            n_clusters = len(dataset.class_names)
            how: dict[str, Callable[[], NDArray[np.float64]]] = {
                "Image Singularity": lambda: image_singularity(
                    images.vectors["images"], bar.update
                ),
                "Image Diversity": lambda: image_diversity(images.vectors["images"], n_clusters),
            }
            for spec in wanted["images"]:
                label = f"{spec.name}@{spec.version}:{n_clusters}"
                found["images"][spec.name] = work.do(images, label, "images", how[spec.name])
        if wanted["labels"] or wanted["predictions"]:
            sources = ("labels", "predictions") if wanted["predictions"] else ("labels",)
            objects = _Group(dataset, vectors, columns, sources)
            for frame in sources:
                for spec in wanted[frame]:
                    label = f"{spec.name}@{spec.version}:{frame}"
                    found[frame][spec.name] = work.do(
                        objects,
                        label,
                        frame,
                        lambda frame=frame: annotation_quality(  # type: ignore[misc]
                            objects.vectors[frame],
                            objects.classes[frame],
                            objects.vectors["labels"],
                            objects.classes["labels"],
                            are_labels=frame == "labels",
                            n_threads=n_threads,
                            advance=bar.update,
                        ),
                    )
    return found


@dataclass
class _Work:
    """Metrics one after the other: from the cache where they are in it."""

    cache: MetricCache | None
    bar: Any
    done: int = 0

    def do(
        self,
        group: _Group,
        label: str,
        frame: str,
        compute: Callable[[], NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        rows = len(group.raw[frame])
        values = None
        if self.cache is not None:
            values = self.cache.get(group.key, label, np.float64, rows)
        if values is None:
            values = compute()
            if self.cache is not None:
                self.cache.put(group.key, label, values)
        self.done += rows
        self.bar.update(self.done - self.bar.n)  # what is missing or known takes no time
        return values


class _Group:
    """Frames whose vectors are compared: worked out only if something asks."""

    def __init__(
        self, dataset: Dataset, given: Embeddings, columns: PixelColumns, frames: tuple[str, ...]
    ) -> None:
        self.frames = frames
        self.is_fallback = frames[0] in given.fallback
        self.raw: dict[str, NDArray[Any]] = {}
        self.present: dict[str, NDArray[np.bool_]] = {}
        self.classes: dict[str, NDArray[np.integer]] = {}
        for frame in frames:
            rows = getattr(dataset, frame)
            array = given.arrays.get(frame)
            if array is None:
                none = np.empty((len(rows), 0), np.uint8)
                array = columns.measured.get(frame, {}).pop(VECTOR, none)
            self.raw[frame] = array
            here = columns.present.get(frame, np.ones(len(rows), dtype=bool))
            self.present[frame] = here & (array.shape[1] > 0)
            if "class_name" in rows.columns:
                self.classes[frame] = rows["class_name"].cat.codes.to_numpy()

    @cached_property
    def key(self) -> bytes:
        """Hash of all that decides the results."""
        digest = blake2b(digest_size=16, person=b"embedding")
        for frame in self.frames:
            digest.update(f"{frame}{self.raw[frame].shape}{self.is_fallback}".encode())
            digest.update(np.ascontiguousarray(self.raw[frame]).data)
            digest.update(self.present[frame].data)
            if frame in self.classes:
                digest.update(self.classes[frame].astype(np.int64).data)
        return digest.digest()

    @cached_property
    def vectors(self) -> dict[str, NDArray[np.float32]]:
        """One array per frame, NaN where there is no vector."""
        width = max(array.shape[1] for array in self.raw.values())
        if self.is_fallback and width:
            known = [
                self.raw[frame][self.present[frame]].reshape(-1, width) for frame in self.frames
            ]
            reduced = principal_components(known[0], known[-1], COMPONENTS)
            parts = dict(zip(self.frames, reduced, strict=False))
            return {frame: _spread(parts[frame], self.present[frame]) for frame in self.frames}
        return {
            frame: array if array.shape[1] else np.full((len(array), max(width, 1)), np.nan)
            for frame, array in self.raw.items()
        }


def _spread(parts: NDArray[np.float32], here: NDArray[np.bool_]) -> NDArray[np.float32]:
    whole = np.full((here.size, parts.shape[1]), np.nan, dtype=np.float32)
    whole[here] = parts
    return whole
