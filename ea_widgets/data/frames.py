"""From a user's DataFrames to the columns that every part of the package relies on."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pandas.api import types

from ea_widgets.data.validation import (
    BOX,
    Source,
    check_boxes,
    check_confidences,
    check_known,
    check_sizes,
    check_unique,
    refuse,
)
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

LEVELS = ("F", "O", "P")
"""Levels of metrics, in the order images, labels, predictions."""

_NAMES = dict(zip(LEVELS, ("images", "labels", "predictions"), strict=True))
_REQUIRED = {
    "images": ("image_id", "width", "height"),
    "labels": ("image_id", "class_name", *BOX),
    "predictions": ("image_id", "class_name", *BOX, "confidence"),
}
_OPTIONAL = {
    "images": ("file_name",),
    "labels": ("label_id", "is_crowd", "ignore", "segmentation", "coco_area"),
    "predictions": ("prediction_id", "segmentation"),
}
_LEADING = {
    "images": ("image_id", "width", "height", "file_name"),
    "labels": (
        *("label_id", "image_id", "class_name", *BOX),
        *("is_crowd", "ignore", "segmentation", "coco_area"),
    ),
    "predictions": (
        *("prediction_id", "image_id", "class_name", *BOX),
        *("confidence", "segmentation"),
    ),
}
_NEVER_METRICS = frozenset({"sequence", "frame", "track_id", "embedding"}.union(*_LEADING.values()))
_LEVEL_ENDINGS = tuple(f" ({level})" for level in LEVELS)


@dataclass(frozen=True)
class TidyFrames:
    """Checked frames with the columns and types that a Dataset promises.

    Parameters
    ----------
    images, labels, predictions : DataFrame
        New frames with a RangeIndex, rows in the order given.
    class_names : tuple of str
        The categories of both ``class_name`` columns.
    notes : tuple of str
        What was changed on the way.
    """

    images: pd.DataFrame
    labels: pd.DataFrame
    predictions: pd.DataFrame
    class_names: tuple[str, ...]
    notes: tuple[str, ...]


def tidy_frames(
    images: pd.DataFrame, labels: pd.DataFrame, predictions: pd.DataFrame
) -> TidyFrames:
    """Check a user's frames and bring them into the form that a Dataset promises.

    Parameters
    ----------
    images, labels, predictions : DataFrame
        As ``Dataset.from_frames`` takes them. They are not changed.

    Returns
    -------
    TidyFrames
        New frames, rows in the order given.

    Raises
    ------
    InvalidInputError
        As listed at ``Dataset.from_frames``.
    """
    given = {"images": images, "labels": labels, "predictions": predictions}
    for name, frame in given.items():
        _check_columns(name, frame)
    notes: list[str] = []
    columns = {name: _leading_columns(name, frame) for name, frame in given.items()}
    class_names = _unify_classes(columns["labels"], columns["predictions"])
    _check_values(columns)
    tidy = {name: _assemble(name, columns[name], frame, notes) for name, frame in given.items()}
    return TidyFrames(**tidy, class_names=class_names, notes=tuple(notes))


def metric_columns(frame: pd.DataFrame, level: str) -> list[str]:
    """List the columns of a tidy frame that are metrics.

    Parameters
    ----------
    frame : DataFrame
        A tidy frame.
    level : str
        Its level: "F", "O" or "P".

    Returns
    -------
    list of str
        Names in the order of the columns.
    """
    del level  # reserved names are the same at every level
    return [
        name
        for name, dtype in frame.dtypes.items()
        if name not in _NEVER_METRICS and types.is_float_dtype(dtype)
    ]


def add_metrics(
    frame: pd.DataFrame, extra: pd.DataFrame, level: str, notes: list[str]
) -> pd.DataFrame:
    """Return a tidy frame with columns of numbers added or replaced.

    Parameters
    ----------
    frame : DataFrame
        A tidy frame; not changed.
    extra : DataFrame of numbers
        One row per row of `frame`, in its order.
    level : str
        "F", "O" or "P".
    notes : list of str
        Sentences are added where infinite values became missing.

    Returns
    -------
    DataFrame
        A new frame.

    Raises
    ------
    InvalidInputError
        If the number of rows differs, or a column is not numeric or has a reserved name.
    """
    name = _NAMES[level]
    _check_shape(name, extra)
    if len(extra) != len(frame):
        raise InvalidInputError(
            name,
            f"has {len(extra):,} rows, but the dataset has {len(frame):,} {name}",
            f"Give one row for each of `dataset.{name}`, in the same order.",
        )
    metrics = {}
    for column, values in extra.items():
        if column in _NEVER_METRICS:
            raise InvalidInputError(
                f"{name}.{column}",
                "is a reserved name, which no metric can bear",
                "Give the column another name.",
            )
        _check_metric_name(name, str(column))
        numbers = _as_metric(values)
        if numbers is None:
            raise _not_numeric(name, str(column), values)
        metrics[str(column)] = _without_infinities(name, str(column), numbers, notes)
    kept = frame.drop(columns=[column for column in metrics if column in frame.columns])
    order = [*frame.columns, *(column for column in metrics if column not in frame.columns)]
    return pd.concat([kept, pd.DataFrame(metrics, index=frame.index)], axis=1)[order]


def _check_shape(name: str, frame: object) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise InvalidInputError(
            name,
            f"is of type {type(frame).__name__}, not a pandas DataFrame",
            f"Give a DataFrame with the columns {', '.join(_REQUIRED[name])}.",
        )
    odd = [column for column in frame.columns if not isinstance(column, str)]
    if odd:
        raise InvalidInputError(
            name,
            f"has a column named {odd[0]!r}, which is not text",
            "Name every column with text.",
        )
    twice = frame.columns[frame.columns.duplicated()].tolist()
    if twice:
        raise InvalidInputError(
            name, f"has more than one column named {twice[0]!r}", "Keep one of them."
        )


def _check_columns(name: str, frame: pd.DataFrame) -> None:
    _check_shape(name, frame)
    missing = [column for column in _REQUIRED[name] if column not in frame.columns]
    if missing:
        raise _missing_columns(name, missing, frame)
    if name == "labels" and "confidence" in frame.columns:
        raise InvalidInputError(
            "labels.confidence",
            "is a column of predictions, and labels have none",
            "Were labels and predictions swapped? If not, give the column another name.",
        )
    for column in frame.columns:
        if column not in _NEVER_METRICS:
            _check_metric_name(name, column)


def _missing_columns(name: str, missing: list[str], frame: pd.DataFrame) -> InvalidInputError:
    spare = [column for column in frame.columns if column not in _LEADING[name]]
    near = [
        f"Is {match[0]!r} meant to be {column!r}? "
        for column in missing
        if (match := get_close_matches(column, spare, n=1))
    ]
    if name == "predictions" and "confidence" in missing and "score" in spare:
        near.append("Is 'score' meant to be 'confidence'? ")
    noun = "column" if len(missing) == 1 else "columns"
    has = f"It has {', '.join(map(repr, frame.columns))}." if len(frame.columns) else "It has none."
    return InvalidInputError(
        name,
        f"lacks the {noun} {', '.join(map(repr, missing))}",
        f"{''.join(near)}Required are {', '.join(map(repr, _REQUIRED[name]))}. {has}",
    )


def _check_metric_name(name: str, column: str) -> None:
    if column.endswith(_LEVEL_ENDINGS):
        raise InvalidInputError(
            f"{name}.{column}",
            "ends in a level, which is added when a metric is shown",
            f"Name the column {column[:-4]!r}.",
        )


def _leading_columns(name: str, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Bring the columns with a meaning of their own into their types."""
    columns: dict[str, pd.Series] = {}
    source = Source(name)
    for column in _LEADING[name]:
        if column in {"label_id", "prediction_id"}:
            given = frame[column] if column in frame.columns else pd.Series(range(len(frame)))
            columns[column] = _as_ids(source, column, given)
        elif column in {"is_crowd", "ignore"}:
            columns[column] = _as_flags(source, column, frame)
        elif column not in frame.columns:
            continue
        elif column == "image_id":
            columns[column] = _as_ids(source, column, frame[column])
        elif column in {"file_name", "segmentation", "class_name"}:
            columns[column] = frame[column].reset_index(drop=True)
        else:
            columns[column] = pd.Series(_as_numbers(source, column, frame[column]))
    return columns


