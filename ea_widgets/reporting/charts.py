"""Charts of the report: bars of HTML, curves of SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ea_widgets.analysis.formatting import date_labels, number, percent, with_unit
from ea_widgets.data.checks.kinds import DATE
from ea_widgets.reporting.markup import Markup, element, join

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

WIDTH, HEIGHT = 460.0, 218.0
LEFT, RIGHT, TOP, BOTTOM = 54.0, 12.0, 14.0, 22.0
"""Room around the curve; on the left for "100 %" in the larger letters of phones."""

FEW = 20
"""Bins of fewer objects are hollow."""

CEILINGS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
LEAST_AXIS = 0.1
TICKS = 5


def importance_bars(table: pd.DataFrame, *, missed: bool) -> Markup:
    """Draw a ranking as bars.

    Parameters
    ----------
    table : DataFrame
        Of :meth:`Evaluation.importance`; intervals and noise floors are drawn where it has them.
    missed : bool
        Whether it tells of missed labels; chooses the colour.

    Returns
    -------
    Markup
    """
    high = table["importance_high"] if "importance_high" in table else table["importance"]
    end = max(LEAST_AXIS, 1.04 * float(np.nanmax(high)))
    rows = [row for _, row in table.iterrows()]
    return element(
        "div",
        *(
            join(
                element("div", row.name, class_="name"),
                track(row, end, missed=missed),
                element("div", f"{row['importance']:.3f}", class_="number"),
            )
            for row in rows
        ),
        class_="bars",
    )


def track(row: pd.Series, end: float, *, missed: bool) -> Markup:
    """Draw one bar with its interval and the noise floor."""
    chance = "distinguishable" in row and not row["distinguishable"]
    parts = [element("div", class_="fill", style=f"width:{share(row['importance'], end)}")]
    if "importance_low" in row and row["importance_high"] > row["importance_low"]:
        low, high = float(row["importance_low"]), float(row["importance_high"])
        width = share(high - low, end)
        parts.append(
            element("div", class_="whisker", style=f"left:{share(low, end)};width:{width}")
        )
    if "noise_floor" in row and row["noise_floor"] > 0:
        parts.append(element("div", class_="floor", style=f"left:{share(row['noise_floor'], end)}"))
    kind = f"track{' missed' if missed else ''}{' chance' if chance else ''}"
    return element("div", *parts, class_=kind)


def share(value: float, end: float) -> str:
    """Write a length as a percentage of the axis."""
    return f"{100 * min(max(float(value), 0.0), end) / end:.2f}%"


BAR_ROOM, LETTER = 0.6, 7.0
"""Share of a category's room that its bar takes; width of a letter."""

LONGEST, TURN, RISE = 18, -60, 6.2
"""Letters of a name of a category; degrees that names are turned by where they find no room, and
the height that a letter takes then."""

DATE_TICKS = 4


def rate_chart(
    frame: pd.DataFrame, average: float, *, metric: str, unit: str, title: str, missed: bool
) -> Markup:
    """Draw a rate by a metric, with its interval and average.

    Parameters
    ----------
    frame : DataFrame
        One side of a :class:`Curve`, of all classes together; at least one row.
    average : float
    metric, unit, title : str
    missed : bool
        Whether the rate is that of missed labels; chooses the colour.

    Returns
    -------
    Markup
        A figure. Across, objects stand in the order of the metric, so that each bin has the room
        of its objects; the numbers under the axis are values of the metric.
    """
    highest = max(float(frame["rate_high"].max()), average)
    ceiling = next(level for level in CEILINGS if level >= min(highest, 1.0))
    counts = frame["n"].to_numpy(float)
    room = np.ones(len(frame)) if "category" in frame else counts
    ends = np.cumsum(room) / room.sum()
    x = LEFT + (WIDTH - LEFT - RIGHT) * (ends - room / room.sum() / 2)
    plot_height = HEIGHT - TOP - BOTTOM

    def down(rate: np.ndarray | float) -> np.ndarray:
        return np.asarray(TOP + plot_height * (1 - np.asarray(rate, float) / ceiling))

    y = down(frame["rate"].to_numpy())
    band = [*zip(x, down(frame["rate_high"].to_numpy()), strict=True)]
    band += [*zip(x, down(frame["rate_low"].to_numpy()), strict=True)][::-1]
    height = float(down(average))
    marks = [
        *grid(ceiling),
        *([] if "category" in frame else [element("polygon", points=path(band), class_="band")]),
        *(bars(frame, down) if "category" in frame else []),
        element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=height, y2=height, class_="average"),
        *(
            []
            if "category" in frame
            else [element("polyline", points=path([*zip(x, y, strict=True)]), class_="curve")]
        ),
        *(
            element("circle", cx=cx, cy=cy, r=3.4, class_="few" if n < FEW else "point")
            for cx, cy, n in zip(x.tolist(), y.tolist(), counts, strict=True)
        ),
        average_label(f"average {percent(average)}", height, [*zip(x, y, strict=True)]),
        *axis(frame, ends, dates=unit == DATE),
    ]
    below = room_of_names(frame)
    low, high = frame["rate"].min(), frame["rate"].max()
    told = f"{title} by {metric}: {percent(low)} to {percent(high)}, average {percent(average)}"
    return element(
        "figure",
        element("figcaption", title),
        element(
            "svg",
            element("title", told),
            *marks,
            viewBox=f"0 0 {WIDTH:.0f} {HEIGHT + below:.0f}",
            role="img",
            class_="chart missed" if missed else "chart",
        ),
        # Not a text of the drawing: long names need more than one line.
        element("div", f"{metric} ({unit})" if with_unit("", unit) else metric, class_="across"),
    )


