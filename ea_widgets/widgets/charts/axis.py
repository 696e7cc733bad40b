"""Places of a metric's values on a linear, logarithmic or rank axis.

One bqplot ``LinearScale`` serves all three: the values are moved, and the ticks are labelled with
what they were. So the axis can be switched without rebuilding the figure, and a range that is
brushed can be read back with `XAxis.values_between`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ea_widgets.analysis.formatting import date_labels
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import text
from ea_widgets.widgets.charts.date_ticks import MOST_DATES, date_ticks
from ea_widgets.widgets.charts.ticks import js_key, log_ticks, round_ticks

Floats = NDArray[np.float64]
ScaleName = Literal["rank", "linear", "log"]
SCALES: tuple[ScaleName, ...] = ("rank", "linear", "log")
PADDING = 0.02
NUDGE = 1e-3
"""Least part of a bin between its median and an edge: ties can put the one on the other, and two
places of one value could not be told apart."""

MOST_RANK_TICKS = 7
TICK_ROOM = 40
"""Characters below half a row."""
LABEL_ROOM, LONGEST_LABEL = 56, 16
"""Characters of all names of categories that fit side by side under a chart, and the most of one
where they do not and are turned."""


@dataclass(frozen=True, eq=False)
class Bins:
    """Bins of a metric, in rising order.

    Attributes
    ----------
    low, high : ndarray of float64, shape (n_bins,)
        Edges, in the metric's own unit.
    medians : ndarray of float64, shape (2, n_bins)
        Lowest and highest median of the lines that have a point in the bin: of a single line, the
        same twice.
    n : ndarray of float64, shape (n_bins,)
        Objects in each.
    """

    low: Floats
    high: Floats
    medians: Floats
    n: Floats


@dataclass(frozen=True, eq=False)
class XAxis:
    """An axis that is ready to draw.

    Attributes
    ----------
    low, high : float
        Ends of the axis, as places.
    edges_low, edges_high, centers : ndarray of float64, shape (n_bins,)
        Places of the bins, and of their points.
    tied : ndarray of float64, shape (2, n_bins)
        Where the objects of the medians stand, from and to: the point, or up to the edge of the
        bin on a rank axis, where ties put the median on that edge.
    tick_places : ndarray of float64
        Places of the ticks.
    tick_labels : dict of str to str
        Label of each tick, under the place as JavaScript writes it.
    knots_value, knots_place : ndarray of float64
        Values of the metric and their places, both rising; straight between them.
    bins : Bins
        Whose places they are.
    note : str
        Why the axis is not what was asked for; empty when it is.
    dates : bool
        Whether the values are moments, in seconds since 1970.
    turned : int
        Characters of the longest label where labels are turned to find room; else 0.
    """

    low: float
    high: float
    edges_low: Floats
    edges_high: Floats
    centers: Floats
    tied: Floats
    tick_places: Floats
    tick_labels: dict[str, str]
    knots_value: Floats
    knots_place: Floats
    bins: Bins
    note: str = ""
    dates: bool = False
    turned: int = 0

    def values(self, places: Floats) -> Floats:
        """Read places back as values of the metric.

        Parameters
        ----------
        places : ndarray of float64
            Places on the axis; those outside are moved to its end.

        Returns
        -------
        ndarray of float64
            In the metric's own unit.
        """
        return np.interp(places, self.knots_place, self.knots_value)

    def places(self, values: Floats) -> Floats:
        """Find the places of values of the metric.

        Parameters
        ----------
        values : ndarray of float64
            In the metric's own unit; those outside of the data are moved to the axis' end.

        Returns
        -------
        ndarray of float64
        """
        found = np.interp(values, self.knots_value, self.knots_place)
        found = np.where(values < self.knots_value[0], self.low, found)
        return np.where(values > self.knots_value[-1], self.high, found)

    def values_between(self, low: float, high: float) -> tuple[float, float]:
        """Read a part of the axis back as a range of the metric.

        Parameters
        ----------
        low, high : float
            Ends of the part, as places, ``low <= high``.

        Returns
        -------
        tuple of float
            In the metric's own unit; holds the medians of all bins whose points lie in the part,
            and ties that reach into it.
        """
        start, end = self.tied
        least, most = self.bins.medians
        covered = (end >= low) & (start <= high)
        # Within ties, the value is theirs and not one between two knots.
        first = np.append(least[(start <= low) & (low <= end)], self.values(np.array([low])))
        last = np.append(most[(start <= high) & (high <= end)], self.values(np.array([high])))
        return (
            float(np.append(least[covered], first[0]).min()),
            float(np.append(most[covered], last[0]).max()),
        )

    def places_between(self, low: float, high: float) -> tuple[float, float]:
        """Find the part of the axis that a range of the metric takes.

        Parameters
        ----------
        low, high : float
            Ends of the range, in the metric's own unit, ``low <= high``.

        Returns
        -------
        tuple of float
            Places; hold the bins within the range, and the points and ties whose medians are.
        """
        ends = self.places(np.array([low, high]))
        least, most = self.bins.medians
        start, end = self.tied[:, (least >= low) & (most <= high)]
        within = (self.bins.low >= low) & (self.bins.high <= high)
        first = np.concatenate([self.edges_low[within], start, ends[:1]])
        last = np.concatenate([self.edges_high[within], end, ends[1:]])
        return (float(first.min()), float(last.max()))


def lay_out(scale: ScaleName, bins: Bins, *, dates: bool = False) -> XAxis:
    """Place the bins of a curve on an axis.

    Parameters
    ----------
    scale : {"rank", "linear", "log"}
        The axis asked for. A logarithmic one needs values above 0, and no dates, else a linear one
        is given.
    bins : Bins
        At least one.
    dates : bool
        Whether the values are moments, in seconds since 1970.

    Returns
    -------
    XAxis
        Empty bins take no room on a rank axis.
    """
    if scale == "rank":
        return _rank(bins, dates=dates)
    if scale == "linear":
        return _linear(bins, dates=dates)
    if dates:
        return _linear(bins, wording.NO_LOG_OF_DATES, dates=True)
    if bins.medians.min() <= 0:
        return _linear(bins, wording.LOG_NEEDS_POSITIVE)
    return _log(bins)


def lay_out_categories(bins: Bins, names: tuple[str, ...]) -> XAxis:
    """Place a bar per category on an axis, all with the same room and named below.

    Parameters
    ----------
    bins : Bins
        As :func:`as_bins` makes them, one of each category.
    names : tuple of str

    Returns
    -------
    XAxis
        Without room at its ends, so that each category has an equal part of the width.
    """
    ends = (float(bins.low.min()), float(bins.high.max()))
    places = (bins.low, bins.high, bins.medians[0])
    axis = _straight(bins, places, bins.medians[0], ends, "")
    counts = [f" ({n:,.0f})" for n in bins.n]
    wanted = [names[int(place)] for place in axis.tick_places]
    labels = [a + b for a, b in zip(text.unique_labels(wanted, LONGEST_LABEL), counts, strict=True)]
    longest = max(map(len, labels))
    keys = [js_key(place) for place in axis.tick_places]
    return replace(
        axis,
        low=ends[0],
        high=ends[1],
        tick_labels=dict(zip(keys, labels, strict=True)),
        turned=longest if longest * len(labels) > LABEL_ROOM else 0,
    )


def tick_labels(values: Floats, *, dates: bool) -> list[str]:
    """Write what stands at ticks: dates, or numbers as short as an axis needs them."""
    return date_labels(values) if dates else [text.tick(value) for value in values.tolist()]


def _rank(bins: Bins, *, dates: bool) -> XAxis:
    """Give each bin the room of its share of the objects; a median stands in its middle."""
    share = np.concatenate([[0.0], np.cumsum(bins.n) / max(bins.n.sum(), 1.0)])
    left, right = share[:-1], share[1:]
    values = np.append(bins.low, bins.high[-1])
    written = tick_labels(values, dates=dates)
    chosen = _spread(share, written, MOST_DATES if dates else _most_ticks(written))
    if not dates:  # two digits, where they tell the ticks apart as well
        short = [text.tick(value, 2) for value in values.tolist()]
        fewer = _spread(share, short, _most_ticks(short))
        if len(fewer) >= len(chosen):
            written, chosen = short, fewer
    places = share[chosen]
    labels = {js_key(p): written[i] for p, i in zip(places, chosen, strict=True)}
    centers = (left + right) / 2
    room = NUDGE * (bins.high - bins.low)
    medians = np.clip(bins.medians.mean(axis=0), bins.low + room, bins.high - room)
    least, most = bins.medians
    tied = np.vstack(
        [np.where(least <= bins.low, left, centers), np.where(most >= bins.high, right, centers)]
    )
    knots_place = np.append(np.column_stack([left, centers]), 1.0)
    rising = np.append(True, np.diff(knots_place) > 0)
    return XAxis(
        low=-PADDING,
        high=1 + PADDING,
        edges_low=left,
        edges_high=right,
        centers=centers,
        tied=tied,
        tick_places=places,
        tick_labels=labels,
        knots_value=np.append(np.column_stack([bins.low, medians]), bins.high[-1])[rising],
        knots_place=knots_place[rising],
        bins=bins,
        dates=dates,
    )


def _most_ticks(labels: list[str]) -> int:
    """Tell how many labels find room side by side on half a page."""
    return max(2, min(MOST_RANK_TICKS, TICK_ROOM // (max(map(len, labels)) + 1)))


def _spread(places: Floats, labels: list[str], most: int) -> list[int]:
    """Choose edges that are far enough apart to label, both ends among them, each label once."""
    room = 1.0 / most
    chosen = [0]
    for edge in range(1, len(places) - 1):
        far = places[edge] - places[chosen[-1]] >= room and places[-1] - places[edge] >= room
        if far and labels[edge] not in {labels[chosen[-1]], labels[-1]}:
            chosen.append(edge)
    return [*chosen, len(places) - 1]


def _linear(bins: Bins, note: str = "", *, dates: bool = False) -> XAxis:
    """Leave the values where they are."""
    start, end = float(bins.low.min()), float(bins.high.max())
    places = (bins.low, bins.high, bins.medians.mean(axis=0))
    ends, ticks = (start, end), bins.low[:1]
    if end <= start:
        room = max(abs(start) * 0.05, 0.5)
        ends = (start - room, end + room)
    else:
        ticks = date_ticks(start, end) if dates else round_ticks(start, end)
        ticks = ticks if len(ticks) else np.array([start, end])
    return _straight(bins, places, ticks, ends, note, dates=dates)


def _log(bins: Bins) -> XAxis:
    """Take logarithms; an edge at or below 0 goes to half of the smallest positive value."""
    values = np.concatenate([bins.low, bins.high, bins.medians[0]])
    least = float(values[values > 0].min()) / 2

    def place(values: Floats) -> Floats:
        return np.log10(np.maximum(values, least))

    places = (place(bins.low), place(bins.high), place(bins.medians.mean(axis=0)))
    start, end = float(places[0].min()), float(places[1].max())
    if end <= start:
        start, end = start - 0.5, end + 0.5
    ticks = log_ticks(10**start, 10**end)
    return _straight(bins, places, ticks, (start, end), "", logarithmic=True)


def _straight(
    bins: Bins,
    places: tuple[Floats, Floats, Floats],
    ticks: Floats,
    ends: tuple[float, float],
    note: str,
    *,
    logarithmic: bool = False,
    dates: bool = False,
) -> XAxis:
    """Build an axis from the places of the bins, the values of the ticks and the ends."""
    room = (ends[1] - ends[0]) * PADDING
    knots = np.linspace(*ends, 257)
    values = 10**knots if logarithmic else knots.copy()
    if bins.low.min() < bins.high.max():
        # What is dragged over the whole axis takes the ends of the data, to the last digit.
        values[0], values[-1] = bins.low.min(), bins.high.max()
    marks = np.log10(ticks) if logarithmic else ticks
    written = tick_labels(ticks, dates=dates)
    return XAxis(
        low=ends[0] - room,
        high=ends[1] + room,
        edges_low=places[0],
        edges_high=places[1],
        centers=places[2],
        tied=np.vstack([places[2], places[2]]),
        tick_places=marks,
        tick_labels={js_key(p): label for p, label in zip(marks, written, strict=True)},
        knots_value=values,
        knots_place=knots,
        bins=bins,
        note=note,
        dates=dates,
    )