def _check_values(columns: dict[str, dict[str, pd.Series]]) -> None:
    images, labels, predictions = columns.values()
    check_unique(Source("images"), "image_id", images["image_id"])
    check_sizes(Source("images"), images["width"].to_numpy(), images["height"].to_numpy())
    known = pd.Index(images["image_id"])
    for name, own in (("labels", labels), ("predictions", predictions)):
        source = Source(name)
        check_unique(source, f"{name[:-1]}_id", own[f"{name[:-1]}_id"])
        if len(own["image_id"]):
            check_known(source, "image_id", own["image_id"], known, "`images`")
        else:
            own["image_id"] = own["image_id"].astype(known.dtype)
        check_boxes(source, [own[column].to_numpy() for column in BOX])
    check_confidences(Source("predictions"), predictions["confidence"].to_numpy())


def _assemble(
    name: str, columns: dict[str, pd.Series], frame: pd.DataFrame, notes: list[str]
) -> pd.DataFrame:
    metrics: dict[str, pd.Series] = {}
    others: dict[str, pd.Series] = {}
    for column in frame.columns:
        if column in columns:
            continue
        numbers = None if column in _NEVER_METRICS else _as_metric(frame[column])
        if numbers is None:
            others[column] = frame[column].reset_index(drop=True)
        else:
            metrics[column] = pd.Series(_without_infinities(name, column, numbers, notes))
    if name == "images":
        columns["width"], columns["height"] = map(_whole, (columns["width"], columns["height"]))
    tidy = pd.DataFrame({**columns, **metrics, **others})
    return tidy[[*columns, *metrics, *others]]


