"""The registry of metrics: the catalogue, and the user's own functions.

``metric`` is public as ``ea.metric``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ea_widgets.data.catalogue.built_in import (
    BUILT_IN,
    FRAMES,
    Level,
    MetricSpec,
    check_metric_name,
    check_version,
)
from ea_widgets.data.catalogue.names import LEVEL_OF, MetricName
from ea_widgets.errors import InvalidInputError, shown, unknown_option

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["MetricSpec", "describe", "find_metric", "known_metrics", "made_from_labels", "metric"]

_Function = TypeVar("_Function", bound="Callable[..., Any]")

_LEVELS: dict[str, Level] = {
    **{LEVEL_OF[frame]: level for level, frames in FRAMES.items() for frame in frames},
    **{level: level for level in FRAMES},
}
_BUILT_IN: Mapping[tuple[str, Level], MetricSpec] = {
    (spec.name, spec.level): spec for spec in BUILT_IN
}
_OWN: dict[tuple[str, Level], MetricSpec] = {}
_RESERVED = frozenset(
    {
        "image_id", "width", "height", "file_name", "label_id", "class_name", "x", "y", "is_crowd",
        "ignore", "segmentation", "coco_area", "prediction_id", "confidence", "sequence", "frame",
        "track_id", "embedding",
    }
)  # fmt: skip


def known_metrics() -> tuple[MetricSpec, ...]:
    """List every metric that can be computed now.

    Returns
    -------
    tuple of MetricSpec
        The catalogue in its order, then the user's own in order of registration.
    """
    return (*_BUILT_IN.values(), *_OWN.values())


def find_metric(name: str, level: str) -> MetricSpec:
    """Look up what is known of a column.

    Parameters
    ----------
    name : str
        Name of the column, without the level.
    level : {"F", "O", "P", "image", "object"}
        Level of the frame that holds it.

    Returns
    -------
    MetricSpec
        A column that no metric made is the user's own: unit "", needs "column".

    Raises
    ------
    InvalidInputError
        If `level` is not one of the five.

    Examples
    --------
    >>> find_metric("Blur", "P").needs
    'pixels'
    """
    if level not in _LEVELS:
        raise unknown_option("level", level, list(_LEVELS))
    kind = _LEVELS[level]
    spec = _BUILT_IN.get((name, kind)) or _OWN.get((name, kind))
    if spec is not None:
        return spec
    return MetricSpec(name, kind, "", "Column of your own frame.", "column", FRAMES[kind])


def describe(name: str, level: str) -> tuple[str, str]:
    """Say what a column is, for the screen.

    Parameters
    ----------
    name : str
        Name of the column, without the level.
    level : {"F", "O", "P", "image", "object"}
        Level of the frame that holds it.

    Returns
    -------
    unit : str
        "" for a column of the user's own.
    description : str
        One sentence.

    Raises
    ------
    InvalidInputError
        If `level` is not one of the five.

    Examples
    --------
    >>> describe("Object Area - Relative", "P")[0]
    '%'
    >>> describe("daylight", "F")
    ('', 'Column of your own frame.')
    """
    spec = find_metric(name, level)
    return spec.unit, spec.description


def metric(
    name: str,
    *,
    level: str = "",
    unit: str = "",
    description: str = "",
    version: int | Literal[""] = "",
) -> Callable[[_Function], _Function]:
    """Register one's own metric, to be computed and shown like the built-in ones.

    Parameters
    ----------
    name : str
        Name of the column and on the screen.
    level : {"image", "object"}
        "image": the function gets the whole image; "object": the crop of each label and
        prediction.
    unit : str, default ""
        Unit or range.
    description : str, default ""
        One sentence for the screen; the first line of the function's docstring when empty.
    version : int, optional
        Changes to the source of the function, and to the simple values and functions of your own
        that it refers to, are noticed by a cache. What it cannot look into, as a table or a
        model, it cannot notice: such a metric is kept only if you give a version. Raise it when
        what is behind it changes.

    Returns
    -------
    callable
        The decorator; it gives the function back unchanged. The function gets an array of
        shape (height, width, 3), uint8 RGB (read-only, never empty), and returns a number.

    Raises
    ------
    InvalidInputError
        If the name is a built-in metric's or a frame's column or ends in a level, `level` is
        unknown, `version` is no whole number, or there is a function in place of the name.

    Notes
    -----
    Running the cell again replaces the function. A function that raises on an object gives a
    missing value there, and one warning with the count and the first error.

    Examples
    --------
    >>> @metric("Saturation range", level="object", unit="[0, 1]")
    ... def saturation_range(crop):
    ...     return float(crop.max() - crop.min()) / 255
    """
    if callable(name):
        raise InvalidInputError(
            "metric",
            "stands above a function without a name and a level",
            "Write `@ea.metric('name', level='image')`, or `level='object'`.",
        )
    if level not in FRAMES:
        raise unknown_option("level", level, list(FRAMES))
    if not isinstance(name, str) or not name.strip():
        raise InvalidInputError("name", f"is {shown(name)}", "Give the metric a name to be shown.")
    check_metric_name("metric", name, "metric")
    is_given = not isinstance(version, str) or version
    number = int(check_version("version", version)) if is_given else None
    kind = _LEVELS[level]
    if (name, kind) in _BUILT_IN:
        raise InvalidInputError(
            "name", f"is {name!r}, a built-in metric", "Choose another name for your own."
        )
    if name in _RESERVED:
        raise InvalidInputError(
            "name", f"is {name!r}, a column that frames have already", "Choose another name."
        )

    def register(function: _Function) -> _Function:
        if not callable(function):
            raise InvalidInputError(
                "metric", f"decorates {function!r}", "Put it above a function from pixels."
            )
        text = description or (getattr(function, "__doc__", None) or "").strip().split("\n")[0]
        _OWN[name, kind] = MetricSpec(
            name,
            kind,
            unit,
            text or "A metric of your own.",
            "pixels",
            FRAMES[kind],
            version=number,
            function=function,
        )
        return function

    return register


def made_from_labels(metric: str) -> bool:
    """Tell whether a metric is made from labels, as "Object Count (F)" is.

    There is no such value of an image without labels. False for a column of the user's own.

    Parameters
    ----------
    metric : str
        Displayed name; without a level that of predictions or of images.

    Examples
    --------
    >>> [made_from_labels(name) for name in ("Object Count (F)", "Object Count", "Blur (F)")]
    [True, True, False]
    """
    name = MetricName.parse(metric)
    return any(find_metric(name.name, level).from_labels for level in name.level or "PF")
