"""Everything that is measured on one decoded image: frame and crops, built-in and own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ea_widgets.core.pixels.pixel_statistics import PixelStatistics, pixel_statistics
from ea_widgets.data.images.decoding import UnreadableImageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from threading import Event

    from numpy.typing import NDArray

    from ea_widgets.data.images.sources import ImageSource

LAPLACIAN_SCALE = 8 * 255
"""The range of the Laplacian of 8-bit pixels: from -4 * 255 to 4 * 255."""

ASPECT_TOLERANCE = 0.02
"""Copies of another size are rounded to whole pixels: so much their aspect ratio may differ."""

EDGE_NOISE = 1e-6
"""Pixels by which an edge may miss a whole pixel and still count as on it."""

_STATISTICS: dict[str, Callable[[PixelStatistics], NDArray[np.float64]]] = {
    "Brightness": lambda found: found.mean / 255,
    "Contrast": lambda found: found.deviation / 255,
    "Sharpness": lambda found: found.laplacian_deviation / LAPLACIAN_SCALE,
    "Blur": lambda found: 1 - found.laplacian_deviation / LAPLACIAN_SCALE,
    "Red Values": lambda found: found.red,
    "Green Values": lambda found: found.green,
    "Blue Values": lambda found: found.blue,
}
_OF_LAPLACIAN = ("Sharpness", "Blur")


@dataclass(frozen=True)
class Quantity:
    """Something to measure on an image or its crops.

    Parameters
    ----------
    name : str
        Name of the metric, or of a vector.
    label : str or None
        Name and version under which a cache keeps it; None to never keep it.
    function : callable or None
        From pixels (height, width, 3) to a number or vector; None for the built-in ones.
    is_vector : bool
        Whether the function gives a vector.
    takes_all : bool
        Whether the function takes the image and all regions at once, and gives one row each.
    unseen : tuple of str
        What a cache cannot look into, where that is why it is not kept.
    """

    name: str
    label: str | None
    function: Callable[..., Any] | None = None
    is_vector: bool = False
    takes_all: bool = False
    unseen: tuple[str, ...] = ()

    @property
    def dtype(self) -> type[np.generic]:
        """Type of its numbers: double for metrics, single for vectors, bytes for thumbnails."""
        if not self.is_vector:
            return np.float64
        return np.uint8 if self.takes_all else np.float32


@dataclass(frozen=True)
class ImageTask:
    """One image and what to measure on it.

    Parameters
    ----------
    row : int
        Row of the image.
    image_id : int or str
        Its id.
    file_name : str or None
        Its file name, where known.
    regions : mapping of str to ndarray of int64, shape (n, 4)
        For "labels" and "predictions": x_low, y_low, x_high, y_high in whole pixels, highs
        excluded, not yet cut at the border.
    wanted : mapping of str to tuple of Quantity
        For "images", "labels" and "predictions".
    pixels : ndarray of uint8, optional
        The image, if it has been read already.
    failure : UnreadableImageError, optional
        Why it cannot be read, if that has been tried already.
    stated : tuple of float, optional
        Width and height of the image that the boxes are of, in pixels.
    """

    row: int
    image_id: Any
    file_name: str | None
    regions: Mapping[str, NDArray[np.int64]]
    wanted: Mapping[str, tuple[Quantity, ...]]
    pixels: NDArray[np.uint8] | None = None
    failure: UnreadableImageError | None = None
    stated: tuple[float, float] | None = None


class StoppedError(Exception):
    """Raised in a thread when the run has ended: nobody waits for its image."""


@dataclass
class Measured:
    """What was found on one image.

    Parameters
    ----------
    task : ImageTask
        What was asked.
    size : tuple of int or None
        Width and height of the decoded image; None if it cannot be read.
    failure : UnreadableImageError or None
        Why it cannot be read.
    values : dict
        ``values[source][name]``: array with one entry, or row, per region; NaN where missing.
    errors : dict
        ``errors[source][name]``: number of failures of a user's function, and the first.
    """

    task: ImageTask
    size: tuple[int, int] | None = None
    failure: UnreadableImageError | None = None
    values: dict[str, dict[str, NDArray[Any]]] = field(default_factory=dict)
    errors: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)


def whole_regions(boxes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Grow boxes to whole pixels: every pixel that a box touches is in.

    Parameters
    ----------
    boxes : ndarray of float64, shape (n, 4)
        x, y, width, height.

    Returns
    -------
    ndarray of int64, shape (n, 4)
        floor(x), floor(y), ceil(x + width), ceil(y + height), where an edge within a millionth
        of a whole pixel is on it. A box of no area is empty, any other has a pixel.

    Notes
    -----
    Boxes that were kept as shares of the image come back with rounding noise: without the
    millionth, a third of those drawn on whole pixels would grow by a row or column.

    Examples
    --------
    >>> whole_regions(np.array([[0.5, 2.0, 1.0, 3.0], [0.0, 1.9999999999, 4.0, 3.0]]))
    array([[0, 2, 2, 5],
           [0, 2, 4, 5]])
    """
    edges = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
    nearest = np.rint(edges)
    snapped = np.where(np.abs(edges - nearest) <= EDGE_NOISE, nearest, edges)
    low, high = np.floor(snapped[:, :2]), np.ceil(snapped[:, 2:])
    thin = high <= low
    low[thin] = np.floor(edges[:, :2][thin])
    high[thin] = low[thin] + 1
    flat = (boxes[:, 2:] <= 0).any(axis=1)
    high[flat] = low[flat]
    limit = float(1 << 40)  # far boxes stay outside any image without overflow
    corners: NDArray[np.float64] = np.clip(np.concatenate([low, high], axis=1), -limit, limit)
    return corners.astype(np.int64)


