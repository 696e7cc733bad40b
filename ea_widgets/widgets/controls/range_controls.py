"""Choose a range of a metric: type it, drag it on a chart, or clear it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, FloatText, HBox, ToggleButton
from traitlets import Bool

from ea_widgets.widgets.base import Control, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from ea_widgets.widgets.base import Extent, Range

DIGITS = 4
"""Significant digits of an end that is dragged."""

NEXT_TO_NOTHING = 1e-6
"""Part of a dragged range below which a number needs no digits of its own."""

SHOWN_DIGITS = 6
"""Significant digits in the boxes."""


class RangeControls(Box):
    """Two boxes for the ends of a range, a button to drag it, and one to clear it.

    Parameters
    ----------
    on_choose : callable
        Called with (low, high), or with () to clear.
    """

    dragging = Bool(default_value=False)
    """Whether the mouse drags a range on the charts. Default False: it points and clicks."""

    def __init__(self, on_choose: Callable[[tuple[()] | Range], None]) -> None:
        self._on_choose = on_choose
        self._low = self._box("from", "Lowest value looked at")
        self._high = self._box("to", "Highest value looked at")
        self._ends = [Control(box, self._typed, shorten=short) for box in (self._low, self._high)]
        self._drag = ToggleButton(
            description="drag on a chart", icon="arrows-h", layout={"width": "auto"},
            tooltip="Drag over a chart to choose a range; without it, a click chooses one bin",
        )  # fmt: skip
        self._clear = Button(description="clear", tooltip="Choose no range")
        for button in (self._drag, self._clear):
            button.add_class("eaw-plain")
        self._drag.observe(self._toggled, "value")
        self._clear.on_click(lambda _button: on_choose(()))
        row = {"align_items": "center"}
        label = HTML('<span class="eaw-label">Range</span>')
        super().__init__(
            [HBox([label, self._low, self._high], layout=row),
             HBox([self._drag, self._clear], layout=row)],
            layout={"display": "flex", "flex_flow": "row wrap", "align_items": "center"},
        )  # fmt: skip

    @staticmethod
    def _box(words: str, tooltip: str) -> FloatText:
        return FloatText(
            description=words, tooltip=tooltip, style={"description_width": "auto"},
            layout={"width": "150px"},
        )  # fmt: skip

    def show(self, chosen: Extent, whole: Range | None) -> None:
        """Show a range.

        Parameters
        ----------
        chosen : tuple of float
            The range; where it is empty, the boxes hold the whole extent of the metric.
        whole : tuple of float or None
            Smallest and largest value there is; None of categories, of which none can be typed.
        """
        for part in (self._low, self._high, self._drag):
            send(part.layout, display="none" if whole is None else None)
        if whole is not None and not isinstance(chosen, frozenset):
            for box, end in zip(self._ends, chosen or whole, strict=True):
                box.show(end)
        send(self._clear, disabled=not chosen)

    def point(self) -> None:
        """Let the mouse point and click again."""
        send(self._drag, value=False)

    def _typed(self, _value: float) -> None:
        """Choose what is typed; an end that is not touched stays as exact as it is."""
        low, high = (box.exact for box in self._ends)
        self._on_choose((low, high))

    def _toggled(self, change: Any) -> None:
        self.dragging = bool(change["new"])


def short(value: float) -> float:
    """Give a number as few digits as fit into its box."""
    return float(f"{value:.{SHOWN_DIGITS}g}")


def rounded(low: float, high: float, whole: Range) -> Range:
    """Give the ends of a dragged range as few digits as the drag was exact, and lose no value.

    Parameters
    ----------
    low, high : float
        The ends.
    whole : tuple of float
        Smallest and largest value there is; an end there stays exact.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> rounded(0.123456, 7.5, (0.1, 7.5))
    (0.1234, 7.5)
    >>> rounded(0.25, 6.12341, (0.1, 7.5))
    (0.25, 6.124)
    """
    size = max(abs(low), abs(high), high - low)
    least, most = whole
    start = least if low <= least else _down(low, size)
    end = most if high >= most else -_down(-high, size)
    return (max(least, start), min(most, end))


def _down(value: float, size: float) -> float:
    """Round a number towards minus infinity, by its own size but where that is next to nothing."""
    size = max(abs(value), size * NEXT_TO_NOTHING)
    decimals = DIGITS - 1 - math.floor(math.log10(size)) if size > 0 else DIGITS
    near = round(value, decimals)
    return near if near <= value else round(near - 10.0**-decimals, decimals)