def average_label(words: str, height: float, points: list[tuple[float, float]]) -> Markup:
    """Write beside the average line, where the curve is farthest away."""
    reach = 7.2 * len(words)
    corners = [
        (end, y)
        for end in ("end", "start")
        for y in (height - 6, height + 15)
        if y - 10 >= TOP and y + 4 <= HEIGHT - BOTTOM
    ] or [("end", height - 6)]

    def room(corner: tuple[str, float]) -> float:
        end, y = corner
        low, high = (WIDTH - RIGHT - reach, WIDTH) if end == "end" else (0, LEFT + reach)
        return min((abs(py - (y - 4)) for px, py in points if low <= px <= high), default=HEIGHT)

    end, y = max(corners, key=room)
    x = WIDTH - RIGHT - 2 if end == "end" else LEFT + 2
    return element("text", words, x=x, y=y, text_anchor=end, class_="mean")


def path(points: list[tuple[float, float]]) -> str:
    """Write points as SVG does."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def grid(ceiling: float) -> list[Markup]:
    """Lines across, with their percentages."""
    marks = []
    for part in range(5):
        y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - part / 4)
        marks.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="grid"))
        level = f"{number(100 * ceiling * part / 4)} %"
        marks.append(element("text", level, x=LEFT - 6, y=y + 4, text_anchor="end"))
    return marks


def bars(frame: pd.DataFrame, down: Callable[[np.ndarray | float], np.ndarray]) -> list[Markup]:
    """Draw a bar per category with its interval, from left to right; all have the same room."""
    room = (WIDTH - LEFT - RIGHT) / len(frame)
    marks = []
    ends_of = [down(frame[name].to_numpy(float)) for name in ("rate", "rate_low", "rate_high")]
    for index, (top, low, high) in enumerate(np.column_stack(ends_of).tolist()):
        middle = LEFT + room * (index + 0.5)
        left, right = middle - room * BAR_ROOM / 2, middle + room * BAR_ROOM / 2
        bottom = HEIGHT - BOTTOM
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
        marks.append(element("polygon", points=path(corners), class_="band"))
        ends = [(middle, low), (middle, high)]
        marks.append(element("polyline", points=path(ends), class_="curve"))
    return marks


def shortened(name: str) -> str:
    """Leave out the middle of a long name: many differ at their ends only."""
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST // 2].rstrip()}…{name[1 - LONGEST // 2 :].lstrip()}"


def room_of_names(frame: pd.DataFrame) -> float:
    """Height that the names of categories take where they are turned; else 0."""
    if "category" not in frame:
        return 0.0
    longest = max(len(shortened(str(name))) for name in frame["category"])
    fits = longest * LETTER * len(frame) <= WIDTH - LEFT - RIGHT
    return 0.0 if fits else RISE * longest


def names_below(frame: pd.DataFrame) -> list[Markup]:
    """Names of categories under their bars."""
    room = (WIDTH - LEFT - RIGHT) / len(frame)
    turned = room_of_names(frame) > 0
    marks = []
    for place, name in enumerate(frame["category"]):
        x, y = LEFT + room * (place + 0.5), HEIGHT - 5
        looks = {"text_anchor": "middle"}
        if turned:
            x, y = x + 4, HEIGHT - BOTTOM + 12
            looks = {"text_anchor": "end", "transform": f"rotate({TURN} {x:.1f} {y:.1f})"}
        marks.append(element("text", shortened(str(name)), x=x, y=y, **looks))
    return marks


def axis(frame: pd.DataFrame, ends: np.ndarray, *, dates: bool) -> list[Markup]:
    """Values of the metric under the edges of some bins, or the names of its categories."""
    if "category" in frame:
        return names_below(frame)
    edges = np.append(frame["bin_low"].to_numpy()[:1], frame["bin_high"].to_numpy())
    shares = np.append(0.0, ends)
    places: list[int] = []
    for wanted in np.linspace(0, 1, DATE_TICKS if dates else TICKS):
        place = int(np.argmin(np.abs(shares - wanted)))
        if not places or shares[place] > shares[places[-1]]:
            places.append(place)
    values = edges[places]
    written = date_labels(values) if dates else [number(float(value)) for value in values]
    marks: list[Markup] = []
    for place, words in zip(places, written, strict=True):
        anchor = "start" if place == 0 else "end" if place == len(shares) - 1 else "middle"
        x = LEFT + (WIDTH - LEFT - RIGHT) * float(shares[place])
        marks.append(element("text", words, x=x, y=HEIGHT - 5, text_anchor=anchor))
    return marks
