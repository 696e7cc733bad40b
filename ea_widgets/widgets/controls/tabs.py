"""Parts of a page of which one is on screen: the others compute nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ipywidgets import ToggleButtons, VBox

from ea_widgets.widgets.base import Control, FoldedWidget, send

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ea_widgets.widgets.base import EvaluationWidget

    Parts = Mapping[str, Mapping[str, EvaluationWidget]]


class Tabs(VBox):
    """Tabs, and within a tab of several parts a second row of them.

    Parameters
    ----------
    parts : mapping of str to mapping of str to EvaluationWidget
        By what stands on the tab, then by what stands on the second row.
    guard : callable
        Makes a handler show what it raises.
    on_change : callable
        Called with the name of the tab that a person chose.

    Attributes
    ----------
    shown : EvaluationWidget
        The one on screen. The others sleep.
    """

    def __init__(
        self, parts: Parts, guard: Callable[..., Any], on_change: Callable[[str], None]
    ) -> None:
        self._parts = parts
        self._on_change = on_change
        self._row, self._tab = _row(parts, "eaw-tabs", guard(self._tab_chosen))
        self._second: dict[str, tuple[ToggleButtons, Control]] = {}
        self._last: dict[str, EvaluationWidget] = {}
        for tab, of_tab in parts.items():
            self._last[tab] = next(iter(of_tab.values()))
            if len(of_tab) > 1:
                choose = guard(lambda name, tab=tab: self.show(self._parts[tab][name]))
                self._second[tab] = _row(of_tab, "eaw-subtabs", choose)
            for part in of_tab.values():
                part.sleep()
                if isinstance(part, FoldedWidget):
                    part.unfold()
                    part.observe(guard(self._opened), "opened")
        super().__init__([self._row])
        self.show(next(iter(self._last.values())))

    @property
    def hidden(self) -> tuple[EvaluationWidget, ...]:
        """The parts that are not on screen."""
        parts = (part for of_tab in self._parts.values() for part in of_tab.values())
        return tuple(part for part in parts if part is not self.shown)

    def show(self, part: EvaluationWidget) -> None:
        """Put a part on screen, and let the one before it sleep."""
        before = getattr(self, "shown", None)
        if before is part:
            return
        self.shown = part
        tab = self.tab_of(part)
        self._last[tab] = part
        self._tab.show(tab)
        rows: tuple[Any, ...] = (self._row,)
        if tab in self._second:
            row, control = self._second[tab]
            control.show(next(n for n, other in self._parts[tab].items() if other is part))
            rows = (self._row, row)
        if before is not None:
            before.sleep()
        send(self, children=(*rows, part))
        part.wake()
        if before is not None:
            self._on_change(tab)

    def open_tab(self, tab: str) -> None:
        """Put the part of a tab on screen that was there last."""
        if self.tab_of(self.shown) != tab:
            self.show(self._last[tab])

    def tab_of(self, part: EvaluationWidget) -> str:
        """Name the tab of a part."""
        return next(t for t, parts in self._parts.items() if any(p is part for p in parts.values()))

    def _tab_chosen(self, tab: str) -> None:
        self.open_tab(tab)

    def _opened(self, change: Any) -> None:
        """Follow a part that is opened or folded by its name."""
        if change["new"]:
            self.show(change["owner"])
        elif change["owner"] is self.shown:
            self.show(next(iter(next(iter(self._parts.values())).values())))


def _row(
    names: Mapping[str, object], looks: str, choose: Callable[[str], None]
) -> tuple[ToggleButtons, Control]:
    """Make a row of tabs."""
    row = ToggleButtons(options=[*names], style={"button_width": "auto"})
    row.add_class(looks)
    return row, Control(row, choose)
