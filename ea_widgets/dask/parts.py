"""Parts of the data as recipes that a worker carries out: files to read, or rows of frames."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.dataset import Dataset
from ea_widgets.data.metrics.compute import compute_metrics
from ea_widgets.data.read import read
from ea_widgets.errors import InvalidInputError
from ea_widgets.summary.counts.hashes import image_hashes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SIDES = ("images", "labels", "predictions")

ROW = "_row_before_shuffle"

SHARD = ("labels", "predictions", "images")


@dataclass(frozen=True)
class Options:
    """How parts become data sets.

    Attributes
    ----------
    pixels : str or None
        Folder of image files, or an address that fsspec knows.
    cluster : str or None
        See :class:`Dataset`.
    metrics : bool
        Whether to compute the metrics that the data allow.
    reading : mapping
        Options of :func:`ea_widgets.read`.
    """

    pixels: str | None
    cluster: str | None
    metrics: bool
    reading: Mapping[str, Any]


@dataclass(frozen=True)
class RemoteImages:
    """Image files behind an address that fsspec knows, such as ``s3://bucket/folder``.

    Attributes
    ----------
    address : str
    files : mapping
        Path below it by image id.
    """

    address: str
    files: Mapping[Any, str]

    def __call__(self, image_id: Any) -> NDArray[np.uint8]:
        """Read the file of an image, and decode it."""
        import fsspec  # noqa: PLC0415  # of the extra "dask"
        from PIL import Image  # noqa: PLC0415  # takes long to load

        with fsspec.open(f"{self.address.rstrip('/')}/{self.files[image_id]}", "rb") as file:
            return np.asarray(Image.open(file).convert("RGB"))


def pixels_of(pixels: str | None, images: pd.DataFrame) -> Any:
    """Give what a Dataset takes as the source of pixels."""
    if pixels is None or "://" not in pixels:
        return pixels
    names = images["file_name" if "file_name" in images else "image_id"].astype(str)
    return RemoteImages(pixels, dict(zip(images["image_id"], names, strict=True)))


def dataset_of_shard(shard: Mapping[str, Any], options: Options) -> Dataset:
    """Read the files of a shard."""
    images = shard.get("images", options.pixels)
    dataset = read(shard["labels"], shard["predictions"], images, **options.reading)
    return with_metrics(dataset, options)


def dataset_of_frames(frames: Mapping[str, list[pd.DataFrame]], options: Options) -> Dataset:
    """Join partitions of the three frames."""
    images, labels, predictions = (in_order(frames[side]) for side in SIDES)
    pixels = pixels_of(options.pixels, images)
    made = Dataset.from_frames(images, labels, predictions, pixels, options.cluster)
    return with_metrics(made, options)


def in_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Join partitions; rows that were shuffled get the order back that they had."""
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values(ROW).drop(columns=ROW) if ROW in frame else frame


def with_metrics(dataset: Dataset, options: Options) -> Dataset:
    """Compute what the data allow, in this thread."""
    return compute_metrics(dataset, n_jobs=1, progress=False) if options.metrics else dataset


def hashes_of(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """Hash the images that a partition has rows of, each once."""
    return np.unique(image_hashes(frame["image_id"])) if len(frame) else np.zeros(0, np.uint64)


def with_part(
    frame: pd.DataFrame, n_parts: int, partition_info: dict[str, Any] | None = None
) -> pd.DataFrame:
    """Add the number of the part that each row goes to, and its place among all."""
    hashes = image_hashes(frame["image_id"]) if len(frame) else np.zeros(0, np.uint64)
    part = (hashes % np.uint64(n_parts)).astype(np.int64)
    first = 0 if partition_info is None else int(partition_info["number"]) << 40
    return frame.assign(**{"_part": part, ROW: first + np.arange(len(frame))})


def check_shards(shards: object) -> list[dict[str, Any]]:
    """Return shards as mappings of files, or refuse them."""
    found = []
    try:
        for shard in shards:  # type: ignore[attr-defined]
            own = dict(shard) if isinstance(shard, dict) else dict(zip(SHARD, shard, strict=False))
            paths = {key: os.fspath(one) for key, one in own.items() if one is not None}
            if not {"labels", "predictions"} <= {*paths} <= {*SHARD}:
                raise TypeError  # noqa: TRY301
            found.append(paths)
    except TypeError:
        found = []
    if not found:
        raise InvalidInputError(
            "shards",
            f"is {shards!r}"[:200],
            "Give a list of (labels, predictions) or (labels, predictions, images), each a path.",
        )
    return found
