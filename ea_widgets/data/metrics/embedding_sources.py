"""Where vectors come from: arrays, columns, the user's function, or the built-in thumbnails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ea_widgets.data.catalogue import LEVEL_OF
from ea_widgets.data.checks.refuse import Source, refuse
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ea_widgets.data.dataset import Dataset

COLUMN = "embedding"


@dataclass(frozen=True)
class Embeddings:
    """What gives the vectors of each frame.

    Parameters
    ----------
    arrays : dict of str to ndarray of float32, shape (n, d)
        By frame; NaN where a row has none. Of shape (n, 0) where no row has one.
    functions : dict of str to callable
        By frame: from pixels to a vector.
    fallback : frozenset of str
        Frames that get the built-in thumbnails.
    """

    arrays: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    functions: dict[str, Callable[[NDArray[np.uint8]], Any]] = field(default_factory=dict)
    fallback: frozenset[str] = frozenset()

    @property
    def frames(self) -> frozenset[str]:
        """Frames that have vectors one way or another."""
        return frozenset({*self.arrays, *self.functions, *self.fallback})


def find_embeddings(embeddings: Any, dataset: Dataset, *, has_pixels: bool) -> Embeddings:
    """Sort out what a user gives as embeddings.

    Parameters
    ----------
    embeddings : None, str, callable or mapping
        For all frames: the name of a column of vectors, or a function from pixels to a vector;
        or a mapping from "images", "labels" and "predictions" to an array, a column's name or a
        function. None: a column "embedding" where there is one.
    dataset : Dataset
        Whose rows they are for.
    has_pixels : bool
        Whether functions and the fallback can be used.

    Returns
    -------
    Embeddings
        Where nothing is given, the fallback, if there are pixels. Labels and predictions must
        come from one place, since they are compared.

    Raises
    ------
    InvalidInputError
        If a frame, column or shape is wrong, or a function is given without pixels.
    """
    found = Embeddings(fallback=frozenset())
    for frame, given in _given(embeddings, dataset).items():
        name = f"embeddings[{frame!r}]" if isinstance(embeddings, Mapping) else "embeddings"
        rows = getattr(dataset, frame)
        if callable(given):
            if not has_pixels:
                raise InvalidInputError(
                    name,
                    "is a function of pixels, but the dataset has none",
                    "Give images, or give vectors.",
                )
            found.functions[frame] = given
        elif isinstance(given, str):
            if given not in rows.columns:
                raise unknown_option(name, given, [str(column) for column in rows.columns])
            found.arrays[frame] = _from_column(name, Source(frame), rows[given])
        else:
            found.arrays[frame] = _check_array(name, given, len(rows))
    _check_alike(found)
    fallback = set()
    if has_pixels:
        if "images" not in found.frames:
            fallback.add("images")
        if not found.frames & {"labels", "predictions"}:
            fallback |= {"labels", "predictions"}
    return Embeddings(found.arrays, found.functions, frozenset(fallback))


def _given(embeddings: Any, dataset: Dataset) -> dict[str, Any]:
    if embeddings is None:
        return {frame: COLUMN for frame in LEVEL_OF if COLUMN in getattr(dataset, frame).columns}
    if isinstance(embeddings, Mapping):
        for frame in embeddings:
            if frame not in LEVEL_OF:
                raise unknown_option("embeddings", frame, tuple(LEVEL_OF))
        return {frame: given for frame, given in embeddings.items() if given is not None}
    if isinstance(embeddings, str):
        having = {
            frame: embeddings for frame in LEVEL_OF if embeddings in getattr(dataset, frame).columns
        }
        if not having:
            raise InvalidInputError(
                "embeddings",
                f"is {shown(embeddings)}, a column that no frame has",
                "Give the name of a column of vectors.",
            )
        return having
    if callable(embeddings):
        return dict.fromkeys(LEVEL_OF, embeddings)
    raise InvalidInputError(
        "embeddings",
        f"is of type {type(embeddings).__name__}",
        "Give a dict of arrays by frame, the name of a column, or a function from pixels.",
    )


def _from_column(name: str, source: Source, column: pd.Series[Any]) -> NDArray[np.float32]:
    given = column.to_list()
    vectors = {row: _as_vector(value) for row, value in enumerate(given) if not _is_missing(value)}
    refuse(
        source,
        str(column.name),
        [row for row, vector in vectors.items() if vector is None],
        given,
        what="holds no list of numbers",
        remedy="Give one list of numbers per row, all of one length, or None.",
    )
    known = {row: vector for row, vector in vectors.items() if vector is not None}
    lengths = sorted({len(vector) for vector in known.values()})
    if not lengths:
        return np.empty((len(given), 0), dtype=np.float32)
    if len(lengths) > 1:
        raise InvalidInputError(
            name,
            f"holds vectors of lengths {lengths}",
            "Give one list of numbers per row, all of one length.",
        )
    array = np.full((len(given), lengths[0]), np.nan, dtype=np.float32)
    for row, vector in known.items():
        array[row] = vector
    return _check_array(name, array, len(given))


def _is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _as_vector(value: Any) -> NDArray[np.float32] | None:
    try:
        vector = np.asarray(value, dtype=np.float32)
    except Exception:  # noqa: BLE001  # words, ragged lists, tensors elsewhere raise anything
        return None
    return vector if vector.ndim == 1 else None


def _check_array(name: str, given: Any, rows: int) -> NDArray[np.float32]:
    try:
        array = np.asarray(given, dtype=np.float32)
    except Exception as error:  # likewise
        raise InvalidInputError(
            name, "is not an array of numbers", "Give shape (rows, numbers per row)."
        ) from error
    if not rows and not array.size:
        return np.empty((0, 0), dtype=np.float32)
    if array.ndim != 2 or len(array) != rows or not array.shape[1]:
        raise InvalidInputError(
            name,
            f"has shape {array.shape}",
            f"Give one vector for each of the {rows:,} rows, in the order of the frame.",
        )
    return np.where(np.isfinite(array).all(axis=1, keepdims=True), array, np.float32(np.nan))


def _check_alike(found: Embeddings) -> None:
    arrays = found.arrays
    if "labels" in arrays and "predictions" in arrays:
        widths = arrays["labels"].shape[1], arrays["predictions"].shape[1]
        if all(widths) and widths[0] != widths[1]:
            raise InvalidInputError(
                "embeddings",
                f"has {widths[0]} numbers for a label and {widths[1]} for a prediction",
                "Embed both with the same model: they are compared.",
            )
    pair = {"labels", "predictions"}
    if pair & set(arrays) and pair & set(found.functions):
        raise InvalidInputError(
            "embeddings",
            "gives an array for one of labels and predictions, and a function for the other",
            "Give both in the same way: they are compared.",
        )
