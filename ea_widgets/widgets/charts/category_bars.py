"""Bars of categories on a chart of a rate: their outlines, intervals, and columns to click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from bqplot import Bars, LinearScale, Lines, OrdinalScale
from numpy.typing import NDArray

from ea_widgets.widgets.base import send, theme

if TYPE_CHECKING:
    from ipywidgets import HTML

Floats = NDArray[np.float64]

BAR_ROOM, CHOSEN_ROOM = 0.7, 0.94
"""Of the room of a category: what its bars take, and what is shaded where it is chosen."""

BAR_OPACITY = 0.9

TURN, LETTER_RISE = -60, 5.0
"""Degrees that long names are turned by, and how many pixels of height a letter takes then."""

NO_LINES = np.zeros((0, 2))


def boxes(left: Floats, right: Floats, height: Floats) -> tuple[Floats, Floats]:
    """Outline boxes from 0 up, one after the other.

    Parameters
    ----------
    left, right, height : ndarray of float64, shape (n,)

    Returns
    -------
    x, y : ndarray of float64, shape (4 * n,)
    """
    return (
        np.column_stack([left, left, right, right]).ravel(),
        np.column_stack([0 * height, height, height, 0 * height]).ravel(),
    )


def bar_paths(x: Floats, y: Floats, index: int, of: int) -> tuple[Floats, Floats]:
    """Outline bars from 0 up, the `index`-th of so many side by side at each place."""
    width = BAR_ROOM / max(of, 1)
    left = x - BAR_ROOM / 2 + index * width
    return boxes(left, left + width, y)


def columns_of(places: list[int]) -> tuple[Floats, Floats]:
    """Outline the columns of categories over the whole height, from 0 to 1."""
    middle = np.array(places, np.float64)
    left, right = middle - CHOSEN_ROOM / 2, middle + CHOSEN_ROOM / 2
    return boxes(left, right, np.ones(len(middle)))


def label_room(longest: int) -> int:
    """Pixels of height that turned labels of so many letters take."""
    return round(LETTER_RISE * longest)


class CategoryMarks:
    """Intervals of bars, and columns over the whole height that take the mouse.

    Parameters
    ----------
    x, y : LinearScale
        Of the chart; categories stand at 0, 1, 2, …
    upright : LinearScale
        From 0 to 1 over the whole height.
    tip : HTML
        The tooltip.

    Attributes
    ----------
    whiskers : Lines
    columns : Bars
    """

    def __init__(self, x: LinearScale, y: LinearScale, upright: LinearScale, tip: HTML) -> None:
        self.whiskers = Lines(
            x=NO_LINES, y=NO_LINES, scales={"x": x, "y": y}, colors=[theme.FOREGROUND],
            stroke_width=1.5, visible=False,
        )  # fmt: skip
        # Equal parts of the whole width, as the axis of categories has them.
        self._ordinal = OrdinalScale(domain=[])
        self.columns = Bars(
            x=[], y=[], scales={"x": self._ordinal, "y": upright}, padding=0.0, stroke_width=0.0,
            colors=[theme.FOREGROUND], opacities=[0.001], tooltip=tip,
            tooltip_style={"opacity": 1},
        )  # fmt: skip

    def show_intervals(self, x: Floats, low: Floats, high: Floats) -> None:
        """Draw an interval at each place; none where there are no places."""
        x, ends = np.column_stack([x, x]), np.column_stack([low, high])
        send(self.whiskers, x=x, y=ends, visible=bool(len(x)))

    def show_columns(self, count: int) -> None:
        """Let so many columns of equal width take the mouse."""
        keys = [str(place) for place in range(count)]
        # A mark must never hold a place that the scale does not know: bqplot puts it at NaN.
        if count > len(self._ordinal.domain):
            send(self._ordinal, domain=keys)
        names: NDArray[Any] = np.array(keys, dtype=str)
        send(self.columns, x=names, y=np.ones(count))
        send(self._ordinal, domain=keys)
