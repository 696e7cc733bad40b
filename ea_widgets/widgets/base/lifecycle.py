"""What every widget here needs from ipywidgets: send only changes, and leave nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ipywidgets import Widget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def send(widget: Widget, **values: object) -> None:
    """Set traits of a widget in one message, and only those that change.

    Parameters
    ----------
    widget : ipywidgets.Widget
        A mark, a scale, an axis, a label.
    **values : object
        New values of its traits. Arrays are compared by value, NaN equal to NaN, since bqplot
        would send them again.
    """
    changed = {name: value for name, value in values.items() if not _same(widget, name, value)}
    if not changed:
        return
    with widget.hold_sync():
        for name, value in changed.items():
            setattr(widget, name, value)


def _same(widget: Widget, name: str, value: object) -> bool:
    """Tell whether a trait has this value already."""
    old = getattr(widget, name)
    if isinstance(value, np.ndarray) or isinstance(old, np.ndarray):
        if old is None or value is None:
            return old is value
        old, new = np.asarray(old), np.asarray(value)
        if old.shape != new.shape or old.dtype.kind != new.dtype.kind:
            return False
        return bool(np.array_equal(old, new, equal_nan=new.dtype.kind == "f"))
    return bool(old == value)


def close_tree(widget: Widget, shared: Iterable[Widget] = ()) -> None:
    """Close a widget and every widget below it: children, layouts, styles, marks, scales.

    Parameters
    ----------
    widget : ipywidgets.Widget
        The root. Closing a widget that is closed already does nothing.
    shared : iterable of ipywidgets.Widget
        Widgets that stay, such as a layout that other widgets have too.
    """
    for member in reversed(parts_of(widget, shared)):
        member.unobserve_all()
        Widget.close(member)


def parts_of(widget: Widget, but: Iterable[Widget] = ()) -> list[Widget]:
    """List the widgets below a widget, itself first, each once.

    Parameters
    ----------
    widget : ipywidgets.Widget
        The root.
    but : iterable of ipywidgets.Widget
        Widgets to leave out, with those below them.

    Returns
    -------
    list of ipywidgets.Widget
    """
    return list(_walk(widget, set(but)))


def _walk(widget: Widget, seen: set[Widget]) -> Iterator[Widget]:
    if widget in seen:
        return
    seen.add(widget)
    yield widget
    for name in widget.keys:
        value = widget._trait_values.get(name)  # noqa: SLF001  # a default must not be made here
        for member in _widgets_in(value):
            yield from _walk(member, seen)
    if type(widget).__module__.startswith("ea_widgets."):
        # Ours keep some parts off the page until they are needed.
        for member in _widgets_in(tuple(vars(widget).values())):
            yield from _walk(member, seen)


def _widgets_in(value: object) -> Iterator[Widget]:
    """Find widgets in the value of a trait."""
    if isinstance(value, Widget):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _widgets_in(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _widgets_in(part)
