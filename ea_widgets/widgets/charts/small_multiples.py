"""A small chart for each class, side by side on the same axes: no line crosses another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.reporting.markup import Markup, element
from ea_widgets.widgets.base import text, theme

if TYPE_CHECKING:
    from ea_widgets.widgets.charts.axis import XAxis
    from ea_widgets.widgets.charts.curve_lines import Series

WIDTH, HEIGHT = 150.0, 74.0
LEFT, RIGHT, TOP, BOTTOM = 30.0, 4.0, 5.0, 4.0
FEW = 20
"""Bins of fewer objects are hollow."""

LONGEST_NAME, MOST_POINTS = 18, 8


def multiples_html(
    axis: XAxis,
    series: tuple[Series, ...],
    average: float,
    *,
    top: float,
    colour: str,
    chosen: tuple[float, ...] = (),
) -> Markup:
    """Draw one small chart per class.

    Parameters
    ----------
    axis : XAxis
        Where the bins stand; the same for all.
    series : tuple of Series
        One per class.
    average : float
        Of all classes together: the dashed line in each chart; NaN draws none.
    top : float
        The highest rate on the axis.
    colour : str
    chosen : tuple of float
        Ends of the chosen range as places on the axis; empty shades none.

    Returns
    -------
    Markup
    """
    charts = (_chart(axis, one, average, top, colour, chosen) for one in series)
    return element("div", *charts, class_="eaw-multiples")


def _chart(
    axis: XAxis,
    one: Series,
    average: float,
    top: float,
    colour: str,
    chosen: tuple[float, ...],
) -> Markup:
    """Draw the chart of one class."""

    def across(places: np.ndarray) -> np.ndarray:
        share = (np.asarray(places, float) - axis.low) / (axis.high - axis.low)
        return np.asarray(LEFT + (WIDTH - LEFT - RIGHT) * np.clip(share, 0, 1))

    def down(rates: np.ndarray) -> np.ndarray:
        return np.asarray(TOP + (HEIGHT - TOP - BOTTOM) * (1 - np.asarray(rates, float) / top))

    places, rates, counts = pooled(axis.centers[one.bins], one.rate, one.n)
    xs, ys = across(places).tolist(), down(rates).tolist()
    marks = []
    if chosen:
        left, right = across(np.array(chosen)).tolist()
        shade = {"width": max(right - left, 1.5), "height": HEIGHT - TOP - BOTTOM}
        marks.append(
            element("rect", x=left, y=TOP, style=f"fill: {theme.GREEN}; opacity: .2", **shade)
        )
    for level in (0.0, top / 2, top):
        y = float(down(np.array(level)))
        line = {"x1": LEFT, "x2": WIDTH - RIGHT, "y1": y, "y2": y}
        marks.append(element("line", class_="eaw-grid", **line))
        if level != top / 2:
            marks.append(
                element("text", text.percent(level), x=LEFT - 3, y=y + 3.5, text_anchor="end")
            )
    if not np.isnan(average):
        y = float(down(np.array(average)))
        marks.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="eaw-average"))
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    marks.append(element("polyline", points=points, style=f"stroke: {colour}"))
    for x, y, rate, n in zip(xs, ys, rates.tolist(), counts.tolist(), strict=True):
        told = element("title", f"{text.percent(rate)} of {n:,.0f}")
        looks = f"stroke: {colour}; fill: {'var(--jp-layout-color1)' if n < FEW else colour}"
        marks.append(element("circle", told, cx=x, cy=y, r=2.2, style=looks))
    total = f"{one.n.sum():,.0f}"
    low, high = (text.percent(float(end)) for end in (min(rates, default=0), max(rates, default=0)))
    summary = f"{one.name}: {low} to {high}, over {total} objects"
    name = element("span", text.elide(one.name, LONGEST_NAME), title=one.name)
    size = {"viewBox": f"0 0 {WIDTH:.0f} {HEIGHT:.0f}", "role": "img"}
    drawing = element("svg", element("title", summary), *marks, **size)
    return element("div", element("div", name, f" {total}"), drawing)


def pooled(places: np.ndarray, rates: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, ...]:
    """Join neighbouring bins, so that the few objects of one class give few points.

    Parameters
    ----------
    places, rates, n : ndarray of float64, shape (n_bins,)
        Of each bin.

    Returns
    -------
    tuple of ndarray
        The same three, of at most `MOST_POINTS` groups; the rates are those of all objects of a
        group.

    Examples
    --------
    >>> _, rates, n = pooled(np.arange(16.0), np.tile([0.0, 1.0], 8), np.tile([1.0, 3.0], 8))
    >>> rates[:2], n[:2]
    (array([0.75, 0.75]), array([4., 4.]))
    """
    if len(n) <= MOST_POINTS:
        return places, rates, n
    starts = np.unique(np.linspace(0, len(n), MOST_POINTS, endpoint=False).astype(int))
    total = np.add.reduceat(n, starts)
    weights = np.maximum(total, 1e-300)
    pooled_rates = np.add.reduceat(rates * n, starts) / weights
    return np.add.reduceat(places * n, starts) / weights, pooled_rates, total
