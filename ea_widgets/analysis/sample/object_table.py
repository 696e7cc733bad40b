"""One side of an evaluation, predictions or labels: its metrics, ready for folding."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ea_widgets.core.statistics.binning import RankedColumn
from ea_widgets.core.statistics.moments import on_grid, standardise
from ea_widgets.data.metrics.names import MetricName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pandas as pd
    from numpy.typing import NDArray

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Side:
    """Objects with a class, an image and metrics.

    Attributes
    ----------
    class_code, image_code : ndarray of intp, shape (n,)
    n_images : int
    metrics : dict of str to RankedColumn
        By displayed name; those of images first.
    standard : ndarray of float64, shape (n, n_object_metrics)
        Standardised values of the metrics of objects; 0 where missing. Sums of them are exact.
    image_standard : ndarray of float64, shape (n_images, n_image_metrics)
        Likewise for the metrics of images, each value once for every object of the image.
    """

    class_code: NDArray[np.intp]
    image_code: NDArray[np.intp]
    n_images: int
    metrics: dict[str, RankedColumn]
    standard: NDArray[np.float64]
    image_standard: NDArray[np.float64]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Displayed names of the metrics."""
        return tuple(self.metrics)

    @cached_property
    def n_image_metrics(self) -> int:
        """How many of the metrics, the first ones, describe images."""
        return int(self.image_standard.shape[1])


def build_side(
    class_code: NDArray[np.intp],
    image_code: NDArray[np.intp],
    images: pd.DataFrame,
    image_order: NDArray[np.intp],
    objects: pd.DataFrame,
    object_order: NDArray[np.intp],
    level: str,
) -> Side:
    """Rank and standardise the metrics of one side.

    Parameters
    ----------
    class_code, image_code : ndarray of intp, shape (n,)
    images : DataFrame
        Metrics of the images only.
    image_order : ndarray of intp, shape (n_images,)
        Row of `images` of each image code.
    objects : DataFrame
        Metrics of the objects only.
    object_order : ndarray of intp, shape (n,)
        Row of `objects` of each row of the side.
    level : {"P", "O"}

    Returns
    -------
    Side
    """
    of_images, image_standard = prepare(images, image_order, image_code)
    of_objects, standard = prepare(objects, object_order)
    names: list[str] = [MetricName(str(name), "F") for name in images]
    names += [MetricName(str(name), level) for name in objects]
    metrics = dict(zip(names, of_images + of_objects, strict=True))
    return Side(class_code, image_code, len(image_order), metrics, standard, image_standard)


def prepare(
    frame: pd.DataFrame,
    order: NDArray[np.intp],
    unit: NDArray[np.intp] | None = None,
) -> tuple[list[RankedColumn], NDArray[np.float64]]:
    """Rank the columns of a frame, and standardise them into one table.

    Parameters
    ----------
    frame : DataFrame
    order : ndarray of intp, shape (n,)
        Its rows in the order wanted.
    unit : ndarray of intp, optional
        See :class:`RankedColumn`.

    Returns
    -------
    ranked : list of RankedColumn
    standard : ndarray of float64, shape (n, n_columns)
    """
    # Column by column: a sorted copy of all of them beside the table would double the memory.
    table = np.empty((len(order), frame.shape[1]))

    def column(place: int) -> RankedColumn:
        ranked = RankedColumn.of(frame.iloc[:, place].to_numpy(np.float64)[order], unit)
        counts = ranked.counts[:-1]
        standard = on_grid(standardise(ranked.values, counts), counts)
        table[:, place] = np.append(standard, 0.0)[ranked.rank]
        return ranked

    return on_all_cores(column, range(frame.shape[1])), table


def on_all_cores(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply a numpy-heavy function to each item, in order; threads, since numpy lets go of the GIL.

    Every item is computed whole by one thread: results do not depend on the number of threads.
    """
    items = list(items)
    n_threads = min(len(items), os.cpu_count() or 1)
    if n_threads < 2:
        return [function(item) for item in items]
    with ThreadPoolExecutor(n_threads) as pool:
        return list(pool.map(function, items))