def _whole(values: pd.Series) -> pd.Series:
    return values.astype(np.int64) if (values == np.floor(values)).all() else values


def _as_ids(source: Source, column: str, values: pd.Series) -> pd.Series:
    """Bring ids to int64 or to text; refuse a mixture, which could not be sorted."""
    values = values.reset_index(drop=True)
    refuse(
        source,
        column,
        np.flatnonzero(values.isna().to_numpy()),
        values.to_list() if values.hasnans else [],
        "is missing",
        "Give every row an id.",
    )
    if not len(values) or types.is_integer_dtype(values.dtype):
        return values.astype(np.int64)
    if types.is_float_dtype(values.dtype):
        refuse(
            source,
            column,
            np.flatnonzero((values != np.floor(values)).to_numpy()),
            values.to_list(),
            "is not a whole number",
            "Ids are whole numbers or text.",
        )
        return values.astype(np.int64)
    kind = types.infer_dtype(values)
    if kind == "integer":
        return values.astype(np.int64)
    if kind == "string" or (
        kind == "categorical" and types.infer_dtype(values.cat.categories) == "string"
    ):
        return values.astype("str")
    raise InvalidInputError(
        f"{source.name}.{column}",
        f"holds ids of kind {kind!r}",
        "Ids are all whole numbers or all text.",
    )


def _as_numbers(source: Source, column: str, values: pd.Series) -> NDArray[np.float64]:
    numbers = _as_metric(values)
    if numbers is None:
        raise _not_numeric(source.name, column, values)
    return numbers


