"""What every widget here needs from ipywidgets: send only changes, and leave nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ipywidgets import Widget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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


def set_quietly(widget: Widget, trait: str, handler: Callable[..., None], **values: object) -> None:
    """Set traits of a control without taking it for a choice of the person.

    Parameters
    ----------
    widget : ipywidgets.Widget
        The control.
    trait : str
        Its trait that `handler` observes.
    handler : callable
        Not called for these changes.
    **values : object
        New values, set one after the other: options before the value that is one of them.
    """
    widget.unobserve(handler, trait)
    try:
        for name, value in values.items():
            send(widget, **{name: value})
    finally:
        widget.observe(handler, trait)


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


def close_tree(widget: Widget) -> None:
    """Close a widget and every widget that only it holds: children, layouts, styles, marks, scales.

    Parameters
    ----------
    widget : ipywidgets.Widget
        The root. Closing a widget that is closed already does nothing.
    """
    held = list(_held_by(widget, {}))
    for member in reversed(held):
        member.unobserve_all()
        Widget.close(member)


def _held_by(widget: Widget, seen: dict[int, Widget]) -> Iterator[Widget]:
    """Walk the widgets below a widget, itself first, each once."""
    if id(widget) in seen:
        return
    seen[id(widget)] = widget
    yield widget
    for name in widget.keys:
        value = widget._trait_values.get(name)  # noqa: SLF001  # a default must not be made here
        for member in _widgets_in(value):
            yield from _held_by(member, seen)
    if type(widget).__module__.startswith("ea_widgets."):
        # Ours keep some parts off the page until they are needed.
        for member in _widgets_in(tuple(vars(widget).values())):
            yield from _held_by(member, seen)


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