def cut_regions(regions: NDArray[np.int64], width: int, height: int) -> NDArray[np.int64]:
    """Cut regions at the border of the image; what is outside becomes empty."""
    cut: NDArray[np.int64] = np.clip(regions, 0, [width, height, width, height])
    return cut


def regions_in_image(
    regions: NDArray[np.int64], stated: tuple[float, float] | None, size: tuple[int, int]
) -> NDArray[np.int64]:
    """Bring regions to the pixels that an image really has, and cut them at its border.

    Parameters
    ----------
    regions : ndarray of int64, shape (n, 4)
        x_low, y_low, x_high, y_high in pixels of the stated size.
    stated : tuple of float or None
        Width and height that the boxes are of; NaN or None where nobody says.
    size : tuple of int
        Width and height of the decoded image.

    Returns
    -------
    ndarray of int64, shape (n, 4)
        Scaled where the decoded image is a copy of another size; all empty where its aspect ratio
        is another one: nobody knows then what the boxes mean.

    Examples
    --------
    >>> regions_in_image(np.array([[10, 10, 30, 20]]), (100.0, 50.0), (50, 25))
    array([[ 5,  5, 15, 10]])
    >>> regions_in_image(np.array([[10, 10, 30, 20]]), (100.0, 50.0), (50, 50))
    array([[0, 0, 0, 0]])
    """
    if stated is None or stated == size or not all(side > 0 for side in stated):
        return cut_regions(regions, *size)
    scale = size[0] / stated[0], size[1] / stated[1]
    if abs(scale[0] / scale[1] - 1) > ASPECT_TOLERANCE:
        return np.zeros_like(regions)
    scaled = regions * np.array([*scale, *scale])
    low, high = np.floor(scaled[:, :2] + EDGE_NOISE), np.ceil(scaled[:, 2:] - EDGE_NOISE)
    empty = (regions[:, 2:] <= regions[:, :2]).any(axis=1)
    high[empty] = low[empty]
    return cut_regions(np.concatenate([low, high], axis=1).astype(np.int64), *size)


def measure_image(task: ImageTask, source: ImageSource, stop: Event) -> Measured:
    """Decode an image once and measure all that is wanted on it.

    Parameters
    ----------
    task : ImageTask
        What to measure.
    source : ImageSource
        Where the pixels come from.
    stop : Event
        Looked at between calls of users' functions.

    Returns
    -------
    Measured
        Never raises for what the image or a user's function does.

    Raises
    ------
    StoppedError
        If `stop` is set.
    """
    found = Measured(task, failure=task.failure)
    if found.failure is not None:
        return found
    try:
        pixels = _read(task, source, stop)
    except UnreadableImageError as error:
        found.failure = error
        return found
    height, width = pixels.shape[:2]
    found.size = (width, height)
    regions = {"images": np.array([[0, 0, width, height]])}
    for name in task.regions:
        if task.wanted.get(name):
            regions[name] = regions_in_image(task.regions[name], task.stated, found.size)
    _go_on(stop)
    _measure_statistics(found, pixels, regions)
    _measure_functions(found, pixels, regions, stop)
    return found


def _go_on(stop: Event) -> None:
    if stop.is_set():
        raise StoppedError