def _not_numeric(name: str, column: str, values: pd.Series) -> InvalidInputError:
    first = next((repr(value) for value in values if isinstance(value, str)), None)
    example = f" (its first text: {first})" if first else ""
    return InvalidInputError(
        f"{name}.{column}",
        f"is of type {values.dtype}, not numbers{example}",
        f"Turn it into numbers first, for example with `pandas.to_numeric({name}[{column!r}])`.",
    )


def _as_metric(values: pd.Series) -> NDArray[np.float64] | None:
    """Give a column as float64, missing as NaN; None if it does not hold numbers."""
    dtype = values.dtype
    if types.is_numeric_dtype(dtype) or types.is_bool_dtype(dtype):
        if types.is_complex_dtype(dtype):
            return None
        return values.to_numpy(np.float64, na_value=np.nan, copy=True)
    if not len(values):
        return np.empty(0)
    if not types.is_object_dtype(dtype):
        return None
    numeric = {"integer", "floating", "mixed-integer-float", "boolean", "decimal"}
    if types.infer_dtype(values, skipna=True) not in numeric:
        return None
    return pd.to_numeric(values).to_numpy(np.float64, na_value=np.nan, copy=True)


def _without_infinities(
    name: str, column: str, numbers: NDArray[np.float64], notes: list[str]
) -> NDArray[np.float64]:
    infinite = np.isinf(numbers)
    if infinite.any():
        count = int(infinite.sum())
        noun = "value" if count == 1 else "values"
        notes.append(f"{count:,} infinite {noun} of {column!r} in {name} count as missing.")
        numbers[infinite] = np.nan
    return numbers


def _as_flags(source: Source, column: str, frame: pd.DataFrame) -> pd.Series:
    if column not in frame.columns:
        return pd.Series(np.zeros(len(frame), dtype=bool))
    numbers = _as_numbers(source, column, frame[column])
    refuse(
        source,
        column,
        np.flatnonzero((numbers != 0) & (numbers != 1)),
        frame[column].to_list(),
        "is neither true nor false",
        "Give True or False, or 1 or 0.",
    )
    return pd.Series(numbers == 1)


def _unify_classes(
    labels: dict[str, pd.Series], predictions: dict[str, pd.Series]
) -> tuple[str, ...]:
    """Put both ``class_name`` columns on one set of categories, in display order."""
    both = (labels["class_name"], predictions["class_name"])
    ordered = all(isinstance(column.dtype, pd.CategoricalDtype) for column in both)
    for name, column in zip(("labels", "predictions"), both, strict=True):
        _check_classes(Source(name), column)
    found = list(dict.fromkeys(value for column in both for value in _categories(column)))
    if not ordered:
        texts = all(isinstance(value, str) for value in found)
        found.sort(key=str if texts else _natural)
    class_names = tuple(dict.fromkeys(str(value) for value in found))
    dtype = pd.CategoricalDtype(list(class_names))
    for own in (labels, predictions):
        column = own["class_name"]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.cat.rename_categories([str(value) for value in _categories(column)])
        elif types.infer_dtype(column) != "string":
            column = column.map(str)
        own["class_name"] = column.astype(dtype)
    return class_names


def _categories(column: pd.Series) -> Iterable[object]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories.tolist()
    return column.unique().tolist()


def _natural(value: object) -> tuple[int, int, str]:
    return (0, value, "") if isinstance(value, int) else (1, 0, str(value))


def _check_classes(source: Source, column: pd.Series) -> None:
    refuse(
        source,
        "class_name",
        np.flatnonzero(column.isna().to_numpy()),
        column.to_list() if column.hasnans else [],
        "is missing",
        "Give every row a class.",
    )
    odd = {
        value
        for value in _categories(column)
        if isinstance(value, bool) or not isinstance(value, str | int)
    }
    if odd:
        refuse(
            source,
            "class_name",
            np.flatnonzero(column.isin(list(odd)).to_numpy()),
            column.to_list(),
            "is neither text nor a whole number",
            "Give the names of classes as text.",
        )
