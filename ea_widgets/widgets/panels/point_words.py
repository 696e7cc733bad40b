"""What the tooltip of a point of a curve says, or that of a category's bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ea_widgets.analysis.formatting import value_in_words
from ea_widgets.widgets.base import span, text
from ea_widgets.widgets.charts import FEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ea_widgets.analysis.curves import Curve


def describe_points(
    curve: Curve, points: Sequence[pd.Series], title: str, objects: str, by_class: bool
) -> str:
    """Write the tooltip of a point, or of all classes of a category.

    Parameters
    ----------
    curve : Curve
    points : sequence of Series
        Rows of one side of it, at least one; more only of one category.
    title : str
        What the rate is.
    objects : str
        What the rate is of, in the plural.
    by_class : bool
        Whether each point is one of a class.

    Returns
    -------
    str
        HTML; all text from data is escaped.
    """
    if len(points) > 1:
        told = [
            (str(one["class_name"]), f"{rate_of(one)} ({interval_of(one)}), of {int(one['n']):,}")
            for one in points
        ]
        heading = f"{curve.metric}: {points[0]['category']}"
        return text.table(heading, told, f"{title}, with its 95 % interval.")
    point = points[0]
    n = int(point["n"])
    if "category" in point:
        values = [(curve.metric, str(point["category"]))]
    else:
        ends = span(float(point["bin_low"]), float(point["bin_high"]), curve.unit)
        median = value_in_words(float(point["center"]), curve.unit)
        values = [(curve.metric, ends.removeprefix("from ")), ("median of the bin", median)]
    return text.table(
        str(point["class_name"]) if by_class else "all classes chosen",
        [
            (title, rate_of(point)),
            ("95 % interval", interval_of(point)),
            *values,
            (objects, f"{n:,}"),
        ],
        f"Fewer than {FEW}: take it with care." if n < FEW else "",
    )


def rate_of(point: pd.Series) -> str:
    """Write the rate of a point."""
    return text.rate(float(point["rate"]))


def interval_of(point: pd.Series) -> str:
    """Write the interval of a point."""
    return " to ".join(text.rate(float(point[end])) for end in ("rate_low", "rate_high"))
