"""From a user's DataFrames to the columns that every part of the package relies on."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pandas as pd

from ea_widgets.data.catalogue import LEVELS, check_metric_name
from ea_widgets.data.checks.columns import not_a_metric
from ea_widgets.data.checks.federated import CLASS_LISTS
from ea_widgets.data.checks.kinds import is_metric, metric_of
from ea_widgets.data.checks.refuse import BOX
from ea_widgets.errors import InvalidInputError

if TYPE_CHECKING:
    from ea_widgets.data.checks.agreement.suspicions import Suspicions
    from ea_widgets.data.checks.problems import Problem

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
_NEVER_METRICS = frozenset(
    {"sequence", "frame", "track_id", "embedding", *CLASS_LISTS}.union(*_LEADING.values())
)


MAX_DETECTIONS = 100
"""Predictions per image and class that COCO evaluates."""


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
    problems : tuple of Problem
        Rows that were left out or mended.
    suspicions : Suspicions, optional
        What is odd without being wrong, found when somebody asks.
    cluster : str or None
        The column of the images that says which of them belong together.
    max_detections : int, default 100
        Predictions per image and class that the labels' own evaluation takes.
    """

    images: pd.DataFrame
    labels: pd.DataFrame
    predictions: pd.DataFrame
    class_names: tuple[str, ...]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    suspicions: Suspicions | None = None
    cluster: str | None = None
    max_detections: int = MAX_DETECTIONS

    @property
    def all_notes(self) -> tuple[str, ...]:
        """The notes, and sentences on what is odd."""
        odd = () if self.suspicions is None else self.suspicions.sentences
        return (*self.notes, *odd)


def as_pandas(name: str, frame: Any, boxes: str | None = None) -> pd.DataFrame:
    """Give a user's table as a pandas DataFrame with the columns that a frame needs.

    Parameters
    ----------
    name : str
        "images", "labels" or "predictions".
    frame : DataFrame
        Of pandas; or another table: its ``to_pandas`` is called (polars, pyarrow, Hugging Face),
        or its Arrow stream is read. Not changed.
    boxes : str, optional
        The form of the boxes: of ``"xyxy"`` the columns may be called corners.

    Returns
    -------
    DataFrame
        File names serve as ids of images where there are no ids.

    Raises
    ------
    InvalidInputError
        If it is no table, or lacks a column.
    """
    if not isinstance(frame, pd.DataFrame):
        frame = _converted(name, frame)
    _check_shape(name, frame)
    checked: pd.DataFrame = frame
    if "image_id" not in checked and "file_name" in checked:
        checked = checked.assign(image_id=checked["file_name"])
    if boxes == CORNERS:
        checked = _named_as_boxes(checked)
    _check_columns(name, checked)
    return checked


def _converted(name: str, table: Any) -> Any:
    """Bring another library's table to pandas; what is no table stays."""
    if hasattr(table, "collect_schema") and not hasattr(table, "to_pandas"):
        table = table.collect()  # a query of polars that has not run yet
    try:
        if hasattr(table, "to_pandas"):
            return table.to_pandas()
        if hasattr(table, "__arrow_c_stream__"):
            return import_module("pyarrow").table(table).to_pandas()
    except ImportError as error:  # polars needs pyarrow for it
        if hasattr(table, "to_dict"):
            return pd.DataFrame(table.to_dict(as_series=False))
        raise InvalidInputError(
            name,
            f"is a table of {type(table).__module__.partition('.')[0]} that cannot be converted "
            f"({error})",
            "Install pyarrow, or give a pandas DataFrame.",
        ) from error
    return table


