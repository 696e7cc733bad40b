"""What is on screen, as a record that tests compare."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from ipywidgets import HTML, Button

from ea_widgets.testing.controls import Control, parts_of, plain
from ea_widgets.widgets.charts import MARKED, PrecisionRecallChart, RankedBars, RateChart
from ea_widgets.widgets.examples import Tile
from ea_widgets.widgets.panels import ImportanceSweep

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bqplot import Lines
    from ipywidgets import Widget

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Shown:
    """What a person sees of a widget.

    Attributes
    ----------
    message : str
        The error on screen; empty without one.
    waiting : bool
        Whether something is pale, since its answer is still computed.
    scores : dict of str to str
        What stands behind each name: ``{"mAP": "0.397", ...}``.
    bars : dict of str to dict of str to float
        Length of each bar by its name, for each chart by its title.
    numbers : dict of str to dict of str to str
        What stands beside each bar, likewise.
    marked : tuple of str
        Names of the bars that are marked as chosen.
    points : dict of str to tuple of (float, float)
        Points of each chart of a rate, by its title.
    lines : dict of str to tuple of (float, float)
        Points of the lines that have names, by their names.
    ranges : tuple of str
        The ranges with the most errors, in words.
    captions : tuple of str
        What stands below each picture of the gallery.
    files : dict of str to str
        Content of each file that a link offers, by its name.
    text : tuple of str
        All words on screen, from top to bottom, without tags.
    """

    message: str = ""
    waiting: bool = False
    scores: dict[str, str] = field(default_factory=dict)
    bars: dict[str, dict[str, float]] = field(default_factory=dict)
    numbers: dict[str, dict[str, str]] = field(default_factory=dict)
    marked: tuple[str, ...] = ()
    points: dict[str, Points] = field(default_factory=dict)
    lines: dict[str, Points] = field(default_factory=dict)
    ranges: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    text: tuple[str, ...] = ()


def read(root: Widget) -> Shown:
    """Read what is on screen from the state of the widgets.

    Parameters
    ----------
    root : ipywidgets.Widget
        What is displayed.

    Returns
    -------
    Shown
    """
    parts = [part for part in parts_of(root) if part.seen]
    pages = [part.widget.value for part in parts if isinstance(part.widget, HTML)]
    html = "".join(pages)
    charts = [part.widget for part in parts if isinstance(part.widget, RankedBars)]
    bars: dict[str, dict[str, float]] = {}
    numbers: dict[str, dict[str, str]] = {}
    marked: list[str] = []
    for chart in charts:
        title, labels, values, told = _rows(chart)
        names = [label.removeprefix(MARKED) for label in labels]
        bars[title] = dict(zip(names, values, strict=True))
        numbers[title] = dict(zip(names, told, strict=True))
        marked += [name for name, label in zip(names, labels, strict=True) if label != name]
    rates = [part.widget for part in parts if isinstance(part.widget, RateChart)]
    return Shown(
        message=_joined(page for page in pages if 'role="alert"' in page),
        waiting=any("eaw-waiting" in _classes(part) for part in parts),
        scores=dict(re.findall(r"<span>([^<]+)</span><b>([^<]+)</b></div>", html)),
        bars=bars,
        numbers=numbers,
        marked=tuple(dict.fromkeys(marked)),
        points={_title(chart): _pairs(*chart.seen) for chart in rates},
        lines={
            name: points for part in parts for name, points in _named_lines(part.widget).items()
        },
        ranges=tuple(p.widget.description for p in parts if "eaw-range" in _classes(p)),
        captions=tuple(plain(p.widget.words.value) for p in parts if isinstance(p.widget, Tile)),
        files=_files(html),
        text=tuple(filter(None, map(plain, pages))),
    )


def _classes(part: Control) -> tuple[str, ...]:
    """List the style classes of a widget."""
    return getattr(part.widget, "_dom_classes", ())


def _joined(pages: Iterable[str]) -> str:
    return "\n".join(map(plain, pages))


def _title(chart: RankedBars | RateChart) -> str:
    """Take the title of a chart, without what is said behind it."""
    first = next(child for child in chart.children if isinstance(child, HTML))
    return plain(first.value.split("<span>")[0])


def _rows(chart: RankedBars) -> tuple[str, list[str], list[float], list[str]]:
    """Read the rows of a bar chart in the order on screen."""
    axes = {axis.side: axis for axis in chart.figure.axes}
    keys = [str(key) for key in chart.bars.x]
    labels = [axes["left"].tick_labels[key] for key in keys]
    told = [axes["right"].tick_labels[key] for key in keys]
    return _title(chart), labels, [float(value) for value in chart.bars.y], told


def _points(mark: Lines) -> Points:
    """Read the points of a mark."""
    return _pairs(np.atleast_1d(mark.x), np.atleast_1d(mark.y))


def _pairs(x: np.ndarray, y: np.ndarray) -> Points:
    return tuple(zip(x.tolist(), y.tolist(), strict=True))


def _named_lines(widget: object) -> dict[str, Points]:
    """Read the lines that a legend names."""
    if not isinstance(widget, (ImportanceSweep, PrecisionRecallChart)):
        return {}
    if isinstance(widget, ImportanceSweep) and not widget.opened:
        return {}
    return {line.labels[0]: _points(line) for line in widget.lines if line.visible and line.labels}


def _files(html: str) -> dict[str, str]:
    """Read the files that links offer."""
    links = re.findall(r'download="([^"]+)" href="data:[^,"]*;base64,([^"]*)"', html)
    return {name: b64decode(data).decode() for name, data in links}


def range_buttons(root: Widget) -> list[Button]:
    """List the buttons of the ranges with the most errors."""
    return [p.widget for p in parts_of(root) if p.seen and "eaw-range" in _classes(p)]
