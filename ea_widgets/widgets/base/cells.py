"""Run a notebook cell again, and what it made before is closed, unless it asked to be kept.

ipywidgets keeps every widget alive until it is closed, and with it the evaluation that it shows.
A cell that makes a panel and is run ten times would hold ten of them. Who collects panels over
several runs makes them with ``keep=True``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import ref

from IPython import get_ipython

if TYPE_CHECKING:
    from ipywidgets import Widget

_made: dict[str, tuple[str, list[ref[Widget]]]] = {}


def current_run() -> tuple[str, str] | None:
    """Tell which cell runs now.

    Returns
    -------
    tuple of (str, str) or None
        The cell's id and that of this run. None outside a notebook, in callbacks of widgets, and
        where the front end does not say.
    """
    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = parent.get("metadata", {}).get("cellId")
    run = parent.get("header", {}).get("msg_id")
    return (cell, run) if cell and run else None


def replace_earlier(widget: Widget) -> None:
    """Close what an earlier run of this cell made.

    Parameters
    ----------
    widget : ipywidgets.Widget
        What this run makes; the next run closes it. Widgets of one run live side by side.
    """
    where = current_run()
    if where is None:
        return
    cell, run = where
    earlier, widgets = _made.get(cell, (run, []))
    if earlier != run:
        for old in widgets:
            made = old()
            if made is not None:
                made.close()
        widgets = []
    _made[cell] = (run, [*widgets, ref(widget)])
