"""A driver that acts on a widget as a person in the browser does; needs no browser."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from ipywidgets import Accordion, Button, Checkbox, FloatText, ToggleButton, ToggleButtons, Widget

from ea_widgets.errors import InvalidInputError, shown, unknown_option
from ea_widgets.testing.controls import (
    FIELDS,
    MENUS,
    SLIDERS,
    STEPPED,
    VALUED,
    Control,
    buttons,
    entry,
    find,
    on_step,
    options_of,
    parts_of,
    slid,
)
from ea_widgets.testing.messages import send_event, send_state
from ea_widgets.testing.shown import Shown, range_buttons, read
from ea_widgets.widgets.charts import RankedBars, RateChart
from ea_widgets.widgets.controls import ClassPicker, NameField, Tabs
from ea_widgets.widgets.examples import Tile

if TYPE_CHECKING:
    from collections.abc import Collection

ECHOES = 5
"""Most rounds of answers: a page that still answers its own answers has gone wrong."""


class FrontEnd:
    """Sends to a widget what the browser sends when a person acts.

    Parameters
    ----------
    widget : ipywidgets.Widget
        What is displayed: a widget of this package, or a page of them.

    Notes
    -----
    What stands in a tab is looked for there too, and its tab pressed first.

    The messages go the way that those of JupyterLab go, so that they are rounded, checked and
    answered alike. A control that is hidden or disabled is refused, since nobody could use it;
    ``late=True`` sends its message anyway, as one that was on its way when the control was hidden.
    """

    def __init__(self, widget: Widget) -> None:
        self._root = widget

    def move(self, name: str, value: object, *, late: bool = False) -> None:
        """Move a slider, choose in a menu, tick a box, unfold a part.

        Parameters
        ----------
        name : str
            The trait that the control sets, such as ``"iou_threshold"``, or what stands on it, such
            as ``"IoU"``.
        value : object
            The value: of a slider, rounded to its step or tick as the browser does; of a menu, a
            value or what the entry says; of a box, True or False; of ``"classes"``, the names to
            tick.
        late : bool
            Whether a hidden or disabled control sends too.

        Raises
        ------
        InvalidInputError
            If there is no such control or entry, or nobody could use it now.
        """
        if name == "classes":
            self._tick(value)
            return
        control = self._find(name, VALUED, late=late).widget
        if isinstance(control, SLIDERS):
            state: dict[str, Any] = slid(control, _number(name, value))
        elif isinstance(control, MENUS):
            state = {"index": entry(control, value)}
        elif isinstance(control, Accordion):
            state = {"selected_index": 0 if value else None}
        elif isinstance(control, FIELDS):
            said = control.words_of(value) if isinstance(control, NameField) else value  # type: ignore[arg-type]  # what is no name is refused
            self.type(name, said, late=late)
            return
        else:
            state = {"value": bool(value)}
        _send_changes(control, state, late=late)

    def type(self, field: str, text: object, *, late: bool = False) -> None:
        """Type into a field.

        Parameters
        ----------
        field : str
            What stands on it or in it while it is empty: ``"from"``, ``"search classes"``.
        text : object
            What is typed.
        late : bool
            See :meth:`move`.

        Raises
        ------
        InvalidInputError
            If there is no such field, or it takes numbers and this is none.
        """
        control = self._find(field, FIELDS, late=late).widget
        value = _number(field, text) if isinstance(control, FloatText) else str(text)
        _send_changes(control, {"value": value}, late=late)

    def press(self, button: str, *, nth: int = 0, late: bool = False) -> None:
        """Press a button.

        Parameters
        ----------
        button : str
            What stands on it, or its tooltip.
        nth : int
            Which of those, from 0 at the top.
        late : bool
            See :meth:`move`.

        Raises
        ------
        InvalidInputError
            If there is no such button, or nobody could press it now.
        """
        menus = [p for p in self._parts(late=late) if isinstance(p.widget, ToggleButtons)]
        for menu in menus:
            if button in [words for words, _ in options_of(menu.widget)]:
                _send_changes(menu.widget, {"index": entry(menu.widget, button)}, late=late)
                return
        meant = self._buttons(button, late=late)
        if not meant:
            self._find(button, (Button, ToggleButton), late=False)
            meant = self._buttons(button, late=late)
        control = _nth("buttons", meant, nth).widget
        if isinstance(control, ToggleButton):
            send_state(control, value=not control.value)
        else:
            send_event(control, event="click")

    def click_bar(self, bar: int | str, *, chart: int = 0, late: bool = False) -> None:
        """Click a row of a bar chart.

        Parameters
        ----------
        bar : int or str
            Its row from 0 at the top, or its name.
        chart : int
            Which bar chart, from 0.
        late : bool
            Whether a row that is gone sends too.
        """
        self._on_bar("element_click", bar, chart, late=late)

    def hover_bar(self, bar: int | str, *, chart: int = 0, late: bool = False) -> None:
        """Hold the mouse over a row of a bar chart; see :meth:`click_bar`."""
        self._on_bar("hover", bar, chart, late=late)

    def click_point(self, point: int, *, chart: int = 0, late: bool = False) -> None:
        """Click a point of a curve, or the bar of a category.

        Parameters
        ----------
        point : int
            Which, from 0, in the order of the lines; of bars, from the left.
        chart : int
            Which chart of a rate, from 0.
        late : bool
            Whether a point that is gone sends too.
        """
        self._on_point("element_click", point, chart, late=late)

    def hover_point(self, point: int, *, chart: int = 0, late: bool = False) -> None:
        """Hold the mouse over a point of a curve; see :meth:`click_point`."""
        self._on_point("hover", point, chart, late=late)

    def select_range(self, low: float, high: float, *, chart: int = 0) -> None:
        """Drag over a chart of a rate.

        Parameters
        ----------
        low, high : float
            Where the mouse goes down and up, in the unit of the metric. As in the browser, the
            range that is chosen has as few digits as a drag is exact.
        chart : int
            Which chart of a rate, from 0.

        Raises
        ------
        InvalidInputError
            If there is no such chart, or nothing is drawn on it.
        """
        drawn = self._rate_chart(chart)
        axis = drawn._axis  # noqa: SLF001  # what the browser has as the scale of the brush
        if axis is None:
            raise InvalidInputError("chart", f"{chart} has no curve", "Choose another metric.")
        toggle = find(self._root, "select range", (ToggleButton,)).widget
        if not toggle.value:
            send_state(toggle, value=True)
        ends = [float(end) for end in axis.places_between(low, high)]
        send_state(drawn.brush, selected=ends, brushing=True)
        send_state(drawn.brush, brushing=False)

    def move_axis(self, low: float, high: float, *, chart: int = 0) -> None:
        """Drag or zoom a chart of a rate with the mouse.

        Parameters
        ----------
        low, high : float
            Ends of the axis from then on, as positions on it.
        chart : int
            Which chart of a rate, from 0.
        """
        scale = self._rate_chart(chart).mover.scales["x"][0]
        send_state(scale, min=float(low), max=float(high))

    def open(self, n: int, *, late: bool = False) -> None:
        """Open the whole image of an object of the gallery.

        Parameters
        ----------
        n : int
            Which picture, from 0.
        late : bool
            Whether a picture that is hidden opens too.
        """
        tiles = [p.widget for p in self._parts(late=late) if isinstance(p.widget, Tile)]
        send_event(_nth("pictures", tiles, n).opener, event="click")

    def click_range(self, n: int) -> None:
        """Click one of the ranges with the most errors.

        Parameters
        ----------
        n : int
            Which, from 0 at the top.
        """
        send_event(_nth("ranges", range_buttons(self._root), n), event="click")

    def echo(self) -> int:
        """Send what the browser answers to what Python set.

        Each view of a slider rounds what it is given to the slider's step, and sends that back.

        Returns
        -------
        int
            How many messages were sent; 0 when the browser agrees with Python.
        """
        sent = 0
        for _ in range(ECHOES):
            sliders = [p.widget for p in parts_of(self._root) if isinstance(p.widget, STEPPED)]
            off = [s for s in sliders if s.value != on_step(s, s.value)]
            if not off:
                break
            for slider in off:
                send_state(slider, value=on_step(slider, slider.value))
            sent += len(off)
        return sent

    def shown(self) -> Shown:
        """Read what is on screen.

        Returns
        -------
        Shown
            A record that stays as it is.
        """
        return read(self._root)

    def _buttons(self, name: str, *, late: bool) -> list[Control]:
        there = buttons(self._root)
        return [part for part in there if name in part.names and (part.usable or late)]

    def _find(self, name: str, kinds: tuple[Any, ...], *, late: bool) -> Control:
        """Find a control, and press the tab that it is behind."""
        try:
            return find(self._root, name, kinds, late=late)
        except InvalidInputError:
            for tabs in [p.widget for p in self._parts() if isinstance(p.widget, Tabs)]:
                before = tabs.shown
                for part in tabs.hidden:
                    tabs.show(part)  # what is out of sight may have drawn no controls yet
                    with suppress(InvalidInputError):
                        return find(self._root, name, kinds, late=late)
                tabs.show(before)
            raise

    def _parts(self, *, late: bool = False) -> list[Control]:
        return [part for part in parts_of(self._root) if part.seen or late]

    def _tick(self, names: object) -> None:
        """Tick these classes and untick the others, a box after the other."""
        picker = next((p for p in self._parts() if isinstance(p.widget, ClassPicker)), None)
        if picker is None or not isinstance(names, (list, tuple, set, frozenset)):
            raise InvalidInputError(
                "classes", f"cannot be ticked to {names!r}", "Give a tuple of names, on a panel."
            )
        if not picker.widget.opened:
            self.press("choose ▾")
        boxes = {
            part.widget.tooltip: part.widget
            for part in parts_of(picker.widget)
            if isinstance(part.widget, Checkbox) and part.seen
        }
        for name in names:
            if name not in boxes:
                raise unknown_option("classes", name, list(boxes))
        for name, box in boxes.items():
            _send_changes(box, {"value": name in names}, late=False)

    def _on_bar(self, event: str, bar: int | str, chart: int, *, late: bool) -> None:
        charts = [p.widget for p in self._parts(late=late) if isinstance(p.widget, RankedBars)]
        drawn = _nth("bar charts", charts, chart)
        names = list(drawn.rows.names)
        if isinstance(bar, str) and bar not in names:
            raise unknown_option("bar", bar, names)
        row = names.index(bar) if isinstance(bar, str) else bar
        if not late:
            _nth("bars", names, row)
        data = {"index": row, "subIndex": 0, "x": str(row), "y": 1.0, "y0": 0.0, "y1": 1.0}
        send_event(drawn.hits, event=event, data=data)

    def _on_point(self, event: str, point: int, chart: int, *, late: bool) -> None:
        drawn = self._rate_chart(chart, late=late)
        # The columns of categories are in front of their points.
        columns = drawn.categories.columns
        of_categories = len(columns.x) > 0
        mark = columns if of_categories else drawn.hits
        x, y = np.atleast_1d(mark.x), np.atleast_1d(mark.y)
        data: dict[str, Any] = {"index": point}
        if not late:
            _nth("points", x, point)
            place = str(x[point]) if of_categories else float(x[point])
            data |= {"x": place, "y": float(y[point])}
        send_event(mark, event=event, data=data)

    def _rate_chart(self, chart: int, *, late: bool = False) -> RateChart:
        charts = [p.widget for p in self._parts(late=late) if isinstance(p.widget, RateChart)]
        found: RateChart = _nth("charts of a rate", charts, chart)
        return found


def front_end(widget: Widget) -> FrontEnd:
    """Act on a widget as a person in the browser does, without a browser.

    Parameters
    ----------
    widget : ipywidgets.Widget
        A widget of this package, a page from `ea.explore`, or a box that holds some.

    Returns
    -------
    FrontEnd
        With ``.move(trait, value)``, ``.type(field, text)``, ``.press(button)``,
        ``.click_bar(n)``, ``.click_point(n)``, ``.select_range(low, high)``, ``.open(n)``,
        ``.click_range(n)``, ``.echo()``, and ``.shown()`` for what is on screen.

    Raises
    ------
    InvalidInputError
        If it is no widget.

    Examples
    --------
    >>> import pandas as pd
    >>> import ea_widgets as ea
    >>> from ea_widgets.testing import front_end
    >>> images = pd.DataFrame({"image_id": [1], "width": 64, "height": 48, "Brightness": 0.5})
    >>> boxes = pd.DataFrame({"image_id": [1, 1], "class_name": "cat", "x": [0, 30], "y": 0,
    ...                       "width": 20, "height": 20})
    >>> found = boxes.assign(x=[0, 34], confidence=[0.9, 0.8])
    >>> panel = ea.ImportancePanel(ea.Evaluation(ea.Dataset.from_frames(images, boxes, found)))
    >>> person = front_end(panel)
    >>> person.move("iou_threshold", 0.75)
    >>> panel.iou_threshold, panel.scores.true_positives
    (0.75, 1)
    >>> person.click_bar(0)
    >>> panel.metric
    'Brightness (F)'
    >>> person.shown().scores["precision"]
    '50.0 %'
    >>> panel.close()
    """
    if not isinstance(widget, Widget):
        raise InvalidInputError(
            "widget", f"is of type {type(widget).__name__}", "Give a widget, such as a panel."
        )
    return FrontEnd(widget)


def _send_changes(control: Widget, state: dict[str, Any], *, late: bool) -> None:
    """Send a state, unless the browser has it already: it sends changes only."""
    ((name, value),) = state.items()
    if late or getattr(control, name) != value:
        send_state(control, **state)


def _number(field: str, value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]  # what is no number is refused
    except (TypeError, ValueError):
        raise InvalidInputError(field, f"is {shown(value)}", "Give a number.") from None


def _nth(what: str, there: Collection[Any], n: int) -> Any:
    """Take one of several things on screen."""
    if not 0 <= n < len(there):
        raise InvalidInputError(
            what, f"on screen are {len(there)}, and number {n} is wanted", "They count from 0."
        )
    return list(there)[n]