def _read(task: ImageTask, source: ImageSource, stop: Event) -> NDArray[np.uint8]:
    if task.pixels is not None:
        return task.pixels
    with source.turn:  # whoever waits here while the run ends must not read
        _go_on(stop)
        return source.read(task.image_id, task.file_name)


def _measure_statistics(
    found: Measured, pixels: NDArray[np.uint8], regions: Mapping[str, NDArray[np.int64]]
) -> None:
    """Fill in the built-in metrics of all sources in one pass over the pixels."""
    names = {
        source: [quantity.name for quantity in wanted if quantity.function is None]
        for source, wanted in found.task.wanted.items()
    }
    asked = [source for source in regions if names.get(source)]
    if not asked:
        return
    planes = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    statistics = pixel_statistics(
        np.ascontiguousarray(planes),
        np.concatenate([regions[source] for source in asked]),
        laplacian=any(name in _OF_LAPLACIAN for source in asked for name in names[source]),
    )
    ends = np.cumsum([len(regions[source]) for source in asked])
    for source, end in zip(asked, ends.tolist(), strict=True):
        mine = slice(end - len(regions[source]), end)
        values = found.values.setdefault(source, {})
        for name in names[source]:
            values[name] = _STATISTICS[name](statistics)[mine]


def _measure_functions(
    found: Measured,
    pixels: NDArray[np.uint8],
    regions: Mapping[str, NDArray[np.int64]],
    stop: Event,
) -> None:
    """Call users' functions on the crops; what raises is missing and counted."""
    colour = None
    for source, crops in regions.items():
        for quantity in found.task.wanted.get(source, ()):
            if quantity.function is None:
                continue
            if colour is None:
                colour = _as_colour(pixels)
            if quantity.takes_all:
                _go_on(stop)
                rows = quantity.function(colour, crops)
                found.values.setdefault(source, {})[quantity.name] = rows
                continue
            results, error = _apply(quantity, colour, crops, stop)
            found.values.setdefault(source, {})[quantity.name] = results
            if error is not None:
                found.errors.setdefault(source, {})[quantity.name] = error


def _as_colour(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    colour = pixels[:] if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    colour.flags.writeable = False
    return colour


def _apply(
    quantity: Quantity, pixels: NDArray[np.uint8], crops: NDArray[np.int64], stop: Event
) -> tuple[NDArray[Any], tuple[int, str] | None]:
    results: dict[int, Any] = {}
    failures = 0
    first = ""
    length: int | None = None
    for row, crop in _crops(pixels, crops):
        _go_on(stop)
        try:
            given = quantity.function(crop)  # type: ignore[misc]  # the caller has checked it
            if quantity.is_vector:
                results[row] = _check_vector(given, length)
                length = len(results[row])
            else:
                results[row] = float(given)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # the user's function may raise anything
            failures += 1
            first = first or _say(error)
    problem = (failures, first) if failures else None
    if quantity.is_vector:
        return _stack(results, len(crops)), problem
    values = np.full(len(crops), np.nan)
    values[list(results)] = list(results.values())
    return values, problem


class _UnusableVectorError(Exception):
    """Raised when a user's function gives no vector that can be compared; says why."""


def _say(error: Exception | SystemExit) -> str:
    ours = isinstance(error, _UnusableVectorError)
    return str(error) if ours else f"{type(error).__name__}: {error}"


def _check_vector(given: Any, length: int | None) -> NDArray[Any]:
    vector = np.asarray(given, dtype=np.float32)
    if vector.ndim != 1:
        raise _UnusableVectorError(
            f"it gave an array of shape {vector.shape}, which is not one-dimensional"
        )
    if not len(vector):
        raise _UnusableVectorError("it gave a vector without numbers")
    if length not in {None, len(vector)}:
        raise _UnusableVectorError(f"it gave vectors of {len(vector)} numbers after {length}")
    if not np.isfinite(vector).all():
        raise _UnusableVectorError("it gave a vector with numbers that are not finite")
    return vector


def _crops(
    pixels: NDArray[np.uint8], regions: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    for row, (x_low, y_low, x_high, y_high) in enumerate(regions.tolist()):
        if x_high > x_low and y_high > y_low:
            yield row, pixels[y_low:y_high, x_low:x_high]


def _stack(results: Mapping[int, NDArray[Any]], number: int) -> NDArray[Any]:
    """One row per region, of NaN where there is no vector."""
    if not results:
        return np.empty((number, 0), dtype=np.float32)
    length = len(next(iter(results.values())))
    rows = np.full((number, length), np.nan, dtype=np.float32)
    for row, vector in results.items():
        rows[row] = vector
    return rows
