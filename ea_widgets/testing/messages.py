"""Messages as the browser sends them, delivered where a kernel would deliver them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipywidgets import Widget


def send_state(widget: Widget, **state: Any) -> None:
    """Deliver new values of a widget's state.

    Parameters
    ----------
    widget : ipywidgets.Widget
        Whose view changed. A closed one gets its message too: it was on its way.
    **state : object
        Values as JSON has them.
    """
    _deliver(widget, {"method": "update", "state": state, "buffer_paths": []})


def send_event(widget: Widget, **content: Any) -> None:
    """Deliver an event, such as a click.

    Parameters
    ----------
    widget : ipywidgets.Widget
        Where it happened.
    **content : object
        As JSON has it.
    """
    _deliver(widget, {"method": "custom", "content": content})


def _deliver(widget: Widget, data: dict[str, Any]) -> None:
    message = {"content": {"data": data}, "buffers": []}
    if widget.comm is None:
        widget._handle_msg(message)  # noqa: SLF001  # a closed widget has no comm to go through
    else:
        widget.comm.handle_msg(message)
