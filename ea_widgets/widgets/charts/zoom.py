"""A part of an axis: where it ends, what its ticks say, and the next part to look at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ea_widgets.analysis.formatting import date_labels
from ea_widgets.widgets.base import text
from ea_widgets.widgets.charts.date_ticks import MOST_DATES, date_ticks
from ea_widgets.widgets.charts.ticks import js_key, log_ticks, round_ticks

if TYPE_CHECKING:
    from ea_widgets.widgets.base import Range
    from ea_widgets.widgets.charts.axis import ScaleName, XAxis

Floats = NDArray[np.float64]

NARROWEST = 1e-3
"""Least part of an axis that is looked at."""

MOST_TICKS = 7
MOST_DIGITS = 12
DECADES = 10.0
"""From this ratio of its ends on, a part of a log axis has the ticks of one."""


def zoomed(axis: XAxis, scale: ScaleName, ends: Range) -> XAxis:
    """Show a part of an axis; what stands where does not change.

    Parameters
    ----------
    axis : XAxis
        The whole axis.
    scale : {"rank", "linear", "log"}
        The axis asked for.
    ends : tuple of float
        Lowest and highest value in sight, in the metric's own unit.

    Returns
    -------
    XAxis
        The whole axis where none of its values are between the ends.
    """
    low, high = (float(place) for place in axis.places(np.array(ends)))
    if high - low < NARROWEST * np.ptp(axis.knots_place) / 2:
        return axis
    ticks, places = _ticks(axis, scale, low, high)
    if len(ticks) < 2:
        places = np.array([low, high])
        ticks = axis.values(places)
    labels = date_labels(ticks) if axis.dates else _labels(ticks)
    return replace(
        axis,
        low=low,
        high=high,
        tick_places=places,
        tick_labels={js_key(place): label for place, label in zip(places, labels, strict=True)},
    )


def part(axis: XAxis, low: float, high: float) -> tuple[()] | Range:
    """Turn the ends of a part, as places, into values; moved back where it leaves the axis.

    Parameters
    ----------
    axis : XAxis
        The whole axis.
    low, high : float
        Places, ``low < high``.

    Returns
    -------
    tuple of float
        In the metric's own unit; empty for the whole axis.
    """
    first, last = axis.knots_place[[0, -1]].tolist()
    middle = (low + high) / 2
    width = max(high - low, NARROWEST * (last - first))
    if width >= (last - first) * (1 - 1e-9):
        return ()
    low = min(max(middle - width / 2, first), last - width)
    ends = axis.values(np.array([low, low + width]))
    return (float(ends[0]), float(ends[1])) if ends[0] < ends[1] else ()


def step(
    axis: XAxis, ends: tuple[()] | Range, factor: float = 1.0, shift: float = 0.0
) -> tuple[()] | Range:
    """Find the next part to look at.

    Parameters
    ----------
    axis : XAxis
        The whole axis.
    ends : tuple of float
        The part in sight; empty for the whole axis.
    factor : float
        How many times as wide the next part is.
    shift : float
        How far on it is, in widths of the part in sight.

    Returns
    -------
    tuple of float
        See :func:`part`.
    """
    low, high = axis.places(np.array(ends)) if ends else axis.knots_place[[0, -1]]
    middle, width = (low + high) / 2, high - low
    middle += shift * width
    return part(axis, middle - width * factor / 2, middle + width * factor / 2)


def _ticks(axis: XAxis, scale: ScaleName, low: float, high: float) -> tuple[Floats, Floats]:
    """Choose the values of the ticks between two places, and their places."""
    if scale == "rank":
        edges = np.append(axis.edges_low, axis.edges_high[-1])
        places = _far_apart(edges, low, high, MOST_DATES if axis.dates else MOST_TICKS)
        return axis.values(places), places
    least, most = axis.values(np.array([low, high])).tolist()
    logarithmic = scale == "log" and not axis.note
    wide = logarithmic and most / least >= DECADES
    find = date_ticks if axis.dates else log_ticks if wide else round_ticks
    ticks = find(least, most)
    # Straight from the value: between its knots a log axis is read only nearly.
    places = np.log10(ticks) if logarithmic else ticks
    seen = (places >= low) & (places <= high)
    return ticks[seen], places[seen]


def _far_apart(places: Floats, low: float, high: float, most: int) -> Floats:
    """Choose those in sight that have room for a label."""
    chosen: list[float] = []
    for place in places[(places >= low) & (places <= high)].tolist():
        if not chosen or place - chosen[-1] >= (high - low) / most:
            chosen.append(place)
    return np.array(chosen)


def _labels(values: Floats) -> list[str]:
    """Write each value with as many digits as tell them apart."""
    for digits in range(3, MOST_DIGITS + 1):
        labels = [text.tick(value, digits) for value in values.tolist()]
        if len(set(labels)) == len(labels):
            break
    return labels
