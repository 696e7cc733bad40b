"""Choose a range of a metric, or categories: type it, drag it on a chart, or clear it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, FloatText, HBox, Text, ToggleButton
from traitlets import Bool

from ea_widgets.analysis.formatting import date, moment
from ea_widgets.errors import InvalidInputError
from ea_widgets.widgets import wording
from ea_widgets.widgets.base import Control, send
from ea_widgets.widgets.controls.category_picker import CategoryPicker

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

    In place of the boxes, a categorical metric has a field that offers its categories.

    Parameters
    ----------
    on_choose : callable
        Called with (low, high), with a set of categories, or with () to clear.
    on_filter : callable
        Called without anything when the range is to narrow all numbers.
    guard : callable
        Makes a handler show what it raises.
    """

    dragging = Bool(default_value=False)
    """Whether the mouse drags a range on the charts. Default False: it points and clicks."""

    def __init__(
        self,
        on_choose: Callable[[Extent], None],
        on_filter: Callable[[], None],
        guard: Callable[..., Any],
    ) -> None:
        self._on_choose = on_choose
        words = (("from", wording.LOW_HINT), ("to", wording.HIGH_HINT))
        self._boxes = [self._box(FloatText, "150px", *each) for each in words]
        self._ends = [Control(box, self._typed, shorten=short) for box in self._boxes]
        self._dates = [self._box(Text, "200px", *each) for each in words]
        for box in self._dates:
            box.observe(guard(self._date_typed), "value")
        self._moments: tuple[float, ...] = ()
        self._picker = CategoryPicker(on_choose, guard)
        self._drag = ToggleButton(
            description="select range", icon="arrows-h", layout={"width": "auto"},
            tooltip=wording.DRAG_HINT,
        )  # fmt: skip
        self._clear = Button(description="clear", tooltip=wording.CLEAR_HINT)
        self._filter = Button(
            description="use as filter", icon="filter",
            tooltip=wording.FILTER_HINT,
        )  # fmt: skip
        for button in (self._drag, self._clear, self._filter):
            button.add_class("eaw-plain")
        self._drag.observe(self._toggled, "value")
        self._clear.on_click(lambda _button: on_choose(()))
        self._filter.on_click(lambda _button: on_filter())
        row = {"align_items": "center"}
        self._label = HTML()
        fields = [self._label, *self._boxes, *self._dates, self._picker]
        super().__init__(
            [HBox(fields, layout={**row, "flex_flow": "row wrap"}),
             HBox([self._drag, self._clear, self._filter], layout=row)],
            layout={"display": "flex", "flex_flow": "row wrap", "align_items": "center"},
        )  # fmt: skip

    @staticmethod
    def _box(kind: type[Text | FloatText], width: str, words: str, tooltip: str) -> Any:
        return kind(
            description=words, tooltip=tooltip, style={"description_width": "auto"},
            continuous_update=False, layout={"width": width},
        )  # fmt: skip

    def show(self, chosen: Extent, whole: Range, *, dates: bool) -> None:
        """Show a range of numbers or dates.

        Parameters
        ----------
        chosen : tuple of float
            The range; where it is empty, the boxes hold the whole extent of the metric.
        whole : tuple of float
            Smallest and largest value there is.
        dates : bool
            Whether the values are moments, in seconds since 1970.
        """
        self._offer(self._dates if dates else self._boxes)
        ends = whole if isinstance(chosen, frozenset) else chosen or whole
        if dates:
            self._moments = ends
            for box, end in zip(self._dates, ends, strict=True):
                send(box, value=date(end))
        else:
            for control, end in zip(self._ends, ends, strict=True):
                control.show(end)
        self._enable(chosen)

    def show_categories(self, chosen: Extent, names: tuple[Any, ...]) -> None:
        """Show a set of categories.

        Parameters
        ----------
        chosen : frozenset or tuple
        names : tuple
            Those there are.
        """
        self._offer([self._picker])
        self._picker.show(names, chosen if isinstance(chosen, frozenset) else frozenset())
        self._enable(chosen)

    def _enable(self, chosen: Extent) -> None:
        """Let nobody press what needs a range without one."""
        for button in (self._clear, self._filter):
            send(button, disabled=not chosen)

    def _offer(self, fields: list[Any]) -> None:
        """Show the fields of one kind of metric, and hide the others."""
        for field in (*self._boxes, *self._dates, self._picker):
            shown = "flex" if field is self._picker else None
            send(field.layout, display=shown if field in fields else "none")
        categorical = self._picker in fields
        send(self._drag.layout, display="none" if categorical else None)
        words = "Categories" if categorical else "Range"
        send(self._label, value=f'<span class="eaw-label">{words}</span>')

    def offer_filter(self, *, offered: bool) -> None:
        """Show the button that makes a filter of the range, or hide it."""
        send(self._filter.layout, display=None if offered else "none")

    def point(self) -> None:
        """Let the mouse point and click again."""
        send(self._drag, value=False)

    def _typed(self, _value: float) -> None:
        """Choose what is typed; an end that is not touched stays as exact as it is."""
        low, high = (box.exact for box in self._ends)
        self._on_choose((low, high))

    def _date_typed(self, change: Any) -> None:
        """Choose what is typed; what only says the present end again is no choice."""
        place = self._dates.index(change["owner"])
        if not self._moments:  # a message that was on its way when another metric was chosen
            return
        if change["new"].strip() == date(self._moments[place]):
            return
        ends = list(self._moments)
        try:
            ends[place] = moment(change["new"])
        except InvalidInputError:
            send(change["owner"], value=date(self._moments[place]))
            raise
        self._on_choose((ends[0], ends[1]))

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


def to_minutes(low: float, high: float, whole: Range) -> Range:
    """Move the ends of a dragged range of dates to whole minutes, and lose no value.

    Parameters
    ----------
    low, high : float
        The ends, in seconds since 1970.
    whole : tuple of float
        Smallest and largest value there is; an end there stays exact.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> to_minutes(61.5, 130.2, (0.0, 150.0))
    (60.0, 150.0)
    """
    start, end = 60.0 * math.floor(low / 60), 60.0 * math.ceil(high / 60)
    return (max(start, whole[0]), min(end, whole[1]))


def _down(value: float, size: float) -> float:
    """Round a number towards minus infinity, by its own size but where that is next to nothing."""
    size = max(abs(value), size * NEXT_TO_NOTHING)
    decimals = DIGITS - 1 - math.floor(math.log10(size)) if size > 0 else DIGITS
    near = round(value, decimals)
    return near if near <= value else round(near - 10.0**-decimals, decimals)
