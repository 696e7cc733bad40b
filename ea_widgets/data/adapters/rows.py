"""From the objects of each image to the columns of raw frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.checks.refuse import BOX
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Part = Mapping[str, Any]


def as_array(values: Any) -> NDArray[Any]:
    """Give an array of numpy, also of a tensor that has gradients or is on another device.

    Parameters
    ----------
    values : array-like or tensor

    Returns
    -------
    ndarray
    """
    for step in ("detach", "cpu"):
        if hasattr(values, step):
            values = getattr(values, step)()
    if "bfloat16" in str(getattr(values, "dtype", "")):  # numpy has no such type
        values = values.float()
    return np.asarray(values)


def first_of(source: Any) -> Any:
    """Give the first item of a list or of a mapping's values; None of anything else."""
    if isinstance(source, Mapping):
        return next(iter(source.values()), None)
    return source[0] if isinstance(source, list | tuple) and source else None


def boxes_of(values: Any, where: str) -> NDArray[np.float64]:
    """Give the boxes of one image.

    Parameters
    ----------
    values : array-like or tensor of shape (n, 4)
        An empty one may have any shape.
    where : str
        Its name in errors, such as "predictions[3].boxes".

    Returns
    -------
    ndarray of float64, shape (n, 4)

    Raises
    ------
    InvalidInputError
        If it is of another shape, or not of numbers.
    """
    boxes = as_array(values)
    if not boxes.size:
        return np.empty((0, 4))
    if boxes.ndim != 2 or boxes.shape[1] != 4 or boxes.dtype.kind not in "iuf":
        raise InvalidInputError(
            where,
            f"is of shape {boxes.shape} and type {boxes.dtype}",
            "Boxes are n rows of four numbers.",
        )
    return boxes.astype(np.float64)


def stack(keys: Sequence[Any], parts: Sequence[Part], name: str) -> pd.DataFrame:
    """Join the objects of all images to one frame.

    Parameters
    ----------
    keys : sequence
        Id of each image.
    parts : sequence of mapping
        Of each image ``boxes`` of shape (n, 4), and further columns of n values; None where an
        image has no such column.
    name : str
        "labels" or "predictions", for errors.

    Returns
    -------
    DataFrame
        ``image_id``, ``x``, ``y``, ``width``, ``height`` as the numbers are written, and the
        further columns, with None where an image has none.

    Raises
    ------
    InvalidInputError
        If a column of an image has another number of values than boxes.
    """
    counts = np.array([len(part["boxes"]) for part in parts], dtype=np.intp)
    ids = np.fromiter(keys, object, len(keys))
    boxes = np.concatenate([np.empty((0, 4)), *(part["boxes"] for part in parts)])
    columns: dict[str, Any] = {"image_id": np.repeat(ids, counts)}
    columns |= dict(zip(BOX, boxes.T, strict=True))
    for column in dict.fromkeys(column for part in parts for column in part):
        if column in {"boxes", *columns}:
            continue
        cells = []
        for key, part, count in zip(keys, parts, counts.tolist(), strict=True):
            values = part.get(column)
            if values is not None and len(values) != count:
                raise InvalidInputError(
                    f"{name}[{key!r}].{column}",
                    f"has {len(values):,} values for {count:,} boxes",
                    "Give one for each box.",
                )
            if count:
                cells.append(_cells(values, count))
        if cells:
            columns[column] = np.concatenate(cells)
    return pd.DataFrame(columns)


def _cells(values: Any, count: int) -> NDArray[Any]:
    if values is None:
        return np.full(count, None, dtype=object)
    if isinstance(values, np.ndarray) and values.ndim == 1:
        return values
    return np.fromiter(values, object, count)


def records(entries: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, list[Any]]:
    """Turn the objects of one image, each with its fields, into columns."""
    return {name: [entry.get(name) for entry in entries] for name in names}


def run_lengths(masks: Any) -> list[dict[str, Any]]:
    """Write masks pixel by pixel as COCO's run lengths, which need less memory.

    Parameters
    ----------
    masks : array-like or tensor of shape (n, height, width)
        Not 0 inside.

    Returns
    -------
    list of dict
        ``size`` and ``counts``, column after column.

    Examples
    --------
    >>> run_lengths([[[0, 1], [0, 1]]])
    [{'size': [2, 2], 'counts': [2, 2]}]
    """
    runs = []
    for mask in as_array(masks):
        flat = mask.T.ravel() != 0
        changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
        counts = np.diff(np.concatenate([[0], changes, [len(flat)]])).tolist()
        if len(flat) and flat[0]:  # the first run is of what is outside
            counts = [0, *counts]
        runs.append({"size": [*mask.shape], "counts": counts})
    return runs
