"""Zoom into the axis of a metric: buttons for mouse and keyboard, and the mouse itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Box, Button, HBox, ToggleButton
from traitlets import Bool

from ea_widgets.widgets import wording
from ea_widgets.widgets.base import send

if TYPE_CHECKING:
    from collections.abc import Callable

CLOSER, WIDER, ON = 0.5, 2.0, 0.25
"""How many times as wide the next part is; how far the next part is, in widths."""


class ZoomControls(Box):
    """Buttons that look closer, wider, to the left and right, at the chosen range, at all.

    Parameters
    ----------
    on_step : callable
        Called with the factor of the width and the shift in widths.
    on_range : callable
        Called without anything, to look at the chosen range.
    on_reset : callable
        Called without anything, to look at the whole axis.
    """

    moving = Bool(default_value=False)
    """Whether the mouse moves and zooms the charts. Default False: it points and clicks."""

    def __init__(
        self,
        on_step: Callable[[float, float], None],
        on_range: Callable[[], None],
        on_reset: Callable[[], None],
    ) -> None:
        self._closer = self._button("+", wording.ZOOM_IN, lambda: on_step(CLOSER, 0.0))
        self._wider = self._button("\N{MINUS SIGN}", wording.ZOOM_OUT, lambda: on_step(WIDER, 0.0))
        self._left = self._button("←", wording.LEFT_HINT, lambda: on_step(1.0, -ON))
        self._right = self._button("→", wording.RIGHT_HINT, lambda: on_step(1.0, ON))
        self._range = self._button("zoom to selection", wording.ZOOM_TO_HINT, on_range)
        self._reset = self._button("reset zoom", wording.ZOOM_RESET_HINT, on_reset)
        self._mouse = ToggleButton(
            description="pan and zoom", icon="arrows", layout={"width": "auto"},
            tooltip=wording.ZOOM_MOUSE_HINT,
        )  # fmt: skip
        self._mouse.add_class("eaw-plain")
        self._mouse.observe(self._toggled, "value")
        row = {"align_items": "center"}
        label = HTML('<span class="eaw-label">Zoom</span>')
        super().__init__(
            [HBox([label, self._closer, self._wider, self._left, self._right], layout=row),
             HBox([self._range, self._mouse, self._reset], layout=row)],
            layout={"display": "flex", "flex_flow": "row wrap", "align_items": "center"},
        )  # fmt: skip

    @staticmethod
    def _button(words: str, tooltip: str, call: Callable[[], None]) -> Button:
        button = Button(description=words, tooltip=tooltip, layout={"width": "auto"})
        button.add_class("eaw-plain")
        button.on_click(lambda _button: call())
        return button

    def show(self, *, zoomed: bool, ranged: bool) -> None:
        """Offer what there is to do.

        Parameters
        ----------
        zoomed : bool
            Whether a part of the axis is in sight.
        ranged : bool
            Whether a range is chosen.
        """
        for button in (self._wider, self._left, self._right, self._reset):
            send(button, disabled=not zoomed)
        send(self._range, disabled=not ranged)

    def point(self) -> None:
        """Let the mouse point and click again."""
        send(self._mouse, value=False)

    def _toggled(self, change: Any) -> None:
        self.moving = bool(change["new"])
