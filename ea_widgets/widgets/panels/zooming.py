"""A part of the axis of a metric in sight, for the widget that draws by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ea_widgets.widgets.base import Ends, RangedWidget, on_screen, span
from ea_widgets.widgets.charts import part, step
from ea_widgets.widgets.controls import ZoomControls

if TYPE_CHECKING:
    from ea_widgets.widgets.charts import XAxis


class ZoomingWidget(RangedWidget):
    """A widget that can look at a part of the axis of the metric."""

    zoom = Ends(single=False)
    """Lowest and highest value in sight, in the metric's own unit, on both charts and any axis.
    Default empty: all of them. Another metric empties it; a slider does not."""

    of_metric = ("metric_range", "zoom")

    _zoom: ZoomControls

    def __init__(self, evaluation: object, **choices: Any) -> None:
        self._axes: dict[int, XAxis] = {}
        super().__init__(evaluation, **choices)

    def _zoom_controls(self) -> ZoomControls:
        return ZoomControls(self._stepped, self._zoomed_to_range, self._zoom_reset)

    def _show_zoom(self) -> None:
        self._zoom.show(zoomed=bool(self.zoom), ranged=self._fills_charts())

    def _fills_charts(self) -> bool:
        """Tell whether there is a range that is wide enough to look at alone."""
        chosen = self.metric_range
        return isinstance(chosen, tuple) and bool(chosen) and chosen[0] < chosen[1]

    def _in_sight(self, unit: str, *, seen: bool) -> str:
        """Say which values are in sight, and that all are where none were. Plain text."""
        ends = span(self.zoom[0], self.zoom[1], unit)
        return f"In sight: {ends}." if seen else f"Nothing is {ends}, so all is in sight."

    @on_screen
    def _stepped(self, factor: float, shift: float) -> None:
        """Look closer, wider or further on, by positions on the first axis."""
        if self._axes:
            self.zoom = step(self._axes[min(self._axes)], self.zoom, factor, shift)

    @on_screen
    def _zoomed_to_range(self) -> None:
        if self._fills_charts():
            self.zoom = self.metric_range

    @on_screen
    def _zoom_reset(self) -> None:
        self.zoom = ()

    @on_screen
    def _moved(self, side: int, low: float, high: float) -> None:
        """Follow the mouse."""
        if side in self._axes:
            self.zoom = part(self._axes[side], low, high)
