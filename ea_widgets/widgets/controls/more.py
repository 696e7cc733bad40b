"""Controls that few people need, behind a button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import Box, ToggleButton

from ea_widgets.widgets.base import send

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ipywidgets import Widget


class More(Box):
    """A button that shows and hides controls.

    Parameters
    ----------
    words, tooltip : str
        Of the button, plain text.
    controls : sequence of Widget
        Hidden at first.
    guard : callable
        Makes a handler show what it raises.

    Attributes
    ----------
    toggle : ToggleButton
        Opens and closes it.
    """

    def __init__(
        self, words: str, tooltip: str, controls: Sequence[Widget], guard: Callable[..., Any]
    ) -> None:
        row = {"display": "flex", "flex_flow": "row wrap", "align_items": "center"}
        self.toggle = ToggleButton(
            description=words, icon="cog", tooltip=tooltip, layout={"width": "auto"}
        )
        self.toggle.add_class("eaw-plain")
        self._controls = Box(list(controls), layout={**row, "display": "none"})
        self.toggle.observe(guard(self._toggled), "value")
        super().__init__([self.toggle, self._controls], layout=row)

    def _toggled(self, change: Any) -> None:
        send(self._controls.layout, display="flex" if change["new"] else "none")
