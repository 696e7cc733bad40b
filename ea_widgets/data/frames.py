"""From a user's DataFrames to the columns that every part of the package relies on."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

import pandas as pd
from pandas.api import types

from ea_widgets.data.checks.classes import unify_classes
from ea_widgets.data.checks.columns import (
    as_file_names,
    as_flags,
    as_ids,
    as_metric,
    as_numbers,
    not_numeric,
    whole_if_possible,
    without_infinities,
)
from ea_widgets.data.checks.refuse import (
    BOX,
    Source,
    check_areas,
    check_boxes,
    check_confidences,
    check_known,
    check_sizes,
    check_unique,
)
from ea_widgets.data.checks.suspicions import describe_oddities
from ea_widgets.data.metrics.catalogue import check_metric_name
from ea_widgets.data.metrics.names import LEVELS
from ea_widgets.errors import InvalidInputError, unknown_option

_REQUIRED = {
    "images": ("image_id", "width", "height"),
    "labels": ("image_id", "class_name", *BOX),
    "predictions": ("image_id", "class_name", *BOX, "confidence"),
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
    cluster : str or None
        The column of the images that says which of them belong together.
    """

    images: pd.DataFrame
    labels: pd.DataFrame
    predictions: pd.DataFrame
    class_names: tuple[str, ...]
    notes: tuple[str, ...]
    cluster: str | None = None


def tidy_frames(
    images: pd.DataFrame,
    labels: pd.DataFrame,
    predictions: pd.DataFrame,
    cluster: str | None = None,
) -> TidyFrames:
    """Check a user's frames and bring them into the form that a Dataset promises.

    Parameters
    ----------
    images, labels, predictions : DataFrame
        As ``Dataset.from_frames`` takes them. They are not changed.
    cluster : str, optional
        Likewise.

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
    if cluster is not None and cluster not in images.columns:
        raise unknown_option("cluster", cluster, list(images.columns))
    notes: list[str] = []
    columns = {name: _leading_columns(name, frame) for name, frame in given.items()}
    both = columns["labels"], columns["predictions"]
    for own, classes in zip(both, unify_classes(*(own["class_name"] for own in both)), strict=True):
        own["class_name"] = classes
    class_names = tuple(columns["labels"]["class_name"].cat.categories)
    if cluster is not None and cluster not in columns["images"]:
        columns["images"][cluster] = as_ids(Source("images"), cluster, images[cluster])
    _check_values(columns)
    tidy = {name: _assemble(name, columns[name], frame, notes) for name, frame in given.items()}
    notes += describe_oddities(**tidy)
    return TidyFrames(**tidy, class_names=class_names, notes=tuple(notes), cluster=cluster)


def metric_columns(frame: pd.DataFrame) -> list[str]:
    """List the columns of a tidy frame that are metrics.

    Parameters
    ----------
    frame : DataFrame
        A tidy frame.

    Returns
    -------
    list of str
        Names in the order of the columns.
    """
    return [
        str(name)
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
    name = LEVELS[level]
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
        check_metric_name(name, str(column))
        numbers = as_metric(values)
        if numbers is None:
            raise not_numeric(name, str(column), values)
        metrics[str(column)] = without_infinities(name, str(column), numbers, notes)
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
            check_metric_name(name, column)


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


def _leading_columns(name: str, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Bring the columns with a meaning of their own into their types."""
    columns: dict[str, pd.Series] = {}
    source = Source(name)
    for column in _LEADING[name]:
        if column in {"label_id", "prediction_id"}:
            given = frame[column] if column in frame.columns else pd.Series(range(len(frame)))
            columns[column] = as_ids(source, column, given)
        elif column in {"is_crowd", "ignore"}:
            columns[column] = as_flags(source, column, frame)
        elif column not in frame.columns:
            continue
        elif column == "image_id":
            columns[column] = as_ids(source, column, frame[column])
        elif column == "file_name":
            columns[column] = as_file_names(frame[column])
        elif column in {"segmentation", "class_name"}:
            columns[column] = frame[column].reset_index(drop=True)
        else:
            columns[column] = pd.Series(as_numbers(source, column, frame[column]))
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
    if "coco_area" in labels:
        check_areas(Source("labels"), labels["coco_area"].to_numpy())


def _assemble(
    name: str, columns: dict[str, pd.Series], frame: pd.DataFrame, notes: list[str]
) -> pd.DataFrame:
    metrics: dict[str, pd.Series] = {}
    others: dict[str, pd.Series] = {}
    for column in frame.columns:
        if column in columns:
            continue
        numbers = None if column in _NEVER_METRICS else as_metric(frame[column])
        if numbers is None:
            others[column] = frame[column].reset_index(drop=True)
        else:
            metrics[column] = pd.Series(without_infinities(name, column, numbers, notes))
    if name == "images":
        columns["width"] = whole_if_possible(columns["width"])
        columns["height"] = whole_if_possible(columns["height"])
    tidy = pd.DataFrame({**columns, **metrics, **others})
    return tidy[[*columns, *metrics, *others]]