def add_further_columns(
    name: str, tidy: pd.DataFrame, further: pd.DataFrame, notes: list[str]
) -> pd.DataFrame:
    """Add a reader's further columns behind the known ones: metrics first, then the rest.

    Parameters
    ----------
    name : str
        "images", "labels" or "predictions".
    tidy : DataFrame
        The known columns, checked.
    further : DataFrame
        One row per row of `tidy`.
    notes : list of str
        Sentences are added where infinite values became missing, and on columns that are no
        metrics.

    Returns
    -------
    DataFrame
    """
    metrics: dict[str, pd.Series] = {}
    others: dict[str, pd.Series] = {}
    reasons: list[str] = []
    for column in further.columns:
        known = column in _NEVER_METRICS
        found = "" if known else metric_of(name, column, further[column], notes)
        if isinstance(found, str):
            others[column] = further[column].reset_index(drop=True)
            if not known:
                reasons.append(f"{column!r} {found}")
        else:
            metrics[column] = found
    if reasons:
        noun = "is no metric" if len(reasons) == 1 else "are no metrics"
        what = "column" if len(reasons) == 1 else "columns"
        notes.append(f"Of the {name}, {len(reasons)} {what} {noun}: {', '.join(reasons)}.")
    if not metrics and not others:
        return tidy
    return pd.concat([tidy, pd.DataFrame({**metrics, **others})], axis=1)


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
        if name not in _NEVER_METRICS and is_metric(dtype)
    ]


def add_metrics(
    frame: pd.DataFrame, extra: pd.DataFrame, level: str, notes: list[str]
) -> pd.DataFrame:
    """Return a tidy frame with metrics added or replaced.

    Parameters
    ----------
    frame : DataFrame
        A tidy frame; not changed.
    extra : DataFrame
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
        If the number of rows differs, or a column cannot be a metric or has a reserved name.
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
        found = metric_of(name, str(column), values, notes)
        if isinstance(found, str):
            raise not_a_metric(name, str(column), found)
        metrics[str(column)] = found.set_axis(frame.index)
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


def _named_as_boxes(frame: pd.DataFrame) -> pd.DataFrame:
    """Name columns that are called corners as those of boxes are; the values stay corners."""
    corners = next((names for names in _CORNERS if {*names} <= {*frame.columns}), None)
    if corners is None or {*_BOX} & {*frame.columns}:
        return frame
    return frame.rename(columns=dict(zip(corners, _BOX, strict=True)))


def _missing_columns(name: str, missing: list[str], frame: pd.DataFrame) -> InvalidInputError:
    corners = next((names for names in _CORNERS if set(names) <= set(frame.columns)), None)
    if corners and {"width", "height"} <= set(missing):
        x1, y1, x2, y2 = corners
        return InvalidInputError(
            name,
            f"has the corners {', '.join(map(repr, corners))}, not 'x', 'y', 'width', 'height'",
            f"Make x = {x1}, y = {y1}, width = {x2} - {x1}, height = {y2} - {y1}; or pass "
            "boxes='xyxy'.",
        )
    spare = [column for column in frame.columns if column not in _LEADING[name]]
    near = [
        f"Is {match!r} meant to be {column!r}? "
        for column in missing
        if (match := _near(column, spare))
    ]
    if any(level in missing for level in frame.index.names):
        near.append("Is it the index? `reset_index()` makes it a column. ")
    noun = "column" if len(missing) == 1 else "columns"
    has = f"It has {', '.join(map(repr, frame.columns))}." if len(frame.columns) else "It has none."
    return InvalidInputError(
        name,
        f"lacks the {noun} {', '.join(map(repr, missing))}",
        f"{''.join(near)}Required are {', '.join(map(repr, _REQUIRED[name]))}. {has}",
    )


CORNERS = "xyxy"
_BOX = ("x", "y", "width", "height")
_CORNERS = (
    ("x1", "y1", "x2", "y2"),
    ("xmin", "ymin", "xmax", "ymax"),
    ("x_min", "y_min", "x_max", "y_max"),
    ("left", "top", "right", "bottom"),
    ("xtl", "ytl", "xbr", "ybr"),
)
"""How frames name the corners of boxes."""

_SYNONYMS = {
    "confidence": ("score", "scores", "conf", "prob", "probability"),
    "class_name": ("label", "class", "category", "category_name", "name"),
    "image_id": ("image", "img_id", "file_name", "filename", "id"),
}


def _near(column: str, spare: list[str]) -> str | None:
    """Find the column that was perhaps meant: of another case, a synonym, or nearly alike."""
    folded = {name.casefold(): name for name in spare}
    for word in (column, *_SYNONYMS.get(column, ())):
        if word in folded:
            return folded[word]
    match = get_close_matches(column, list(folded), n=1)
    return folded[match[0]] if match else None
