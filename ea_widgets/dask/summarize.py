"""Counts parts of the data on the workers of a Dask cluster."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ea_widgets.analysis.evaluation import Evaluation
from ea_widgets.analysis.importance import IOU_THRESHOLDS
from ea_widgets.dask.client import connected
from ea_widgets.dask.grouping import group_partitions
from ea_widgets.dask.parts import (
    SIDES,
    Options,
    check_shards,
    dataset_of_frames,
    dataset_of_shard,
    hashes_of,
    with_part,
)
from ea_widgets.errors import InvalidInputError
from ea_widgets.summary.bottom_sample import BottomSample, binning_of
from ea_widgets.summary.settings import CONFIDENCE_TICKS
from ea_widgets.summary.summarize import (
    check_counting,
    sample_part,
    summarize_part,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ea_widgets.core.counting.edges import Binning
    from ea_widgets.data.dataset import Dataset
    from ea_widgets.summary.summarize import Counting
    from ea_widgets.summary.summary import Summary

Samples = tuple[BottomSample, BottomSample]

FEWEST_PARTS = 8
"""Partitions fall into fewer groups than this, and than half as many as they are: shuffled."""

MERGED_AT_ONCE = 4
"""Summaries that one task adds up; a worker holds so many, and the sum."""

TOPIC = "ea_widgets summarize"


@dataclass(frozen=True)
class Recipe:
    """What a worker does with a part: a sample of it, or where there is a binning, its counts."""

    make: Callable[[Any, Options], Dataset]
    options: Options
    iou_type: str
    max_detections: int | None
    counting: Counting
    binning: Binning | None

    def __call__(self, part: Any) -> Samples | Summary:
        """Read the part, match it and count it."""
        data = self.make(part, self.options)
        evaluation = Evaluation(data, self.iou_type, self.max_detections)
        if self.binning is None:
            found: Samples | Summary = sample_part(evaluation)
        else:
            found = summarize_part(evaluation, self.counting, self.binning)
        _tell()
        return found


def summarize(
    shards: Iterable[Any] | None = None,
    *,
    images: Any = None,
    labels: Any = None,
    predictions: Any = None,
    binning: Binning | None = None,
    classes: Iterable[str] | None = None,
    iou_thresholds: Iterable[float] = IOU_THRESHOLDS,
    confidence_thresholds: Iterable[float] = CONFIDENCE_TICKS,
    interval_thresholds: Iterable[float] | None = None,
    iou_type: str = "bbox",
    max_detections: int | None = None,
    pixels: str | None = None,
    cluster: str | None = None,
    metrics: bool = True,
    reading: Mapping[str, Any] | None = None,
    client: Any = None,
    progress: bool = True,
) -> Summary:
    """Count data on the workers of a Dask cluster.

    Give either `shards`, or the three frames.

    Parameters
    ----------
    shards : iterable of (labels, predictions) or (labels, predictions, images), optional
        Paths of files or folders of any format that :func:`ea_widgets.read` reads, as the workers
        see them; `images` is a folder. Or mappings with these keys. No image is in two shards.
    images, labels, predictions : str, path, Dask DataFrame or DataFrame, optional
        One row per image or object, with the columns of :meth:`Dataset.from_frames`: a Parquet
        file, a folder or pattern of them, or frames. Where partitions share images they are read
        together; where nearly all hang together, all rows are shuffled by image, and it is said.
    binning, classes, iou_thresholds, confidence_thresholds, interval_thresholds
        See :func:`ea_widgets.summarize`. With a binning the data are read once, else twice.
    iou_type, max_detections
        See :class:`Evaluation`.
    pixels : str, optional
        Folder of images that the workers reach, or an address that fsspec knows
        (``s3://bucket/folder``), for metrics of pixels; `file_name`, or else `image_id`, is the
        path below it. With the frames only.
    cluster : str, optional
        Column of the images; see :class:`Dataset`. With the frames only.
    metrics : bool, default True
        Compute the metrics that the data allow. False takes only those that are columns.
    reading : mapping, optional
        Options of :func:`ea_widgets.read`, of shards.
    client : distributed.Client, optional
        The current one by default; where there is none, a cluster of this machine for as long as
        it takes.
    progress : bool, default True
        Show a bar of the parts.

    Returns
    -------
    Summary
        The same bytes as :func:`ea_widgets.summarize` gives, whatever the partitions, the workers,
        and however many of them died on the way. Of metrics that are computed here, *Random Values*
        are drawn anew for each part, and sums over an image may differ in their last digit: other
        partitions then give other bytes.

    Raises
    ------
    InvalidInputError
        If an argument cannot be used, or Dask is not installed.
    SummaryMismatchError, RepeatedImageError
        See :func:`ea_widgets.summarize`.

    Notes
    -----
    A task reads a part, counts it, and forgets it: a worker needs memory for one part per thread,
    and for a few summaries. Tasks change nothing, so each can run again. Only samples of 16,384
    objects, a hash per image, and the summary travel to the client.
    """
    counting = check_counting(
        iou_thresholds, confidence_thresholds, interval_thresholds, classes, binning
    )
    frames = dict(zip(SIDES, (images, labels, predictions), strict=True))
    options = Options(pixels, cluster, metrics, dict(reading or {}))
    if (shards is None) == all(frame is None for frame in frames.values()):
        raise InvalidInputError(
            "shards", "or the three frames are needed, and not both", "Give one of them."
        )
    with connected(client) as found:
        if shards is not None:
            parts: Sequence[Any] = check_shards(shards)
            make: Callable[[Any, Options], Dataset] = dataset_of_shard
        else:
            parts, make = _grouped_frames(frames, found), dataset_of_frames
        recipe = Recipe(make, options, iou_type, max_detections, counting, binning)
        if binning is None:
            labelled, predicted = _reduced(parts, recipe, _add_samples, found, progress)
            edges = binning_of(labelled, predicted, counting.confidence_thresholds)
            recipe = replace(recipe, binning=edges)
        made: Summary = _reduced(parts, recipe, _add, found, progress)
    return made


def _reduced(
    parts: Sequence[Any],
    recipe: Recipe,
    add: Callable[[list[Any]], Any],
    client: Any,
    progress: bool,
) -> Any:
    """Count all parts and add up what they give, a few at a time, as they are made."""
    from dask.delayed import delayed  # noqa: PLC0415  # of the extra "dask"

    # A task of its own, so that it travels once to each worker.
    sent = delayed(recipe, pure=False, traverse=False)
    counted, added = delayed(_carry_out, pure=False), delayed(add, pure=False)
    level = [counted(sent, part) for part in parts]
    what = "sampling" if recipe.binning is None else "counting"
    while len(level) > 1:
        level = [
            added(level[at : at + MERGED_AT_ONCE]) for at in range(0, len(level), MERGED_AT_ONCE)
        ]
    with _shown(client, len(parts), what, progress):
        return client.compute(level[0]).result()


def _carry_out(recipe: Recipe, part: Any) -> Samples | Summary:
    return recipe(part)


def _add(summaries: list[Summary]) -> Summary:
    total = summaries[0]
    for one in summaries[1:]:
        total = total + one
    return total


def _add_samples(samples: list[Samples]) -> Samples:
    labels, predictions = samples[0]
    for one in samples[1:]:
        labels, predictions = labels + one[0], predictions + one[1]
    return labels, predictions


@contextmanager
def _shown(client: Any, n_parts: int, what: str, progress: bool) -> Iterator[None]:
    """Show a bar of the parts that workers report."""
    if not progress:
        yield
        return
    from tqdm.auto import tqdm  # noqa: PLC0415  # takes long to load

    with tqdm(total=n_parts, desc=what, unit="part", leave=False) as bar:

        def step(_: Any) -> None:
            # A part whose worker died is reported again.
            bar.update(min(1, n_parts - bar.n))

        client.subscribe_topic(TOPIC, step)
        try:
            yield
            bar.update(n_parts - bar.n)
        finally:
            client.unsubscribe_topic(TOPIC)


def _tell() -> None:
    """Report that a part is done."""
    from distributed import get_worker  # noqa: PLC0415  # of the extra "dask"

    get_worker().log_event(TOPIC, 1)


def _grouped_frames(frames: Mapping[str, Any], client: Any) -> list[dict[str, list[Any]]]:
    """Put partitions of the three frames together, so that no image is in two parts."""
    import dask.dataframe  # noqa: PLC0415  # of the extra "dask"
    from dask.delayed import delayed  # noqa: PLC0415  # of the extra "dask"

    made = {}
    for side, frame in frames.items():
        if frame is None:
            raise InvalidInputError(side, "is not given", "Give images, labels and predictions.")
        if isinstance(frame, str | os.PathLike):
            made[side] = dask.dataframe.read_parquet(os.fspath(frame))
        elif isinstance(frame, dask.dataframe.DataFrame):
            made[side] = frame
        else:
            made[side] = dask.dataframe.from_pandas(frame, npartitions=1)  # type: ignore[no-untyped-call]
        if "image_id" not in made[side].columns:
            raise InvalidInputError(side, "has no column `image_id`", "Name it so.")
    look = delayed(hashes_of)
    parts = [(side, part) for side in SIDES for part in made[side].to_delayed()]
    ids = [part for side in SIDES for part in made[side][["image_id"]].to_delayed()]
    group = group_partitions(client.gather(client.compute([look(part) for part in ids])))
    n_groups = int(group.max(initial=-1)) + 1
    most = max(frame.npartitions for frame in made.values())
    if n_groups < min(FEWEST_PARTS, most) and n_groups < most / 2:
        return _shuffled(made, most)
    found: list[dict[str, list[Any]]] = [{side: [] for side in SIDES} for _ in range(n_groups)]
    for (side, part), number in zip(parts, group.tolist(), strict=True):
        found[number][side].append(part)
    for one in found:
        for side in SIDES:
            one[side] = one[side] or [made[side]._meta]  # noqa: SLF001  # no rows, all columns
    return found


def _shuffled(frames: Mapping[str, Any], n_parts: int) -> list[dict[str, list[Any]]]:
    """Shuffle all rows by image, into as many parts as the largest frame has."""
    import warnings  # noqa: PLC0415

    warnings.warn(
        "partitions share images, so that all rows are shuffled by image; partitions by image "
        "would be counted as they are",
        stacklevel=4,
    )
    by_side = {
        side: frame.map_partitions(with_part, n_parts)
        .shuffle(on="_part", npartitions=n_parts)
        .drop(columns="_part")
        .to_delayed()
        for side, frame in frames.items()
    }
    return [{side: [by_side[side][at]] for side in SIDES} for at in range(n_parts)]
