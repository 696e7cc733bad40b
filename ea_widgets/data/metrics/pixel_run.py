"""Runs over all images: threads, progress, interrupts, and the cache in between."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.data.cache.store import MetricCache, region_key
from ea_widgets.data.geometry import read_geometry
from ea_widgets.data.images.decoding import UnreadableImageError
from ea_widgets.data.images.sources import FolderSource
from ea_widgets.data.metrics.pixel_metrics import (
    ImageTask,
    Measured,
    Quantity,
    measure_image,
    regions_in_image,
    whole_regions,
)
from ea_widgets.data.metrics.vector_rows import VectorRows

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from ea_widgets.data.dataset import Dataset
    from ea_widgets.data.images.sources import ImageSource
    from ea_widgets.data.metrics.metric_warnings import Problems

WAITING = 4
"""Images that are handed to the threads ahead, for each thread: memory stays bounded."""

_SIZE = "size@1"


@dataclass
class PixelColumns:
    """What was measured on all images.

    Parameters
    ----------
    measured : dict
        ``measured[source][name]``: one entry, or row, per row of the source's frame.
    present : dict
        ``present[source]``: whether there are pixels for the row at all.
    """

    measured: dict[str, dict[str, NDArray[Any]]]
    present: dict[str, NDArray[np.bool_]]

    def with_predictions(self, rows: slice) -> PixelColumns:
        """Keep some rows of the predictions, such as those of one of several models."""
        measured = {source: dict(columns) for source, columns in self.measured.items()}
        present = dict(self.present)
        if "predictions" in measured:
            measured["predictions"] = {n: v[rows] for n, v in measured["predictions"].items()}
        if "predictions" in present:
            present["predictions"] = present["predictions"][rows]
        return PixelColumns(measured, present)


def measure_all(
    tasks: Iterable[ImageTask], source: ImageSource, n_threads: int
) -> Generator[Measured]:
    """Measure images, several at a time, and yield them as they are done.

    Parameters
    ----------
    tasks : iterable of ImageTask
        Taken only as fast as they are worked on.
    source : ImageSource
        Where pixels come from.
    n_threads : int
        Decoding and numpy let other threads run, so threads use the cores and share memory.

    Yields
    ------
    Measured
        In any order.
    """
    _keep_freed_memory()
    stop = Event()
    if n_threads == 1:
        for task in tasks:
            yield measure_image(task, source, stop)
        return
    pool = ThreadPoolExecutor(n_threads, thread_name_prefix="ea_widgets")
    pending: set[Future[Measured]] = set()
    try:
        for task in tasks:
            pending.add(pool.submit(measure_image, task, source, stop))
            if len(pending) >= WAITING * n_threads:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    finally:
        stop.set()  # Python waits for its threads at exit, so what they do must end soon
        pool.shutdown(wait=False, cancel_futures=True)  # an interrupt need not wait for images


def _keep_freed_memory() -> None:
    """Have glibc keep freed arrays for the next image instead of giving them back each time.

    It raises its limits when a large block is freed, up to 32 MiB. Without, a quarter of the
    time of a run goes into page faults; elsewhere this does nothing.
    """
    np.empty(1 << 24, dtype=np.uint8)


@dataclass
class PixelRun:
    """One run over the images of a Dataset.

    Parameters
    ----------
    dataset : Dataset
        Its images, labels and predictions.
    source : ImageSource
        Where pixels come from.
    quantities : mapping of str to tuple of Quantity
        What to measure for "images", "labels" and "predictions".
    cache : MetricCache or None
        Where results are kept.
    by_content : bool
        Whether the cache goes by the content of files.
    problems : Problems
        Takes what goes wrong.
    """

    dataset: Dataset
    source: ImageSource
    quantities: Mapping[str, tuple[Quantity, ...]]
    cache: MetricCache | None
    by_content: bool
    problems: Problems
    _texts: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        images = self.dataset.images
        self._location = ""
        if self.cache is not None and not self.by_content:
            self._location = self.source.location(self.cache.folder)
        self._ids = images["image_id"].tolist()
        self._names = images["file_name"].tolist() if "file_name" in images.columns else None
        self._sizes = images[["width", "height"]].to_numpy(np.float64)
        self._rows: dict[str, list[NDArray[np.intp]]] = {}
        self._vectors: dict[tuple[str, str], VectorRows] = {}
        self._regions: dict[str, NDArray[np.int64]] = {}
        for name in ("labels", "predictions"):
            geometry = read_geometry(getattr(self.dataset, name), images)
            self._regions[name] = whole_regions(geometry.boxes)
            order = np.argsort(geometry.image, kind="stable")
            counts = np.bincount(geometry.image, minlength=len(images))
            self._rows[name] = np.split(order, np.cumsum(counts)[:-1]) if len(images) else []
        lengths = {
            "images": len(images), **{name: len(boxes) for name, boxes in self._regions.items()}
        }  # fmt: skip
        self._columns = PixelColumns(
            {
                name: {
                    quantity.name: np.full(lengths[name], np.nan)
                    for quantity in self.quantities.get(name, ())
                    if not quantity.is_vector
                }
                for name in lengths
            },
            {name: np.zeros(length, dtype=bool) for name, length in lengths.items()},
        )

    def __call__(self, n_threads: int, *, progress: bool) -> PixelColumns:
        """Measure everything; the caller flushes the cache, also if this is interrupted."""
        from tqdm.auto import tqdm  # noqa: PLC0415  # in a notebook it loads ipywidgets

        bar = tqdm(
            total=len(self._ids),
            unit="image",
            desc="Metrics from pixels",
            disable=not progress,
            leave=False,
        )
        with bar, closing(measure_all(self._tasks(bar), self.source, n_threads)) as results:
            for measured in results:
                self._take(measured)
                bar.update()
        self._settle_vectors()
        return self._columns

    def _tasks(self, bar: Any) -> Iterator[ImageTask]:
        """Yield what is not in the cache; the rest is filled in at once."""
        for row, image_id in enumerate(self._ids):
            name = None if self._names is None else self._names[row]
            regions = {
                source: self._regions[source][rows[row]] for source, rows in self._rows.items()
            }
            wanted = {
                source: quantities
                for source, quantities in self.quantities.items()
                if quantities and (source == "images" or len(regions[source]))
            }
            file_name = name if isinstance(name, str) else None
            stated = tuple(self._sizes[row].tolist())
            task = ImageTask(row, image_id, file_name, regions, wanted, stated=stated)
            if self.cache is not None:
                task = self._from_cache(task, self.cache)
            if any(task.wanted.values()):
                yield task
            else:
                bar.update()

    def _from_cache(self, task: ImageTask, cache: MetricCache) -> ImageTask:
        """Fill in what is known of an image, and leave the rest wanted."""
        try:
            mark = self.source.mark(task.image_id, task.file_name, by_content=self.by_content)
        except UnreadableImageError as error:
            # What is wrong with a file is said where it is decoded.
            return task if isinstance(self.source, FolderSource) else replace(task, failure=error)
        task = replace(task, pixels=mark.pixels)
        text = f"{self._location}/{mark.text}"
        size = cache.get(region_key(text, "images"), _SIZE, np.int64, 2)
        self._texts[task.row] = text
        stated = task.stated
        # Of the stored size where the cache knows the turned one, or the other way round.
        if size is None or stated == (size[1], size[0]) != (size[0], size[1]):
            return task
        known = Measured(task, size=(int(size[0]), int(size[1])))
        keys = _keys(text, known)
        wanted: dict[str, tuple[Quantity, ...]] = {}
        for source, quantities in task.wanted.items():
            number = 1 if source == "images" else len(task.regions[source])
            left = []
            for quantity in quantities:
                found = None
                if quantity.label is not None:
                    found = cache.get(
                        keys[source],
                        quantity.label,
                        quantity.dtype,
                        number,
                        is_vector=quantity.is_vector,
                    )
                if found is None:
                    left.append(quantity)
                else:
                    known.values.setdefault(source, {})[quantity.name] = found
            wanted[source] = tuple(left)
        done = not any(wanted.values())
        self._fill(known)
        if done:
            self._check_size(known)
            del self._texts[task.row]
        return replace(task, wanted=wanted)

    def _take(self, measured: Measured) -> None:
        """Fill in what was measured, and keep it."""
        task = measured.task
        if measured.failure is not None:
            self.problems.image(task.row, measured.failure.problem, measured.failure.name)
            self._texts.pop(task.row, None)
            return
        self._fill(measured)
        self._check_size(measured)
        for failed in measured.errors.values():
            for name, (number, first) in failed.items():
                self.problems.function(task.row, name, number, first)
        text = self._texts.pop(task.row, None)
        if self.cache is None or text is None:
            return
        keys = _keys(text, measured)
        self.cache.put(keys["images"], _SIZE, np.array(measured.size, dtype=np.int64))
        for source, quantities in task.wanted.items():
            for quantity in quantities:
                failed_here = quantity.name in measured.errors.get(source, {})
                if quantity.label is not None and not failed_here:
                    values = measured.values[source][quantity.name]
                    self.cache.put(keys[source], quantity.label, values)

    def _fill(self, measured: Measured) -> None:
        task = measured.task
        width, height = measured.size or (0, 0)
        self._columns.present["images"][task.row] = True
        for source, rows in self._rows.items():
            regions = regions_in_image(task.regions[source], task.stated, (width, height))
            low_x, low_y, high_x, high_y = regions.T
            self._columns.present[source][rows[task.row]] = (high_x > low_x) & (high_y > low_y)
        for source, values in measured.values.items():
            rows_here = np.array([task.row]) if source == "images" else self._rows[source][task.row]
            columns = self._columns.measured[source]
            for name, found in values.items():
                if found.ndim == 2:
                    self._vectors_of(source, name).add(task.row, found)
                else:
                    columns[name][rows_here] = found

    def _vectors_of(self, source: str, name: str) -> VectorRows:
        if (source, name) not in self._vectors:
            number = len(self._columns.present[source])
            rows = [*np.arange(number)[:, None]] if source == "images" else self._rows[source]
            self._vectors[source, name] = VectorRows(rows, number)
        return self._vectors[source, name]

    def _settle_vectors(self) -> None:
        for source, name in sorted(self._vectors):
            vectors = self._vectors.pop((source, name))
            for row, number, problem in vectors.settle():
                self.problems.function(row, name, number, problem)
            if vectors.values.shape[1]:
                self._columns.measured[source][name] = vectors.values

    def _check_size(self, measured: Measured) -> None:
        task = measured.task
        known = task.stated is not None and all(side > 0 for side in task.stated)
        if known and measured.size != task.stated:
            self.problems.size(task.row, task.file_name or str(task.image_id))


def _keys(text: str, measured: Measured) -> dict[str, bytes]:
    """Keys of an image and its crops; crops of a copy of another size depend on the stated one."""
    task = measured.task
    as_stated = measured.size is None or measured.size == task.stated
    of_crops = text if as_stated else f"{text}/{task.stated}"
    crops = {
        source: region_key(of_crops, source, regions) for source, regions in task.regions.items()
    }
    return {"images": region_key(text, "images"), **crops}
